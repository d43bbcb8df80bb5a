//! How mail leaves: to a mail server, or into files.

mod files;
mod first;
mod lines;
mod session;
mod smtp;
mod verdict;

use std::path::PathBuf;

use tracing::debug;

use self::files::Outbox;
use self::smtp::Relay;
use super::letterhead::Letterhead;
use super::message::Message;
use super::redact::{redact, redact_in};
use crate::config::settings;

/// What became of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Delivery {
    /// The server took responsibility for it.
    Accepted {
        /// The server's words.
        reply: String,
    },
    /// It stands in a file.
    Written {
        /// Which.
        path: PathBuf,
    },
    /// This recipient, or this mail to them, is refused for good; others may fare better.
    RefusedRecipient {
        /// The server's words, and nothing else: who compares refusals can rely on it.
        reply: String,
    },
    /// No mail of ours is wanted, or no safe connection can be had: it is of no use to try others
    /// before somebody has changed the configuration.
    RefusedSender {
        /// What was refused, by which host and port, in whose words, and what to do.
        reply: String,
    },
    /// Not now, for this recipient or this mail; others may fare better.
    TryAgain {
        /// The server's words, with host and port.
        reply: String,
    },
    /// The server takes nothing at present, or the connection was lost.
    NotServed {
        /// What happened, with host and port.
        reply: String,
        /// All of the mail had left, and the answer to it never came.
        may_have_arrived: bool,
    },
}

impl Delivery {
    /// The server's or our words about it; of a file, its path.
    pub fn reply(&self) -> String {
        match self {
            Self::Accepted { reply }
            | Self::RefusedRecipient { reply }
            | Self::RefusedSender { reply }
            | Self::TryAgain { reply }
            | Self::NotServed { reply, .. } => reply.clone(),
            Self::Written { path } => path.display().to_string(),
        }
    }

    const fn name(&self) -> &'static str {
        match self {
            Self::Accepted { .. } => "accepted",
            Self::Written { .. } => "written",
            Self::RefusedRecipient { .. } => "recipient refused",
            Self::RefusedSender { .. } => "sender refused",
            Self::TryAgain { .. } => "try again",
            Self::NotServed { .. } => "not served",
        }
    }
}

/// Why no mailer can be made of the settings.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The extra trust root cannot be read.
    #[error("mail.ca_file {path} cannot be read: {source}")]
    CaFile {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The extra trust root is none.
    #[error(
        "mail.ca_file {path} holds no usable certificate; it must be a PEM file with the certificate of a CA"
    )]
    NoCertificate {
        /// The file.
        path: PathBuf,
    },
    /// TLS cannot be set up.
    #[error("TLS for the mail server {host} cannot be set up: {source}")]
    Tls {
        /// `mail.host`
        host: String,
        /// Why.
        source: lettre::transport::smtp::Error,
    },
    /// Mail and password would cross a network in the clear.
    #[error(
        "mail.tls = \"none\" is for a mail server on this machine only, and mail.host is {host}; use \"starttls\" or \"implicit\""
    )]
    Unprotected {
        /// `mail.host`
        host: String,
    },
}

/// Hands messages over. Any number of deliveries may be under way at the same time.
#[derive(Debug)]
pub struct Mailer {
    letterhead: Letterhead,
    transport: Transport,
}

#[derive(Debug)]
enum Transport {
    Files(Outbox),
    Smtp(Box<Relay>),
}

impl Mailer {
    /// Prepares what the settings say; reads the CA file and speaks to nobody yet.
    pub fn open(settings: &settings::Mail) -> Result<Self, OpenError> {
        let transport = match &settings.transport {
            settings::Transport::Files { directory } => Transport::Files(Outbox::new(directory.clone())),
            settings::Transport::Smtp(smtp) => Transport::Smtp(Box::new(Relay::open(smtp)?)),
        };
        Ok(Self {
            letterhead: Letterhead::new(settings),
            transport,
        })
    }

    /// What every mail of this mailer carries.
    pub fn letterhead(&self) -> &Letterhead {
        &self.letterhead
    }

    /// Hands one message over and tells what came of it. Tries twice only where a connection that was
    /// kept for it turned out to be over before the mail began.
    ///
    /// Dropped before it ends, it leaves nothing behind but the doubt whether the mail left.
    pub async fn deliver(&self, message: &Message) -> Delivery {
        let delivery = self.hand_over(message).await;
        debug!(
            recipient = %redact(message.to.as_ref()),
            message_id = %message.message_id,
            outcome = delivery.name(),
            reply = %redact_in(&delivery.reply()),
            "a mail was handed over"
        );
        delivery
    }

    async fn hand_over(&self, message: &Message) -> Delivery {
        let composed = match message.compose(&self.letterhead) {
            Ok(composed) => composed,
            Err(error) => {
                return Delivery::RefusedRecipient {
                    reply: format!("no mail can be made of this: {error}"),
                };
            }
        };
        let bytes = composed.formatted();
        match &self.transport {
            Transport::Files(outbox) => outbox.write(message, bytes).await,
            Transport::Smtp(relay) => relay.send(composed.envelope(), &bytes).await,
        }
    }

    /// Tries the way out without sending: greeting, TLS and login, or a writable folder. Says in
    /// words how it went.
    pub async fn try_out(&self) -> Result<String, String> {
        match &self.transport {
            Transport::Files(outbox) => outbox.try_out(),
            Transport::Smtp(relay) => relay.try_out().await,
        }
    }

    /// Takes leave of the server on every idle connection. For the end of a run: until the next
    /// one the server would have hung up anyway.
    pub async fn hang_up(&self) {
        if let Transport::Smtp(relay) = &self.transport {
            relay.hang_up().await;
        }
    }
}
