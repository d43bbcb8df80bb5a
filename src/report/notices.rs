//! Rows of the ledger for a terminal.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::escape::{plain, wrap_under};
use super::table::table;
use super::time;
use crate::domain::notice::{NoticeState, Threshold};

/// What is shown of a row.
#[derive(Debug, Clone, Copy)]
pub struct Line<'a> {
    /// The store's number.
    pub id: i64,
    /// Where it stands.
    pub state: NoticeState,
    /// How often it was tried.
    pub attempts: u32,
    /// `password` or `access-end`.
    pub occasion: &'a str,
    /// Which of the person's notices.
    pub threshold: Threshold,
    /// Where it goes.
    pub address: &'a str,
    /// Whom it is about.
    pub account: &'a str,
    /// When its state last changed.
    pub changed_at: Timestamp,
    /// 0, or the how manieth it is that somebody asked for.
    pub resend: u32,
    /// The server's last words.
    pub reply: Option<&'a str>,
}

/// How far the second line of a row is moved in.
const INDENT: usize = 8;

/// A line of facts for each row, and below it whom it is about and what the server said.
pub fn to_text<'a>(lines: impl IntoIterator<Item = Line<'a>>, zone: &TimeZone) -> String {
    let lines: Vec<Line<'_>> = lines.into_iter().collect();
    if lines.is_empty() {
        return "no notices\n".to_owned();
    }
    let facts = table(
        ["NOTICE", "STATE", "TRIES", "THRESHOLD", "TO"],
        lines.iter().map(|line| {
            [
                line.id.to_string(),
                line.state.to_string(),
                line.attempts.to_string(),
                line.threshold.to_string(),
                plain(line.address),
            ]
        }),
    );
    let mut rows = facts.lines();
    let mut text = format!("{}\n", rows.next().unwrap_or_default());
    for (row, line) in rows.zip(&lines) {
        let told = wrap_under(&plain(&detail(line, zone)), INDENT);
        text.push_str(&format!("{row}\n{:INDENT$}{told}\n", ""));
    }
    text
}

fn detail(line: &Line<'_>, zone: &TimeZone) -> String {
    let mut detail = format!("{}, about {}", time::minute(line.changed_at, zone), line.account);
    if line.occasion != "password" {
        detail.push_str(&format!(", {}", line.occasion));
    }
    if line.resend > 0 {
        detail.push_str(&format!(", resend {}", line.resend));
    }
    if let Some(reply) = line.reply {
        detail.push_str(&format!(": {reply}"));
    }
    detail
}
