//! One mail, addressed and dated, and its form on the wire.

use std::fmt::Write as _;
use std::time::SystemTime;

use jiff::Timestamp;
use lettre::Address;
use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{MultiPart, MultiPartKind, SinglePart};
use sha2::{Digest, Sha256};

use super::english::LANGUAGE;
use super::letterhead::Letterhead;
use super::redact::redact;
use crate::domain::notice::NoticeKey;

/// The longest address that SMTP carries.
const LONGEST_ADDRESS: usize = 254;

/// A mail in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Content {
    /// One line.
    pub subject: String,
    /// The text part.
    pub text: String,
    /// The HTML part.
    pub html: String,
}

/// A mail that can be delivered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Where it really goes: the intended address, or the one of a rehearsal.
    pub to: Address,
    /// Whom it is meant for.
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
        let intended = Some(trimmed)
            .filter(|address| address.len() <= LONGEST_ADDRESS)
            .and_then(|address| address.parse::<Address>().ok())
            .ok_or_else(|| UnusableAddress(trimmed.to_owned()))?;
        let (to, content) = match &letterhead.redirect_to {
            Some(redirect_to) => (redirect_to.clone(), content.rehearsed(&intended)),
            None => (intended.clone(), content),
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
        let mut builder = lettre::Message::builder()
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
            (HeaderName::new_from_ascii_str("Content-Language"), LANGUAGE),
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
             font:600 14px/1.4 sans-serif;overflow-wrap:anywhere;\">{}</div>\n",
            escaped(&line)
        );
        let body = self.html.to_ascii_lowercase().find("<body");
        let at = body.and_then(|start| Some(start + self.html[start..].find('>')? + 1));
        self.html.insert_str(at.unwrap_or(0), &banner);
        self
    }
}

