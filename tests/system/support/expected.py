"""Who is due which notice: the written rules once more, for a store that has seen no run.

The calculation assumes that every day is a send day, that no `[[password_expiry.rule]]` stands in
the configuration, and that the thresholds are NOTICE_DAYS.
"""

import collections
import datetime
import zoneinfo

NOTICE_DAYS = (1, 3, 7, 14)
AFTER_EXPIRY = -1
AFTER_EXPIRY_WITHIN = datetime.timedelta(days=7)

APPROVED = 1
ACTIVE, LOCKED, PASSWORD_EXPIRED = 1, 3, 4

Expected = collections.namedtuple("Expected", "user_id threshold days_left dated")

UNKNOWN = object()
NEVER = 0


def expected_notices(api, zone_name):
    """Every notice that a run would send now."""
    zone = zoneinfo.ZoneInfo(zone_name)
    users, policies, groups = api.users_by_id(), api.policies(), api.groups()
    now = datetime.datetime.now(datetime.timezone.utc)
    found = (expected_notice(user, age_days(user, policies, groups), now, zone) for user in users.values())
    return [notice for notice in found if notice]


def age_days(user, policies, groups):
    """The group's policy, else the account default; UNKNOWN where nobody says."""
    policy = None
    if user["group_id"] is not None:
        group = groups.get(user["group_id"])
        if group is None:
            return UNKNOWN
        if group["policy_id"]:
            policy = policies.get(group["policy_id"])
            if policy is None:
                return UNKNOWN
    if policy is None:
        policy = next((p for p in policies.values() if p.get("is_default") and p.get("kind") == "user"), {})
    days = policy.get("password_expiration_days")
    return UNKNOWN if days is None else days


def expected_notice(user, age, now, zone):
    """The notice that this person is due, or None."""
    if user["state"] != APPROVED or user["directory_id"] is not None or user["trusted_idp_id"] is not None:
        return None
    if user["status"] not in (ACTIVE, LOCKED, PASSWORD_EXPIRED):
        return None
    if user["password_changed_at"] is None or age is UNKNOWN or not can_be_mailed(user["email"]):
        return None

    said_expired = user["status"] == PASSWORD_EXPIRED
    if age == NEVER:
        # Only OneLogin's status speaks of an expiry here, so there is no date.
        return Expected(user["id"], AFTER_EXPIRY, None, False) if said_expired else None

    changed_at = datetime.datetime.fromisoformat(user["password_changed_at"].replace("Z", "+00:00"))
    expires_at = changed_at + datetime.timedelta(days=age)
    days_left = (expires_at.astimezone(zone).date() - now.astimezone(zone).date()).days
    if expires_at <= now:
        if now - expires_at > AFTER_EXPIRY_WITHIN:
            return None
        return Expected(user["id"], AFTER_EXPIRY, days_left, True)
    if said_expired:
        return Expected(user["id"], AFTER_EXPIRY, None, False)
    due = [threshold for threshold in NOTICE_DAYS if days_left <= threshold < age]
    return Expected(user["id"], min(due), days_left, True) if due else None


def can_be_mailed(address):
    """Whether this is one address of one mailbox: no spaces inside, one @, no list."""
    address = (address or "").strip()
    local, _, domain = address.rpartition("@")
    dots_are_between_words = all(local.split(".")) and all(domain.split("."))
    fits = len(local) <= 64 and len(address.encode()) <= 254
    odd = set(' \t\r\n,;:<>()[]"\\@')
    return dots_are_between_words and fits and not odd & set(local + domain)
