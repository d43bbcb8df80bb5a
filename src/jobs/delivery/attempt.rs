//! What attempts to send came to, and what follows from each.

use tokio::time::Instant;

use super::waits::Waits;
use crate::domain::notice::NoticeState;
use crate::domain::refusal::RefusalStreak;
use crate::domain::run::{Halt, Tally};
use crate::mail::Delivery;
use crate::mail::redact::redact_in;
use crate::pace::Patience;
use crate::store::NoticeId;

/// What became of a notice whose turn it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Turn {
    /// It is settled, or left to another run.
    Over,
    /// It stands in retry, and may be tried again in this run.
    PutOff,
    /// It was not its turn after all.
    Skipped,
}

/// One attempt.
pub(super) struct Tried<'a> {
    pub(super) id: NoticeId,
    pub(super) address: &'a str,
    pub(super) delivery: &'a Delivery,
    pub(super) began: Instant,
    /// False where no mail could be made at all.
    pub(super) is_handed_over: bool,
    pub(super) is_rehearsal: bool,
}

/// Where a notice stands after an attempt.
#[derive(Debug)]
pub(super) struct Verdict {
    pub(super) state: NoticeState,
    pub(super) turn: Turn,
    /// Earlier refusals that were about the sender after all.
    pub(super) taken_back: Vec<NoticeId>,
    /// It is of no use to try others.
    pub(super) ends_batch: bool,
}

impl Verdict {
    fn new(state: NoticeState, turn: Turn) -> Self {
        Self {
            state,
            turn,
            taken_back: Vec::new(),
            ends_batch: false,
        }
    }
}

/// The batch so far.
pub(super) struct Progress {
    pub(super) tally: Tally,
    pub(super) waits: Waits,
    refusals: RefusalStreak<NoticeId>,
}

impl Progress {
    pub(super) fn new(patience: Patience) -> Self {
        Self {
            tally: Tally::default(),
            waits: Waits::new(patience),
            refusals: RefusalStreak::default(),
        }
    }

    /// Keeps the first words of trouble.
    pub(super) fn trouble(&mut self, words: &str) {
        // Servers repeat the address; the summary goes into the log.
        self.tally.trouble.get_or_insert_with(|| redact_in(words));
    }

    /// Keeps why no further mail begins, where it is not the mail server's doing. It counts for more
    /// than what one recipient met before.
    pub(super) fn halted(&mut self, why: &str) {
        if self.tally.halted.is_none() {
            self.tally.halted = Some(Halt::Other);
            self.tally.trouble = Some(redact_in(why));
        }
    }

    /// Counts what came of an attempt, and tells what follows from it. Who is put off is counted
    /// once the last round is over.
    pub(super) fn judge(&mut self, tried: &Tried<'_>) -> Verdict {
        let reply = tried.delivery.reply();
        if !matches!(tried.delivery, Delivery::RefusedRecipient { .. }) {
            self.refusals.broken();
        }
        if tried.is_handed_over && !matches!(tried.delivery, Delivery::NotServed { .. }) {
            self.waits.answered();
        }
        match tried.delivery {
            Delivery::Accepted { .. } | Delivery::Written { .. } => {
                self.tally.delivered += 1;
                let state = if tried.is_rehearsal {
                    NoticeState::Rehearsed
                } else {
                    NoticeState::Sent
                };
                return Verdict::new(state, Turn::Over);
            }
            Delivery::RefusedRecipient { .. } => self.trouble(&reply),
            _ => {
                self.trouble(&reply);
                return self.not_now(tried);
            }
        }
        let Some(taken_back) = self.refusals.refused(&reply, tried.address, tried.id) else {
            self.tally.failed += 1;
            return Verdict::new(NoticeState::Failed, Turn::Over);
        };
        let count = taken_back.len() as u64;
        self.tally.failed -= count - 1;
        self.tally.retry += count;
        Verdict {
            taken_back,
            ends_batch: true,
            ..Verdict::new(NoticeState::Retry, Turn::Over)
        }
    }

    fn not_now(&mut self, tried: &Tried<'_>) -> Verdict {
        let (turn, ends_batch) = match tried.delivery {
            Delivery::NotServed { may_have_arrived, .. } => {
                let ends_batch = !self.waits.failed(tried.began);
                // A copy is worse than a late mail, and the next run is soon enough.
                let turn = if *may_have_arrived {
                    Turn::Over
                } else {
                    Turn::PutOff
                };
                (turn, ends_batch)
            }
            Delivery::TryAgain { .. } if tried.is_handed_over => (Turn::PutOff, false),
            // What we could not write ourselves stays so for this run.
            Delivery::TryAgain { .. } => (Turn::Over, false),
            _ => (Turn::Over, true),
        };
        self.tally.retry += u64::from(turn == Turn::Over);
        Verdict {
            ends_batch,
            ..Verdict::new(NoticeState::Retry, turn)
        }
    }
}
