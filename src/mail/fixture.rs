//! A person, a notice and settings for the tests of this module.

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::context::PasswordNotice;
use crate::config::settings;
use crate::domain::due::Due;
use crate::domain::notice::{Audience, NoticeKey, PasswordOccasion, Recipient, Threshold};
use crate::domain::policy::MaxAge;
use crate::domain::user::{User, UserId};

pub(super) fn berlin() -> TimeZone {
    TimeZone::get("Europe/Berlin").unwrap()
}

/// Noon of the day on which the mails of these tests leave, `days` before the expiry.
pub(super) fn sent_at(days: i32) -> Timestamp {
    expires_at() - SignedDuration::from_hours(i64::from(days) * 24)
}

pub(super) fn expires_at() -> Timestamp {
    "2026-11-30T13:05:00Z".parse().unwrap()
}

pub(super) fn person() -> User {
    User {
        email: Some("ana.novak@acme.example".to_owned()),
        username: Some("ana.novak@acme.example".to_owned()),
        firstname: Some("Ana".to_owned()),
        lastname: Some("Novak".to_owned()),
        ..User::new(4711)
    }
}

pub(super) fn due_in(days: i32, audience: Audience) -> Due {
    let occasion = PasswordOccasion {
        changed_at: "2026-09-01T13:05:00Z".parse().unwrap(),
        max_age: MaxAge::Days(90),
    };
    let address = match audience {
        Audience::Person => "Ana.Novak@acme.example",
        Audience::Manager => "boss@acme.example",
        Audience::Desk => "desk@acme.example",
    };
    Due {
        key: NoticeKey {
            user_id: UserId(4711),
            occasion: occasion.to_string(),
            threshold: Threshold(if days < 0 { -1 } else { days }),
            recipient: address.to_lowercase(),
            rehearsal: false,
            resend: 0,
        },
        recipient: Recipient {
            audience,
            address: address.to_owned(),
        },
        occasion,
        expires_at: Some(expires_at()),
        days_left: Some(days),
        fresh: true,
        supersedes: Vec::new(),
    }
}

pub(super) fn notice_in(days: i32, audience: Audience) -> PasswordNotice {
    notice_to(None, days, audience)
}

/// The same to a reader with this locale.
pub(super) fn notice_to(locale: Option<&str>, days: i32, audience: Audience) -> PasswordNotice {
    let mut reader = person();
    reader.preferred_locale_code = locale.map(str::to_owned);
    PasswordNotice::new(&person(), &due_in(days, audience), Some(&reader), &berlin())
}

pub(super) fn mail_settings(transport: settings::Transport) -> settings::Mail {
    settings::Mail {
        transport,
        from: "IT Service Desk <it@acme.example>".parse().unwrap(),
        envelope_from: None,
        reply_to: Some("it@acme.example".parse().unwrap()),
        admins: Vec::new(),
        per_minute: 30,
        redirect_to: None,
        templates: None,
        language: "en".to_owned(),
        link: None,
    }
}
