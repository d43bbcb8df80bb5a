"""Roles of v2 with their members, admins and apps, and the role calls of v1."""

import onelogin
from onelogin.models.add_roles_to_user_request import AddRolesToUserRequest
from onelogin.models.remove_role_users_request import RemoveRoleUsersRequest
from onelogin.models.remove_user_role_request import RemoveUserRoleRequest

from .surprise import check


def check_roles(sdk):
    """Lists, single reads, and a role of our own from beginning to end."""
    roles = sdk.pages(sdk.roles.list_roles, limit=5)
    check(len(roles) == sdk.role_count, f"list_roles finds all {sdk.role_count} roles", len(roles))
    check(all(role.users is None for role in roles), "a list of roles shows no members", roles)
    sdk.call(sdk.roles.get_role, str(roles[0].id))
    check(
        sdk.last_json() == {"id": roles[0].id, "name": roles[0].name},
        "get_role gives id and name and nothing else",
        sdk.last_json(),
    )
    body = sdk.refused(404, sdk.roles.get_role, "1")
    check(body["name"] == "NotFoundError", "no role has the number 1", body)

    owner, other = (user.id for user in sdk.call(sdk.users.list_users2, limit=2))
    made = sdk.call(sdk.roles.create_role, onelogin.Role(name="Interop", users=[owner], apps=[]))
    check(sdk.last_json() == {"id": made.id}, "create_role gives an object with an id", sdk.last_json())
    role = str(made.id)
    sdk.call(sdk.roles.update_role, role, onelogin.Role(name="Interop 2", users=[other]))
    members = sdk.call(sdk.roles.get_role_users, role)
    check([user.id for user in members] == [other], "update_role replaces the members", members)
    check(sdk.call(sdk.roles.get_role, role).name == "Interop 2", "and the name")
    sdk.call(sdk.roles.add_role_admins, role, [owner])
    admins = sdk.call(sdk.roles.get_role_admins, role)
    check([user.id for user in admins] == [owner], "add_role_admins adds", admins)
    sdk.call(sdk.roles.remove_role_admins, role, [owner])
    check(sdk.call(sdk.roles.get_role_admins, role) == [], "remove_role_admins removes")
    sdk.call(sdk.roles.set_role_apps, role, [900_001, 900_002])
    sdk.call(sdk.roles.set_role_apps, role, [900_002])
    apps = sdk.call(sdk.roles.get_role_apps, role)
    check([app.id for app in apps] == [900_002], "set_role_apps replaces the apps", apps)
    sdk.call(sdk.roles.delete_role, role)
    sdk.refused(404, sdk.roles.get_role, role)


def check_members(sdk):
    """Members through all pages; in and out again."""
    everyone, nobody = (str(role.id) for role in sdk.call(sdk.roles.list_roles, limit=2))
    members = sdk.pages(sdk.roles.get_role_users, everyone, limit=50)
    check(len(members) == sdk.people_count, "get_role_users finds everybody in the first role", len(members))
    ids = [members[0].id, members[-1].id]
    added = sdk.call(sdk.roles.add_role_users, nobody, ids)
    check([row.id for row in added] == ids, "add_role_users names those it added", added)
    check([user.id for user in sdk.call(sdk.roles.get_role_users, nobody)] == ids, "and they are in")
    row = sdk.last_json()[0]
    check(row["assigned"] is True and {"id", "name", "username"} <= set(row), "a member's row is a summary", row)
    user = sdk.call(sdk.users.get_user2, ids[0])
    check(int(nobody) in user.role_ids, "the user's role_ids know it", user.role_ids)
    sdk.call(sdk.roles.remove_role_users, nobody, [ids[0]])
    sdk.call(sdk.roles.remove_role_users, nobody, RemoveRoleUsersRequest(user_id=[ids[1]]))
    check(sdk.call(sdk.roles.get_role_users, nobody) == [], "remove_role_users takes them out, in either form")
    body = sdk.refused(404, sdk.roles.add_role_users, nobody, [ids[0], 1])
    check(body["message"] == "The resource with the given id could not be found", "an unknown id is told", body)


def check_old_role_calls(sdk):
    """v1: by name, by id, of a user; adding twice is an error."""
    _, nobody = sdk.call(sdk.roles.list_roles, limit=2)
    named = sdk.call(sdk.roles.get_role_by_name, name=nobody.name)
    check([role.id for role in named.data] == [nobody.id], "get_role_by_name finds one", named)
    single = sdk.call(sdk.roles.get_role_by_id, str(nobody.id))
    check([role.name for role in single.data] == [nobody.name], "get_role_by_id gives an array of one", single)
    user = sdk.call(sdk.users.list_users2, limit=1)[0]
    wish = AddRolesToUserRequest(role_id_array=[nobody.id])
    sdk.done(sdk.users_v1.add_roles_to_user, user.id, wish)
    roles = sdk.call(sdk.users_v1.get_user_roles, user.id)
    check(nobody.id in roles.data, "get_user_roles knows it", roles)
    body = sdk.refused(400, sdk.users_v1.add_roles_to_user, user.id, wish)
    message = body["status"]["message"]
    check(message == "input role_id_array is already included as user roles", "twice is an error", body)
    # The SDK can send nothing but objects here, where the documentation has numbers.
    objects = RemoveUserRoleRequest(role_id_array=[{"role_id": nobody.id}])
    body = sdk.refused(400, sdk.users_v1.remove_user_role, user.id, objects)
    check(body["status"]["message"].startswith("role_id_array should be a subset"), "objects are no ids", body)
    sdk.call(sdk.roles.remove_role_users, str(nobody.id), [user.id])
