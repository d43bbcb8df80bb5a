"""The daemon, and who starts it again."""

import json
import os
import signal
import subprocess
import time

from support.programs import clean_environment

PATIENCE_SECONDS = 30


class Daemon:
    """One life of the daemon. Its log is read as it grows."""

    def __init__(self, config, log, environment):
        self._log = open(log, "w+b")
        self._rest = b""
        # Of each run by number its job, and how it ended, once it has.
        self.jobs, self.ended, self.lines = {}, {}, []
        self.ready_at = None
        self._process = subprocess.Popen(
            [os.path.abspath(os.environ["STEWARD_BIN"]), "--config", str(config), "daemon"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=self._log,
            env={**clean_environment(), **environment},
        )
        self.pid = self._process.pid
        self._read = open(log, "rb")

    def look(self):
        """Reads what it has logged meanwhile."""
        *lines, self._rest = (self._rest + self._read.read()).split(b"\n")
        for line in lines:
            self.lines.append(line.decode(errors="replace"))
            if not line.startswith(b"{"):
                continue
            fields = json.loads(line)["fields"]
            if fields.get("message") == "daemon ready":
                self.ready_at = time.monotonic()
            elif fields.get("message") == "run started":
                self.jobs[fields["run"]] = fields["job"]
            elif "status" in fields and fields.get("run") in self.jobs:
                self.ended[fields["run"]] = fields["status"]

    def are_through(self, jobs):
        """Whether each of the jobs has come to an end, and none is going on."""
        return set(jobs) <= set(self.jobs.values()) and set(self.jobs) == set(self.ended)

    def stopped_jobs(self):
        """The jobs whose runs were cut short by a stop."""
        return [self.jobs[run] for run, status in self.ended.items() if status == "interrupted"]

    def is_idle_for(self, seconds):
        """Whether nothing has begun so long after it was ready."""
        return not self.jobs and self.ready_at is not None and time.monotonic() > self.ready_at + seconds

    def is_alive(self):
        return self._process.poll() is None

    def kill(self):
        """Ends it as a power cut would."""
        self._process.send_signal(signal.SIGKILL)
        self._process.wait(PATIENCE_SECONDS)
        self.look()
        self._close()

    def stop(self):
        """Ends it as systemd does; gives the exit code."""
        self._process.send_signal(signal.SIGTERM)
        code = self._process.wait(PATIENCE_SECONDS)
        self.look()
        self._close()
        return code

    def _close(self):
        self._log.close()
        self._read.close()
