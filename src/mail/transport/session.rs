//! One conversation with the mail server, step by step.
//!
//! lettre's transport sends a mail in one call and then cannot say at which command the server
//! refused, nor does it limit how long a server may stay silent. So its connection is driven from
//! here, one command after the other, each within our patience.

use std::future::Future;
use std::time::Duration;

use lettre::address::{Address, Envelope};
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{AsyncSmtpConnection, TlsParameters};
use lettre::transport::smtp::commands::{Data, Mail, Rcpt, Rset};
use lettre::transport::smtp::extension::{ClientId, Extension, MailBodyParameter, MailParameter};
use lettre::transport::smtp::response::{Response, Severity};
use lettre::transport::smtp::{self};
use tokio::net::{TcpStream, lookup_host};
use tokio::time::timeout;

use super::lines::Lines;
use super::verdict::{Failure, Step};
use crate::cut;

/// How the connection is protected.
#[derive(Clone)]
pub(super) enum Protection {
    StartTls(TlsParameters),
    Implicit(TlsParameters),
    Loopback,
}

impl Protection {
    /// For people who read reports.
    pub(super) const fn in_words(&self) -> &'static str {
        match self {
            Self::StartTls(_) => "STARTTLS",
            Self::Implicit(_) => "TLS",
            Self::Loopback => "no TLS (this machine)",
        }
    }
}

/// A connection on which mail can be sent.
pub(super) struct Session {
    connection: AsyncSmtpConnection,
    patience: Duration,
    mails: u32,
}

/// Where a session leads, and how.
pub(super) struct Door<'a> {
    pub(super) host: &'a str,
    pub(super) port: u16,
    pub(super) protection: &'a Protection,
    pub(super) credentials: Option<&'a Credentials>,
    pub(super) hello: &'a ClientId,
    pub(super) patience: Duration,
}

impl Session {
    /// Connects, protects the connection, and logs in. No address and no password is sent before
    /// the certificate has been checked.
    pub(super) async fn open(door: &Door<'_>) -> Result<Self, Failure> {
        let connection = match door.protection {
            Protection::Implicit(tls) => {
                // lettre opens this socket itself and hands it to nobody, so TCP_NODELAY (see `connect`)
                // cannot be set: a server that delays acknowledgements takes its 40 ms for each mail.
                let connecting = AsyncSmtpConnection::connect_tokio1(
                    (door.host, door.port),
                    Some(per_address(door.patience)),
                    door.hello,
                    Some(tls.clone()),
                    None,
                );
                step(Step::Connect, door.patience, connecting).await?
            }
            Protection::StartTls(tls) => {
                let mut connection = greet(door, connect(door).await?).await?;
                if !connection.can_starttls() {
                    return Err(Failure::Unsafe(
                        "it does not offer STARTTLS, and nothing is sent without; mail.tls may not fit the port",
                    ));
                }
                step(
                    Step::Tls,
                    door.patience,
                    connection.starttls(tls.clone(), door.hello),
                )
                .await?;
                connection
            }
            Protection::Loopback => {
                let stream = connect(door).await?;
                if !stream.peer_addr().map_err(Failure::Network)?.ip().is_loopback() {
                    return Err(Failure::Unsafe(
                        "mail.tls = \"none\" is for a server on this machine only",
                    ));
                }
                greet(door, stream).await?
            }
        };
        let mut session = Self {
            connection,
            patience: door.patience,
            mails: 0,
        };
        if let Some(credentials) = door.credentials {
            session.log_in(credentials).await?;
        }
        Ok(session)
    }

    async fn log_in(&mut self, credentials: &Credentials) -> Result<(), Failure> {
        let mechanisms = [Mechanism::Plain, Mechanism::Login];
        if self
            .connection
            .server_info()
            .get_auth_mechanism(&mechanisms)
            .is_none()
        {
            return Err(Failure::Unsafe(
                "it offers no AUTH PLAIN and no AUTH LOGIN, and mail.username is set; another port, or another \
                 mail.tls, may offer it",
            ));
        }
        let auth = self.connection.auth(&mechanisms, credentials);
        let response = step(Step::Login, self.patience, auth).await?;
        expect(Step::Login, &response, |response| response.has_code(235))
    }

