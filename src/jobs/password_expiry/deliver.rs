//! Sends the staged notices of a plan: each is claimed, sent and settled.

use std::cell::RefCell;
use std::time::Duration;

use anyhow::Context as _;
use futures_util::StreamExt as _;
use jiff::Timestamp;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::{Reading, Tools};
use crate::config::settings::{Mail, Transport};
use crate::domain::due::Due;
use crate::domain::notice::NoticeState;
use crate::domain::plan::NoticePlan;
use crate::domain::recipient::reader_of;
use crate::domain::refusal::RefusalStreak;
use crate::domain::run::{RunId, Tally};
use crate::mail::redact::redact_in;
use crate::mail::{Delivery, Message, PasswordNotice};
use crate::pace::Pace;
use crate::store::{Attempt, NoticeId};

/// Mails under way at the same time; a crash can repeat at most these.
const IN_FLIGHT: usize = 4;

/// The most time that attempts in vain may take in one run; then the server is left alone.
const LONGEST_IN_VAIN: Duration = Duration::from_secs(30);

/// How long a server may take over our goodbye.
const LONGEST_GOODBYE: Duration = Duration::from_secs(2);

/// What the mails of one batch share. The attempts take turns on one thread, and no borrow lasts
/// over an await.
struct Batch<'a> {
    tools: &'a Tools<'a>,
    run: RunId,
    now: Timestamp,
    reading: &'a Reading,
    /// None for files, which no server has to take.
    pace: Option<Pace>,
    deadline: Instant,
    /// Cancelled when no further mail begins, so that those who wait for the pace hear of it.
    halted: CancellationToken,
    progress: RefCell<Progress>,
}

#[derive(Default)]
struct Progress {
    tally: Tally,
    in_vain: Duration,
    refusals: RefusalStreak<NoticeId>,
}

impl Progress {
    fn trouble(&mut self, words: &str) {
        // Servers repeat the address; the summary goes into the log.
        self.tally.trouble.get_or_insert_with(|| redact_in(words));
    }
}

/// Sends every notice of the plan. One refused recipient stops nobody else; a refused sender, a
/// signal, the end of the day or of `run_timeout` stops the batch, and the rest stays due.
pub(super) async fn deliver(
    tools: &Tools<'_>,
    run: RunId,
    now: Timestamp,
    reading: &Reading,
    plan: &NoticePlan,
) -> Tally {
    let batch = Batch {
        tools,
        run,
        now,
        reading,
        pace: pace_of(&tools.settings.mail),
        deadline: Instant::now() + tools.settings.daemon.run_timeout,
        halted: tools.stop.child_token(),
        progress: RefCell::default(),
    };
    let mut sending = futures_util::stream::iter(&plan.due)
        .map(|due| batch.send(due))
        .buffer_unordered(IN_FLIGHT);
    while let Some(sent) = sending.next().await {
        if let Err(error) = sent {
            // The mails under way are finished and recorded if they can be; no further one begins.
            batch.halt(&mut batch.progress.borrow_mut(), &format!("{error:#}"));
        }
    }
    drop(sending);
    // A courtesy, which a silent server does not get to answer at its leisure.
    let _unanswered = tokio::time::timeout(LONGEST_GOODBYE, tools.mailer.hang_up()).await;
    batch.progress.into_inner().tally
}

fn pace_of(mail: &Mail) -> Option<Pace> {
    match mail.transport {
        Transport::Files { .. } => None,
        Transport::Smtp(_) => Some(Pace::new(mail.per_minute, Duration::from_secs(60))),
    }
}

