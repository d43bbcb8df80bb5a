"""Tokens: asked for, reused, revoked."""

import onelogin

from .surprise import check


def check_tokens(sdk):
    """The first thing every client does."""
    wish = onelogin.GenerateTokenRequest(grant_type="client_credentials")
    token = sdk.call(sdk.oauth.generate_token, wish)
    check(
        token.token_type == "bearer" and token.expires_in == 36000 and isinstance(token.account_id, int),
        "generate_token gives a bearer token of ten hours",
        token,
    )
    again = sdk.call(sdk.oauth.generate_token, wish)
    check(again.access_token == token.access_token, "the same token as long as it lives", again)
    wrong = onelogin.GenerateTokenRequest(grant_type="password")
    body = sdk.refused(400, sdk.oauth.generate_token, wrong)
    check(body["status"]["message"].startswith("grant_type is incorrect"), "it says which grant", body)
    sdk.use_token(token.access_token)
    limit = sdk.call(sdk.oauth.get_rate_limit)
    check(
        limit.data.x_rate_limit_limit == 5000 and 0 < limit.data.x_rate_limit_reset <= 3600,
        "get_rate_limit tells 5000 calls and the seconds of this hour",
        limit,
    )
    # A call that needs no token, in a client that sends one all the same.
    types = sdk.call(sdk.events.get_event_types)
    check(any(kind.name == "USER_LOGGED_INTO_ONELOGIN" for kind in types.data), "event types have names", types)


def check_revocation(sdk):
    """The last thing that is done, as the token is dead afterwards."""
    token = sdk.configuration.access_token
    sdk.done(sdk.oauth.revoke_tokens, revoke_tokens_request=onelogin.RevokeTokensRequest(access_token=token))
    body = sdk.refused(401, sdk.users.list_users2)
    check(body["name"] == "UnauthorizedError", "a revoked token is told so", body)
