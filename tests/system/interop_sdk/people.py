"""Users in v2: lists, filters, single reads and updates."""

import onelogin

from .surprise import check

# The person whose status is 9.
STRANGE = "status.unheard@acme.example"


def check_people(sdk):
    """Every page, every filter that the SDK knows, one person, and an update."""
    check_strange_status(sdk)
    everybody = sdk.pages(sdk.users.list_users2, limit=50)
    check(len(everybody) == sdk.people_count, f"list_users2 finds all {sdk.people_count} people", len(everybody))
    sdk.call(sdk.users.list_users2, limit=1)
    check(len(sdk.last_json()[0]) == 22, "a row has 22 fields unless told otherwise", sdk.last_json())
    by_cursor = sdk.call(sdk.users.list_users2_with_http_info, limit=50).headers["After-Cursor"]
    body = sdk.refused(400, sdk.users.list_users2, limit=50, cursor=by_cursor)
    check("cursor xor pagination" in body["description"], "a cursor stands alone", body)
    body = sdk.refused(400, sdk.users.list_users2, cursor="bm9uc2Vuc2U=")
    check(body["description"] == "Invalid pagination cursor", "a bad cursor is told so", body)
    check_filters(sdk, everybody)
    check_single(sdk, everybody)


def check_strange_status(sdk):
    """The SDK knows eight statuses and refuses a whole page for a ninth; it is set to 1 for what follows."""
    row = sdk.misread(sdk.users.list_users2, email=STRANGE)[0]
    check(row["status"] == 9, "the status that the SDK does not know goes over the wire", row)
    user = sdk.call(sdk.users.update_user2, row["id"], mappings="disabled", user=onelogin.User(status=1))
    check(user.status == 1 and user.id == row["id"], "update_user2 gives the whole user back", user)


def check_filters(sdk, everybody):
    """Exact, with a wildcard, by ids, by dates, and with fields of one's own."""
    last = everybody[-1]
    found = sdk.call(sdk.users.list_users2, email=last.email)
    check([user.id for user in found] == [last.id], "email selects one", found)
    found = sdk.call(sdk.users.list_users2, email="*@ext.acme.example", limit=100)
    wanted = [user.id for user in everybody if (user.email or "").lower().endswith("@ext.acme.example")]
    check(wanted and [user.id for user in found] == wanted, "email takes a wildcard", found)
    ids = [everybody[0].id, last.id]
    found = sdk.call(sdk.users.list_users2, user_ids=",".join(map(str, ids)))
    check([user.id for user in found] == ids, "user_ids selects those named", found)
    found = sdk.call(sdk.users.list_users2, updated_since="2999-01-01T00:00:00Z")
    check(found == [], "nobody was updated in the future", found)
    sdk.call(sdk.users.list_users2, fields="id,email,manager_user_id", limit=2)
    keys = [list(row) for row in sdk.last_json()]
    check(keys == [["id", "email", "manager_user_id"]] * 2, "fields gives what was asked for", keys)


def check_single(sdk, everybody):
    """The same in the list and alone; a manager's number is a number in either."""
    listed = everybody[-1]
    alone = sdk.call(sdk.users.get_user2, listed.id)
    same = all(value is None or getattr(alone, name) == value for name, value in listed)
    check(same, "get_user2 agrees with the list", alone)
    raw = sdk.last_json()
    check(isinstance(raw["role_ids"], list) and len(raw) == 33, "and has 33 fields", raw)
    managed = next(
        user for user in sdk.call(sdk.users.list_users2, fields="id,manager_user_id", limit=100) if user.manager_user_id
    )
    sdk.call(sdk.users.get_user2, managed.id)
    check(isinstance(sdk.last_json()["manager_user_id"], int), "manager_user_id is a number", sdk.last_json())
    changed = sdk.call(
        sdk.users.update_user2, listed.id, mappings="disabled", user=onelogin.User(title="Interop", company="")
    )
    check(changed.title == "Interop" and changed.email == listed.email, "an update changes what it names", changed)
    body = sdk.refused(422, sdk.users.update_user2, listed.id, user=onelogin.User(email=everybody[0].email))
    check("must be unique within" in body["message"], "an address is taken once", body)
    body = sdk.refused(404, sdk.users.get_user2, 1)
    check(body["name"] == "NotFoundError" and body["statusCode"] == 404, "nobody has the number 1", body)
