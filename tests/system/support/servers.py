"""Postfix and Exim as Debian ships them, on the loopback, below a folder that make-root unpacked."""

import contextlib
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import sys
import time

PATIENCE_SECONDS = 30
# The certificate is for localhost and 127.0.0.1, so this is the same server under a wrong name.
WRONG_NAME = "127.0.0.2"

PASSWD = """\
root:x:0:0:root:/:/bin/sh
nobody:x:65534:65534:nobody:/:/bin/false
postfix:x:2101:2101::/:/bin/false
Debian-exim:x:2102:2102::/:/bin/false
"""
GROUP = """\
root:x:0:
nogroup:x:65534:
postfix:x:2101:
Debian-exim:x:2102:
postdrop:x:2103:
sasl:x:45:
"""


class Server:
    """A server, as long as the block lasts. Everything it takes lies in one Maildir.

    `unknown` has no mailbox here; `greylisted` is told to come back until `end_greylisting`.
    """

    name = ""
    # The user whose the mailbox is.
    uid = 0

    def __init__(self, root, certificates, user, password, unknown, greylisted):
        self.root = pathlib.Path(root)
        self.user, self.password = user, password
        self._unknown, self._greylisted = unknown, greylisted
        self._certificates = certificates
        self.starttls_port, self.implicit_port = free_ports(2)
        self._process = None

    def __enter__(self):
        for place in ("srv", "etc/tls"):
            shutil.rmtree(self.root / place, ignore_errors=True)
        write_users(self.root)
        self._write("etc/tls/chain.pem", self._certificates.chain.read_text())
        self._write("etc/tls/key.pem", self._certificates.key.read_text())
        mailbox = self.root / "srv/mail"
        for place in (mailbox, *(mailbox / part for part in ("cur", "new", "tmp"))):
            place.mkdir(parents=True)
            os.chown(place, self.uid, self.uid)
        self.configure()
        self._start()
        return self

    def __exit__(self, *_):
        self._stop()

    def _start(self):
        # A group of its own, so that what the server starts ends with it.
        with open(self.root / "srv/output", "ab") as output:
            self._process = subprocess.Popen(
                ["chroot", str(self.root), *self.command()],
                stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True,
            )
        try:
            for port in (self.starttls_port, self.implicit_port):
                self._wait(lambda port=port: listens(port), f"listens on port {port}")
        except BaseException:
            self._stop()
            raise

    def _stop(self):
        for how in (signal.SIGTERM, signal.SIGKILL):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, how)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(5)

    def mails(self, count):
        """The mails as they lie in the mailbox, once there are so many."""
        new = self.root / "srv/mail/new"
        self._wait(lambda: len(list(new.iterdir())) >= count, f"has delivered {count} mails")
        return [path.read_bytes() for path in sorted(new.iterdir())]

    def empty_mailbox(self):
        """Throws away what was delivered."""
        for path in (self.root / "srv/mail/new").iterdir():
            path.unlink()

    def log(self):
        """What the server has to say."""
        return "".join(
            path.read_text(errors="replace") for path in sorted((self.root / "srv").glob("*")) if path.is_file()
        )

    def _write(self, path, text, mode=0o644):
        path = self.root / path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(mode)

    def _chroot(self, *command, **options):
        subprocess.run(["chroot", str(self.root), *command], check=True, capture_output=True, timeout=60, **options)

    def _wait(self, holds, what):
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not holds():
            if time.monotonic() > deadline or self._process.poll() is not None:
                raise SystemExit(f"FAILED: {self.name} {what}\n{self.log()[-4000:]}")
            time.sleep(0.05)


POSTFIX_MAIN = """\
compatibility_level = 3.6
myhostname = mail.acme.example
mydestination =
mynetworks =
inet_interfaces = 127.0.0.1
maillog_file = /srv/log
maillog_file_prefixes = /srv
smtpd_peername_lookup = no
smtpd_tls_chain_files = /etc/tls/key.pem, /etc/tls/chain.pem
smtpd_tls_auth_only = yes
smtpd_tls_loglevel = 1
smtpd_sasl_auth_enable = yes
smtpd_sasl_type = cyrus
cyrus_sasl_config_path = /etc/postfix/sasl
smtpd_relay_restrictions = permit_sasl_authenticated, reject
smtpd_recipient_restrictions =
    check_recipient_access regexp:/etc/postfix/greylist
# A table of one exception: everybody else has a mailbox.
virtual_mailbox_domains = static:here
virtual_mailbox_maps = regexp:/etc/postfix/mailboxes
virtual_mailbox_base = /srv
virtual_uid_maps = static:{uid}
virtual_gid_maps = static:{uid}
"""

POSTFIX_MASTER = """\
postlog   unix-dgram n - n - 1 postlogd
{services}
cleanup   unix n - n - 0 cleanup
qmgr      unix n - n 300 1 qmgr
rewrite   unix - - n - - trivial-rewrite
bounce    unix - - n - 0 bounce
defer     unix - - n - 0 bounce
trace     unix - - n - 0 bounce
tlsmgr    unix - - n 1000? 1 tlsmgr
proxymap  unix - - n - - proxymap
anvil     unix - - n - 1 anvil
error     unix - - n - - error
retry     unix - - n - - error
virtual   unix - n n - - virtual
"""


