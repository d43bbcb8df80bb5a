"""The daemon's lives, one after the other, and what each of them left."""

import collections
import re
import time

from killing.daemon import Daemon
from killing.remains import Remains
from killing.work import BACKUPS, DUE, HOUSEKEEPING, JOBS, PASSWORD_EXPIRY
from support.programs import check

READING, DECIDING, DOING, RECORDING, OVER = "reading", "deciding", "sending or writing", "recording", "not under way"
# What a kill may aim at, and the longest that it comes after what it waited for.
MOMENT_SECONDS = {READING: 0.02, DECIDING: 0.08, DOING: 0.04, RECORDING: 0.02}

# From the start of the daemon to its tick. Where it took longer to start, it has missed the tick.
BEFORE_THE_TICK = 0.8
MISSED_SECONDS = 5
LIFE_SECONDS = 60
POLL_SECONDS = 0.001
# Mails that may be sent at the same time, and so repeated after a kill.
IN_FLIGHT = 4
MESSAGE_ID = re.compile(rb"^Message-ID:\s*(\S+)", re.I | re.M)

# `share`: after how much of what it aims at, where that is something that can be counted.
Aim = collections.namedtuple("Aim", "job place moment share")


class Trial:
    """What is known of all lives so far."""

    def __init__(self, home, clock, mails, work, requests):
        self._home, self._clock, self._mails = home, clock, mails
        self.work, self._requests = work, requests
        # The lists that each job reads before it decides, by a life without a kill.
        self._lists = collections.Counter()
        # How many kills found a job at what.
        self.hits = collections.Counter()
        # How often a job was cut off, and each mail while it was being sent.
        self.cut_off, self.cut_mails = collections.Counter(), collections.Counter()
        # Copies of each mail by Message-ID, and whom it went to.
        self.copies, self._to = collections.Counter(), {}
        self._counted = 0
        self._before_the_tick = BEFORE_THE_TICK
        # What the last life left.
        self.remains = None

    def give_work(self):
        """Fresh work to each job that has none left. What it has done is looked at first."""
        if self.notices_left() == 0:
            self.check_mails()
            self.work.new_mails()
        if self.work.calls_left() == 0:
            self.work.new_members()

    def notices_left(self):
        """How many notices are not sent yet."""
        return DUE * self.work.mail_rounds - Remains(self._home / "state").count("sent")

    def until_killed(self, aim):
        """A life that ends with a kill. Tells whether anything was under way."""
        daemon = self._begin()
        self._live(daemon, self._condition(aim, daemon), aim.moment)
        daemon.kill()
        cut_off = self._look_at_remains(daemon)
        if cut_off:
            self.hits.update((job, self._place(job, cut_off)) for job in JOBS)
        return bool(cut_off)

    def until_stopped(self):
        """A life in which both jobs come to their end. Gives the exit code."""
        while True:
            daemon = self._begin()
            self._live(daemon, lambda: False, 0)
            code = daemon.stop()
            self._look_at_remains(daemon)
            if daemon.jobs:
                break
        # Those of the first round are longer, as the roles are.
        self._lists = self._requests.reads.copy()
        return code

    def _begin(self):
        self._requests.look()
        self._requests.begin()
        self._mails_before = len(self._mails.received)
        self._backups_before = backups(self._home)
        self._notices, self._calls = self.notices_left(), self.work.calls_left()
        self._clock.put_forward(self._before_the_tick)
        return Daemon(self._home / "config.toml", self._home / "daemon.log", self._clock.of_the_moment())

    def _live(self, daemon, is_reached, moment):
        """Until a moment after something is reached, or until both jobs have ended."""
        deadline = time.monotonic() + LIFE_SECONDS
        while not daemon.are_through(JOBS):
            self._requests.look()
            daemon.look()
            if is_reached():
                time.sleep(moment)
                return
            if daemon.is_idle_for(self._before_the_tick + MISSED_SECONDS):
                self._before_the_tick *= 2
                return
            check(daemon.is_alive(), "the daemon goes on", "\n".join(daemon.lines[-20:]), quiet=True)
            check(time.monotonic() < deadline, "both jobs end in time", "\n".join(daemon.lines[-20:]), quiet=True)
            time.sleep(POLL_SECONDS)

    def _condition(self, aim, daemon):
        """What a kill waits for, as the tenant, the mail server and the folder of the backups show it."""
        if aim.job == HOUSEKEEPING:
            shown = {DOING: ".part", RECORDING: ".db"}.get(aim.place)
            if shown is None:
                return lambda: HOUSEKEEPING in daemon.jobs.values()
            return lambda: any(name.endswith(shown) for name in self._new_backups())
        lists, reads = self._lists[aim.job], lambda: self._requests.reads[aim.job]
        if aim.place == READING:
            return lambda: reads() >= 1 + aim.share * (lists - 1)
        if aim.place == DECIDING:
            return lambda: reads() >= lists
        share = aim.share if aim.place == DOING else 1
        if aim.job == PASSWORD_EXPIRY:
            return lambda: self._sent() >= max(1, share * self._notices)
        return lambda: self._requests.calls >= max(1, share * self._calls)

    def _new_backups(self):
        """Names of backups that this life has made, and of those it began."""
        return backups(self._home) - self._backups_before

    def _sent(self):
        return len(self._mails.received) - self._mails_before

    def _look_at_remains(self, daemon):
        """What this life left. Gives the jobs that were going on."""
        self._requests.look()
        for mail in self._mails.received[self._counted :]:
            self._count(mail)
        remains = Remains(self._home / "state")
        wrong = remains.untruths(self.copies, self._requests.named) + self._requests.wrong
        log = "\n".join(daemon.lines[-20:])
        check(not wrong, "what the daemon left is true", "\n".join(wrong[:10]) + "\n" + log, quiet=True)
        under_way = remains.under_way(self.remains)
        check(len(under_way) <= IN_FLIGHT, f"at most {IN_FLIGHT} mails are under way", under_way, quiet=True)
        self.cut_mails.update(under_way)
        cut_off = remains.cut_off(self.remains)
        self.cut_off.update(cut_off + daemon.stopped_jobs())
        self.remains = remains
        statuses = set(daemon.ended.values())
        check(statuses <= {"succeeded", "interrupted"}, "what comes to its end succeeds", log, quiet=True)
        check(not any("panicked" in line for line in daemon.lines), "nothing panics", log, quiet=True)
        return cut_off

    def _place(self, job, cut_off):
        """What a job was at, by what it left."""
        if job not in cut_off:
            return OVER
        if job == HOUSEKEEPING:
            new = self._new_backups()
            return RECORDING if any(name.endswith(".db") for name in new) else DOING if new else READING
        if job == PASSWORD_EXPIRY:
            began = self._sent() or self._requests.looked_again
            has_more = self.remains.count("sent") < DUE * self.work.mail_rounds
        else:
            began, has_more = self._requests.calls, self.work.calls_left()
        if began:
            return DOING if has_more else RECORDING
        return DECIDING if self._requests.reads[job] >= self._lists[job] else READING

    def _count(self, mail):
        self._counted += 1
        message_id = MESSAGE_ID.search(mail.content)[1].decode()
        (to,) = mail.recipients
        check(self._to.setdefault(message_id, to) == to, "a mail has one recipient", message_id, quiet=True)
        self.copies[message_id] += 1

    def check_mails(self):
        """Everybody has one mail of each round, whatever copies there are of it."""
        told = collections.Counter(to.lower() for to in self._to.values())
        expected = {user["email"].strip().lower(): self.work.mail_rounds for user in self.work.due}
        check(told == collections.Counter(expected), "one Message-ID for each person and round", told.most_common(5), quiet=True)


def backups(home):
    """The names of the files in the folder of the backups."""
    folder = home / "state" / BACKUPS
    return {path.name for path in folder.iterdir()} if folder.exists() else set()
