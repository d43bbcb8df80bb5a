//! Mail: from what a notice says to a server's answer.
//!
//! A [`PasswordNotice`] says what there is to say, [`Templates`] puts it into the words of the
//! reader's language, a [`Message`] addresses them, and a [`Mailer`] hands the message over and tells what came of it. Nothing here
//! knows which notices are owed, reads a clock, or decides whether to try again.

pub mod access;
mod address;
pub mod alert;
pub mod clean;
pub mod context;
#[cfg(test)]
mod fixture;
pub mod language;
pub mod letterhead;
pub mod message;
pub mod redact;
mod sample;
pub mod script;
mod source;
pub mod template;
pub mod transport;
pub mod wrap;

pub use access::AccessNotice;
pub use alert::{AlertMail, alert_id, fingerprint};
pub use context::{PasswordNotice, TestMail};
pub use letterhead::Letterhead;
pub use message::{Content, Message, message_id};
pub use source::TemplateProblem;
pub use template::Templates;
pub use transport::{Delivery, Mailer, OpenError};
