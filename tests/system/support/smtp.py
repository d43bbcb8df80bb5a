"""A real SMTP server on the loopback: STARTTLS and a login are required."""

import asyncio
import collections
import pathlib
import ssl
import subprocess
import threading

from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

Certificates = collections.namedtuple("Certificates", "ca chain key")
Mail = collections.namedtuple("Mail", "recipients content tls user")
# What it says to each mail.
TAKEN = "250 2.0.0 taken"


def make_certificates(home):
    """An authority and a certificate for localhost, made on the spot."""
    directory = pathlib.Path(home) / "certificates"
    directory.mkdir()

    def openssl(*arguments):
        subprocess.run(["openssl", *arguments], cwd=directory, check=True, capture_output=True)

    curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    openssl(
        "req", "-x509", *curve, "-keyout", "ca.key", "-out", "ca.pem", "-days", "2", "-subj", "/CN=CA of a test",
        "-addext", "keyUsage=critical,keyCertSign,cRLSign",
    )
    openssl("req", *curve, "-keyout", "leaf.key", "-out", "leaf.csr", "-subj", "/CN=localhost")
    (directory / "leaf.ext").write_text("subjectAltName=DNS:localhost,IP:127.0.0.1\nbasicConstraints=CA:FALSE\n")
    openssl(
        "x509", "-req", "-in", "leaf.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial",
        "-days", "2", "-extfile", "leaf.ext", "-out", "leaf.pem",
    )
    return Certificates(directory / "ca.pem", directory / "leaf.pem", directory / "leaf.key")


class MailServer:
    """The server, as long as the block lasts. `received` holds what it took."""

    def __init__(self, certificates, user, password):
        self.received = []
        self._login = (user.encode(), password.encode())
        self._tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        self._tls.load_cert_chain(certificates.chain, certificates.key)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever)

    def __enter__(self):
        self._thread.start()
        started = asyncio.run_coroutine_threadsafe(
            self._loop.create_server(self._session, "127.0.0.1", 0), self._loop
        )
        self._server = started.result(30)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    def __exit__(self, *_):
        self._loop.call_soon_threadsafe(self._server.close)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(30)

    def _session(self):
        return SMTP(
            self,
            hostname="localhost",
            loop=self._loop,
            tls_context=self._tls,
            require_starttls=True,
            auth_required=True,
            authenticator=self._authenticate,
        )

    def _authenticate(self, server, session, envelope, mechanism, data):
        right = isinstance(data, LoginPassword) and (data.login, data.password) == self._login
        # Unless `handled` is False, a wrong password gets no answer at all.
        return AuthResult(success=right, handled=False, auth_data=data)

    async def handle_DATA(self, server, session, envelope):  # noqa: N802, the name that aiosmtpd calls
        user = session.auth_data.login.decode() if session.authenticated else None
        tls = session.ssl is not None
        self.received.append(Mail(list(envelope.rcpt_tos), envelope.content, tls, user))
        return TAKEN
