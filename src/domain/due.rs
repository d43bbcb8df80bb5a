//! Which notice about a person is due at an instant.

use jiff::Timestamp;

use super::calendar::SendCalendar;
use super::expiry::{Assessment, Deadline, Terms};
use super::notice::{Ledger, NoticeKey, NoticeState, PasswordOccasion, Recipient, Threshold};
use super::skip::Skip;
use super::user::UserId;

/// A notice that is due now, whether it was staged before or not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Due {
    /// Its key in the ledger.
    pub key: NoticeKey,
    /// Where it goes, as it is written in the directory.
    pub recipient: Recipient,
    /// The password and its age.
    pub occasion: PasswordOccasion,
    /// `None` where only OneLogin's status says expired, or the computed date lies ahead of it.
    pub expires_at: Option<Timestamp>,
    /// Calendar days from today to the expiry, in the configured zone.
    pub days_left: Option<i32>,
    /// True when it must be staged first; false when it was, and is still owed.
    pub fresh: bool,
    /// Wider thresholds that this notice takes the place of.
    pub supersedes: Vec<Threshold>,
}

/// What the ledger is asked with.
#[derive(Debug, Clone, Copy)]
pub struct Book<'a> {
    /// What was staged so far.
    pub ledger: &'a Ledger,
    /// Whether this run's mails go to files or to one redirected address.
    pub rehearsal: bool,
}

/// The notice that is due about this person now, or why none is.
pub fn due_notice(
    user_id: UserId,
    assessment: &Assessment<'_>,
    terms: &Terms,
    now: Timestamp,
    book: Book<'_>,
) -> Result<Due, Skip> {
    let deadline = assessment.deadline.as_ref().map_err(|skip| *skip)?;
    let recipient = assessment.recipient.as_ref().map_err(|skip| *skip)?;
    let due = due_thresholds(deadline, assessment, terms, now)?;

    let key_of = |threshold: Threshold| deadline.notice(user_id, threshold, recipient, book.rehearsal);
    let (smallest, wider) = due.split_first().ok_or(Skip::NotDue)?;
    // Somebody may have sent it once more, and that one may still be owed.
    let key = book.ledger.newest(&key_of(*smallest));
    let fresh = match book.ledger.state_of(&key) {
        None => true,
        // Cancelled when it was not true; now it is again. A resend is one person's wish at one time.
        Some(NoticeState::Cancelled) if key.resend == 0 => true,
        Some(state) if state.is_pending() => false,
        Some(_) => return Err(Skip::AlreadyNotified),
    };
    let unsettled = |threshold: &Threshold| {
        book.ledger
            .state_of(&key_of(*threshold))
            .is_none_or(NoticeState::is_pending)
    };
    Ok(Due {
        fresh,
        supersedes: wider.iter().copied().filter(unsettled).collect(),
        ..Due::about(deadline, recipient, key, terms, now)
    })
}

impl Due {
    /// The notice with this key as it reads now, taking nobody's place.
    pub(super) fn about(
        deadline: &Deadline,
        recipient: &Recipient,
        key: NoticeKey,
        terms: &Terms,
        now: Timestamp,
    ) -> Self {
        let shown_expiry = deadline
            .expires_at
            .filter(|at| !deadline.status_expired || *at <= now);
        Self {
            key,
            recipient: recipient.clone(),
            occasion: deadline.occasion,
            expires_at: shown_expiry,
            days_left: shown_expiry.map(|at| terms.calendar.days_between(now, at)),
            fresh: true,
            supersedes: Vec::new(),
        }
    }
}

/// The thresholds that are due, the most urgent first.
pub(super) fn due_thresholds(
    deadline: &Deadline,
    assessment: &Assessment<'_>,
    terms: &Terms,
    now: Timestamp,
) -> Result<Vec<Threshold>, Skip> {
    let calendar = &terms.calendar;
    let today = calendar.day_of(now);
    if deadline.is_over(now) {
        after_expiry(deadline, terms, now)?;
        if !calendar.is_send_day(today) {
            return Err(Skip::NotDue);
        }
        return Ok(vec![Threshold::AFTER_EXPIRY]);
    }
    if let Some(skip) = assessment.before_expiry {
        return Err(skip);
    }
    let Some(expires_at) = deadline.expires_at else {
        return Err(Skip::NeverExpires);
    };
    // On a send day those from here on; on any other one all of them or none.
    let smallest = if calendar.is_send_day(today) {
        days_after_look_ahead(calendar, now, expires_at)
    } else if calendar.next_send_at(now).is_some_and(|next| expires_at < next) {
        // The last chance: on the next send day it would be too late.
        i32::MIN
    } else {
        return Err(Skip::NotDue);
    };
    Ok(assessment
        .notice_days
        .iter()
        .map(|days| Threshold(i32::from(*days)))
        .filter(|threshold| smallest <= threshold.0)
        .collect())
}

/// Whether the notice after the expiry still goes to somebody whose password has expired.
pub(super) fn after_expiry(deadline: &Deadline, terms: &Terms, now: Timestamp) -> Result<(), Skip> {
    if !terms.notice_after_expiry {
        return Err(Skip::Expired);
    }
    let long_ago = |at: Timestamp| now.duration_since(at) > terms.after_expiry_within;
    if deadline.expires_at.is_some_and(long_ago) {
        return Err(Skip::LongExpired);
    }
    Ok(())
}

fn days_after_look_ahead(calendar: &SendCalendar, now: Timestamp, expires_at: Timestamp) -> i32 {
    calendar.days_between(now, expires_at) - calendar.look_ahead(calendar.day_of(now))
}
