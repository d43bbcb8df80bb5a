//! Facts of every odd shape, with which each template is tried before it is used.

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use minijinja::Value;

use super::clean::{LONGEST, clean};
use super::context::{PasswordNotice, TestMail};
use super::english::{self, LANGUAGE, Moment};
use super::letterhead::Lines;
use super::template::{Kind, facts};
use crate::domain::notice::Audience;

/// Which mail, and facts that it may have to tell.
pub(super) fn all() -> Vec<(Kind, Value)> {
    let mut samples = Vec::new();
    for lines in letterheads() {
        for notice in notices() {
            samples.push((Kind::of(&notice), facts(&lines, &notice)));
        }
        for at in moments() {
            samples.push((Kind::MailTest, facts(&lines, &TestMail { sent: at })));
        }
    }
    samples
}

/// With and without a link, with and without an address for answers.
fn letterheads() -> [Lines; 2] {
    let bare = Lines {
        language: LANGUAGE,
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
fn moments() -> [Moment; 2] {
    let midnight = Timestamp::UNIX_EPOCH;
    [midnight + SignedDuration::from_mins(845), midnight].map(|at| Moment::new(at, &TimeZone::UTC))
}

fn notices() -> Vec<PasswordNotice> {
    let names = [
        None,
        Some("Ana".to_owned()),
        Some("x".repeat(LONGEST)),
        Some("<b>{{ 7*7 }}</b> \"'&".to_owned()),
    ];
    let mut notices = Vec::new();
    for audience in [Audience::Person, Audience::Manager, Audience::Desk] {
        for name in &names {
            for moment in moments() {
                for days in [14, 1, 0, -1, -7] {
                    notices.push(notice(
                        audience,
                        name.clone(),
                        Some((moment.clone(), days)),
                        days < 0,
                    ));
                }
                notices.push(notice(audience, name.clone(), Some((moment, 0)), true));
            }
            notices.push(notice(audience, name.clone(), None, true));
        }
    }
    notices
}

fn notice(
    audience: Audience,
    name: Option<String>,
    expiry: Option<(Moment, i32)>,
    expired: bool,
) -> PasswordNotice {
    let account = "ana.novak@acme.example".to_owned();
    let days_left = expiry.as_ref().map(|(_, days)| *days);
    PasswordNotice {
        person: name.clone().unwrap_or_else(|| account.clone()),
        name,
        account,
        changed_on: "Tuesday, 1 September 2026".to_owned(),
        expires: expiry.map(|(moment, _)| moment),
        when: days_left.map(english::when),
        days_left,
        expired,
        audience,
    }
}
