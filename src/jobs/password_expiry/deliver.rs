//! Stages the notices of a plan, then sends them: nothing leaves that is not recorded first.

use std::cell::Cell;
use std::time::Duration;

use futures_util::StreamExt as _;
use jiff::Timestamp;

use super::{Reading, Tools};
use crate::domain::due::Due;
use crate::domain::notice::{NoticeKey, NoticeState};
use crate::domain::plan::{NoticePlan, Obsolete};
use crate::domain::run::RunId;
use crate::jobs::Stop;
use crate::mail::{Delivery, message_id};
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
) -> Result<(), Stop> {
    let staging = plan.due.iter().flat_map(|due| staging_of(tools, reading, due)).collect();
    let settled = plan.obsolete.iter().map(|(key, why)| (key.clone(), settlement(*why))).collect();
    Ok(tools.store.stage_notices(run, now, staging, settled).await?)
}

fn staging_of(tools: &Tools<'_>, reading: &Reading, due: &Due) -> Vec<Staging> {
    let account = reading.facts.users.get(&due.key.user_id).map(crate::domain::user::User::account_name);
    let row = |key: NoticeKey, state| Staging {
        message_id: message_id(&key, reading.account_id, tools.settings.mail.from.email.domain()),
        account: account.clone().unwrap_or_default(),
        address: due.recipient.address.clone(),
        key,
        state,
    };
    let wider = due
        .supersedes
        .iter()
        .map(|threshold| row(NoticeKey { threshold: *threshold, ..due.key.clone() }, NoticeState::Superseded));
    wider.chain([row(due.key.clone(), NoticeState::Staged)]).collect()
}

fn settlement(why: Obsolete) -> Attempt {
    match why {
        Obsolete::Superseded => {
            Attempt { state: NoticeState::Superseded, reply: "a more urgent notice took its place".to_owned() }
        }
        Obsolete::Cancelled(why) => Attempt { state: NoticeState::Cancelled, reply: why.to_owned() },
    }
}
