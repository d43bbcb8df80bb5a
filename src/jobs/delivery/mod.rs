//! Sends staged notices of whatever kind: each is looked at once more, claimed, sent and settled.

mod attempt;
mod notices;
mod stage;
mod waits;

use std::cell::RefCell;
use std::time::Duration;

use anyhow::Context as _;
use futures_util::StreamExt as _;
use jiff::Timestamp;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use self::attempt::{Progress, Tried, Turn};
pub(super) use self::notices::{Notices, Owed, Truth};
use self::stage::settlement;
pub(super) use self::stage::stage;
pub use self::waits::MAIL_PATIENCE;
use crate::clock::Clock;
use crate::config::settings::{Mail, Settings, Transport};
use crate::domain::notice::NoticeState;
use crate::domain::run::{Halt, RunId, RunStatus, Tally};
use crate::mail::{Delivery, Mailer, Message};
use crate::pace::{Pace, Patience};
use crate::store::{Attempt, Store};

/// Mails under way at the same time; a crash can repeat at most these.
const IN_FLIGHT: usize = 4;

/// How long a server may take over our goodbye.
const LONGEST_GOODBYE: Duration = Duration::from_secs(2);

/// What a batch is staged and sent with.
#[derive(Debug, Clone, Copy)]
pub(super) struct Outbox<'a> {
    /// The settings in force.
    pub(super) settings: &'a Settings,
    /// The clock.
    pub(super) clock: &'a dyn Clock,
    /// The ledger.
    pub(super) store: &'a Store,
    /// The way out for mail.
    pub(super) mailer: &'a Mailer,
    /// How long a mail server that takes nothing, or not yet, is tried in one run.
    pub(super) patience: Patience,
    /// Cancelled when the process is to stop: the mails in flight are finished, no new one begins.
    pub(super) stop: &'a CancellationToken,
}

/// What the mails of one batch share. The attempts take turns on one thread, and no borrow lasts
/// over an await.
struct Batch<'a, N> {
    tools: Outbox<'a>,
    run: RunId,
    now: Timestamp,
    notices: &'a N,
    /// None for files, which no server has to take.
    pace: Option<Pace>,
    deadline: Instant,
    /// Cancelled when no further mail begins, so that those who wait for their turn hear of it.
    halted: CancellationToken,
    progress: RefCell<Progress>,
}

/// Sends every notice that is owed. One refused recipient stops nobody else; who is put off is tried
/// again after the others, and a server that takes nothing is waited for, both within bounds. A
/// refused sender, a signal, facts that cannot be looked at again, the end of the day or of
/// `run_timeout` stops the batch, and the rest stays due.
pub(super) async fn deliver<N: Notices>(
    tools: Outbox<'_>,
    run: RunId,
    now: Timestamp,
    notices: &N,
    owed: &[N::Owed],
) -> Tally {
    let batch = Batch {
        tools,
        run,
        now,
        notices,
        pace: pace_of(&tools.settings.mail),
        deadline: Instant::now() + tools.settings.daemon.run_timeout,
        halted: tools.stop.child_token(),
        progress: RefCell::new(Progress::new(tools.patience)),
    };
    let (mut put_off, skipped) = batch.round(owed.iter().collect()).await;
    batch.progress.borrow_mut().tally.left += skipped.len() as u64;
    while !put_off.is_empty() && batch.waits_for_next_round().await {
        let (again, skipped) = batch.round(put_off).await;
        put_off = [again, skipped].concat();
    }
    let mut tally = batch.progress.into_inner().tally;
    tally.retry += put_off.len() as u64;
    if tally.status() == RunStatus::Succeeded {
        // What passed within the run is for the rows and the log.
        tally.trouble = None;
    }
    // A courtesy, which a silent server does not get to answer at its leisure.
    let _unanswered = tokio::time::timeout(LONGEST_GOODBYE, tools.mailer.hang_up()).await;
    tally
}

fn pace_of(mail: &Mail) -> Option<Pace> {
    match mail.transport {
        Transport::Files { .. } => None,
        Transport::Smtp(_) => Some(Pace::new(mail.per_minute, Duration::from_secs(60))),
    }
}

