//! What the templates are told. Every value is cleaned here, so no template has to think of it.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::Serialize;

use super::clean::clean;
use super::english::{self, Moment};
use crate::domain::due::Due;
use crate::domain::notice::{Audience, Threshold};
use crate::domain::user::User;

/// What a mail about a password says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PasswordNotice {
    /// What to call the person in a greeting, where their name is known and looks like one.
    pub name: Option<String>,
    /// The person in a sentence to somebody else: full name, else account.
    pub person: String,
    /// What the person signs in with.
    pub account: String,
    /// The day on which this password was set: "Tuesday, 1 September 2026".
    pub changed_on: String,
    /// When it expires; `None` where only OneLogin's status says that it has.
    pub expires: Option<Moment>,
    /// Calendar days to the expiry; negative after it.
    pub days_left: Option<i32>,
    /// The same in words: "in 7 days", "tomorrow", "today", "3 days ago".
    pub when: Option<String>,
    /// Whether the password has expired.
    pub expired: bool,
    /// As what the reader receives the mail: `person`, `manager` or `desk`.
    pub audience: Audience,
}

impl PasswordNotice {
    /// What to say about the password of `user`, as `due` decided it, in the time of `zone`.
    pub fn new(user: &User, due: &Due, zone: &TimeZone) -> Self {
        let account = clean(&user.account_name());
        let full_name = user.full_name().and_then(|name| presentable(&name));
        let first_name = user.firstname.as_deref().and_then(presentable);
        Self {
            name: first_name.or_else(|| full_name.clone()),
            person: full_name.unwrap_or_else(|| account.clone()),
            account,
            changed_on: english::day(due.occasion.changed_at.to_zoned(zone.clone()).date()),
            expires: due.expires_at.map(|at| Moment::new(at, zone)),
            days_left: due.days_left,
            when: due.days_left.map(english::when),
            expired: due.key.threshold == Threshold::AFTER_EXPIRY,
            audience: due.recipient.audience,
        }
    }
}

/// What the mail of `mail test` says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TestMail {
    /// When it was asked for.
    pub sent: Moment,
}

impl TestMail {
    /// A test mail of this moment.
    pub fn new(sent_at: Timestamp, zone: &TimeZone) -> Self {
        Self {
            sent: Moment::new(sent_at, zone),
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
mod tests {
    use super::*;
    use crate::mail::fixture::{berlin, due_in, person};

    #[test]
    fn a_notice_names_person_account_and_dates() {
        let notice = PasswordNotice::new(&person(), &due_in(7, Audience::Person), &berlin());
        assert_eq!(notice.name.as_deref(), Some("Ana"));
        assert_eq!(notice.person, "Ana Novak");
        assert_eq!(notice.account, "ana.novak@acme.example");
        assert_eq!(notice.changed_on, "Tuesday, 1 September 2026");
        assert_eq!(notice.expires.unwrap().day, "Monday, 30 November 2026");
        assert_eq!(
            (notice.days_left, notice.when.as_deref()),
            (Some(7), Some("in 7 days"))
        );
        assert!(!notice.expired);
    }

    #[test]
    fn the_greeting_falls_back_from_first_to_full_name_to_none() {
        let name_of = |first: Option<&str>, last: Option<&str>| {
            let mut user = person();
            user.firstname = first.map(str::to_owned);
            user.lastname = last.map(str::to_owned);
            let notice = PasswordNotice::new(&user, &due_in(7, Audience::Person), &berlin());
            (notice.name, notice.person)
        };
        let some = |name: &str| Some(name.to_owned());
        assert_eq!(name_of(Some("Ana"), None), (some("Ana"), "Ana".to_owned()));
        assert_eq!(name_of(None, Some("Novak")), (some("Novak"), "Novak".to_owned()));
        assert_eq!(name_of(None, None), (None, "ana.novak@acme.example".to_owned()));
        assert_eq!(
            name_of(Some("\r\n\u{202e}"), None),
            (None, "ana.novak@acme.example".to_owned())
        );
    }

    #[test]
    fn a_name_that_would_become_a_link_is_not_shown() {
        for name in [
            "https://acme.example",
            "win at acme.example/now",
            "www.acme.example",
            "a@acme.example",
        ] {
            assert_eq!(presentable(name), None, "{name}");
        }
        for name in [
            "Ana",
            "J. R.",
            "J.R. Novak",
            "Novak, Ana (ext.)",
            "<b>Ana</b>",
            "{{ 7*7 }}",
        ] {
            assert_eq!(presentable(name).as_deref(), Some(name));
        }
    }

    #[test]
    fn an_expiry_known_by_status_alone_has_no_date() {
        let mut due = due_in(0, Audience::Person);
        due.key.threshold = Threshold::AFTER_EXPIRY;
        due.expires_at = None;
        due.days_left = None;
        let notice = PasswordNotice::new(&person(), &due, &berlin());
        assert!(notice.expired && notice.expires.is_none() && notice.when.is_none());
    }
}
