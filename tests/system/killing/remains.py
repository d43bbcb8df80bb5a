"""What a killed daemon left in its store, looked at in a copy: the next daemon is to find it untouched."""

import collections
import contextlib
import pathlib
import shutil
import sqlite3
import tempfile

Notice = collections.namedtuple("Notice", "message_id address occasion threshold state attempts")

STORE = "steward.db"


class Remains:
    """Rows of the store."""

    def __init__(self, state):
        self.running, self.notices, self.journalled, self.integrity = {}, [], set(), "ok"
        if not (state / STORE).exists():
            return
        with tempfile.TemporaryDirectory() as folder:
            copy = pathlib.Path(folder) / STORE
            for suffix in ("", "-wal"):
                with contextlib.suppress(FileNotFoundError):
                    shutil.copy(state / f"{STORE}{suffix}", f"{copy}{suffix}")
            with contextlib.closing(sqlite3.connect(copy)) as store:
                self.running = dict(store.execute("SELECT run_id, job FROM run WHERE status = 'running'"))
                self.notices = [
                    Notice(*row)
                    for row in store.execute(
                        "SELECT message_id, address, occasion, threshold, state, attempts FROM notice WHERE resend = 0"
                    )
                ]
                changes = store.execute("SELECT role_id, user_id FROM role_change").fetchall()
                self.journalled = {(role, user) for role, user in changes}
                (self.integrity,) = store.execute("PRAGMA integrity_check").fetchone()

    def count(self, *states):
        """How many notices are in one of these states."""
        return sum(notice.state in states for notice in self.notices)

    def cut_off(self, before):
        """The jobs that were going on, other than those that an earlier life left so."""
        known = {} if before is None else before.running
        return [job for run, job in self.running.items() if run not in known]

    def under_way(self, before):
        """The notices that were being sent, other than those that an earlier life left so."""
        tried = {} if before is None else {notice.message_id: notice.attempts for notice in before.notices}
        sending = (notice for notice in self.notices if notice.state == "sending")
        return [notice.message_id for notice in sending if notice.attempts > tried.get(notice.message_id, 0)]

    def untruths(self, received, named):
        """Where the ledger says other than the server, or the journal other than the tenant."""
        found = [] if self.integrity == "ok" else [self.integrity]
        for notice in self.notices:
            taken = received.get(notice.message_id, 0)
            is_true = {
                "sent": taken >= 1,
                "sending": notice.attempts >= 1,
                "staged": taken == 0 and notice.attempts == 0,
            }
            if not is_true.get(notice.state, False):
                found.append(f"{taken} copies of {notice}")
        known = {notice.message_id for notice in self.notices}
        found += [f"a mail without a row: {message_id}" for message_id in received if message_id not in known]
        found += [f"a change without a row in the journal: {change}" for change in named - self.journalled]
        return found
