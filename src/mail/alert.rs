//! A mail to an admin: short, plain, and made of text that nobody can inject a header into.

use sha2::{Digest as _, Sha256};

use super::clean::clean_to;
use super::message::{Content, escaped, hex, identity};
use super::wrap::wrap;
use crate::domain::alert::{Advice, Letter, News};

/// Admins are told in English, as the log and the commands speak.
const LANGUAGE: &str = "en";
/// The longest subject, in characters.
const LONGEST_SUBJECT: usize = 120;
/// The longest paragraph: a server's words may be anything.
const LONGEST_PARAGRAPH: usize = 2000;
/// The longest command, host or address.
const LONGEST_LINE: usize = 200;

/// What there is to say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AlertMail {
    /// One line; the name of the program is put before it.
    pub subject: String,
    /// What happened.
    pub paragraphs: Vec<String>,
    /// Lines below the first paragraph, which keep their shape.
    pub list: Vec<String>,
    /// What to do.
    pub advice: Vec<Advice>,
    /// Names and values, such as the run and the host.
    pub facts: Vec<(&'static str, String)>,
    /// The last line: when to expect the next mail.
    pub closing: &'static str,
}

impl AlertMail {
    /// Puts it into words. The HTML part is the text again, for readers that show nothing else.
    pub fn render(&self) -> Content {
        let mut text = String::new();
        for (place, paragraph) in self.paragraphs.iter().enumerate() {
            text.push_str(&wrap(&clean_to(paragraph, LONGEST_PARAGRAPH)));
            text.push('\n');
            if place == 0 {
                text.push_str(&self.list_in_shape());
            }
        }
        if !self.advice.is_empty() {
            text.push_str("What to do\n");
        }
        for Advice { words, command } in &self.advice {
            let end = if command.is_some() { ":" } else { "." };
            text.push_str(&wrap(&format!("- {}{end}", clean_to(words, LONGEST_PARAGRAPH))));
            // Not wrapped: a command is copied whole.
            if let Some(command) = command {
                text.push_str(&format!("    {}\n", clean_to(command, LONGEST_LINE)));
            }
        }
        if !self.advice.is_empty() {
            text.push('\n');
        }
        for (name, value) in &self.facts {
            text.push_str(&format!("{name:<8}{}\n", clean_to(value, LONGEST_LINE)));
        }
        text.push_str(&format!("\n{}", wrap(self.closing)));
        let subject = clean_to(&format!("[onelogin-steward] {}", self.subject), LONGEST_SUBJECT);
        let html = format!(
            "<!doctype html>\n<html lang=\"{LANGUAGE}\"><head><meta charset=\"utf-8\"><title>{}</title></head>\n<body>\n\
             <pre style=\"white-space:pre-wrap;overflow-wrap:anywhere;\">{}</pre>\n</body></html>\n",
            escaped(&subject),
            escaped(&text)
        );
        Content {
            subject,
            text,
            html,
            language: LANGUAGE.to_owned(),
        }
    }
}

impl AlertMail {
    fn list_in_shape(&self) -> String {
        let in_shape = |line: &String| {
            let indent = line.len() - line.trim_start().len();
            let line = format!("{:indent$}{}", "", clean_to(line, LONGEST_LINE));
            format!("{}\n", line.trim_end())
        };
        let mut lines: String = self.list.iter().map(in_shape).collect();
        if !lines.is_empty() {
            lines.push('\n');
        }
        lines
    }
}

/// A fingerprint of these words, which tells whether others are the same.
pub fn fingerprint(words: &str) -> String {
    hex(&Sha256::digest(words))
}

/// The Message-ID of a letter: the same for every attempt at it. A trouble is told anew each day, its
/// end once for each time that it began.
pub fn alert_id(letter: &Letter, of: &str, rehearsal: bool, tenant: &str, from_domain: &str) -> String {
    let Letter { address, cause, news } = letter;
    let news = match news {
        News::Trouble => "trouble",
        News::Over => "over",
    };
    let fields = [
        "alert",
        tenant,
        cause.job.as_str(),
        cause.kind.as_str(),
        &cause.about,
        news,
        of,
        address,
        &rehearsal.to_string(),
    ];
    identity(&fields, from_domain)
}
