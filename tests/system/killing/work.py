"""What the daemon is to do: people to mail, people to move from role to role, and a store to look after.

A round of the first two is fresh work. The age in the rule is part of what a notice is about, so another age
owes everybody a notice again; and the roles are windows on one ring of people, which turn a little,
so that most who leave a role come into the one before it.
"""

import collections
import json

from support.expected import can_be_mailed
from support.onelogin import USER_FIELDS

PASSWORD_EXPIRY, ROLE_SYNC, HOUSEKEEPING = "password-expiry", "role-sync", "housekeeping"
JOBS = (PASSWORD_EXPIRY, ROLE_SYNC, HOUSEKEEPING)
# Below the state directory.
BACKUPS = "backups"

PEOPLE = 1100
DUE = 240
ROLES, MEMBERS, STEP = 5, 80, 40
GOOD_STATUSES = (1, 3, 4, 5, 8)
ACTIVE = 1
BATCH = 50

CONFIG = """\
state_directory = "state"

[onelogin]
url = "{url}"
client_id = "{client_id}"
client_secret_file = "client-secret"
requests_per_hour = 1000000

[mail]
transport = "smtp"
host = "localhost"
port = {port}
tls = "starttls"
username = "{user}"
password_file = "smtp-password"
ca_file = "{ca}"
from = "IT Service Desk <it@acme.example>"
per_minute = 100000

[password_expiry]
schedule = "* * * * *"
send_days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
after_expiry_within = "36500d"
max_notices_per_run = 5000

[[password_expiry.rule]]
name = "who is due"
match = {{ email = {due} }}
max_age_days = {age}

[[password_expiry.rule]]
name = "nobody else"
match = {{ email = ["*"] }}
notify = "none"

[role_sync]
enabled = true
schedule = "* * * * *"
mode = "apply"

[role_sync.limits]
removals_per_role = 100000
removals_per_role_percent = 100
removals_per_run = 100000
removals_per_day = 100000
additions_per_run = 100000
file_shrink_percent = 100
first_removals = "allow"

[housekeeping]
schedule = "* * * * *"
backup_directory = "{backups}"

[log]
level = "info"
format = "json"
"""


class Work:
    """The rounds, and what the tenant must have come to."""

    def __init__(self, home, tenant, settings):
        self._home, self._settings = home, settings
        users = tenant.list("/api/2/users", fields=USER_FIELDS)
        self.due = choose_due(users)
        self._ring = sorted(user["id"] for user in users if user["state"] == 1 and user["status"] in GOOD_STATUSES)
        members = {role["id"]: members_of(tenant, role["id"]) for role in tenant.list("/api/2/roles")}
        self.roles = sorted(sorted(members, key=lambda role: len(members[role]))[:ROLES])
        self.others = {role: members[role] for role in members if role not in self.roles}
        # As the sandbox's log says that they are now.
        self.members = {role: members[role] for role in self.roles}
        self.mail_rounds, self.role_rounds = 0, 0
        self.wanted = {role: set(people) for role, people in self.members.items()}

    def new_mails(self):
        """Owes everybody who is due a notice again."""
        self.mail_rounds += 1
        due = json.dumps([user["email"] for user in self.due])
        text = CONFIG.format(due=due, age=self.mail_rounds, backups=BACKUPS, **self._settings)
        (self._home / "config.toml").write_text(text)

    def new_members(self):
        """Turns the ring."""
        self.role_rounds += 1
        self.wanted = {role: self._window(nth) for nth, role in enumerate(self.roles)}
        entries = (
            "[[role]]\nid = {}\nmembers = [{}]\n".format(role, ", ".join(f'"id:{user}"' for user in sorted(members)))
            for role, members in self.wanted.items()
        )
        (self._home / "roles.toml").write_text("".join(entries))

    def calls_left(self):
        """The membership calls that bring the roles in line."""
        steps = [
            len(difference)
            for role in self.roles
            for difference in (self.wanted[role] - self.members[role], self.members[role] - self.wanted[role])
        ]
        return sum(-(-step // BATCH) for step in steps)

    def _window(self, nth):
        first = nth * MEMBERS + self.role_rounds * STEP
        return {self._ring[(first + place) % len(self._ring)] for place in range(MEMBERS)}


def choose_due(users):
    """Active people with an address of their own and the oldest passwords."""
    addresses = collections.Counter((user["email"] or "").strip().lower() for user in users)
    active = [
        user
        for user in users
        if user["state"] == 1
        and user["status"] == ACTIVE
        and user["directory_id"] is None
        and user["trusted_idp_id"] is None
        and user["password_changed_at"]
        and can_be_mailed(user["email"])
        and user["email"].isascii()
        and "*" not in user["email"]
        and addresses[user["email"].strip().lower()] == 1
    ]
    return sorted(active, key=lambda user: user["password_changed_at"])[:DUE]


def members_of(tenant, role):
    """The ids of the people in a role."""
    return {row["id"] for row in tenant.list(f"/api/2/roles/{role}/users")}
