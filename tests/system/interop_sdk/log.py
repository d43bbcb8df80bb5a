"""The calls as the sandbox saw them."""

import collections
import json
import re

from .surprise import check


def read_calls(path):
    """One dictionary per request, in order."""
    return [json.loads(line) for line in path.read_text().splitlines()]


def route_of(call):
    """The call with its ids left out."""
    path = re.sub(r"(?<!/api)/(\d+|user_temp_otp_\d+)(?=/|$)", "/:id", call["path"])
    names = ",".join(sorted({name for name, _ in call["query"]}))
    return f"{call['method']:6} {path}" + (f"?{names}" if names else "")


def print_calls(calls):
    """Every route once, with how often it was called and what came of it."""
    routes = collections.Counter((route_of(call), call["status"]) for call in calls)
    print(f"{len(calls)} calls, {len({route for route, _ in routes})} different ones:")
    for (route, status), times in sorted(routes.items(), key=lambda item: item[0][0].split()[1:] + [str(item[0])]):
        print(f"  {times:3} x {route} -> {status}")


def check_refusals(calls, expected):
    """Nothing was refused but what the checks wanted to be refused."""
    refused = [call for call in calls if call["status"] >= 400]
    check(
        collections.Counter(call["status"] for call in refused) == expected,
        f"{len(refused)} calls were refused, all of them on purpose",
        [f"{call['method']} {call['path']} -> {call['status']}" for call in refused],
    )