    /// Hands one mail to one recipient over; the answer is the server's.
    pub(super) async fn send(&mut self, envelope: &Envelope, bytes: &[u8]) -> Result<String, Failure> {
        let parameters = self.parameters(envelope, bytes)?;
        self.mails += 1;
        let mail = Mail::new(envelope.from().cloned(), parameters);
        let response = self.command(Step::Sender, mail).await?;
        expect(Step::Sender, &response, is_done)?;
        for recipient in envelope.to() {
            let rcpt = Rcpt::new(recipient.clone(), Vec::new());
            let response = self.command(Step::Recipient, rcpt).await?;
            expect(Step::Recipient, &response, is_done)?;
        }
        let response = self.command(Step::Content, Data).await?;
        expect(Step::Content, &response, |response| response.has_code(354))?;
        let response = step(Step::End, self.patience, self.connection.message(bytes)).await?;
        expect(Step::End, &response, is_done)?;
        Ok(words(&response))
    }

    /// How many mails were begun.
    pub(super) const fn mails(&self) -> u32 {
        self.mails
    }

    /// What MAIL FROM has to announce.
    fn parameters(&self, envelope: &Envelope, bytes: &[u8]) -> Result<Vec<MailParameter>, Failure> {
        let offers = |extension| self.connection.server_info().supports_feature(extension);
        let mut parameters = Vec::new();
        let is_foreign = |address: &Address| !AsRef::<str>::as_ref(address).is_ascii();
        let to_foreign = envelope.to().iter().any(is_foreign);
        if to_foreign || envelope.from().is_some_and(is_foreign) {
            if !offers(Extension::SmtpUtfEight) {
                return Err(if to_foreign {
                    Failure::UnsupportedRecipient
                } else {
                    Failure::Unsafe("it does not offer SMTPUTF8, which the address in mail.from needs")
                });
            }
            parameters.push(MailParameter::SmtpUtfEight);
        }
        // Bodies are encoded; only an address in a header can hold other bytes.
        if !bytes.is_ascii() && offers(Extension::EightBitMime) {
            parameters.push(MailParameter::Body(MailBodyParameter::EightBitMime));
        }
        Ok(parameters)
    }

    /// Whether the server is still there, and has forgotten the mail before.
    pub(super) async fn is_ready(&mut self) -> bool {
        self.command(Step::Sender, Rset)
            .await
            .is_ok_and(|response| is_done(&response))
    }

    /// Takes leave, without insisting on an answer.
    pub(super) async fn quit(mut self) {
        let _ = timeout(self.patience, self.connection.quit()).await;
    }

    async fn command(&mut self, at: Step, command: impl std::fmt::Display) -> Result<Response, Failure> {
        step(at, self.patience, self.connection.command(command)).await
    }
}

async fn greet(door: &Door<'_>, stream: TcpStream) -> Result<AsyncSmtpConnection, Failure> {
    let stream = Box::new(Lines::new(stream));
    let greeting = AsyncSmtpConnection::connect_with_transport(stream, door.hello);
    step(Step::Greeting, door.patience, greeting).await
}

/// Connects to the first address of the host that answers.
async fn connect(door: &Door<'_>) -> Result<TcpStream, Failure> {
    let addresses = timeout(door.patience, lookup_host((door.host, door.port)))
        .await
        .map_err(|_| Failure::Silence(Step::Connect))?
        .map_err(Failure::Network)?;
    let mut failure = Failure::Silence(Step::Connect);
    for address in addresses {
        match timeout(per_address(door.patience), TcpStream::connect(address)).await {
            Ok(Ok(stream)) => {
                // A mail and the dot behind it are two writes. Held back until the first is
                // acknowledged, the dot would take a server's 40 ms of delay for each mail.
                stream.set_nodelay(true).map_err(Failure::Network)?;
                return Ok(stream);
            }
            Ok(Err(error)) => failure = Failure::Network(error),
            Err(_) => failure = Failure::Silence(Step::Connect),
        }
    }
    Err(failure)
}

/// A host may have an address that leads nowhere beside one that works.
fn per_address(patience: Duration) -> Duration {
    patience / 3
}

async fn step<T>(
    at: Step,
    patience: Duration,
    work: impl Future<Output = Result<T, smtp::Error>>,
) -> Result<T, Failure> {
    cut::here("before the mail server");
    let answer = timeout(patience, work).await;
    cut::here("after the mail server");
    match answer {
        Ok(result) => result.map_err(|error| Failure::Smtp(at, error)),
        Err(_) => Err(Failure::Silence(at)),
    }
}

fn expect(at: Step, response: &Response, is_right: impl Fn(&Response) -> bool) -> Result<(), Failure> {
    if is_right(response) {
        Ok(())
    } else {
        Err(Failure::Unexpected(at, words(response)))
    }
}

fn is_done(response: &Response) -> bool {
    response.code().severity == Severity::PositiveCompletion
}

fn words(response: &Response) -> String {
    let text: Vec<&str> = response.message().flat_map(str::split_whitespace).collect();
    format!("{} {}", response.code(), text.join(" "))
        .trim_end()
        .to_owned()
}
