"""Chromium without a window."""

import html
import os
import re
import subprocess

LIMIT_SECONDS = 120
# Blink's own numbers.
SCHEMES = {"dark": 0, "light": 1}


def measured_by_page(page, work):
    """The text that a page's script puts into `<pre id="measured">`."""
    done = _chromium(work, "--dump-dom", page.as_uri())
    found = re.search(r'<pre id="measured">(.*?)</pre>', done.stdout, re.S)
    if not found:
        raise SystemExit(f"FAILED: Chromium measured nothing\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}")
    return html.unescape(found.group(1))


def picture_of_page(page, picture, size, scheme, work):
    """Renders a page to PNG, for somebody who prefers this scheme."""
    width, height = size
    _chromium(
        work,
        f"--blink-settings=preferredColorScheme={SCHEMES[scheme]}",
        f"--window-size={width},{height}",
        f"--screenshot={picture}",
        page.as_uri(),
    )


def _chromium(work, *arguments):
    # Everything that it would write to a home goes to the directory of this run. Root, as in CI, may
    # not use Chromium's own sandbox; the pages are ours.
    return subprocess.run(
        ["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
         "--hide-scrollbars", "--no-first-run", f"--user-data-dir={work}/chromium", *arguments],
        capture_output=True,
        text=True,
        env={"PATH": os.environ["PATH"], "HOME": str(work)},
        timeout=LIMIT_SECONDS,
        check=True,
    )
