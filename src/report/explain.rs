//! One person's password in words.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::{Value, json};

use super::escape::plain;
use super::time;
use crate::domain::explain::{Explanation, Standing};
use crate::domain::language::{LanguageChoice, LanguageReason};
use crate::domain::skip::Skip;

/// A policy that an administrator gave directly to the person is not in the API.
const BLIND_SPOT: &str = "A policy assigned directly to a person is not visible to the API; \
                          where there is one, write a rule.";

/// What a skip means, in a sentence.
pub fn skip_in_words(skip: Skip) -> &'static str {
    match skip {
        Skip::Unlicensed => "the account is not approved (state is not 1), so it cannot sign in",
        Skip::Directory => "the password lives in a directory (directory_id is set)",
        Skip::TrustedIdp => "the person signs in through another identity provider (trusted_idp_id is set)",
        Skip::ResetPending => "a password reset is under way already (status 5 or 7)",
        Skip::Unactivated => "the account was never activated (status 0)",
        Skip::Suspended => "the account is suspended (status 2)",
        Skip::SecurityQuestions => "the person must answer security questions first (status 8)",
        Skip::UnknownStatus => "OneLogin sends a status that it does not document",
        Skip::StatusNotMailed => "password_expiry.statuses leaves this status out",
        Skip::NeverSet => "no password was ever set (password_changed_at is empty)",
        Skip::AgeUnknown => "nobody says how long the password lasts, and nobody is mailed on a guess",
        Skip::NeverExpires => "the password never expires",
        Skip::NotNotified => "a rule says notify = \"none\"",
        Skip::NoAddress => "there is no usable email address, and fallback_recipient is \"none\"",
        Skip::NoManager => "the manager is unknown, has no usable address, or is not in good standing",
        Skip::NotDue => "nothing is due today",
        Skip::AlreadyNotified => "what is due was dealt with before",
        Skip::Expired => "the password has expired, and notice_after_expiry is off",
        Skip::LongExpired => "the password expired longer ago than after_expiry_within",
    }
}

/// Why a mail is in its language.
fn language_reason_in_words(reason: LanguageReason) -> &'static str {
    match reason {
        LanguageReason::Locale => "the reader's locale in OneLogin",
        LanguageReason::Config => "mail.language, since the reader's locale is unknown or has no templates",
        LanguageReason::Default => "neither the reader's locale nor mail.language has templates of this mail",
    }
}

/// One JSON document.
pub fn to_json(explanation: &Explanation<'_>, language: Option<&LanguageChoice>, zone: &TimeZone) -> Value {
    let Explanation {
        user,
        assessment,
        verdict,
        thresholds,
    } = explanation;
    let expires_at = assessment
        .deadline
        .as_ref()
        .ok()
        .and_then(|deadline| deadline.expires_at);
    json!({
        "user_id": user.id,
        "account": user.account_name(),
        "name": user.full_name(),
        "email": user.email,
        "locale": user.preferred_locale_code,
        "language": language.map(|choice| &choice.tag),
        "language_reason": language.map(|choice| choice.reason),
        "status": user.status.to_string(),
        "state": user.state.to_string(),
        "rule": assessment.rule.map(|rule| &rule.name),
        "max_age": assessment.age.max_age,
        "age_source": assessment.age.source.to_string(),
        "password_changed_at": user.password_changed_at.map(time::rfc3339),
        "expires_at": expires_at.map(time::rfc3339),
        "expires_on": expires_at.map(|at| at.to_zoned(zone.clone()).date().to_string()),
        "recipient": assessment.recipient.as_ref().ok().map(|recipient| &recipient.address),
        "due_now": verdict.as_ref().ok().map(|due| due.key.threshold),
        "reason": verdict.as_ref().err().map(|skip| skip.as_str()),
        "explanation": verdict.as_ref().err().map(|skip| skip_in_words(*skip)),
        "thresholds": thresholds.iter().map(|(threshold, standing)| json!({
            "threshold": threshold,
            "standing": standing_name(*standing),
            "at": match standing { Standing::Next(at) => Some(time::rfc3339(*at)), _ => None },
        })).collect::<Vec<_>>(),
        "note": BLIND_SPOT,
    })
}

