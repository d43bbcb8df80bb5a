//! A mail server, and the connections to it that wait for the next mail.

use std::fmt;
use std::fs;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use lettre::address::Envelope;
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, TlsParameters};
use lettre::transport::smtp::extension::ClientId;
use secrecy::ExposeSecret;

use super::first::First;
use super::session::{Door, Protection, Session};
use super::verdict::Failure;
use super::{Delivery, OpenError};
use crate::config::is_loopback;
use crate::config::settings::{Smtp, Tls};

/// How long a server may take over one step.
const PATIENCE: Duration = Duration::from_secs(30);
/// Connections that are kept for the next mail.
const MOST_IDLE: usize = 4;
/// Mails over one connection. Exim takes more, but leaves them in its queue, for up to half an hour
/// (`smtp_accept_queue_per_connection`); a new connection costs about as much as one mail.
const MOST_MAILS: u32 = 10;

/// The mail server of the settings.
pub(super) struct Relay {
    host: String,
    port: u16,
    protection: Protection,
    credentials: Option<Credentials>,
    hello: ClientId,
    patience: Duration,
    first: First,
    idle: Mutex<Vec<Session>>,
}

impl fmt::Debug for Relay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Not derived: the credentials would print.
        f.debug_struct("Relay")
            .field("host", &self.host)
            .field("port", &self.port)
            .finish_non_exhaustive()
    }
}

impl Relay {
    pub(super) fn open(smtp: &Smtp) -> Result<Self, OpenError> {
        let protection = match smtp.tls {
            Tls::StartTls => Protection::StartTls(tls_parameters(smtp)?),
            Tls::Implicit => Protection::Implicit(tls_parameters(smtp)?),
            Tls::None if is_loopback(&smtp.host) => Protection::Loopback,
            Tls::None => {
                return Err(OpenError::Unprotected {
                    host: smtp.host.clone(),
                });
            }
        };
        let credentials = smtp
            .login
            .as_ref()
            .map(|(user, password)| Credentials::new(user.clone(), password.expose_secret().to_owned()));
        Ok(Self {
            host: smtp.host.clone(),
            port: smtp.port,
            protection,
            credentials,
            hello: ClientId::default(),
            patience: PATIENCE,
            first: First::default(),
            idle: Mutex::default(),
        })
    }

    /// Sends one mail, over an idle connection if one is still good.
    pub(super) async fn send(&self, envelope: &Envelope, bytes: &[u8]) -> Delivery {
        if let Some(session) = self.idle_session().await {
            match self.send_over(session, envelope, bytes).await {
                Err(failure) if failure.is_end_before_mail() => {}
                sent => return self.delivery(sent),
            }
        }
        match self.first.open(async || self.new_session().await).await {
            Ok(session) => self.delivery(self.send_over(session, envelope, bytes).await),
            Err(failure) => failure,
        }
    }

    fn delivery(&self, sent: Result<String, Failure>) -> Delivery {
        match sent {
            Ok(reply) => Delivery::Accepted { reply },
            Err(failure) => failure.into_delivery(&self.server()),
        }
    }

    async fn send_over(
        &self,
        mut session: Session,
        envelope: &Envelope,
        bytes: &[u8],
    ) -> Result<String, Failure> {
        let sent = session.send(envelope, bytes).await;
        if sent
            .as_ref()
            .map_or_else(Failure::leaves_connection_usable, |_| true)
        {
            self.keep(session);
        }
        sent
    }

    /// Goes as far as the login, and leaves.
    pub(super) async fn try_out(&self) -> Result<String, String> {
        match self.new_session().await {
            Ok(session) => {
                session.quit().await;
                let login = if self.credentials.is_some() {
                    "login accepted"
                } else {
                    "no login configured"
                };
                Ok(format!(
                    "{} answers, {}, {login}",
                    self.server(),
                    self.protection.in_words()
                ))
            }
            Err(failure) => Err(failure.reply()),
        }
    }

    /// Says goodbye on every idle connection.
    pub(super) async fn hang_up(&self) {
        self.first.forget().await;
        for session in self.take_idle() {
            session.quit().await;
        }
    }

    /// A connection that was kept, if one is still good.
    async fn idle_session(&self) -> Option<Session> {
        let mut session = self.idle().pop()?;
        if session.mails() >= MOST_MAILS {
            session.quit().await;
            return None;
        }
        if session.is_ready().await {
            return Some(session);
        }
        // The others are as old: whoever hung up on this one hung up on them.
        self.take_idle();
        None
    }

    async fn new_session(&self) -> Result<Session, Delivery> {
        Session::open(&Door {
            host: &self.host,
            port: self.port,
            protection: &self.protection,
            credentials: self.credentials.as_ref(),
            hello: &self.hello,
            patience: self.patience,
        })
        .await
        .map_err(|failure| failure.into_delivery(&self.server()))
    }

    /// Host and port.
    fn server(&self) -> String {
        format!("{}:{}", self.host, self.port)
    }

    fn keep(&self, session: Session) {
        let mut idle = self.idle();
        if idle.len() < MOST_IDLE {
            idle.push(session);
        }
    }

    fn take_idle(&self) -> Vec<Session> {
        std::mem::take(&mut *self.idle())
    }

    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<Session>> {
        // Nothing that holds the lock can panic half-way through a change.
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn tls_parameters(smtp: &Smtp) -> Result<TlsParameters, OpenError> {
    let failed = |source| OpenError::Tls {
        host: smtp.host.clone(),
        source,
    };
    let mut builder = TlsParameters::builder(smtp.host.clone());
    if let Some(path) = &smtp.ca_file {
        let pem = fs::read(path).map_err(|source| OpenError::CaFile {
            path: path.clone(),
            source,
        })?;
        let unusable = |_| OpenError::NoCertificate { path: path.clone() };
        let certificate = Certificate::from_pem(&pem).map_err(unusable)?;
        // A file without any certificate counts as read; it must not pass for a trust root.
        let begins = b"-----BEGIN CERTIFICATE-----";
        if !pem.windows(begins.len()).any(|window| window == begins) {
            return Err(OpenError::NoCertificate { path: path.clone() });
        }
        builder = builder.add_root_certificate(certificate);
        return builder.build().map_err(unusable);
    }
    builder.build().map_err(failed)
}

#[cfg(test)]
mod tests;
