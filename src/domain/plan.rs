//! The plan of a run: every notice that is due, and a reason for everybody else.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::due::{Book, Due, after_expiry, due_notice, due_thresholds};
use super::expiry::{Assessment, Facts, Terms, assess};
use super::guard::Flood;
use super::notice::{Ledger, NoticeKey, NoticeState, Threshold};
use super::skip::Skip;
use super::user::UserId;

/// What one run will do. The same value is printed, recorded and carried out.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct NoticePlan {
    /// The notices to send, in the order of the user ids; those that were tried before come last, so
    /// that whoever ends the batch each time keeps nobody from their mail.
    pub due: Vec<Due>,
    /// How many people get none, by reason. With `due` it adds up to all users.
    pub skipped: BTreeMap<Skip, u64>,
    /// Rows of earlier runs that are still owed but must not go out any more.
    pub obsolete: Vec<(NoticeKey, Obsolete)>,
    /// People whose password can expire.
    pub can_expire: u64,
    /// Of the notices never staged before, those whose password expires before the next send day.
    pub urgent: u64,
    /// The last notices about people who were not reached, since it was refused for good, and to whom
    /// nothing else goes out now.
    pub refused: Vec<NoticeKey>,
    /// People whose status says expired while the computed date lies ahead: their age looks wrong.
    pub expired_early: Vec<UserId>,
}

/// Why a pending row is not sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Obsolete {
    /// A more urgent notice takes its place.
    Superseded,
    /// It is not true any more, for this reason.
    Cancelled(&'static str),
}

impl NoticePlan {
    /// What the caps look at.
    pub fn flood(&self) -> Flood {
        Flood {
            fresh: self.fresh(),
            can_expire: self.can_expire,
            urgent: self.urgent,
            late: self
                .due
                .iter()
                .filter(|due| due.fresh && !due.supersedes.is_empty())
                .count() as u64,
        }
    }

    /// Notices that were never staged before; the caps count these.
    pub fn fresh(&self) -> u64 {
        self.due.iter().filter(|due| due.fresh).count() as u64
    }
}

/// Decides what a run does, from what it has read.
pub fn plan_notices(facts: &Facts, terms: &Terms, now: Timestamp, book: Book<'_>) -> NoticePlan {
    let mut plan = NoticePlan::default();
    let mut pending: BTreeMap<UserId, Vec<&NoticeKey>> = BTreeMap::new();
    for key in book
        .ledger
        .pending()
        .filter(|key| key.rehearsal == book.rehearsal)
    {
        pending.entry(key.user_id).or_default().push(key);
    }

    for user in facts.users.values() {
        let assessment = assess(user, facts, terms);
        plan.can_expire += u64::from(assessment.can_expire());
        if let Ok(deadline) = &assessment.deadline
            && deadline.status_expired
            && deadline.expires_at.is_none_or(|at| at > now)
        {
            plan.expired_early.push(user.id);
        }
        let verdict = due_notice(user.id, &assessment, terms, now, book);
        for key in pending.remove(&user.id).unwrap_or_default() {
            if let Some(fate) = fate_of(key, &assessment, verdict.as_ref(), terms, now) {
                plan.obsolete.push((key.clone(), fate));
            }
        }
        match verdict {
            Ok(due) => plan.due.push(due),
            Err(skip) => {
                plan.refused
                    .extend(refused_notice(user.id, &assessment, terms, now, book));
                *plan.skipped.entry(skip).or_default() += 1;
            }
        }
    }
    plan.due.sort_by_cached_key(|due| {
        let state = book.ledger.state_of(&due.key);
        matches!(state, Some(NoticeState::Sending | NoticeState::Retry))
    });
    let next = terms.calendar.next_send_at(now);
    let cannot_wait = |due: &&Due| {
        due.fresh
            && due
                .expires_at
                .is_some_and(|at| at > now && next.is_none_or(|next| at < next))
    };
    plan.urgent = plan.due.iter().filter(cannot_wait).count() as u64;
    let gone = pending.into_values().flatten();
    plan.obsolete
        .extend(gone.map(|key| (key.clone(), Obsolete::Cancelled(GONE))));
    plan
}

