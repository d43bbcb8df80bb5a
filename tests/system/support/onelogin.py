"""Reads a tenant through the API, with the standard library only."""

import base64
import json
import urllib.parse
import urllib.request

USER_FIELDS = (
    "id,email,firstname,lastname,status,state,group_id,directory_id,trusted_idp_id,password_changed_at"
)
# Straight to the loopback, whatever proxy this machine is told to use.
OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class OneLogin:
    """A tenant."""

    def __init__(self, url, client_id, client_secret):
        self._url = url
        basic = base64.b64encode(f"{client_id}:{client_secret}".encode()).decode()
        request = urllib.request.Request(
            f"{url}/auth/oauth2/v2/token",
            data=json.dumps({"grant_type": "client_credentials"}).encode(),
            headers={"Authorization": f"Basic {basic}", "Content-Type": "application/json"},
        )
        with OPENER.open(request, timeout=60) as answer:
            self._token = json.load(answer)["access_token"]

    def users_by_id(self):
        """Every person, with the fields that decide."""
        users = self.list("/api/2/users", fields=USER_FIELDS)
        lacking = [user["id"] for user in users if "trusted_idp_id" not in user]
        if lacking:
            raise RuntimeError(f"the list tells no trusted_idp_id of {lacking[:5]}")
        by_id = {user["id"]: user for user in users}
        if len(by_id) != len(users):
            raise RuntimeError("the list names somebody twice")
        return by_id

    def policies(self):
        """Every policy by id."""
        return {policy["id"]: policy for policy in self.list("/api/2/policies")}

    def groups(self):
        """Every group by id; each with its policy_id."""
        groups = {group["id"]: group for group in self.list("/api/2/groups")}
        for number, group in groups.items():
            if "policy_id" not in group:
                group["policy_id"] = self._get(f"/api/2/groups/{number}", {})[0].get("policy_id")
        return groups

    def list(self, path, **filters):
        """All pages. A cursor stands alone, but for the filters."""
        rows, page = [], {"limit": 100}
        while page is not None:
            items, headers = self._get(path, {**filters, **page})
            rows += items
            cursor = headers.get("After-Cursor")
            page = {"cursor": cursor} if cursor else None
        return rows

    def _get(self, path, parameters):
        query = urllib.parse.urlencode(parameters)
        request = urllib.request.Request(
            f"{self._url}{path}?{query}", headers={"Authorization": f"bearer {self._token}"}
        )
        with OPENER.open(request, timeout=60) as answer:
            return json.load(answer), answer.headers