/// For a terminal.
pub fn to_text(
    explanation: &Explanation<'_>,
    language: Option<&LanguageChoice>,
    zone: &TimeZone,
    rehearsal: bool,
) -> String {
    let Explanation {
        user,
        assessment,
        verdict,
        thresholds,
    } = explanation;
    let minute = |at: Option<Timestamp>, none: &str| at.map_or(none.to_owned(), |at| time::minute(at, zone));
    let age = assessment
        .age
        .max_age
        .map_or("unknown".to_owned(), |age| age.to_string());
    let expires = match &assessment.deadline {
        Ok(deadline) if deadline.status_expired => "OneLogin says it has expired".to_owned(),
        Ok(deadline) => minute(deadline.expires_at, "never"),
        Err(skip) => format!("- ({})", skip_in_words(*skip)),
    };
    let recipient = match &assessment.recipient {
        Ok(recipient) => plain(&recipient.address),
        Err(skip) => format!("- ({})", skip_in_words(*skip)),
    };
    let language = language.map_or("-".to_owned(), |choice| {
        let LanguageChoice { tag, reason } = choice;
        format!("{} ({})", plain(tag), language_reason_in_words(*reason))
    });
    let now = match verdict {
        Ok(due) if due.key.threshold.0 < 0 => "the notice after expiry is due".to_owned(),
        Ok(due) => format!("the notice of day {} is due", due.key.threshold),
        Err(skip) => format!("no mail: {} [{skip}]", skip_in_words(*skip)),
    };
    let mut text = format!(
        "{} (id {})\n  name      {}\n  status    {}, state {}\n  rule      {}\n  age       {age}\n            {}\n  changed   {}\n  \
         expires   {expires}\n  mail to   {recipient}\n  locale    {}\n  language  {language}\n  now       {now}\n\n",
        plain(&user.account_name()),
        user.id,
        user.full_name().map_or("-".to_owned(), |name| plain(&name)),
        user.status,
        user.state,
        assessment.rule.map_or("none matches", |rule| &rule.name),
        plain(&assessment.age.source.to_string()),
        minute(user.password_changed_at, "never set"),
        user.preferred_locale_code
            .as_deref()
            .map_or("-".to_owned(), plain),
    );
    for (threshold, standing) in thresholds {
        let name = match threshold.0 {
            days if days < 0 => "after expiry".to_owned(),
            1 => "1 day before".to_owned(),
            days => format!("{days} days before"),
        };
        text.push_str(&format!(
            "  {name:<17}{}\n",
            standing_in_words(*standing, zone, rehearsal)
        ));
    }
    text.push_str(&format!("\n{}\n", BLIND_SPOT.replace("; ", ";\n")));
    text
}

fn standing_name(standing: Standing) -> &'static str {
    match standing {
        Standing::Recorded(state) => state.as_str(),
        Standing::Next(_) => "next",
        Standing::NotBelowAge => "not-below-age",
        Standing::Skipped(skip) => skip.as_str(),
        Standing::Passed => "passed",
    }
}

fn standing_in_words(standing: Standing, zone: &TimeZone, rehearsal: bool) -> String {
    match standing {
        Standing::Recorded(state) => state.to_string(),
        Standing::Next(at) if rehearsal => format!("next: {} (rehearsal)", time::minute(at, zone)),
        Standing::Next(at) => format!("next: {}", time::minute(at, zone)),
        Standing::NotBelowAge => "left out: not below the age of the password".to_owned(),
        Standing::Skipped(skip) => format!("skipped: {}", skip_in_words(skip)),
        Standing::Passed => "passed".to_owned(),
    }
}
