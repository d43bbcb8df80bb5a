"""The SDK, pointed at the sandbox.

Nothing of the SDK is patched. Its addresses come from `Configuration.host`, whose default is
https://your-api-subdomain.onelogin.com and which takes plain HTTP on loopback as well.
"""

import collections
import json

import onelogin
import pydantic
from onelogin.exceptions import ApiException

from .surprise import Surprise, check

CLIENT_ID, CLIENT_SECRET = "interop-client", "interop-secret"
TIMEOUT_SECONDS = 30


class Sdk:
    """The API classes of the SDK over one connection pool, and calls through them that are judged."""

    def __init__(self, url, people_count, role_count):
        self.people_count, self.role_count = people_count, role_count
        self.configuration = onelogin.Configuration(host=url, username=CLIENT_ID, password=CLIENT_SECRET)
        # A call that fails must not be mended in silence.
        self.configuration.retries = False
        self.client = onelogin.ApiClient(self.configuration)
        self.oauth = onelogin.OAuth2Api(self.client)
        self.users = onelogin.UsersV2Api(self.client)
        self.users_v1 = onelogin.UsersV1Api(self.client)
        self.roles = onelogin.RolesApi(self.client)
        self.groups = onelogin.GroupsApi(self.client)
        self.mfa = onelogin.MultiFactorAuthenticationApi(self.client)
        self.mfa_v1 = onelogin.MultiFactorAuthenticationV1Api(self.client)
        self.mappings = onelogin.UserMappingsApi(self.client)
        self.events = onelogin.EventsApi(self.client)
        self.invites = onelogin.InviteLinksApi(self.client)
        # How many calls were refused on purpose, by status.
        self.refusals = collections.Counter()

    def use_token(self, token):
        """The constructor takes a token and forgets it again (4.0.1), so that it is set here."""
        self.configuration.access_token = token

    def call(self, method, *arguments, **options):
        """A call whose answer the SDK must understand; gives what it made of it."""
        try:
            return method(*arguments, _request_timeout=TIMEOUT_SECONDS, **options)
        except ApiException as error:
            raise Surprise(f"{method.__name__} was refused with {error.status}: {error.body}") from error
        except (pydantic.ValidationError, TypeError, ValueError, AttributeError) as error:
            answer = self.last_json()
            raise Surprise(f"{method.__name__}: the SDK does not understand the answer: {error}, {answer}") from error

    def page(self, method, *arguments, **options):
        """The same with the headers: rows, and headers by name whatever their letters."""
        answer = self.call(getattr(method.__self__, f"{method.__name__}_with_http_info"), *arguments, **options)
        return answer.data, answer.headers

    def pages(self, method, *arguments, limit, **filters):
        """All rows of a v2 list, as the documentation says: by After-Cursor, which stands without `limit`."""
        rows, seen, cursor, total = [], set(), None, None
        while cursor is None or cursor not in seen:
            where = {"limit": limit} if cursor is None else {"cursor": cursor}
            seen.add(cursor)
            page, headers = self.page(method, *arguments, **where, **filters)
            rows += page
            total = int(headers["Total-Count"])
            cursor = headers.get("After-Cursor")
            if not cursor:
                check(
                    len(rows) == total and len({row.id for row in rows}) == total,
                    f"{method.__name__}: {len(seen)} pages hold each of {total} rows once",
                    f"{len(rows)} rows on these pages",
                )
                return rows
        raise Surprise(f"{method.__name__}: page {len(seen)} leads back to a page seen before")

    def misread(self, method, *arguments, **options):
        """A call whose answer the SDK is known not to understand, rightly given; gives the JSON itself.

        See the table of disagreements in sandbox/README.md.
        """
        self.client.last_response = None
        try:
            method(*arguments, _request_timeout=TIMEOUT_SECONDS, **options)
        except pydantic.ValidationError as error:
            if self.client.last_response is None:
                raise Surprise(f"{method.__name__}: the SDK does not make this call: {error}") from error
            return self.last_json()
        except ApiException as error:
            raise Surprise(f"{method.__name__} was refused with {error.status}: {error.body}") from error
        raise Surprise(f"{method.__name__}: the SDK understands this answer by now")

    def done(self, method, *arguments, **options):
        """A v1 write: the SDK looks for `code` and `message` outside of `status`, where v1 does not put them."""
        status = self.misread(method, *arguments, **options).get("status", {})
        check(
            status.get("error") is False and status.get("code") == 200,
            f"{method.__name__} says success inside the envelope",
            status,
        )
        return status["message"]

    def refused(self, status, method, *arguments, **options):
        """A call that must be refused; gives the body of the refusal."""
        try:
            method(*arguments, _request_timeout=TIMEOUT_SECONDS, **options)
        except ApiException as error:
            check(error.status == status, f"{getattr(method, '__name__', 'a call')} is refused with {status}", error)
            self.refusals[status] += 1
            return json.loads(error.body)
        raise Surprise(f"{method.__name__} should have been refused with {status}")

    def last_json(self):
        """The last answer as it came, before the SDK looked into it."""
        return json.loads(self.client.last_response.data)
