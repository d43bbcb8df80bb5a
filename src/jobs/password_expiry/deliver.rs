//! Stages the notices of a plan, then sends them: nothing leaves that is not recorded first.

use std::cell::RefCell;
use std::time::Duration;

use anyhow::Context as _;
use futures_util::{StreamExt as _, TryStreamExt as _};
use jiff::Timestamp;

use super::{Reading, Tools};
use crate::domain::due::Due;
use crate::domain::notice::{NoticeKey, NoticeState};
use crate::domain::plan::{NoticePlan, Obsolete};
use crate::domain::run::{RunId, Tally};
use crate::domain::user::User;
use crate::mail::{Delivery, Message, PasswordNotice, message_id};
use crate::pace::Pace;
use crate::store::{Attempt, Staging};

/// Mails under way at the same time; a crash can repeat at most these.
const IN_FLIGHT: usize = 4;

/// Writes every notice of the plan to the ledger, in one transaction.
pub(super) async fn stage(
    tools: &Tools<'_>,
    run: RunId,
    now: Timestamp,
    reading: &Reading,
    plan: &NoticePlan,
) -> anyhow::Result<()> {
    let staging = plan
        .due
        .iter()
        .flat_map(|due| staging_of(tools, reading, due))
        .collect();
    let settled = plan
        .obsolete
        .iter()
        .map(|(key, why)| (key.clone(), settlement(*why)))
        .collect();
    Ok(tools.store.stage_notices(run, now, staging, settled).await?)
}

fn staging_of(tools: &Tools<'_>, reading: &Reading, due: &Due) -> Vec<Staging> {
    let account = reading.facts.users.get(&due.key.user_id).map(User::account_name);
    let row = |key: NoticeKey, state| Staging {
        message_id: identity(tools, reading, &key),
        account: account.clone().unwrap_or_default(),
        address: due.recipient.address.clone(),
        key,
        state,
    };
    let wider = due.supersedes.iter().map(|threshold| {
        row(
            NoticeKey {
                threshold: *threshold,
                ..due.key.clone()
            },
            NoticeState::Superseded,
        )
    });
    wider.chain([row(due.key.clone(), NoticeState::Staged)]).collect()
}

/// The Message-ID of a notice: the same for every copy of it.
fn identity(tools: &Tools<'_>, reading: &Reading, key: &NoticeKey) -> String {
    message_id(
        key,
        &reading.account_id.to_string(),
        tools.mailer.letterhead().domain(),
    )
}

fn settlement(why: Obsolete) -> Attempt {
    match why {
        Obsolete::Superseded => Attempt {
            state: NoticeState::Superseded,
            reply: "a more urgent notice took its place".to_owned(),
        },
        Obsolete::Cancelled(why) => Attempt {
            state: NoticeState::Cancelled,
            reply: why.to_owned(),
        },
    }
}

/// What the mails of one batch share.
struct Batch<'a> {
    tools: &'a Tools<'a>,
    run: RunId,
    now: Timestamp,
    reading: &'a Reading,
    pace: Pace,
    tally: RefCell<Tally>,
    /// Set when the sender as a whole is refused: no further mail begins.
    halted: RefCell<bool>,
}

/// Sends every notice of the plan. One refused recipient stops nobody else; a refused sender stops
/// the batch, and the rest stays due.
pub(super) async fn deliver(
    tools: &Tools<'_>,
    run: RunId,
    now: Timestamp,
    reading: &Reading,
    plan: &NoticePlan,
) -> anyhow::Result<Tally> {
    let per_minute = tools.settings.mail.per_minute;
    let batch = Batch {
        tools,
        run,
        now,
        reading,
        pace: Pace::new(per_minute, Duration::from_secs(60)),
        tally: RefCell::default(),
        halted: RefCell::new(false),
    };
    let sending = futures_util::stream::iter(&plan.due)
        .map(|due| batch.send(due))
        .buffer_unordered(IN_FLIGHT)
        .try_collect::<Vec<()>>()
        .await;
    tools.mailer.hang_up().await;
    sending?;
    Ok(batch.tally.into_inner())
}

impl Batch<'_> {
    /// Claims, sends and settles one notice.
    async fn send(&self, due: &Due) -> anyhow::Result<()> {
        let tools = self.tools;
        if !*self.halted.borrow() {
            tokio::select! {
                biased;
                () = tools.stop.cancelled() => self.tally.borrow_mut().interrupted = true,
                () = self.pace.take() => {}
            }
        }
        if *self.halted.borrow() || tools.stop.is_cancelled() {
            self.tally.borrow_mut().left += 1;
            return Ok(());
        }
        let claimed = tools
            .store
            .claim_notice(self.run, due.key.clone(), tools.clock.now())
            .await;
        let Some((id, message_id)) = claimed.context("a notice could not be recorded, so it was not sent")?
        else {
            return Ok(());
        };
        let delivery = match self.message(due, message_id) {
            Ok(message) => tools.mailer.deliver(&message).await,
            Err(error) => Delivery::RefusedRecipient {
                reply: format!("{error:#}"),
            },
        };
        let attempt = self.settle(&delivery);
        let settled = tools.store.settle_notice(id, tools.clock.now(), attempt).await;
        settled.context(
            "a notice was sent and could not be recorded; it will be sent again with the same Message-ID",
        )
    }

    fn message(&self, due: &Due, message_id: String) -> anyhow::Result<Message> {
        let Tools {
            templates,
            mailer,
            settings,
            ..
        } = self.tools;
        let user = self
            .reading
            .facts
            .users
            .get(&due.key.user_id)
            .context("the person is gone")?;
        let zone = &settings.password_expiry.terms.calendar.time_zone;
        let notice = PasswordNotice::new(user, due, zone);
        let content = templates.render_notice(&notice, mailer.letterhead())?;
        Ok(Message::new(
            content,
            &due.recipient.address,
            mailer.letterhead(),
            message_id,
            self.now,
        )?)
    }

    /// Counts what came of an attempt, and says how it is recorded.
    fn settle(&self, delivery: &Delivery) -> Attempt {
        let mut tally = self.tally.borrow_mut();
        let reply = delivery.reply();
        let state = match delivery {
            Delivery::Accepted { .. } | Delivery::Written { .. } => {
                tally.delivered += 1;
                let rehearsal = self.tools.settings.mail.is_rehearsal();
                return Attempt {
                    state: if rehearsal {
                        NoticeState::Rehearsed
                    } else {
                        NoticeState::Sent
                    },
                    reply,
                };
            }
            Delivery::RefusedRecipient { .. } => {
                tally.failed += 1;
                NoticeState::Failed
            }
            Delivery::RefusedSender { .. } => {
                *self.halted.borrow_mut() = true;
                tally.retry += 1;
                NoticeState::Retry
            }
            Delivery::TryAgain { .. } => {
                tally.retry += 1;
                NoticeState::Retry
            }
        };
        tally.trouble.get_or_insert_with(|| reply.clone());
        Attempt { state, reply }
    }
}
