//! `[password_expiry]`

use std::collections::BTreeSet;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use reqwest::Url;

use crate::config::reader::{Reader, read_all};
use crate::config::settings::PasswordExpiry;
use crate::config::value::{self, Wrong};
use crate::domain::calendar::{SEND_DAY_HORIZON, SendCalendar, Weekdays};
use crate::domain::expiry::Terms;
use crate::domain::guard::NoticeLimits;
use crate::domain::policy::MaxAge;
use crate::domain::recipient::Fallback;
use crate::domain::user::UserStatus;

use super::rule::{read_max_age, read_notice_days, read_rules, warn_of_idle_thresholds};

/// `[password_expiry]`, and the link that its mails carry.
pub(in crate::config) fn read_password_expiry(
    reader: &Reader<'_>,
    time_zone: Option<TimeZone>,
    now: Timestamp,
) -> (Option<PasswordExpiry>, Option<Url>) {
    let link = reader.optional("password_expiry.link", value::link);
    let enabled = reader.boolean("password_expiry.enabled");
    let terms = read_terms(reader, time_zone, now);
    let limits = read_limits(reader);
    let policies_keep = reader.parsed("password_expiry.policies_keep", value::duration);
    let section = || {
        Some(PasswordExpiry {
            enabled: enabled?,
            terms: terms?,
            limits: limits?,
            policies_keep: policies_keep?,
        })
    };
    (section(), link)
}

fn read_terms(reader: &Reader<'_>, time_zone: Option<TimeZone>, now: Timestamp) -> Option<Terms> {
    let calendar = read_calendar(reader, time_zone, now);
    let notice_days = reader
        .find("password_expiry.notice_days")
        .map(|node| read_notice_days(reader, &node));
    let notice_after_expiry = reader.boolean("password_expiry.notice_after_expiry");
    let after_expiry_within = reader.parsed("password_expiry.after_expiry_within", value::duration);
    let statuses = read_words(reader, "password_expiry.statuses", |text| {
        value::choice(
            text,
            &[("active", UserStatus::Active), ("locked", UserStatus::Locked)],
        )
    });
    let skip_directory_users = reader.boolean("password_expiry.skip_directory_users");
    let fallback = reader.parsed("password_expiry.fallback_recipient", |text| match text {
        "none" => Ok(Fallback::Nobody),
        "manager" => Ok(Fallback::Manager),
        _ => recipient(text, "\"none\", \"manager\"").map(Fallback::Address),
    });
    let ages_from_onelogin = reader.parsed("password_expiry.age_source", |text| {
        value::choice(text, &[("onelogin", true), ("config", false)])
    });
    let default_max_age = read_default_max_age(reader, notice_days.as_ref());
    let rules = read_rules(reader, notice_days.as_ref());
    Some(Terms {
        calendar: calendar?,
        notice_days: notice_days?,
        notice_after_expiry: notice_after_expiry?,
        after_expiry_within: SignedDuration::try_from(after_expiry_within?).ok()?,
        statuses: statuses?.into_iter().collect(),
        skip_directory_users: skip_directory_users?,
        fallback: fallback?,
        ages_from_onelogin: ages_from_onelogin?,
        default_max_age,
        rules,
    })
}

/// An address where the word is none of the `others`.
pub(super) fn recipient(text: &str, others: &str) -> Result<String, Wrong> {
    let expected = |_| {
        Wrong::new(
            format!("expected {others} or an email address, found {text:?}"),
            "an address is written bare: \"it@acme.example\"",
        )
    };
    value::address(text).map(|_| text.to_owned()).map_err(expected)
}

fn read_default_max_age(reader: &Reader<'_>, notice_days: Option<&BTreeSet<u16>>) -> Option<MaxAge> {
    let node = reader.find("password_expiry.default_max_age_days")?;
    let max_age = read_max_age(reader, &node)?;
    if let Some(days) = notice_days {
        warn_of_idle_thresholds(reader, &node, max_age, days);
    }
    Some(max_age)
}

fn read_calendar(reader: &Reader<'_>, time_zone: Option<TimeZone>, now: Timestamp) -> Option<SendCalendar> {
    let schedule = reader.parsed("password_expiry.schedule", value::schedule);
    let send_days = read_words(reader, "password_expiry.send_days", |text| {
        Weekdays::parse_day(text).ok_or_else(|| {
            let help = format!("write {}", Weekdays::NAMES.join(", "));
            Wrong::new(format!("{text:?} is not a weekday"), help)
        })
    });
    let holidays = read_holidays(reader);
    let calendar = SendCalendar {
        time_zone: time_zone?,
        send_days: Weekdays::new(send_days?),
        holidays: holidays?,
        schedule: schedule?,
    };
    check_calendar(reader, &calendar, now);
    Some(calendar)
}

fn check_calendar(reader: &Reader<'_>, calendar: &SendCalendar, now: Timestamp) {
    let Some(schedule) = reader.find("password_expiry.schedule") else {
        return;
    };
    let next = calendar.schedule.next_after(now, &calendar.time_zone);
    if next.is_none() {
        let message = format!("the schedule {:?} never comes", calendar.schedule.as_str());
        let help = "name a day of the month that the month has";
        return reader.wrong(&schedule, Wrong::new(message, help));
    }
    if calendar.next_send_day(calendar.day_of(now)).is_none() {
        let blocked = reader.find("password_expiry.holidays");
        let node = blocked.or_else(|| reader.find("password_expiry.send_days"));
        let message = format!("no send day comes within {SEND_DAY_HORIZON} days");
        let help = "name more send_days or fewer holidays";
        if let Some(node) = node {
            reader.wrong(&node, Wrong::new(message, help));
        }
    } else if calendar.next_send_at(now).is_none() {
        let message = "the schedule meets no send day in the next two months, so nobody would be warned";
        reader.wrong(&schedule, Wrong::new(message, "let it run on a day of send_days"));
    }
}

fn read_holidays(reader: &Reader<'_>) -> Option<BTreeSet<Date>> {
    let Some(node) = reader.find("password_expiry.holidays") else {
        return Some(BTreeSet::new());
    };
    let days = reader.list_of(&node, "a list of days")?;
    read_all(&days, |day| reader.date_of(day))
}

fn read_limits(reader: &Reader<'_>) -> Option<NoticeLimits> {
    let notices = reader.integer("password_expiry.max_notices_per_run", 0..=1_000_000_000);
    let notices_percent = reader.integer("password_expiry.max_notices_per_run_percent", 0..=100);
    let user_drop_percent = reader.integer("password_expiry.max_user_drop_percent", 0..=100);
    Some(NoticeLimits {
        notices: notices?,
        notices_percent: notices_percent?,
        user_drop_percent: user_drop_percent?,
    })
}

/// A list of words, each read further.
fn read_words<T>(
    reader: &Reader<'_>,
    dotted: &str,
    parse: impl Fn(&str) -> Result<T, Wrong>,
) -> Option<Vec<T>> {
    let words = reader.list(dotted, "a list of words in quotes")?;
    read_all(&words, |word| reader.parsed_of(word, &parse))
}
