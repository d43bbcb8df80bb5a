//! Mails read back, by a library that did not write them.

use std::fs;
use std::path::Path;

use mail_parser::{Address, MessageParser};

use super::smtp::Received;

/// A mail as its reader sees it, decoded.
#[derive(Debug, Clone)]
pub(crate) struct Mail {
    /// The addresses of To, without names.
    pub(crate) to: Vec<String>,
    /// The address of From, without the name.
    pub(crate) from: String,
    /// The subject.
    pub(crate) subject: String,
    /// The text part; empty where there is none.
    pub(crate) text: String,
    /// The HTML part; empty where there is none.
    pub(crate) html: String,
    headers: Vec<(String, String)>,
}

impl Mail {
    /// Reads a mail.
    ///
    /// # Panics
    /// Where it cannot be read as one.
    pub(crate) fn parse(bytes: &[u8]) -> Self {
        let message = MessageParser::default().parse(bytes).unwrap();
        // Where a part is missing the library makes it up from the other one; that would hide the lack.
        let has = |subtype: &str| {
            message
                .parts
                .iter()
                .any(|part| part.headers.iter().any(|header| is_type(header, subtype)))
        };
        let text = message.body_text(0).filter(|_| has("plain"));
        let html = message.body_html(0).filter(|_| has("html"));
        Self {
            to: addresses(message.to()),
            from: addresses(message.from()).into_iter().next().unwrap_or_default(),
            subject: message.subject().unwrap_or_default().to_owned(),
            text: text.map(|text| text.replace("\r\n", "\n")).unwrap_or_default(),
            html: html.map(|html| html.replace("\r\n", "\n")).unwrap_or_default(),
            headers: message
                .headers_raw()
                .map(|(name, value)| (name.to_owned(), value.trim().to_owned()))
                .collect(),
        }
    }

    /// A header as it stands in the mail, the first of that name; case ignored.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut named = self
            .headers
            .iter()
            .filter(|(known, _)| known.eq_ignore_ascii_case(name));
        named.next().map(|(_, value)| value.as_str())
    }
}

impl From<&Received> for Mail {
    fn from(received: &Received) -> Self {
        Self::parse(&received.data)
    }
}

/// The `.eml` files below a directory, in the order of their paths; none where it does not exist.
pub(crate) fn mails_below(directory: &Path) -> Vec<Mail> {
    let Ok(entries) = fs::read_dir(directory) else {
        return Vec::new();
    };
    let mut paths: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let mails_of = |path: &Path| match path.extension() {
        _ if path.is_dir() => mails_below(path),
        Some(extension) if extension == "eml" => vec![Mail::parse(&fs::read(path).unwrap())],
        _ => Vec::new(),
    };
    paths.iter().flat_map(|path| mails_of(path)).collect()
}

fn addresses(header: Option<&Address<'_>>) -> Vec<String> {
    let all = header.into_iter().flat_map(Address::iter);
    all.filter_map(|address| address.address())
        .map(str::to_owned)
        .collect()
}

fn is_type(header: &mail_parser::Header<'_>, subtype: &str) -> bool {
    let content_type = header.value.as_content_type();
    content_type.is_some_and(|found| found.ctype() == "text" && found.subtype() == Some(subtype))
}
