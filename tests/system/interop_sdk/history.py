"""Groups, mappings and events."""

from .surprise import check


def check_groups(sdk):
    """v1 groups: names, and an array of one."""
    groups = sdk.call(sdk.groups.get_groups)
    check(len(groups.data) == 6 and groups.status.code == 200, "get_groups lists six", groups)
    single = sdk.call(sdk.groups.get_group_by_id, str(groups.data[0].id))
    check([group.name for group in single.data] == [groups.data[0].name], "get_group_by_id gives an array of one")
    body = sdk.refused(404, sdk.groups.get_group_by_id, "9999999")
    check(body["status"]["message"] == "Group for id 9999999 was not found", "no group has this number", body)


def check_mappings(sdk):
    """The enabled ones, the others, and one alone."""
    enabled = sdk.call(sdk.mappings.list_mappings)
    check([mapping.enabled for mapping in enabled] == [True], "list_mappings shows the enabled one", enabled)
    # The SDK writes booleans in a query as Python does, `False`.
    disabled = sdk.call(sdk.mappings.list_mappings, enabled=False)
    check([mapping.position for mapping in disabled] == [None], "and on request the other one", disabled)
    alone = sdk.call(sdk.mappings.get_mapping, enabled[0].id)
    check(alone.actions[0].action == "add_role", "get_mapping shows what it does", alone)
    sdk.refused(404, sdk.mappings.get_mapping, 1)


def check_events(sdk):
    """Filters and dates; the SDK cannot walk the pages, as it has no parameter for their cursor."""
    events = sdk.call(sdk.events.get_events)
    check(len(events.data) == 50 and events.pagination.after_cursor, "get_events gives the first fifty", events)
    first = events.data[0]
    alone = sdk.call(sdk.events.get_event_by_id, first.id)
    check(alone.data.id == first.id, "get_event_by_id gives one event", alone)
    # Its filter by type fails before anything is sent, as it joins numbers like texts (4.0.1).
    early = sdk.call(sdk.events.get_events, until=first.created_at)
    check(first.id in [event.id for event in early.data], "until leaves the first one in", early)
    locks = sdk.call(sdk.events.get_events, user_id=locked_user(sdk)).data
    check(531 in [event.event_type_id for event in locks], "the lock of these checks left an event", locks)


def locked_user(sdk):
    """The person who was locked by these checks."""
    return sdk.call(sdk.users.list_users2, email="greta.holm@acme.example")[0].id
