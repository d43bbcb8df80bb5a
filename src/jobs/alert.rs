//! Tells the admins what a recorded run met, and what is over.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::Outcome;
use crate::config::settings::Settings;
use crate::domain::alert::{Cause, Letter, Met, News, Reach, Record, Trouble, letters, passed};
use crate::domain::refusal::is_about_policy;
use crate::domain::run::{Job, RunId, RunStatus, Trigger};
use crate::mail::redact::{redact, redact_in};
use crate::mail::{AlertMail, Delivery, Mailer, Message, alert_id, fingerprint};
use crate::report::time::minute;
use crate::store::Store;

/// The longest that telling may take; who was not told then is told after the next run.
const LONGEST: Duration = Duration::from_secs(30);

/// How long a server may take over our goodbye.
const LONGEST_GOODBYE: Duration = Duration::from_secs(2);

/// What the admins are told with.
#[derive(Debug)]
pub struct Desk<'a> {
    /// The settings in force.
    pub settings: &'a Settings,
    /// What was told before.
    pub store: &'a Store,
    /// The way out for mail.
    pub mailer: &'a Mailer,
}

/// A recorded run that has ended, as far as admins are concerned.
#[derive(Debug)]
pub struct Ended<'a> {
    /// Its number.
    pub run: RunId,
    /// What ran.
    pub job: Job,
    /// What started it.
    pub trigger: Trigger,
    /// Its one reading of the clock.
    pub now: Timestamp,
    /// Why a person released a guard for it.
    pub reason: Option<&'a str>,
    /// How it ended.
    pub outcome: &'a Outcome,
    /// How far it came.
    pub reach: Reach,
    /// What it met.
    pub troubles: Vec<Trouble>,
}

/// Tells each admin what they do not know yet. Whatever fails here is logged and changes nothing about
/// the run; who could not be told is told after the next one.
pub async fn tell_admins(desk: &Desk<'_>, ended: Ended<'_>) {
    let telling = async {
        if let Err(error) = tell(desk, &ended).await {
            tracing::error!(run = ended.run.0, "the admins could not be told: {error:#}");
        }
        let _unanswered = tokio::time::timeout(LONGEST_GOODBYE, desk.mailer.hang_up()).await;
    };
    if tokio::time::timeout(LONGEST, telling).await.is_err() {
        let took = LONGEST.as_secs();
        tracing::error!(run = ended.run.0, "the admins could not be told within {took} s");
    }
}

async fn tell(desk: &Desk<'_>, ended: &Ended<'_>) -> anyhow::Result<()> {
    let Desk {
        settings,
        store,
        mailer,
    } = desk;
    let rehearsal = settings.mail.is_rehearsal();
    let met: BTreeMap<Cause, &Trouble> = ended
        .troubles
        .iter()
        .map(|trouble| (cause_of(ended.job, trouble), trouble))
        .collect();
    let causes: Met = met
        .iter()
        .map(|(cause, trouble)| (cause.clone(), fingerprint_of(trouble)))
        .collect();
    let before = store.load_alerts(ended.job, rehearsal).await?;
    let over = passed(&before, &causes, ended.reach)
        .into_iter()
        .cloned()
        .collect();
    store
        .note_causes(ended.run, ended.now, causes.keys().cloned().collect(), over)
        .await?;
    let records = store.load_alerts(ended.job, rehearsal).await?;
    let zone = &settings.password_expiry.terms.calendar.time_zone;
    let today = ended.now.to_zoned(zone.clone()).date();
    let admins: Vec<String> = settings.mail.admins.iter().map(ToString::to_string).collect();
    for letter in letters(&records, &causes, ended.reach, &admins, today) {
        let Some(record) = records.get(&letter.cause) else {
            continue;
        };
        let (content, of) = match (letter.news, met.get(&letter.cause)) {
            (News::Trouble, Some(trouble)) => (
                of_trouble(ended, trouble, record, settings, zone),
                today.to_string(),
            ),
            _ => (
                of_the_end(ended, &letter.cause, record, settings, zone),
                record.since_run.to_string(),
            ),
        };
        let (tenant, domain) = (settings.onelogin.url.as_str(), mailer.letterhead().domain());
        let id = alert_id(&letter, &of, rehearsal, tenant, domain);
        if send(mailer, &letter, &content, id, ended).await {
            let fingerprint = causes.get(&letter.cause).cloned().flatten();
            store.record_told(&letter, fingerprint, today, rehearsal).await?;
        }
    }
    Ok(())
}

