//! Whether a notice of the ledger may go out once more.

use jiff::Timestamp;

use super::due::{Book, Due, after_expiry};
use super::expiry::{Assessment, Deadline, Facts, Terms, assess};
use super::notice::{NoticeKey, NoticeState, Threshold};
use super::skip::Skip;

/// Why a notice is not sent once more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Untrue {
    /// The person gets no notice now.
    Skipped(Skip),
    /// In words.
    Because(&'static str),
}

use Untrue::{Because, Skipped};

/// The notice as it reads now, under the next resend number. Send days do not count here: a person
/// asks for it, and the mail tells the real date.
pub fn resend(
    key: &NoticeKey,
    facts: &Facts,
    terms: &Terms,
    now: Timestamp,
    book: Book<'_>,
) -> Result<Due, Untrue> {
    must_be_settled(key, book)?;
    let user = facts
        .users
        .get(&key.user_id)
        .ok_or(Because("the person is gone"))?;
    let assessment = assess(user, facts, terms);
    let deadline = assessment.deadline.as_ref().map_err(|skip| Skipped(*skip))?;
    let recipient = assessment.recipient.as_ref().map_err(|skip| Skipped(*skip))?;
    if key.occasion != deadline.occasion.to_string() {
        return Err(Because("the password or its age has changed since"));
    }
    if key.recipient != recipient.address.to_lowercase() {
        return Err(Because(
            "it would go to another address now, which the next run mails where a notice is due",
        ));
    }
    must_be_true(key, &assessment, deadline, terms, now)?;
    if book.ledger.has_more_urgent(key) {
        return Err(Because("a more urgent notice has taken its place"));
    }
    let next = NoticeKey {
        resend: key.resend + 1,
        ..key.clone()
    };
    Ok(Due::about(deadline, recipient, next, terms, now))
}

/// Only what has gone out, or was refused for good: everything else still goes out by itself, or was
/// never to.
fn must_be_settled(key: &NoticeKey, book: Book<'_>) -> Result<(), Untrue> {
    if book.ledger.newest(key) != *key {
        return Err(Because("it was sent once more already, as a newer notice"));
    }
    if key.rehearsal != book.rehearsal {
        return Err(Because(if key.rehearsal {
            "it is of a rehearsal, and mail is real now; the next run mails whoever is due"
        } else {
            "it is a real one, and mail is in rehearsal now"
        }));
    }
    match book.ledger.state_of(key) {
        Some(NoticeState::Sent | NoticeState::Failed | NoticeState::Rehearsed) => Ok(()),
        Some(NoticeState::Staged | NoticeState::Sending | NoticeState::Retry) => {
            Err(Because("it is still owed, and the next run tries it"))
        }
        Some(NoticeState::Superseded) => Err(Because("a more urgent notice has taken its place")),
        Some(NoticeState::Cancelled) => Err(Because("it was cancelled; the next run mails whoever is due")),
        None => Err(Because("it is not in the ledger")),
    }
}

/// Whether what this threshold says is still so.
fn must_be_true(
    key: &NoticeKey,
    assessment: &Assessment<'_>,
    deadline: &Deadline,
    terms: &Terms,
    now: Timestamp,
) -> Result<(), Untrue> {
    match (key.threshold == Threshold::AFTER_EXPIRY, deadline.is_over(now)) {
        (true, true) => return after_expiry(deadline, terms, now).map_err(Skipped),
        (true, false) => return Err(Because("the password has not expired")),
        (false, true) => return Err(Because("the password has expired")),
        (false, false) => {}
    }
    if let Some(skip) = assessment.before_expiry {
        return Err(Skipped(skip));
    }
    let days_left = deadline
        .expires_at
        .map(|at| terms.calendar.days_between(now, at))
        .ok_or(Skipped(Skip::NeverExpires))?;
    let today = terms.calendar.day_of(now);
    let ahead = if terms.calendar.is_send_day(today) {
        terms.calendar.look_ahead(today)
    } else {
        0
    };
    let is_due = |threshold: &u16| days_left - ahead <= i32::from(*threshold);
    let smallest = assessment.notice_days.iter().find(|days| is_due(days));
    if smallest.is_some_and(|days| i32::from(*days) < key.threshold.0) {
        return Err(Because("a more urgent notice is due"));
    }
    Ok(())
}
