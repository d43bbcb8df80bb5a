//! Stages notices: from here on they are owed.

use jiff::Timestamp;

use super::{Outbox, Owed};
use crate::domain::notice::{NoticeKey, NoticeState};
use crate::domain::plan::Obsolete;
use crate::domain::run::RunId;
use crate::mail::message_id;
use crate::store::{Attempt, Staging};

/// Writes every notice, with the account name of its person, and what became of older ones to the
/// ledger, in one transaction.
pub(in crate::jobs) async fn stage<'o, O: Owed + 'o>(
    tools: Outbox<'_>,
    run: RunId,
    now: Timestamp,
    account_id: i64,
    owed: impl IntoIterator<Item = (&'o O, String)>,
    obsolete: &[(NoticeKey, Obsolete)],
) -> anyhow::Result<()> {
    let tenant = account_id.to_string();
    let staging = owed
        .into_iter()
        .flat_map(|(owed, account)| rows(tools, &tenant, owed, &account))
        .collect();
    let settled = obsolete
        .iter()
        .map(|(key, why)| (key.clone(), settlement(*why)))
        .collect();
    Ok(tools.store.stage_notices(run, now, staging, settled).await?)
}

fn rows(tools: Outbox<'_>, tenant: &str, owed: &impl Owed, account: &str) -> Vec<Staging> {
    let row = |key: NoticeKey, state| Staging {
        message_id: message_id(&key, tenant, tools.mailer.letterhead().domain()),
        account: account.to_owned(),
        address: owed.address().to_owned(),
        key,
        state,
    };
    let wider = owed.supersedes().iter().map(|threshold| {
        row(
            NoticeKey {
                threshold: *threshold,
                resend: 0,
                ..owed.key().clone()
            },
            NoticeState::Superseded,
        )
    });
    wider
        .chain([row(owed.key().clone(), NoticeState::Staged)])
        .collect()
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