impl<N: Notices> Batch<'_, N> {
    /// Gives each notice its turn. Returns those that were put off, and those that were skipped.
    async fn round<'d>(&self, all: Vec<&'d N::Owed>) -> (Vec<&'d N::Owed>, Vec<&'d N::Owed>) {
        let (mut put_off, mut skipped) = (Vec::new(), Vec::new());
        let mut sending = futures_util::stream::iter(all)
            .map(async |owed| (owed, self.send(owed).await))
            .buffer_unordered(IN_FLIGHT);
        while let Some((owed, sent)) = sending.next().await {
            match sent {
                Ok(Turn::Over) => {}
                Ok(Turn::PutOff) => put_off.push(owed),
                Ok(Turn::Skipped) => skipped.push(owed),
                // The mails under way are finished and recorded if they can be; no further one begins.
                Err(error) => self.halt(&format!("{error:#}")),
            }
        }
        (put_off, skipped)
    }

    /// Waits before those who were put off are tried again. False where that is left to another run.
    async fn waits_for_next_round(&self) -> bool {
        let pause = self.progress.borrow_mut().waits.next_round();
        let Some(pause) = pause.filter(|_| self.may_begin()) else {
            return false;
        };
        tracing::info!(
            run = self.run.0,
            pause_ms = u64::try_from(pause.as_millis()).unwrap_or(u64::MAX),
            "trying again"
        );
        self.unless_over(tokio::time::sleep(pause)).await;
        self.may_begin()
    }

    /// Claims, sends and settles one notice, if it is still true.
    async fn send(&self, owed: &N::Owed) -> anyhow::Result<Turn> {
        self.wait_for_turn().await;
        if !(self.may_begin() && self.has_fresh_facts().await && self.may_begin()) {
            return Ok(Turn::Skipped);
        }
        if !self.is_still_true(owed).await? {
            return Ok(Turn::Over);
        }
        let Outbox {
            store, mailer, clock, ..
        } = self.tools;
        let claim = store
            .claim_notice(self.run, owed.key().clone(), clock.now())
            .await
            .context("a notice could not be recorded, so it was not sent")?;
        let Some(claim) = claim else { return Ok(Turn::Over) };
        let began = Instant::now();
        let message = self.message(owed, claim.message_id);
        let is_handed_over = message.is_ok();
        let delivery = match message {
            Ok(message) => mailer.deliver(&message).await,
            Err(delivery) => delivery,
        };
        let tried = Tried {
            id: claim.id,
            address: owed.address(),
            delivery: &delivery,
            began,
            is_handed_over,
            is_rehearsal: self.tools.settings.mail.is_rehearsal(),
        };
        let verdict = self.progress.borrow_mut().judge(&tried);
        if verdict.ends_batch {
            self.halted.cancel();
            let mut progress = self.progress.borrow_mut();
            progress.tally.halted.get_or_insert(Halt::MailServer);
        }
        let attempt = Attempt {
            state: verdict.state,
            reply: delivery.reply(),
        };
        for id in verdict.taken_back.into_iter().filter(|id| *id != claim.id) {
            let refused = Attempt {
                state: NoticeState::Retry,
                reply: attempt.reply.clone(),
            };
            store
                .settle_notice(id, clock.now(), refused)
                .await
                .context("a refusal could not be taken back")?;
        }
        store.settle_notice(claim.id, clock.now(), attempt).await.context(
            "the end of an attempt could not be recorded; the notice goes out again with the same Message-ID",
        )?;
        Ok(verdict.turn)
    }

    /// Looks at a notice with the facts as they are by now; one that is obsolete is settled.
    async fn is_still_true(&self, owed: &N::Owed) -> anyhow::Result<bool> {
        let (store, now) = (self.tools.store, self.tools.clock.now());
        let why = match self.notices.look(owed, now) {
            Truth::Stands => return Ok(true),
            Truth::TooLate => {
                self.progress.borrow_mut().tally.expired_meanwhile += 1;
                return Ok(false);
            }
            Truth::Waits => {
                let mut progress = self.progress.borrow_mut();
                progress.trouble("whether a notice is still true cannot be said any more; a later run will");
                progress.tally.left += 1;
                return Ok(false);
            }
            Truth::Obsolete(why) => why,
        };
        let settled = vec![(owed.key().clone(), settlement(why))];
        store
            .stage_notices(self.run, now, Vec::new(), settled)
            .await
            .context("a notice that is no longer true could not be cancelled; it was not sent")?;
        self.progress.borrow_mut().tally.cancelled += 1;
        Ok(false)
    }

    /// Begins no further mail.
    fn halt(&self, why: &str) {
        self.halted.cancel();
        self.progress.borrow_mut().halted(why);
    }

    /// Keeps the pace, and waits for a server that took nothing.
    async fn wait_for_turn(&self) {
        if let Some(pace) = &self.pace {
            self.unless_over(pace.take()).await;
        }
        loop {
            let resume_at = self.progress.borrow().waits.resume_at();
            let Some(resume_at) = resume_at.filter(|_| !self.is_over()) else {
                return;
            };
            self.unless_over(tokio::time::sleep_until(resume_at)).await;
        }
    }

    /// Awaits `work` for as long as another mail may begin. `None` where that ended first.
    async fn unless_over<T>(&self, work: impl Future<Output = T>) -> Option<T> {
        tokio::select! {
            biased;
            () = self.halted.cancelled() => None,
            () = tokio::time::sleep_until(self.over_at()) => None,
            done = work => Some(done),
        }
    }

    fn over_at(&self) -> Instant {
        let waited = self.progress.borrow().waits.over_at();
        waited.map_or(self.deadline, |at| at.min(self.deadline))
    }

    fn is_over(&self) -> bool {
        self.halted.is_cancelled() || Instant::now() >= self.over_at()
    }

    /// Whether one more mail may begin.
    fn may_begin(&self) -> bool {
        let calendar = &self.tools.settings.password_expiry.terms.calendar;
        let today = calendar.day_of(self.tools.clock.now());
        if self.tools.stop.is_cancelled() {
            self.progress.borrow_mut().tally.interrupted = true;
        } else if Instant::now() >= self.deadline {
            self.halt("daemon.run_timeout is over, the rest stays due");
        } else if today != calendar.day_of(self.now) {
            // "In 3 days" was yesterday's truth.
            self.halt("the day is over, the rest is decided anew");
        }
        !self.is_over()
    }

    /// Looks at the facts again, where that is due. Without an answer nobody else is mailed.
    async fn has_fresh_facts(&self) -> bool {
        match self.unless_over(self.notices.refresh()).await {
            None => {
                // Tells why.
                self.may_begin();
                false
            }
            Some(Ok(())) => true,
            Some(Err(why)) => {
                self.halt(&why);
                false
            }
        }
    }

    /// The mail, or what stands for the server's answer where none can be made.
    fn message(&self, owed: &N::Owed, message_id: String) -> Result<Message, Delivery> {
        let letterhead = self.tools.mailer.letterhead();
        // One person's name may be what a template fails on: the others go out, and this one is
        // tried again once the template is mended.
        let content = self
            .notices
            .content(owed)
            .map_err(|reply| Delivery::TryAgain { reply })?;
        Message::new(content, owed.address(), letterhead, message_id, self.now).map_err(|error| {
            Delivery::RefusedRecipient {
                reply: error.to_string(),
            }
        })
    }
}
