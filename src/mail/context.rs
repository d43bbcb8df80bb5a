//! What the templates are told. Every value is cleaned here, so no template has to think of it.

use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use serde::Serialize;

use super::clean::clean;
use super::language::{Language, Night};
use crate::domain::due::Due;
use crate::domain::notice::{Audience, Threshold};
use crate::domain::user::User;

/// What there is to say about a password, in no language yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PasswordNotice {
    /// What the person signs in with.
    pub account: String,
    /// Given and family name, as far as they are known.
    names: Names,
    changed_at: Timestamp,
    /// `None` where only OneLogin's status says that it has expired.
    expires_at: Option<Timestamp>,
    days_left: Option<i32>,
    zone: TimeZone,
    /// Whether the password has expired.
    pub(super) expired: bool,
    /// As what the reader receives the mail.
    pub(super) audience: Audience,
    /// The reader's own, as OneLogin has it.
    pub(super) locale: Option<String>,
}

/// The same in the words of a language, as templates see it.
#[derive(Debug, Clone, Serialize)]
pub(super) struct NoticeWords {
    /// What to call the person in a greeting, where their name is known and looks like one.
    pub(super) name: Option<String>,
    /// The person in a sentence to somebody else: full name, else account.
    pub(super) person: String,
    /// What the person signs in with.
    pub(super) account: String,
    /// The day on which this password was set: "Tuesday, 1 September 2026".
    pub(super) changed_on: String,
    /// When it expires; `None` where only OneLogin's status says that it has.
    pub(super) expires: Option<Moment>,
    /// Calendar days to the expiry; negative after it.
    pub(super) days_left: Option<i32>,
    /// The same in words: "in 7 days", "tomorrow", "today", "3 days ago". Not there without a date,
    /// or in a language that has no words: a template that asks for it shall fail, not print "none".
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) when: Option<String>,
    /// Whether the password has expired.
    pub(super) expired: bool,
    /// As what the reader receives the mail: `person`, `manager` or `desk`.
    pub(super) audience: Audience,
}

/// An instant in the words of one language and one time zone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Moment {
    /// `Monday`; not there in a language that has no words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) weekday: Option<&'static str>,
    /// 1 is Monday, 7 is Sunday (ISO 8601), for templates that bring their own names.
    pub(super) weekday_number: i8,
    /// `30 November 2026`
    pub(super) date: String,
    /// `Monday, 30 November 2026`
    pub(super) day: String,
    /// `14:05`
    pub(super) time: String,
    /// `CET, Europe/Berlin`
    pub(super) zone: String,
    /// Set at 00:00 only, which half of all readers take for the end of the day:
    /// `the start of that day: the night from Sunday to Monday`.
    pub(super) night: Option<String>,
}

impl Moment {
    /// The instant on the clock of `zone`.
    pub(super) fn new(at: Timestamp, zone: &TimeZone, language: &Language) -> Self {
        let local = at.to_zoned(zone.clone());
        let abbreviation = local.strftime("%Z").to_string();
        // Where a zone has no letters of its own, tzdata gives "+03".
        let abbreviation = if abbreviation.starts_with(['+', '-']) {
            format!("UTC{abbreviation}")
        } else {
            abbreviation
        };
        let zone = match zone.iana_name() {
            Some(name) if name != abbreviation => format!("{abbreviation}, {name}"),
            _ => abbreviation,
        };
        let is_shown_as_midnight = Time::midnight()
            .until(local.time())
            .is_ok_and(|past| past.get_hours() == 0 && past.get_minutes() == 0);
        let day_before = local.date().checked_sub(1.day()).map(Date::weekday);
        let night = day_before.ok().filter(|_| is_shown_as_midnight).and_then(|from| {
            language.night(Night {
                from,
                to: local.weekday(),
            })
        });
        Self {
            weekday: language.weekday(local.weekday()),
            weekday_number: local.weekday().to_monday_one_offset(),
            date: language.date(local.date()),
            day: language.day(local.date()),
            time: local.strftime("%H:%M").to_string(),
            zone,
            night,
        }
    }
}

impl PasswordNotice {
    /// What to say about the password of `user`, as `due` decided it, in the time of `zone`, to
    /// `reader`; none for an address that belongs to nobody in particular.
    pub fn new(user: &User, due: &Due, reader: Option<&User>, zone: &TimeZone) -> Self {
        Self {
            account: clean(&user.account_name()),
            names: Names::of(user),
            changed_at: due.occasion.changed_at,
            expires_at: due.expires_at,
            days_left: due.days_left,
            zone: zone.clone(),
            expired: due.key.threshold == Threshold::AFTER_EXPIRY,
            audience: due.recipient.audience,
            locale: reader.and_then(|reader| reader.preferred_locale_code.clone()),
        }
    }

    pub(super) fn in_words_of(&self, language: &Language) -> NoticeWords {
        let (name, full_name) = self.names.in_words_of(language);
        NoticeWords {
            name,
            person: full_name.unwrap_or_else(|| self.account.clone()),
            account: self.account.clone(),
            changed_on: language.day(self.changed_at.to_zoned(self.zone.clone()).date()),
            expires: self.expires_at.map(|at| Moment::new(at, &self.zone, language)),
            days_left: self.days_left,
            when: self.days_left.and_then(|days| language.when(days)),
            expired: self.expired,
            audience: self.audience,
        }
    }
}

/// Given and family name, as far as they are known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Names {
    given: Option<String>,
    family: Option<String>,
}

impl Names {
    pub(super) fn of(user: &User) -> Self {
        let known = |name: &Option<String>| name.as_deref().map(clean).filter(|name| !name.is_empty());
        Self {
            given: known(&user.firstname),
            family: known(&user.lastname),
        }
    }

    /// What to call the person in a greeting, and the full name, where they look like names.
    pub(super) fn in_words_of(&self, language: &Language) -> (Option<String>, Option<String>) {
        let full_name = match (&self.given, &self.family) {
            (Some(given), Some(family)) => Some(language.full_name(given, family)),
            (name, None) | (None, name) => name.clone(),
        };
        let full_name = full_name.as_deref().and_then(presentable);
        let given = self.given.as_deref().and_then(presentable);
        let given = given.filter(|_| language.greets_by_given_name());
        (given.or_else(|| full_name.clone()), full_name)
    }
}

/// What the mail of `mail test` says, in no language yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TestMail {
    sent_at: Timestamp,
    zone: TimeZone,
}

/// The same in the words of a language, as templates see it.
#[derive(Debug, Clone, Serialize)]
pub(super) struct TestWords {
    /// When it was asked for.
    pub(super) sent: Moment,
}

impl TestMail {
    /// A test mail of this moment.
    pub fn new(sent_at: Timestamp, zone: &TimeZone) -> Self {
        Self {
            sent_at,
            zone: zone.clone(),
        }
    }

    pub(super) fn in_words_of(&self, language: &Language) -> TestWords {
        TestWords {
            sent: Moment::new(self.sent_at, &self.zone, language),
        }
    }
}

/// A name as a mail may show it. Mail programs turn "acme.example/win" into a link, and people can
/// often edit their own name: in a mail that says it carries no link, such a name is not shown.
fn presentable(name: &str) -> Option<String> {
    let name = clean(name);
    let dotted_word = |word: &str| {
        word.split('.')
            .skip(1)
            .any(|part| part.chars().take_while(|c| c.is_alphanumeric()).count() >= 2)
    };
    let tempts = name.contains("://") || name.contains('@') || name.split(' ').any(dotted_word);
    (!name.is_empty() && !tempts).then_some(name)
}

#[cfg(test)]
mod tests;
