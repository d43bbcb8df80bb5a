//! One mail, addressed and dated, and its form on the wire.

use std::fmt::Write as _;
use std::time::SystemTime;

use jiff::Timestamp;
use lettre::Address;
use lettre::address::Envelope;
use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{MultiPart, MultiPartKind, SinglePart};
use sha2::{Digest, Sha256};

use super::address::{self, on_the_wire};
use super::letterhead::Letterhead;
use super::redact::redact;
use crate::domain::notice::NoticeKey;

/// A mail in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Content {
    /// One line.
    pub subject: String,
    /// The text part.
    pub text: String,
    /// The HTML part.
    pub html: String,
    /// The tag of the language that it is in.
    pub language: String,
}

/// A mail that can be delivered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Where it really goes: the intended address, or the one of a rehearsal.
    pub to: Address,
    /// Whom it is meant for, as the directory writes it.
    pub intended: Address,
    /// What it says; redirected, with the intended address as its first line.
    pub content: Content,
    /// With angle brackets; the same for every attempt at the same notice.
    pub message_id: String,
    /// The Date header.
    pub date: Timestamp,
}

/// An address that no mail can be sent to.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{} is not an address that mail can be sent to; correct it in OneLogin or in the configuration", redact(.0))]
pub struct UnusableAddress(pub String);

impl Message {
    /// Addresses `content` to `intended`, or to the address that the letterhead redirects to.
    ///
    /// The error is for an address that SMTP cannot carry; whoever owes the mail treats it like a
    /// server's refusal of this recipient.
    pub fn new(
        content: Content,
        intended: &str,
        letterhead: &Letterhead,
        message_id: String,
        date: Timestamp,
    ) -> Result<Self, UnusableAddress> {
        let trimmed = intended.trim();
        let intended = address::parse(trimmed).ok_or_else(|| UnusableAddress(trimmed.to_owned()))?;
        let (to, content) = match &letterhead.redirect_to {
            Some(redirect_to) => (redirect_to.clone(), content.rehearsed(&intended)),
            None => (on_the_wire(&intended), content),
        };
        Ok(Self {
            to,
            intended,
            content,
            message_id,
            date,
        })
    }

    /// The message with its headers. It is the same, byte for byte, each time.
    pub fn compose(&self, letterhead: &Letterhead) -> Result<lettre::Message, lettre::error::Error> {
        // lettre's own boundary is random; with ours every attempt at a mail is the same mail.
        let boundary = format!("=_{}", &hex(&Sha256::digest(&self.message_id))[..32]);
        let parts = MultiPart::builder()
            .kind(MultiPartKind::Alternative)
            .boundary(boundary)
            .singlepart(SinglePart::plain(self.content.text.clone()))
            .singlepart(SinglePart::html(self.content.html.clone()));
        // From the headers lettre would read it back, and does not know every valid address again.
        let envelope = Envelope::new(Some(letterhead.envelope_from.clone()), vec![self.to.clone()])?;
        let mut builder = lettre::Message::builder()
            .envelope(envelope)
            .from(letterhead.from.clone())
            .to(self.to.clone().into())
            .subject(self.content.subject.clone())
            .date(SystemTime::from(self.date))
            .message_id(Some(self.message_id.clone()));
        if let Some(reply_to) = &letterhead.reply_to {
            builder = builder.reply_to(reply_to.clone());
        }
        for (name, value) in [
            // RFC 3834: no out-of-office note, please; Exchange listens to the second one.
            (HeaderName::new_from_ascii_str("Auto-Submitted"), "auto-generated"),
            (HeaderName::new_from_ascii_str("X-Auto-Response-Suppress"), "All"),
            (
                HeaderName::new_from_ascii_str("Content-Language"),
                self.content.language.as_str(),
            ),
        ] {
            builder = builder.raw_header(HeaderValue::new(name, value.to_owned()));
        }
        builder.multipart(parts)
    }
}

impl Content {
    /// The same mail, which says first of all whom it was meant for. Done here and not in the
    /// templates, so that no replaced template can leave it out.
    fn rehearsed(mut self, intended: &Address) -> Self {
        let line = format!("REHEARSAL: this mail was meant for {intended}");
        self.text = format!("{line}\n\n{}", self.text);
        let banner = format!(
            "<div style=\"padding:10px 16px;background:#7a4a00;color:#ffffff;text-align:center;\
             font:600 14px/1.4 -apple-system,'Segoe UI',Roboto,'Noto Sans',Arial,sans-serif;overflow-wrap:anywhere;\">{}</div>\n",
            escaped(&line)
        );
        let body = self.html.to_ascii_lowercase().find("<body");
        let at = body.and_then(|start| Some(start + self.html[start..].find('>')? + 1));
        self.html.insert_str(at.unwrap_or(0), &banner);
        self
    }
}

pub(super) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

/// The Message-ID of a notice: the same for every attempt, another for every other notice and for
/// every other tenant. With angle brackets.
pub fn message_id(key: &NoticeKey, tenant: &str, from_domain: &str) -> String {
    // Destructured, so that a new field cannot be forgotten.
    let NoticeKey {
        user_id,
        occasion,
        threshold,
        recipient,
        rehearsal,
        resend,
    } = key;
    let fields = [
        tenant,
        &user_id.0.to_string(),
        occasion,
        &threshold.0.to_string(),
        recipient,
        &rehearsal.to_string(),
        &resend.to_string(),
    ];
    identity(&fields, from_domain)
}

/// A Message-ID that follows from these fields alone.
pub(super) fn identity(fields: &[&str], from_domain: &str) -> String {
    let mut digest = Sha256::new();
    for field in fields {
        // The length first: otherwise "ab" + "c" and "a" + "bc" would be the same.
        digest.update((field.len() as u64).to_be_bytes());
        digest.update(field);
    }
    let is_plain = !from_domain.is_empty()
        && from_domain
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || ".-".contains(c));
    let domain = if is_plain {
        from_domain
    } else {
        "onelogin-steward.invalid"
    };
    format!("<{}@{domain}>", hex(&digest.finalize()))
}

/// Bytes in lower-case hexadecimal.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests;
