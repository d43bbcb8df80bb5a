//! What a process that died left open: found out by reading, never by calling again.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::verify::shows;
use crate::domain::role::RoleId;
use crate::domain::role::actual::Reading;
use crate::domain::role::change::{ChangeState, Direction};
use crate::domain::run::RunId;
use crate::jobs::Stop;
use crate::onelogin::Client;
use crate::store::{Change, Settlement, Store};

/// What was found out about changes that were left open.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Resumed {
    /// They had been made.
    pub done: u64,
    /// They had not; the plan that follows decides anew.
    pub abandoned: u64,
    /// Roles that cannot be read now, with the reason: their changes stay open.
    pub unresolved: BTreeMap<RoleId, String>,
}

/// Settles what earlier processes left open, by one reading of each role concerned. Comes before a
/// new plan is made; whoever calls holds the lock of the roles.
pub async fn resume(client: &Client, store: &Store, now: Timestamp) -> Result<Resumed, Stop> {
    let open = store.list_open_changes().await?;
    let mut resumed = Resumed::default();
    let mut settlements: BTreeMap<RunId, Vec<Settlement>> = BTreeMap::new();
    let roles: BTreeSet<RoleId> = open.iter().map(|change| change.role_id).collect();
    for role in roles {
        let reading = client.read_role_members(role).await?;
        // A role that was deleted meanwhile has no members, and never will.
        let is_gone =
            matches!(reading, Reading::Unreadable(_)) && matches!(client.role_name(role).await, Ok(None));
        for change in open.iter().filter(|change| change.role_id == role) {
            let Some(state) = state_of(&reading, is_gone, change) else {
                let why = match &reading {
                    Reading::Unproven(_, why) | Reading::Unreadable(why) => why.clone(),
                    Reading::Proven(_) => String::new(),
                };
                resumed.unresolved.insert(role, why);
                continue;
            };
            match state {
                ChangeState::Done => resumed.done += 1,
                _ => resumed.abandoned += 1,
            }
            settlements.entry(change.run_id).or_default().push(Settlement {
                role,
                user: change.user_id,
                direction: change.direction,
                state,
                words: None,
            });
        }
    }
    for (run, settlements) in settlements {
        store.settle_changes(run, now, settlements).await?;
    }
    Ok(resumed)
}

/// What became of an open change; `None` where the reading does not tell.
fn state_of(reading: &Reading, is_gone: bool, change: &Change) -> Option<ChangeState> {
    if shows(reading, change.direction, change.user_id) {
        return Some(ChangeState::Done);
    }
    let opposite = match change.direction {
        Direction::Add => Direction::Remove,
        Direction::Remove => Direction::Add,
    };
    (is_gone || shows(reading, opposite, change.user_id)).then_some(ChangeState::Abandoned)
}
