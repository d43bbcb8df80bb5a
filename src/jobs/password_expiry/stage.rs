//! Stages the notices of a plan: from here on they are owed.

use jiff::Timestamp;

use super::{Reading, Tools};
use crate::domain::due::Due;
use crate::domain::notice::{NoticeKey, NoticeState};
use crate::domain::plan::{NoticePlan, Obsolete};
use crate::domain::run::RunId;
use crate::domain::user::User;
use crate::mail::message_id;
use crate::store::{Attempt, Staging};

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
    let user = reading.facts.users.get(&due.key.user_id);
    let tenant = reading.account_id.to_string();
    let row = |key: NoticeKey, state| Staging {
        message_id: message_id(&key, &tenant, tools.mailer.letterhead().domain()),
        account: user.map(User::account_name).unwrap_or_default(),
        address: due.recipient.address.clone(),
        key,
        state,
    };
    let wider = due.supersedes.iter().map(|threshold| {
        row(
            NoticeKey {
                threshold: *threshold,
                resend: 0,
                ..due.key.clone()
            },
            NoticeState::Superseded,
        )
    });
    wider.chain([row(due.key.clone(), NoticeState::Staged)]).collect()
}

/// How a row is recorded that must not go out any more.
pub(super) fn settlement(why: Obsolete) -> Attempt {
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