/// Whether the letter is done with: taken, or refused for good, which another try would not change.
async fn send(mailer: &Mailer, letter: &Letter, mail: &AlertMail, id: String, ended: &Ended<'_>) -> bool {
    let message = Message::new(mail.render(), &letter.address, mailer.letterhead(), id, ended.now);
    let delivery = match message {
        Ok(message) => mailer.deliver(&message).await,
        Err(error) => Delivery::RefusedRecipient {
            reply: error.to_string(),
        },
    };
    let (admin, cause) = (redact(&letter.address), letter.cause.kind.as_str());
    let words = redact_in(&delivery.reply());
    match delivery {
        Delivery::Accepted { .. } | Delivery::Written { .. } => {
            tracing::info!(run = ended.run.0, cause, admin, "an admin was told");
            true
        }
        Delivery::RefusedRecipient { ref reply } if !is_about_policy(reply) => {
            tracing::error!(
                run = ended.run.0,
                cause,
                admin,
                "an admin cannot be told, correct mail.admins: {words}"
            );
            true
        }
        Delivery::RefusedRecipient { .. }
        | Delivery::RefusedSender { .. }
        | Delivery::TryAgain { .. }
        | Delivery::NotServed { .. } => {
            tracing::error!(
                run = ended.run.0,
                cause,
                admin,
                "an admin could not be told, and is after the next run: {words}"
            );
            false
        }
    }
}

fn cause_of(job: Job, trouble: &Trouble) -> Cause {
    Cause {
        job,
        kind: trouble.kind,
        about: trouble.about.clone(),
    }
}

/// Of what there is to tell, where that decides whether it is told again.
fn fingerprint_of(trouble: &Trouble) -> Option<String> {
    let words = trouble.kind.is_told_when_it_differs().then_some(&trouble.what)?;
    Some(fingerprint(words))
}

fn of_trouble(
    ended: &Ended<'_>,
    trouble: &Trouble,
    record: &Record,
    settings: &Settings,
    zone: &TimeZone,
) -> AlertMail {
    // The words of a tenant or a server may hold line breaks of their own, which make no list.
    let (what, list) = match trouble.what.split_once('\n') {
        Some((what, list)) if trouble.kind.has_list() => (what, list),
        _ => (trouble.what.as_str(), ""),
    };
    let mut paragraphs = vec![sentence(what)];
    let Outcome {
        status, has_effect, ..
    } = ended.outcome;
    if matches!(
        status,
        RunStatus::Refused | RunStatus::Failed | RunStatus::Skipped
    ) && !has_effect
    {
        paragraphs.push("This run sent and changed nothing; the next one decides afresh.".to_owned());
    }
    let cause = cause_of(ended.job, trouble);
    AlertMail {
        subject: title(&cause),
        paragraphs,
        list: list.lines().map(str::to_owned).collect(),
        advice: trouble.advice.clone(),
        facts: facts(ended, record, settings, zone),
        closing: if trouble.kind.is_told_when_it_differs() {
            "You get this mail again when there is something else to tell, at most once a day, and once more when it is over."
        } else {
            "You get this mail at once, then once a day while it lasts, and once more when it is over."
        },
    }
}

fn of_the_end(
    ended: &Ended<'_>,
    cause: &Cause,
    record: &Record,
    settings: &Settings,
    zone: &TimeZone,
) -> AlertMail {
    let mut paragraphs = vec![format!(
        "It is over: run {} of {} went without \"{}\".",
        ended.run,
        minute(ended.now, zone),
        title(cause)
    )];
    paragraphs.push(sentence(&format!("What that run did: {}", ended.outcome.summary)));
    if let Some(reason) = ended.reason {
        paragraphs.push(sentence(&format!(
            "A person released it, for this reason: {reason}"
        )));
    }
    AlertMail {
        subject: format!("over: {}", title(cause)),
        paragraphs,
        list: Vec::new(),
        advice: Vec::new(),
        facts: facts(ended, record, settings, zone),
        closing: "There is nothing to do. Should it come back, you are told again, on another day.",
    }
}

fn title(cause: &Cause) -> String {
    let about = if cause.about.is_empty() {
        String::new()
    } else {
        format!(" ({})", cause.about)
    };
    format!("{}: {}{about}", cause.job, cause.kind.in_words())
}

fn facts(
    ended: &Ended<'_>,
    record: &Record,
    settings: &Settings,
    zone: &TimeZone,
) -> Vec<(&'static str, String)> {
    let Ended { run, trigger, .. } = ended;
    let host = rustix::system::uname();
    let tenant = settings.onelogin.url.as_str().trim_end_matches('/');
    vec![
        (
            "Since",
            format!("{} (run {})", minute(record.since, zone), record.since_run),
        ),
        (
            "Run",
            format!(
                "{run} of {}, {}, started by {trigger}",
                minute(ended.now, zone),
                ended.outcome.status
            ),
        ),
        ("Details", format!("onelogin-steward history show {run}")),
        ("Tenant", tenant.to_owned()),
        ("Host", host.nodename().to_string_lossy().into_owned()),
    ]
}

/// With a capital at the beginning and a full stop at the end.
fn sentence(text: &str) -> String {
    let mut chars = text.trim_end_matches('.').chars();
    let first = chars
        .next()
        .map(|c| c.to_uppercase().to_string())
        .unwrap_or_default();
    format!("{first}{}.", chars.as_str())
}