impl Batch<'_> {
    /// Claims, sends and settles one notice.
    async fn send(&self, due: &Due) -> anyhow::Result<()> {
        self.keep_pace().await;
        if !self.may_begin() {
            self.progress.borrow_mut().tally.left += 1;
            return Ok(());
        }
        let Tools {
            store, mailer, clock, ..
        } = self.tools;
        if due
            .expires_at
            .is_some_and(|at| at > self.now && at <= clock.now())
        {
            self.progress.borrow_mut().tally.expired_meanwhile += 1;
            return Ok(());
        }
        let claim = store
            .claim_notice(self.run, due.key.clone(), clock.now())
            .await
            .context("a notice could not be recorded, so it was not sent")?;
        let Some(claim) = claim else { return Ok(()) };
        let began = Instant::now();
        let delivery = match self.message(due, claim.message_id) {
            Ok(message) => mailer.deliver(&message).await,
            Err(delivery) => delivery,
        };
        let (state, taken_back) = self.count(&delivery, due, claim.id, began.elapsed());
        let attempt = Attempt {
            state,
            reply: delivery.reply(),
        };
        for id in taken_back.into_iter().filter(|id| *id != claim.id) {
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
        )
    }

    /// Begins no further mail.
    fn halt(&self, progress: &mut Progress, why: &str) {
        self.halted.cancel();
        progress.tally.halted = true;
        progress.trouble(why);
    }

    async fn keep_pace(&self) {
        let Some(pace) = &self.pace else { return };
        tokio::select! {
            biased;
            () = self.halted.cancelled() => {}
            () = tokio::time::sleep_until(self.deadline) => {}
            () = pace.take() => {}
        }
    }

    /// Whether one more mail may begin.
    fn may_begin(&self) -> bool {
        let mut progress = self.progress.borrow_mut();
        let (calendar, now) = (
            &self.tools.settings.password_expiry.terms.calendar,
            self.tools.clock.now(),
        );
        if self.tools.stop.is_cancelled() {
            progress.tally.interrupted = true;
        } else if Instant::now() >= self.deadline {
            self.halt(&mut progress, "daemon.run_timeout is over, the rest stays due");
        } else if calendar.day_of(now) != calendar.day_of(self.now) {
            // "In 3 days" was yesterday's truth.
            self.halt(&mut progress, "the day is over, the rest is decided anew");
        }
        !self.halted.is_cancelled()
    }

    /// The mail, or what stands for the server's answer where none can be made.
    fn message(&self, due: &Due, message_id: String) -> Result<Message, Delivery> {
        let Tools {
            templates,
            mailer,
            settings,
            ..
        } = self.tools;
        // One person's name may be what a template fails on: the others go out, and this one is
        // tried again once the template is mended.
        let no_mail = |reply: String| Delivery::TryAgain { reply };
        let user = self.reading.facts.users.get(&due.key.user_id);
        let user = user.ok_or_else(|| no_mail("the person is gone".to_owned()))?;
        let reader = reader_of(user, due.recipient.audience, &self.reading.facts.users);
        let zone = &settings.password_expiry.terms.calendar.time_zone;
        let notice = PasswordNotice::new(user, due, reader, zone);
        let content = templates
            .render_notice(&notice, mailer.letterhead())
            .map_err(|problem| no_mail(format!("a template fails: {problem}")))?;
        Message::new(
            content,
            &due.recipient.address,
            mailer.letterhead(),
            message_id,
            self.now,
        )
        .map_err(|error| Delivery::RefusedRecipient {
            reply: error.to_string(),
        })
    }

    /// Counts what came of an attempt: where the notice stands now, and which earlier refusals were
    /// about the sender after all.
    fn count(
        &self,
        delivery: &Delivery,
        due: &Due,
        id: NoticeId,
        took: Duration,
    ) -> (NoticeState, Vec<NoticeId>) {
        let mut progress = self.progress.borrow_mut();
        let reply = delivery.reply();
        if !matches!(delivery, Delivery::RefusedRecipient { .. }) {
            progress.refusals.broken();
        }
        match delivery {
            Delivery::Accepted { .. } | Delivery::Written { .. } => {
                progress.tally.delivered += 1;
                let rehearsal = self.tools.settings.mail.is_rehearsal();
                return (
                    if rehearsal {
                        NoticeState::Rehearsed
                    } else {
                        NoticeState::Sent
                    },
                    Vec::new(),
                );
            }
            Delivery::RefusedRecipient { .. } => {
                progress.trouble(&reply);
                let taken_back = progress.refusals.refused(&reply, &due.recipient.address, id);
                let Some(taken_back) = taken_back else {
                    progress.tally.failed += 1;
                    return (NoticeState::Failed, Vec::new());
                };
                let count = taken_back.len() as u64;
                progress.tally.failed -= count - 1;
                progress.tally.retry += count;
                self.halt(&mut progress, &reply);
                return (NoticeState::Retry, taken_back);
            }
            Delivery::RefusedSender { .. } => self.halt(&mut progress, &reply),
            Delivery::TryAgain { .. } => {
                progress.in_vain += took;
                progress.trouble(&reply);
                if progress.in_vain > LONGEST_IN_VAIN {
                    self.halt(&mut progress, &reply);
                }
            }
        }
        progress.tally.retry += 1;
        (NoticeState::Retry, Vec::new())
    }
}
