//! Why a person was mailed, is mailed next, or is not: everything that `expiry explain` tells.

use jiff::{Timestamp, ToSpan};

use super::due::{Book, Due, due_notice};
use super::expiry::{Assessment, Facts, Terms, assess};
use super::forecast::{coming_notices, scheduled_runs};
use super::notice::{NoticeState, Threshold};
use super::skip::Skip;
use super::user::User;

/// Where one of a person's thresholds stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// In the ledger.
    Recorded(NoticeState),
    /// A run at this instant would send it.
    Next(Timestamp),
    /// Not below the age of the password, so left out.
    NotBelowAge,
    /// No run will send it, for this reason.
    Skipped(Skip),
    /// A smaller threshold comes before it would be due, or its time has gone by.
    Passed,
}

/// Everything about one person's password.
#[derive(Debug, Clone)]
pub struct Explanation<'a> {
    /// The person.
    pub user: &'a User,
    /// Rule, age, dates and recipient.
    pub assessment: Assessment<'a>,
    /// What a run now would do about this person.
    pub verdict: Result<Due, Skip>,
    /// Each threshold, the widest first, the notice after expiry last.
    pub thresholds: Vec<(Threshold, Standing)>,
}

/// Explains one person.
pub fn explain<'a>(
    user: &'a User,
    facts: &Facts,
    terms: &'a Terms,
    now: Timestamp,
    book: Book<'_>,
) -> Explanation<'a> {
    let assessment = assess(user, facts, terms);
    let verdict = due_notice(user.id, &assessment, terms, now, book);
    let coming = upcoming(user, &assessment, terms, now, book);
    let configured = assessment
        .rule
        .and_then(|rule| rule.notice_days.as_ref())
        .unwrap_or(&terms.notice_days);
    let thresholds = configured
        .iter()
        .rev()
        .map(|days| Threshold(i32::from(*days)))
        .chain(terms.notice_after_expiry.then_some(Threshold::AFTER_EXPIRY))
        .map(|threshold| (threshold, standing(threshold, user, &assessment, &coming, book)))
        .collect();
    Explanation {
        user,
        assessment,
        verdict,
        thresholds,
    }
}

/// The notices that the scheduled runs would send, up to the last moment at which one can be due.
fn upcoming(
    user: &User,
    assessment: &Assessment<'_>,
    terms: &Terms,
    now: Timestamp,
    book: Book<'_>,
) -> Vec<(Timestamp, Due)> {
    let Ok(deadline) = &assessment.deadline else {
        return Vec::new();
    };
    let last = deadline.expires_at.unwrap_or(now).max(now);
    let last = last.saturating_add(terms.after_expiry_within).unwrap_or(last);
    // A send day comes within 31 days, so later runs bring nothing new.
    let last = last.saturating_add((24 * 31).hours()).unwrap_or(last);
    let runs: Vec<Timestamp> = scheduled_runs(terms, now).take_while(|at| *at <= last).collect();
    coming_notices(user.id, assessment, terms, &runs, book)
}

fn standing(
    threshold: Threshold,
    user: &User,
    assessment: &Assessment<'_>,
    coming: &[(Timestamp, Due)],
    book: Book<'_>,
) -> Standing {
    let (deadline, recipient) = match (&assessment.deadline, &assessment.recipient) {
        (Err(skip), _) | (Ok(_), Err(skip)) => return Standing::Skipped(*skip),
        (Ok(deadline), Ok(recipient)) => (deadline, recipient),
    };
    let key = deadline.notice(user.id, threshold, recipient, book.rehearsal);
    let key = book.ledger.newest(&key);
    if let Some(state) = book.ledger.state_of(&key)
        && !state.is_pending()
        && state != NoticeState::Cancelled
    {
        return Standing::Recorded(state);
    }
    if let Some((at, _)) = coming.iter().find(|(_, due)| due.key == key) {
        return Standing::Next(*at);
    }
    if threshold == Threshold::AFTER_EXPIRY {
        return Standing::Passed;
    }
    let in_force = u16::try_from(threshold.0).is_ok_and(|days| assessment.notice_days.contains(&days));
    match assessment.before_expiry {
        _ if !in_force => Standing::NotBelowAge,
        Some(skip) => Standing::Skipped(skip),
        None => Standing::Passed,
    }
}
