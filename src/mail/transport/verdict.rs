//! What a failure at one step of a session means for the mail, and for all the others.

use std::error::Error as _;
use std::fmt;
use std::io;

use lettre::transport::smtp;
use lettre::transport::smtp::response::Code;
use rustls::CertificateError;

use super::Delivery;

/// How far a session got.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Step {
    /// TCP, and with implicit TLS everything up to the answer to EHLO.
    Connect,
    /// Greeting and EHLO.
    Greeting,
    /// STARTTLS, the handshake, and EHLO again.
    Tls,
    /// AUTH
    Login,
    /// MAIL FROM
    Sender,
    /// RCPT TO
    Recipient,
    /// DATA
    Content,
    /// The mail itself.
    End,
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Connect => "the connection",
            Self::Greeting => "the greeting",
            Self::Tls => "STARTTLS",
            Self::Login => "the login",
            Self::Sender => "the sender",
            Self::Recipient => "the recipient",
            Self::Content | Self::End => "the mail",
        })
    }
}

/// Why a session ended, or a transaction in it.
#[derive(Debug)]
pub(super) enum Failure {
    /// lettre's account of it.
    Smtp(Step, smtp::Error),
    /// No answer within our patience.
    Silence(Step),
    /// A reply that does not belong to the question.
    Unexpected(Step, String),
    /// The TCP connection failed.
    Network(io::Error),
    /// We refuse to go on; the text says why and what to do.
    Unsafe(&'static str),
    /// The server cannot carry the recipient's address.
    UnsupportedRecipient,
}

impl Failure {
    /// Whether the connection is still good for another mail: the server gave a whole answer, and
    /// did not close.
    pub(super) fn leaves_connection_usable(&self) -> bool {
        match self {
            Self::Smtp(step, error) => {
                *step >= Step::Sender && error.status().is_some_and(|code| !is_goodbye(code))
            }
            Self::UnsupportedRecipient => true,
            _ => false,
        }
    }

    /// Whether the connection was over before the mail began, as servers end one that was idle, or
    /// has carried enough mails.
    pub(super) fn is_end_before_mail(&self) -> bool {
        matches!(self, Self::Smtp(Step::Sender, error) if error.status().is_none_or(is_goodbye))
    }

    /// The words for whoever sent the mail. `server` is host and port.
    pub(super) fn into_delivery(self, server: &str) -> Delivery {
        let refused = |reply: String| Delivery::RefusedSender { reply };
        let not_served = |step: Step, reply: String| Delivery::NotServed {
            reply,
            may_have_arrived: step == Step::End,
        };
        match self {
            Self::Smtp(step, error) => match error.status() {
                Some(code) if error.is_transient() => {
                    let reply = format!("{server} does not take {step} now: {}", words(&error));
                    if step >= Step::Recipient && !is_goodbye(code) {
                        Delivery::TryAgain { reply }
                    } else {
                        Delivery::NotServed {
                            reply,
                            may_have_arrived: false,
                        }
                    }
                }
                // No address can be at fault when the server asks for a login.
                Some(code) if step >= Step::Recipient && code.to_string() != "530" => {
                    Delivery::RefusedRecipient { reply: words(&error) }
                }
                Some(_) => refused(format!(
                    "{server} refused {step}: {}; {}",
                    words(&error),
                    advice(step)
                )),
                None => match tls_error(&error) {
                    Some(tls) if step <= Step::Tls => {
                        refused(format!("no safe connection to {server}: {}", explain(tls)))
                    }
                    _ => not_served(step, format!("{server} broke off at {step}: {}", chain(&error))),
                },
            },
            Self::Silence(step) => not_served(
                step,
                format!(
                    "{server} gave no answer at {step}; is that the right host, port and mail.tls (\"starttls\" is \
                     usual on port 587, \"implicit\" on 465), and does a firewall let it through?"
                ),
            ),
            Self::Unexpected(step, reply) => not_served(
                step,
                format!("{server} gave an answer at {step} that makes no sense: {reply}"),
            ),
            Self::Network(error) => not_served(
                Step::Connect,
                format!(
                    "{server} cannot be reached: {error}; check mail.host and mail.port, and that the server is up"
                ),
            ),
            Self::Unsafe(why) => refused(format!("no safe connection to {server}: {why}")),
            Self::UnsupportedRecipient => Delivery::RefusedRecipient {
                reply: "the mail server does not offer SMTPUTF8, which this address needs".to_owned(),
            },
        }
    }
}

/// 421 ends the session, wherever it is said.
fn is_goodbye(code: Code) -> bool {
    code.to_string() == "421"
}

const fn advice(step: Step) -> &'static str {
    match step {
        Step::Login => "check mail.username and the password",
        Step::Sender => {
            "check mail.from and mail.envelope_from, and whether this account may send in that name"
        }
        _ => "ask whoever runs the mail server whether this machine may send",
    }
}

/// The server's reply as it gave it: code and text.
fn words(error: &smtp::Error) -> String {
    let code = error.status().map(|code| code.to_string());
    let text = error.source().map(ToString::to_string);
    let words: Vec<String> = [code, text].into_iter().flatten().collect();
    words.join(" ").split_whitespace().collect::<Vec<_>>().join(" ")
}

fn chain(error: &smtp::Error) -> String {
    // lettre's own Display already ends in its source.
    error.to_string().split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The TLS error inside, wherever the layers put it.
fn tls_error(error: &smtp::Error) -> Option<&rustls::Error> {
    let mut cause = error.source();
    while let Some(error) = cause {
        // An io::Error's `source` is what its content was caused by, not the content.
        let content = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        if let Some(tls) = content.and_then(|content| content.downcast_ref()) {
            return Some(tls);
        }
        cause = error.source();
    }
    None
}

fn explain(error: &rustls::Error) -> String {
    let advice = match error {
        rustls::Error::InvalidCertificate(CertificateError::UnknownIssuer) => {
            "its certificate comes from no authority known here; set mail.ca_file to the certificate of that CA"
        }
        rustls::Error::InvalidCertificate(
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
        ) => "its certificate is for another name; set mail.host to the name that the certificate has",
        rustls::Error::InvalidCertificate(
            CertificateError::Expired | CertificateError::ExpiredContext { .. },
        ) => "its certificate has expired, or the clock of this machine is wrong",
        rustls::Error::InvalidCertificate(_) => "its certificate is not acceptable",
        rustls::Error::InvalidMessage(_) => {
            "it does not answer with TLS; mail.tls may not fit the port (\"starttls\" is usual on 587, \"implicit\" on 465)"
        }
        _ => "the TLS handshake failed",
    };
    format!("{advice} ({error})")
}
