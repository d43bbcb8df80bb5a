"""What a mail says, read with the email package of Python, which did not write it."""

import email
import email.policy
import html
import re

from support.programs import check


def parse(content):
    """The message, its text and its page."""
    message = email.message_from_bytes(content, policy=email.policy.default)
    text = message.get_body(("plain",))
    page = message.get_body(("html",))
    check(text is not None and page is not None, f"text and HTML to {message['To']}", quiet=True)
    return message, text.get_content(), page.get_content()


def is_hostile(person):
    """Whether this name would do harm in a careless mail."""
    name = f"{person.get('firstname')} {person.get('lastname')}"
    return bool(re.search(r"[<>{}\r\n]", name)) or any(ord(c) > 0xFFFF for c in name)


def check_harmless(person, text, page):
    """Checks that the name is neither markup nor calculated with."""
    for part in filter(None, (person.get("firstname"), person.get("lastname"))):
        if "<" in part:
            check(part not in page, f"{part!r} is escaped in the HTML", page, quiet=True)
        if re.search(r"\{\{.*7\s*\*\s*7", part):
            # A figure of its own: 14:49 and #494949 are none.
            for content in (text, html.unescape(re.sub(r"<style.*?</style>", "", page, flags=re.S))):
                found = re.search(r"(?<![\w:#.,-])49(?![\w:%.,-])", content)
                check(not found, f"{part!r} is not calculated", content, quiet=True)
