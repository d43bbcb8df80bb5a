//! The languages of mails: dates, days and names in the words of each.
//!
//! A language is one module beside this one and one line in `Words`; its templates lie in
//! `templates/` with its tag. A folder of templates may bring further languages: for those there are
//! no words here, so dates are ISO 8601 figures, and the words that lack are no variables.

mod english;
mod french;
mod german;
mod japanese;
mod spanish;

use jiff::civil::{Date, Weekday};

use crate::domain::language::ENGLISH;

/// The language of one mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Language {
    tag: String,
    words: Option<Words>,
}

/// The languages that have words here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Words {
    English,
    French,
    German,
    Japanese,
    Spanish,
}

impl Words {
    /// The words for a tag such as `de` or `de-AT`.
    fn of(tag: &str) -> Option<Self> {
        match tag.split('-').next()? {
            "en" => Some(Self::English),
            "fr" => Some(Self::French),
            "de" => Some(Self::German),
            "ja" => Some(Self::Japanese),
            "es" => Some(Self::Spanish),
            _ => None,
        }
    }
}

/// A midnight, which half of all readers take for the end of the day: the night it lies in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Night {
    /// The day that ends.
    pub(super) from: Weekday,
    /// The day that begins.
    pub(super) to: Weekday,
}

impl Language {
    /// The language with this tag.
    pub fn of(tag: &str) -> Self {
        Self {
            words: Words::of(tag),
            tag: tag.to_owned(),
        }
    }

    /// The one that every mail exists in.
    pub fn english() -> Self {
        Self::of(ENGLISH)
    }

    /// As mail headers, HTML and the names of templates write it: `de`, `pt-BR`.
    pub fn tag(&self) -> &str {
        &self.tag
    }

    /// `Monday`
    pub(super) fn weekday(&self, day: Weekday) -> Option<&'static str> {
        Some(match self.words? {
            Words::English => english::weekday(day),
            Words::French => french::weekday(day),
            Words::German => german::weekday(day),
            Words::Japanese => japanese::weekday(day),
            Words::Spanish => spanish::weekday(day),
        })
    }

    /// `30 November 2026`
    pub(super) fn date(&self, on: Date) -> String {
        match self.words {
            Some(Words::English) => english::date(on),
            Some(Words::French) => french::date(on),
            Some(Words::German) => german::date(on),
            Some(Words::Japanese) => japanese::date(on),
            Some(Words::Spanish) => spanish::date(on),
            None => on.to_string(),
        }
    }

    /// `Monday, 30 November 2026`
    pub(super) fn day(&self, on: Date) -> String {
        match self.words {
            Some(Words::English) => english::day(on),
            Some(Words::French) => french::day(on),
            Some(Words::German) => german::day(on),
            Some(Words::Japanese) => japanese::day(on),
            Some(Words::Spanish) => spanish::day(on),
            None => on.to_string(),
        }
    }

    /// Where a day lies, seen from today: "in 7 days", "tomorrow", "today", "yesterday", "3 days ago".
    pub(super) fn when(&self, days: i32) -> Option<String> {
        Some(match self.words? {
            Words::English => english::when(days),
            Words::French => french::when(days),
            Words::German => german::when(days),
            Words::Japanese => japanese::when(days),
            Words::Spanish => spanish::when(days),
        })
    }

    /// `the start of that day: the night from Sunday to Monday`
    pub(super) fn night(&self, night: Night) -> Option<String> {
        Some(match self.words? {
            Words::English => english::night(night),
            Words::French => french::night(night),
            Words::German => german::night(night),
            Words::Japanese => japanese::night(night),
            Words::Spanish => spanish::night(night),
        })
    }

    /// Given and family name in the order of the language.
    pub(super) fn full_name(&self, given: &str, family: &str) -> String {
        match self.words {
            Some(Words::Japanese) => japanese::full_name(given, family),
            _ => format!("{given} {family}"),
        }
    }

    /// Whether a mail greets by the given name alone; elsewhere that is for friends.
    pub(super) fn greets_by_given_name(&self) -> bool {
        matches!(self.words, Some(Words::English) | None)
    }
}

/// The name of a month or a day out of a list that begins with January or Monday.
fn nth(names: &[&'static str], ordinal: i8) -> &'static str {
    let index = usize::try_from(ordinal - 1).unwrap_or_default();
    names.get(index).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests;
