"""Second factors, in both generations."""

import onelogin
from onelogin.models.generate_otp_request import GenerateOTPRequest

from .surprise import check


def check_factors(sdk):
    """Lists, a temporary token, and a reset."""
    user, devices = next(
        (user, devices)
        for user in sdk.call(sdk.users.list_users2, limit=10)
        if len(devices := sdk.call(sdk.mfa.get_authentication_devices, user.id)) == 2
    )
    check(all(isinstance(device.device_id, str) for device in devices), "device ids are strings", devices)
    old = sdk.call(sdk.mfa_v1.get_enrolled_factors, user.id)
    same = [str(device.id) for device in old.data.otp_devices] == [device.device_id for device in devices]
    check(same, "get_enrolled_factors shows the same in v1", old)
    factors = sdk.call(sdk.mfa.get_auth_factors, user.id)
    check(factors and all(factor.factor_id for factor in factors), "get_auth_factors gives an array", factors)
    wish = GenerateOTPRequest(expires_in=600, reusable=False)
    token = sdk.call(sdk.mfa.generate_otp, user.id, generate_otp_request=wish)
    check(token.device_id == f"user_temp_otp_{user.id}" and token.mfa_token, "generate_otp gives a token", token)
    sdk.call(sdk.mfa_v1.remove_mfa_factors, user.id, devices[0].device_id)
    for device in sdk.call(sdk.mfa.get_authentication_devices, user.id):
        sdk.call(sdk.mfa.delete_enrolled_factor, user.id, device.device_id)
    check(sdk.call(sdk.mfa.get_authentication_devices, user.id) == [], "a reset leaves no device")
    body = sdk.refused(404, sdk.mfa.delete_enrolled_factor, user.id, devices[0].device_id)
    check(body["name"] == "NotFoundError", "a device that is gone is told so", body)
