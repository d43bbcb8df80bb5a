"""What is done to accounts: states, locks, passwords, invitations."""

import hashlib

import onelogin

from .surprise import check

LOCKED = 3


def check_states(sdk):
    """States, the v1 reads, and ending a session."""
    user = sdk.call(sdk.users.list_users2, limit=1, email="wei.lim@acme.example")[0]
    rows = sdk.misread(sdk.users_v1.list_users, email=user.email)["data"]
    check([row["id"] for row in rows] == [user.id] and "role_id" in rows[0], "v1 lists users in an envelope", rows)
    rows = sdk.misread(sdk.users_v1.get_user_by_id, user.id)["data"]
    check([row["id"] for row in rows] == [user.id], "v1 shows one user as an array of one", rows)
    sdk.done(sdk.users_v1.set_user_state, user.id, onelogin.SetUserStateRequest(state=0))
    check(sdk.call(sdk.users.get_user2, user.id).state == 0, "set_user_state sets the state")
    body = sdk.refused(400, sdk.users_v1.set_user_state, user.id, onelogin.SetUserStateRequest(state=0))
    check(body["status"]["message"] == "user is already in this state", "and only once", body)
    sdk.done(sdk.users_v1.set_user_state, user.id, onelogin.SetUserStateRequest(state=1))
    sdk.done(sdk.users_v1.log_out_user, user.id, {})


def unlock(sdk, user_id):
    """The SDK has no method for it, but a way to call what it does not know."""
    return sdk.client.call_api(
        f"/api/2/users/{user_id}/unlock",
        "POST",
        header_params={"Accept": "application/json", "Content-Type": "application/json"},
        body={},
        response_types_map={"200": "object"},
        auth_settings=["OAuth2"],
        _return_http_data_only=True,
    )


def check_locks(sdk):
    """`unlock` lifts a lock of failed logins; for one of the API it takes status 1."""
    user = sdk.call(sdk.users.list_users2, email="greta.holm@acme.example")[0]
    check(user.status == LOCKED and user.locked_until is not None, "somebody is locked", user)
    check(unlock(sdk, user.id) == {"message": "User unlocked"}, "unlock lifts the lock of failed logins")
    check(sdk.call(sdk.users.get_user2, user.id).status == 1, "and the user is active")
    sdk.done(sdk.users_v1.lock_account_user, user.id, onelogin.LockAccountUserRequest(locked_until=30))
    locked = sdk.call(sdk.users.get_user2, user.id)
    check(locked.status == LOCKED and locked.locked_until is not None, "lock_account_user locks", locked)

    def unlock_refused(_request_timeout):
        return unlock(sdk, user.id)

    body = sdk.refused(422, unlock_refused)
    check(body == {"message": "User cannot be unlocked"}, "unlock does not lift it", body)
    freed = sdk.call(sdk.users.update_user2, user.id, mappings="disabled", user=onelogin.User(status=1))
    check(freed.status == 1 and freed.locked_until is None, "status 1 does", freed)
    owner = sdk.call(sdk.users.list_users2, limit=1)[0]
    body = sdk.refused(403, sdk.users_v1.lock_account_user, owner.id, onelogin.LockAccountUserRequest(locked_until=0))
    check("account owner" in body["status"]["message"], "the account owner cannot be locked", body)


def check_passwords(sdk):
    """In clear text and hashed; either moves the date."""
    user = sdk.call(sdk.users.list_users2, email="greta.holm@acme.example")[0]
    wish = onelogin.UpdatePasswordInsecureRequest(
        password="correct horse battery", password_confirmation="correct horse battery", validate_policy=True
    )
    sdk.done(sdk.users_v1.update_password_insecure, user.id, wish)
    first = sdk.call(sdk.users.get_user2, user.id).password_changed_at
    check(first > user.password_changed_at, "update_password_insecure moves password_changed_at", first)
    short = onelogin.UpdatePasswordInsecureRequest(password="x", password_confirmation="x", validate_policy=True)
    sdk.refused(400, sdk.users_v1.update_password_insecure, user.id, short)
    salted = hashlib.sha256(b"salt" + b"correct horse battery").hexdigest()
    wish = onelogin.UpdatePasswordSecureRequest(
        password=salted, password_confirmation=salted, password_algorithm="salt+sha256", password_salt="salt"
    )
    sdk.done(sdk.users_v1.update_password_secure, user.id, wish)


def check_invitations(sdk):
    """A link, and a mail that nobody gets."""
    email = "greta.holm@acme.example"
    link = sdk.call(sdk.invites.get_invite_link, onelogin.GetInviteLinkRequest(email=email))
    check("/password/reset?token=" in link.data[0], "get_invite_link gives a link", link)
    sent = sdk.call(sdk.invites.send_invite_link, onelogin.SendInviteLinkRequest(email=email))
    check(sent.status.message == f"Email sent successfully to {email}", "send_invite_link says to whom", sent)
    sdk.refused(404, sdk.invites.get_invite_link, onelogin.GetInviteLinkRequest(email=email.upper()))