fn escaped(text: &str) -> String {
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
mod tests {
    use mail_parser::{HeaderValue, MessageParser};

    use super::*;
    use crate::config::settings::Transport;
    use crate::domain::notice::Audience;
    use crate::mail::Templates;
    use crate::mail::fixture::{due_in, mail_settings, notice_in, sent_at};

    fn message_with(change: impl FnOnce(&mut crate::config::settings::Mail, &mut Content)) -> Vec<u8> {
        let mut settings = mail_settings(Transport::Files {
            directory: "outbox".into(),
        });
        let mut content = Templates::load(None)
            .unwrap()
            .render_notice(&notice_in(7, Audience::Person), &Letterhead::new(&settings))
            .unwrap();
        change(&mut settings, &mut content);
        let letterhead = Letterhead::new(&settings);
        let due = due_in(7, Audience::Person);
        let id = message_id(&due.key, "acme", letterhead.domain());
        let message = Message::new(content, &due.recipient.address, &letterhead, id, sent_at(7)).unwrap();
        let bytes = message.compose(&letterhead).unwrap().formatted();
        assert_eq!(
            bytes,
            message.compose(&letterhead).unwrap().formatted(),
            "the same each time"
        );
        for line in bytes.split(|byte| *byte == b'\n') {
            assert!(line.len() <= 998, "{}", String::from_utf8_lossy(line));
        }
        bytes
    }

    #[test]
    fn a_message_carries_every_header_that_it_owes() {
        let bytes = message_with(|_, _| {});
        let mail = MessageParser::default().parse(&bytes).unwrap();
        let from = mail.from().unwrap().first().unwrap();
        assert_eq!(
            (from.name(), from.address()),
            (Some("IT Service Desk"), Some("it@acme.example"))
        );
        assert_eq!(
            mail.to().unwrap().first().unwrap().address(),
            Some("Ana.Novak@acme.example")
        );
        assert_eq!(
            mail.reply_to().unwrap().first().unwrap().address(),
            Some("it@acme.example")
        );
        assert_eq!(mail.subject(), Some("Your OneLogin password expires soon"));
        assert_eq!(mail.date().unwrap().to_rfc3339(), "2026-11-23T13:05:00Z");
        let id = mail.message_id().unwrap();
        assert!(
            id.len() == 64 + "@acme.example".len() && id.ends_with("@acme.example"),
            "{id}"
        );
        let raw = String::from_utf8_lossy(&bytes);
        for header in [
            "Auto-Submitted: auto-generated",
            "X-Auto-Response-Suppress: All",
            "Content-Language: en",
            "MIME-Version: 1.0",
        ] {
            assert_eq!(raw.matches(&format!("{header}\r\n")).count(), 1, "{header}");
        }
        assert!(raw.contains("Content-Type: multipart/alternative"));
        assert!(mail.body_text(0).unwrap().contains("in 7 days"));
        assert!(mail.body_html(0).unwrap().contains("in 7 days"));
        assert_eq!(mail.attachment_count(), 0);
    }

    #[test]
    fn nothing_from_outside_becomes_a_header() {
        let bytes = message_with(|settings, content| {
            let evil = "Evil\r\nBcc: all@acme.example\r\n\r\n\0\u{1b}<script>";
            settings.from.name = Some(evil.to_owned());
            settings.reply_to.as_mut().unwrap().name = Some("\r\n".to_owned());
            content.subject = format!("Soon {evil}");
            content.text += &"x".repeat(5000);
            content.html.push_str(&"é".repeat(5000));
        });
        let mail = MessageParser::default().parse(&bytes).unwrap();
        assert!(mail.bcc().is_none());
        assert_eq!(
            mail.from().unwrap().first().unwrap().name(),
            Some("Evil Bcc: all@acme.example <script>")
        );
        assert_eq!(
            mail.from().unwrap().first().unwrap().address(),
            Some("it@acme.example")
        );
        let unknown = mail
            .headers()
            .iter()
            .filter(|header| matches!(header.value, HeaderValue::Empty));
        assert_eq!(unknown.count(), 0);
        assert!(mail.body_text(0).unwrap().contains(&"x".repeat(5000)));
    }

    #[test]
    fn names_of_every_kind_can_be_written() {
        for name in [
            "👩\u{200d}🚀 Desk",
            "ليلى",
            "IT \"Desk\" (Acme), <x@y>",
            "\u{202e}gro",
            &"long ".repeat(80),
            &"x".repeat(300),
        ] {
            let bytes = message_with(|settings, _| settings.from.name = Some(name.to_owned()));
            let mail = MessageParser::default().parse(&bytes).unwrap();
            let from = mail.from().unwrap().first().unwrap();
            assert_eq!(from.name(), Some(crate::mail::clean::clean(name).as_str()));
            assert_eq!(from.address(), Some("it@acme.example"));
        }
    }

    #[test]
    fn a_redirected_mail_names_the_person_in_its_first_line() {
        let bytes = message_with(|settings, _| {
            settings.redirect_to = Some("rehearsal@acme.example".parse().unwrap());
        });
        let mail = MessageParser::default().parse(&bytes).unwrap();
        assert_eq!(
            mail.to().unwrap().first().unwrap().address(),
            Some("rehearsal@acme.example")
        );
        let line = "REHEARSAL: this mail was meant for Ana.Novak@acme.example";
        assert_eq!(mail.body_text(0).unwrap().lines().next(), Some(line));
        let html = mail.body_html(0).unwrap();
        let body = &html[html.find("<body").unwrap()..];
        let first = body[body.find('>').unwrap() + 1..].trim_start();
        assert!(
            first.starts_with("<div") && first.split('<').nth(1).unwrap().ends_with(line),
            "{first}"
        );
    }

    #[test]
    fn the_message_id_follows_from_every_field() {
        let key = due_in(7, Audience::Person).key;
        let id = message_id(&key, "acme", "acme.example");
        assert_eq!(id, message_id(&key.clone(), "acme", "acme.example"));
        let mut others = vec![key.clone(); 6];
        others[0].user_id.0 += 1;
        others[1].occasion.push('x');
        others[2].threshold.0 -= 1;
        others[3].recipient.push('x');
        others[4].rehearsal = true;
        others[5].resend += 1;
        let mut ids: Vec<String> = others
            .iter()
            .map(|key| message_id(key, "acme", "acme.example"))
            .collect();
        ids.push(message_id(&key, "other", "acme.example"));
        ids.push(id);
        ids.sort();
        ids.dedup();
        assert_eq!(ids.len(), 8);
        assert!(message_id(&key, "acme", "bücher.example\r\nX: y").ends_with("@onelogin-steward.invalid>"));
    }

    #[test]
    fn what_is_no_address_is_refused_without_being_repeated() {
        let letterhead = Letterhead::new(&mail_settings(Transport::Files {
            directory: "outbox".into(),
        }));
        let content = Content {
            subject: "s".into(),
            text: "t".into(),
            html: "h".into(),
        };
        for address in [
            "",
            "ana",
            "ana@acme.example, bob@acme.example",
            "a@b\r\nBcc: c@d",
            &format!("{}@acme.example", "x".repeat(300)),
        ] {
            let error =
                Message::new(content.clone(), address, &letterhead, "<a@b>".into(), sent_at(7)).unwrap_err();
            assert!(error.to_string().contains("***"), "{error}");
        }
    }
}
