"""The built programs, started and asked."""

import collections
import contextlib
import os
import select
import subprocess
import sys
import tempfile

PATIENCE_SECONDS = 120
# A run of the whole tenant, with its mails.
RUN_SECONDS = 600

Output = collections.namedtuple("Output", "code stdout stderr")


def check(holds, what, found="", quiet=False):
    """Says what was proven; where it does not hold, ends the script with what was found instead."""
    if not holds:
        sys.exit(f"FAILED: {what}\n{found}")
    if not quiet:
        print(f"ok: {what}", flush=True)


def check_exit(output, codes, what):
    """Checks how a program ended."""
    found = f"it ended with {output.code}\n{output.stdout[-4000:]}\n{output.stderr[-4000:]}"
    check(output.code in codes, f"{what} ends with {' or '.join(map(str, codes))}", found)


def clean_environment():
    """What the programs keep of this environment: no proxy, no setting of the product."""
    return {"PATH": os.environ["PATH"]}


def run_steward(*arguments, directory=None):
    """Runs the steward to its end."""
    done = subprocess.run(
        [os.path.abspath(os.environ["STEWARD_BIN"]), *arguments],
        cwd=directory,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        env=clean_environment(),
        timeout=RUN_SECONDS,
    )
    return Output(done.returncode, done.stdout, done.stderr)


def measured_steward(*arguments):
    """Runs the steward to its end; gives what it left behind, and the most memory it took, in MiB."""
    with tempfile.TemporaryFile("w+") as stdout, tempfile.TemporaryFile("w+") as stderr:
        process = subprocess.Popen(
            [os.path.abspath(os.environ["STEWARD_BIN"]), *arguments],
            stdout=stdout,
            stderr=stderr,
            stdin=subprocess.DEVNULL,
            env=clean_environment(),
        )
        # Only this call tells of one child alone.
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        stdout.seek(0)
        stderr.seek(0)
        return Output(process.returncode, stdout.read(), stderr.read()), usage.ru_maxrss / 1024


@contextlib.contextmanager
def sandbox(client_id, client_secret, arguments, environment=()):
    """A sandbox on a free port, as long as the block lasts; gives its URL."""
    command = [os.environ["SANDBOX_BIN"], "--port", "0"]
    command += ["--client-id", client_id, "--client-secret", client_secret, *arguments]
    environment = {**clean_environment(), **dict(environment)}
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)
    try:
        ready, _, _ = select.select([process.stdout], [], [], PATIENCE_SECONDS)
        line = process.stdout.readline() if ready else ""
        prefix = "listening on "
        check(line.startswith(prefix + "http://"), "the sandbox tells where it listens", repr(line))
        yield line.removeprefix(prefix).strip()
    finally:
        process.terminate()
        process.wait(PATIENCE_SECONDS)