class Postfix(Server):
    """Postfix, with the logins of Cyrus SASL."""

    name = "Postfix"
    uid = 2101

    def configure(self):
        local, realm = self.user.split("@")
        etc = "etc/postfix"
        services = []
        for address in ("127.0.0.1", WRONG_NAME):
            services.append(f"{address}:{self.starttls_port} inet n - n - - smtpd -o smtpd_tls_security_level=encrypt")
            services.append(f"{address}:{self.implicit_port} inet n - n - - smtpd -o smtpd_tls_wrappermode=yes")
        self._write(f"{etc}/main.cf", POSTFIX_MAIN.format(uid=self.uid))
        self._write(f"{etc}/master.cf", POSTFIX_MASTER.format(services="\n".join(services)))
        self._write(f"{etc}/mailboxes", f"if !/^{re.escape(self._unknown)}$/\n/./ mail/\nendif\n")
        self._write(f"{etc}/greylist", f"/^{re.escape(self._greylisted)}$/ 450 4.2.0 Greylisted, come back later\n")
        self._write(
            f"{etc}/sasl/smtpd.conf",
            "pwcheck_method: auxprop\nauxprop_plugin: sasldb\nmech_list: PLAIN LOGIN\n",
        )
        self._chroot(
            "saslpasswd2", "-p", "-c", "-f", "/etc/sasldb2", "-u", realm, local, input=self.password.encode()
        )
        shutil.chown(self.root / "etc/sasldb2", 0, self.uid)
        (self.root / "etc/sasldb2").chmod(0o640)
        # What the package's own scripts do when it is installed.
        shutil.copy(self.root / "usr/share/postfix/dynamicmaps.cf", self.root / etc)
        shutil.chown(self.root / "var/lib/postfix", self.uid)
        # Makes the queue.
        self._chroot("postfix", "check")

    def command(self):
        # Not `postfix start-fg`, which leaves our process group.
        return ["/usr/lib/postfix/sbin/master", "-d"]

    def end_greylisting(self):
        self._write("etc/postfix/greylist", "")
        # A reload lets processes that hold the old table finish first, and nobody says when.
        self._stop()
        self._start()


EXIM = """\
primary_hostname = mail.acme.example
daemon_smtp_ports = {starttls} : {implicit}
tls_on_connect_ports = {implicit}
local_interfaces = 127.0.0.1 : {wrong_name}
spool_directory = /srv/spool
deliver_drop_privilege = true
# Otherwise what comes after the tenth mail of a connection waits for a queue run.
smtp_accept_queue_per_connection = 0
# Counted until the process of a connection is gone, which takes longer than the connection.
smtp_accept_max = 200
log_file_path = /srv/%slog
log_selector = +smtp_protocol_error +smtp_syntax_error +smtp_connection
tls_advertise_hosts = *
tls_certificate = /etc/tls/chain.pem
tls_privatekey = /etc/tls/key.pem
auth_advertise_hosts = ${{if eq{{$tls_in_cipher}}{{}}{{}}{{*}}}}
acl_smtp_rcpt = recipient
acl_smtp_data = content

begin acl
recipient:
  deny    !authenticated = *
          message = 5.7.1 Log in first
  defer   condition = ${{if eqi{{$local_part@$domain}}{{{greylisted}}}}}
          !condition = ${{if exists{{/srv/greylisting-is-over}}}}
          message = 4.2.0 Greylisted, come back later
  deny    !verify = recipient
          message = 5.1.1 User unknown
  accept
content:
  accept

begin routers
mailboxes:
  driver = accept
  condition = ${{if !eqi{{$local_part@$domain}}{{{unknown}}}}}
  transport = mailbox

begin transports
mailbox:
  driver = appendfile
  directory = /srv/mail
  maildir_format
  create_directory = false
  return_path_add
  envelope_to_add
  user = Debian-exim

begin authenticators
plain:
  driver = plaintext
  public_name = PLAIN
  server_prompts = :
  server_condition = ${{if and{{{{eq{{$auth2}}{{{user}}}}}{{eq{{$auth3}}{{{password}}}}}}}}}
  server_set_id = $auth2
"""


class Exim(Server):
    """Exim, which Debian builds with GnuTLS."""

    name = "Exim"
    uid = 2102

    def configure(self):
        (self.root / "srv/spool").mkdir()
        for place in ("srv", "srv/spool"):
            os.chown(self.root / place, self.uid, self.uid)
        # It lays its privileges down before it reads the key.
        shutil.chown(self.root / "etc/tls/key.pem", self.uid, self.uid)
        self._write(
            "etc/exim4/exim4.conf",
            EXIM.format(
                starttls=self.starttls_port,
                implicit=self.implicit_port,
                wrong_name=WRONG_NAME,
                greylisted=self._greylisted,
                unknown=self._unknown,
                user=self.user,
                password=self.password,
            ),
        )

    def command(self):
        return ["exim4", "-bdf"]

    def end_greylisting(self):
        self._write("srv/greylisting-is-over", "")


def become_root():
    """Begins this script anew as root, which a mail server needs to begin with."""
    if os.geteuid() != 0:
        os.execvp("sudo", ["sudo", "--preserve-env", f"PATH={os.environ['PATH']}", sys.executable, *sys.argv])


def write_users(root):
    """Tells the programs in this root who is who."""
    (pathlib.Path(root) / "etc/passwd").write_text(PASSWD)
    (pathlib.Path(root) / "etc/group").write_text(GROUP)


def free_ports(count):
    """Ports that nobody listens on. They are told apart by being held at the same time."""
    with contextlib.ExitStack() as held:
        sockets = [held.enter_context(socket.socket()) for _ in range(count)]
        for taken in sockets:
            taken.bind(("127.0.0.1", 0))
        return [taken.getsockname()[1] for taken in sockets]


def listens(port):
    """Whether somebody listens on this port of the loopback."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
