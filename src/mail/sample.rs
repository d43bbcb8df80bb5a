//! Facts of every odd shape, with which each template is tried before it is used.

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use minijinja::Value;

use super::access::{AccessWords, CalendarDay};
use super::clean::{LONGEST, clean};
use super::context::{Moment, NoticeWords, TestWords};
use super::language::Language;
use super::letterhead::Lines;
use super::template::{Kind, facts};
use crate::domain::notice::Audience;

/// Which mail, and facts that it may have to tell in this language.
pub(super) fn all(language: &Language) -> Vec<(Kind, Value)> {
    let mut samples = Vec::new();
    for lines in letterheads() {
        for notice in notices(language) {
            let kind = Kind::about_password(notice.audience, notice.expired);
            samples.push((kind, facts(&lines, language, &notice)));
        }
        for words in access_ends(language) {
            samples.push((Kind::AccessEnd, facts(&lines, language, &words)));
        }
        for sent in moments(language) {
            samples.push((Kind::MailTest, facts(&lines, language, &TestWords { sent })));
        }
    }
    samples
}

/// With and without a link, with and without an address for answers.
fn letterheads() -> [Lines; 2] {
    let bare = Lines {
        sender: "it@acme.example".to_owned(),
        sender_address: "it@acme.example".to_owned(),
        reply_to: None,
        link: None,
    };
    let full = Lines {
        sender: clean(&"A Very Long Department Name ".repeat(9)),
        reply_to: Some("servicedesk@acme.example".to_owned()),
        link: Some("https://acme.onelogin.com/profile".to_owned()),
        ..bare.clone()
    };
    [bare, full]
}

/// An ordinary moment and a midnight.
fn moments(language: &Language) -> [Moment; 2] {
    let midnight = Timestamp::UNIX_EPOCH;
    [midnight + SignedDuration::from_mins(845), midnight].map(|at| Moment::new(at, &TimeZone::UTC, language))
}

fn names() -> [Option<String>; 4] {
    [
        None,
        Some("Ana".to_owned()),
        Some("x".repeat(LONGEST)),
        Some("<b>{{ 7*7 }}</b> \"'& ليلى".to_owned()),
    ]
}

fn access_ends(language: &Language) -> Vec<AccessWords> {
    let mut all = Vec::new();
    for name in names() {
        for days_left in [0, 1, 7, 365] {
            all.push(AccessWords {
                role: name.clone().unwrap_or_else(|| "Sales Tools".to_owned()),
                name: name.clone(),
                account: "ana.novak@acme.example".to_owned(),
                last_day: CalendarDay::new(jiff::civil::date(2026, 12, 31), language),
                days_left,
                when: language.when(days_left),
            });
        }
    }
    all
}

fn notices(language: &Language) -> Vec<NoticeWords> {
    let [ordinary, midnight] = moments(language);
    let mut notices = Vec::new();
    for audience in [Audience::Person, Audience::Manager, Audience::Desk] {
        for name in &names() {
            let mut tell = |expiry: Option<(&Moment, i32)>, expired: bool| {
                notices.push(notice(language, audience, name.clone(), expiry, expired));
            };
            tell(Some((&ordinary, 14)), false);
            tell(Some((&midnight, 1)), false);
            tell(Some((&ordinary, 0)), false);
            tell(Some((&midnight, 0)), true);
            tell(Some((&ordinary, -1)), true);
            tell(Some((&midnight, -7)), true);
            tell(None, true);
        }
    }
    notices
}

fn notice(
    language: &Language,
    audience: Audience,
    name: Option<String>,
    expiry: Option<(&Moment, i32)>,
    expired: bool,
) -> NoticeWords {
    let account = "ana.novak@acme.example".to_owned();
    let days_left = expiry.map(|(_, days)| days);
    NoticeWords {
        person: name.clone().unwrap_or_else(|| account.clone()),
        name,
        account,
        changed_on: language.day(jiff::civil::date(2026, 9, 1)),
        expires: expiry.map(|(moment, _)| moment.clone()),
        when: days_left.and_then(|days| language.when(days)),
        days_left,
        expired,
        audience,
    }
}
