//! What the mail about an access that ends is told.

use jiff::civil::Date;
use serde::Serialize;

use super::clean::clean;
use super::context::Names;
use super::language::Language;
use crate::domain::role::until::AccessEnd;
use crate::domain::user::User;

/// What there is to say about an access that ends, in no language yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessNotice {
    names: Names,
    account: String,
    role: String,
    until: Date,
    days_left: i32,
    /// The reader's own, as OneLogin has it.
    pub(super) locale: Option<String>,
}

/// The same in the words of a language, as templates see it.
#[derive(Debug, Clone, Serialize)]
pub(super) struct AccessWords {
    /// What to call the person in a greeting, where their name is known and looks like one.
    pub(super) name: Option<String>,
    /// What the person signs in with.
    pub(super) account: String,
    /// The role's name in OneLogin.
    pub(super) role: String,
    /// The last day in the role. The day, not a time of it: the access ends after it.
    pub(super) last_day: CalendarDay,
    /// Calendar days to it; 0 on that day.
    pub(super) days_left: i32,
    /// The same in words: "in 7 days", "tomorrow", "today". Not there in a language that has no words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) when: Option<String>,
}

/// A calendar day in the words of one language.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct CalendarDay {
    /// `Monday`; not there in a language that has no words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) weekday: Option<&'static str>,
    /// 1 is Monday, 7 is Sunday (ISO 8601), for templates that bring their own names.
    pub(super) weekday_number: i8,
    /// `30 November 2026`
    pub(super) date: String,
    /// `Monday, 30 November 2026`
    pub(super) day: String,
}

impl CalendarDay {
    pub(super) fn new(on: Date, language: &Language) -> Self {
        Self {
            weekday: language.weekday(on.weekday()),
            weekday_number: on.weekday().to_monday_one_offset(),
            date: language.date(on),
            day: language.day(on),
        }
    }
}

impl AccessNotice {
    /// What to tell this person about the end of their access.
    pub fn new(user: &User, end: &AccessEnd) -> Self {
        Self {
            names: Names::of(user),
            account: clean(&user.account_name()),
            role: clean(&end.role),
            until: end.until,
            days_left: end.days_left,
            locale: user.preferred_locale_code.clone(),
        }
    }

    pub(super) fn in_words_of(&self, language: &Language) -> AccessWords {
        AccessWords {
            name: self.names.in_words_of(language).0,
            account: self.account.clone(),
            role: self.role.clone(),
            last_day: CalendarDay::new(self.until, language),
            days_left: self.days_left,
            when: language.when(self.days_left),
        }
    }
}