/// The last notice about this password, if it was refused for good and there would still be a point in it.
fn refused_notice(
    user_id: UserId,
    assessment: &Assessment<'_>,
    terms: &Terms,
    now: Timestamp,
    book: Book<'_>,
) -> Option<NoticeKey> {
    let (Ok(deadline), Ok(recipient)) = (&assessment.deadline, &assessment.recipient) else {
        return None;
    };
    let is_news = if deadline.is_over(now) {
        after_expiry(deadline, terms, now).is_ok()
    } else {
        assessment.before_expiry.is_none()
    };
    let most_urgent = deadline.notice(user_id, Threshold::AFTER_EXPIRY, recipient, book.rehearsal);
    let (key, state) = book.ledger.last_of(&most_urgent)?;
    (is_news && state == NoticeState::Failed).then(|| key.clone())
}

/// What newer facts say of a notice that is about to leave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Revision {
    /// It is still true.
    Stands,
    /// Nobody can say; a later run will.
    Waits,
    /// It must not go out any more.
    Obsolete(Obsolete),
}

/// Looks at a notice that was due at `now` with newer facts.
pub fn revise(due: &Due, facts: &Facts, terms: &Terms, now: Timestamp) -> Revision {
    let Some(user) = facts.users.get(&due.key.user_id) else {
        return Revision::Obsolete(Obsolete::Cancelled(GONE));
    };
    let assessment = assess(user, facts, terms);
    let mut ledger = Ledger::default();
    ledger.record(due.key.clone(), NoticeState::Staged);
    let book = Book {
        ledger: &ledger,
        rehearsal: due.key.rehearsal,
    };
    let verdict = due_notice(user.id, &assessment, terms, now, book);
    match &verdict {
        Ok(again) if again.key == due.key => Revision::Stands,
        verdict => match fate_of(&due.key, &assessment, verdict.as_ref(), terms, now) {
            Some(fate) => Revision::Obsolete(fate),
            // A person asked for it once more, on whatever day.
            None if due.key.resend > 0 && *verdict == Err(Skip::NotDue) => Revision::Stands,
            None => Revision::Waits,
        },
    }
}

const GONE: &str = "the person is gone";

/// What becomes of a row that an earlier run left over. `None`: it is sent now, or waits.
fn fate_of(
    key: &NoticeKey,
    assessment: &Assessment<'_>,
    verdict: Result<&Due, &Skip>,
    terms: &Terms,
    now: Timestamp,
) -> Option<Obsolete> {
    let deadline = match &assessment.deadline {
        Ok(deadline) => deadline,
        // Nobody knows whether it is true; a later run will.
        Err(Skip::AgeUnknown) => return None,
        Err(Skip::NeverExpires) => return Some(Obsolete::Cancelled("the password does not expire any more")),
        Err(Skip::ResetPending) => return Some(Obsolete::Cancelled("a reset of the password is under way")),
        Err(Skip::Directory | Skip::TrustedIdp) => {
            return Some(Obsolete::Cancelled("the password lives elsewhere now"));
        }
        Err(_) => return Some(Obsolete::Cancelled("the account is not in use at present")),
    };
    if key.occasion != deadline.occasion.to_string() {
        return Some(Obsolete::Cancelled("the password or its age has changed"));
    }
    let Ok(recipient) = &assessment.recipient else {
        return Some(Obsolete::Cancelled("nobody is to be told any more"));
    };
    if key.recipient != recipient.address.to_lowercase() {
        return Some(Obsolete::Cancelled("the address has changed"));
    }
    match verdict {
        Ok(due) if due.key == *key => None,
        Ok(due) if due.key.threshold < key.threshold => Some(Obsolete::Superseded),
        Err(Skip::AlreadyNotified) => due_thresholds(deadline, assessment, terms, now)
            .is_ok_and(|due| due.first().is_some_and(|smallest| *smallest < key.threshold))
            .then_some(Obsolete::Superseded),
        Err(Skip::LongExpired | Skip::Expired) => Some(Obsolete::Cancelled("the password has expired")),
        _ if key.threshold != Threshold::AFTER_EXPIRY && deadline.expires_at.is_some_and(|at| at <= now) => {
            Some(Obsolete::Cancelled("the password has expired"))
        }
        _ => None,
    }
}
