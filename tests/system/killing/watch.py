"""What the daemon asked of the tenant, and whether it was meant to."""

import collections
import json
import re

from killing.work import PASSWORD_EXPIRY, ROLE_SYNC

# Only password-expiry asks for them.
POLICIES = ("/api/2/policies", "/api/2/groups")
MEMBERS = re.compile(r"/api/2/roles/(\d+)/users")


class Requests:
    """The sandbox's log as it grows. `wrong` tells of each request that nobody meant."""

    def __init__(self, path, work):
        self._file = open(path, "rb")
        self._file.seek(0, 2)
        self._rest = b""
        self._work = work
        self.wrong = []
        self.begin()

    def begin(self):
        """Counts anew, for another life of the daemon."""
        self.reads = collections.Counter()
        self.looked_again = False
        self.calls = 0
        # Each membership that a call named.
        self.named = set()

    def look(self):
        """Reads what was asked meanwhile."""
        *lines, self._rest = (self._rest + self._file.read()).split(b"\n")
        for line in lines:
            self._take(json.loads(line))

    def _take(self, request):
        if request["path"].startswith("/auth/"):
            return
        if request["method"] == "GET":
            self._count_read(request)
        elif (role := MEMBERS.fullmatch(request["path"])) and request["method"] in ("POST", "DELETE"):
            self.calls += 1
            self._change(request, int(role[1]))
        else:
            self.wrong.append(f"{request['method']} {request['path']}")

    def _count_read(self, request):
        query = dict(request["query"])
        if "updated_since" in query:
            # The look at what changed, right before the first mail.
            self.looked_again = True
        elif "password_changed_at" in query.get("fields", "") or request["path"] in POLICIES:
            self.reads[PASSWORD_EXPIRY] += 1
        elif not self.calls:
            self.reads[ROLE_SYNC] += 1

    def _change(self, request, role):
        """A call changes what the file says, and nothing that is so already."""
        people = [int(user) for user in json.loads(request["body"])]
        members, wanted = self._work.members.get(role), self._work.wanted.get(role)
        what = f"{request['method']} {people} of role {role}"
        if members is None or not 200 <= request["status"] < 300:
            self.wrong.append(f"{what}: {request['status']}")
            return
        for user in people:
            self.named.add((role, user))
            if request["method"] == "POST":
                if user in members or user not in wanted:
                    self.wrong.append(f"{what}: {user} was a member, or is not to be one")
                members.add(user)
            else:
                if user not in members or user in wanted or self._has_no_other(user):
                    self.wrong.append(f"{what}: {user} was no member, is to be one, or has not moved yet")
                members.discard(user)

    def _has_no_other(self, user):
        """Whether somebody who belongs to roles would be in none of them for a moment."""
        to_be_in = [role for role, wanted in self._work.wanted.items() if user in wanted]
        return bool(to_be_in) and not any(user in self._work.members[role] for role in to_be_in)
