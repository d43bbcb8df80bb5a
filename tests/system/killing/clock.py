"""A clock that is put forward while the daemon is down, so that its next tick is always near."""

import glob
import time

from support.programs import check

# Debian's faketime, whatever the architecture.
LIBRARY = "/usr/lib/*/faketime/libfaketimeMT.so.1"


class Clock:
    """The time of day that daemon and sandbox are shown: the machine's, and a little more each time."""

    def __init__(self, home):
        libraries = glob.glob(LIBRARY)
        check(libraries, "libfaketime is installed", LIBRARY, quiet=True)
        # Pauses and timeouts stay as long as they are.
        self._always = {"LD_PRELOAD": libraries[0], "DONT_FAKE_MONOTONIC": "1"}
        self._file = home / "clock"
        self._ahead = 0.0
        self._write()

    def now(self):
        """Seconds since 1970."""
        return time.time() + self._ahead

    def put_forward(self, seconds):
        """To so many seconds before a full minute."""
        self._ahead += (60 - seconds - self.now()) % 60
        self._write()

    def of_the_moment(self):
        """The environment of a program that keeps the clock as it is now."""
        return {**self._always, "FAKETIME": f"+{self._ahead:.3f}"}

    def followed(self):
        """The environment of a program that goes along when the clock is put forward."""
        return {**self._always, "FAKETIME_TIMESTAMP_FILE": str(self._file), "FAKETIME_CACHE_DURATION": "1"}

    def _write(self):
        new = self._file.with_suffix(".new")
        new.write_text(f"+{self._ahead:.3f}\n")
        new.replace(self._file)
