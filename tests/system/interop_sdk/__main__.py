"""Runs every check against one sandbox, or with --planted against sandboxes that are wrong on purpose."""

import base64
import json
import pathlib
import sys

from support.programs import sandbox

from . import accounts, factors, history, people, roles, tokens
from .client import CLIENT_ID, CLIENT_SECRET, Sdk
from .log import check_refusals, print_calls, read_calls
from .surprise import Surprise

PEOPLE, ROLES = 130, 12
CHECKS = (
    tokens.check_tokens,
    people.check_people,
    roles.check_roles,
    roles.check_members,
    roles.check_old_role_calls,
    accounts.check_states,
    accounts.check_locks,
    accounts.check_passwords,
    accounts.check_invitations,
    factors.check_factors,
    history.check_groups,
    history.check_mappings,
    history.check_events,
    tokens.check_revocation,
)

THIRD_PAGE = base64.b64encode(b"limit=50&sort=id&page=3&sort_direction=asc").decode()
# What is wrong, the fault that makes it so, and a word of the complaint that must come of it.
PLANTED = (
    ("a cursor that leaves out a page", {"route": "GET /api/2/users", "kind": {"wrong_cursor": THIRD_PAGE}}, "leads back"),
    (
        "members in an object",
        {"route": "GET /api/2/roles/:id/users", "kind": {"wrapped_rows": "users"}},
        "get_role_users",
    ),
)


def run(work, name, faults=()):
    """All checks in turn. Gives the sandbox's log, and the first surprise, if any."""
    log, fault_file = work / f"{name}.jsonl", work / f"{name}-faults.json"
    fault_file.write_text(json.dumps(list(faults)))
    arguments = ["--users", str(PEOPLE), "--roles", str(ROLES), "--seed", "1"]
    arguments += ["--faults", str(fault_file), "--log", str(log)]
    surprise = None
    with sandbox(CLIENT_ID, CLIENT_SECRET, arguments) as url:
        sdk = Sdk(url, PEOPLE, ROLES)
        try:
            for check in CHECKS:
                check(sdk)
            check_refusals(read_calls(log), sdk.refusals)
        except Surprise as caught:
            surprise = caught
    return read_calls(log), surprise


def run_planted(work):
    """Every planted mistake must be struck upon, and must turn the checks red."""
    for number, (what, fault, word) in enumerate(PLANTED):
        calls, surprise = run(work, f"planted-{number}", [fault])
        if not any(call["fault"] for call in calls):
            return f"{what}: the checks never came upon it"
        if surprise is None or word not in str(surprise):
            return f"{what}: the checks do not see it: {surprise}"
        print(f"ok: {what} is seen: {str(surprise).splitlines()[0]}", flush=True)
    return None


def main():
    work = pathlib.Path(sys.argv[1])
    if sys.argv[2:] == ["--planted"]:
        failure = run_planted(work)
        proven = "the checks see what is wrong on purpose"
    else:
        calls, failure = run(work, "calls")
        print_calls(calls)
        proven = "the sandbox passes for OneLogin, as far as its SDK can tell"
    if failure:
        sys.exit(f"FAILED: {failure}")
    print(f"ok: {proven}")


main()
