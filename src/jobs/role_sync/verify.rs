//! Re-reads: what of the calls shows.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::apply::Applying;
use super::report::Halt;
use super::steps::{Item, Progress, Role, Said};
use crate::domain::role::actual::{Members, Reading};
use crate::domain::role::change::{ChangeState, Direction};
use crate::domain::user::UserId;
use crate::store::Settlement;

/// How long the last look may take once nothing more is to be done; what it does not come to is
/// found out by the next run.
const LAST_LOOK: Duration = Duration::from_secs(10);

/// Our clock and OneLogin's may differ by so much, so what is older was there before us.
const CLOCKS_APART: SignedDuration = SignedDuration::from_mins(10);

impl Applying<'_> {
    /// Reads the role again until every change that OneLogin says it made shows, within bounds, and
    /// settles what was called.
    pub(super) async fn verify(&mut self, role: &mut Role) {
        if !role.is_open() {
            return;
        }
        let (mut left, mut pause) = (
            self.tools.bounds.rereads.most,
            self.tools.bounds.rereads.first_pause,
        );
        let mut seen = 0;
        loop {
            seen += self.look(role).await;
            if self.halt.is_some() || left == 0 || !self.is_worth_another_look(role) {
                break;
            }
            self.wait_for(tokio::time::sleep(pause)).await;
            (left, pause) = (left - 1, pause * 2);
        }
        let believed = role
            .open_items()
            .any(|(_, item)| matches!(item.progress, Progress::Called(Said::Yes)));
        if seen == 0 && believed {
            self.count_failure("OneLogin says yes, and nothing changes");
        }
        self.settle_rest(role).await;
    }

    /// Reads the role once and settles what is as it was meant to be. How many that are.
    pub(super) async fn look(&mut self, role: &mut Role) -> usize {
        if matches!(self.halt, Some(Halt::Credential(_) | Halt::Journal(_))) {
            return 0;
        }
        let reading = self.tools.writer.client().read_role_members(role.id);
        let reading = if self.halt.is_some() {
            tokio::time::timeout(LAST_LOOK, reading).await.ok()
        } else {
            Some(reading.await)
        };
        let reading = match reading {
            Some(Ok(reading)) => reading,
            Some(Err(error)) => {
                self.halt(Halt::Credential(error.to_string()));
                return 0;
            }
            None => return 0,
        };
        let shown: Vec<Settlement> = role
            .open_items()
            .filter_map(|(direction, item)| {
                let state = state_where_shown(&reading, direction, item, self.began)?;
                Some(Settlement {
                    role: role.id,
                    user: item.step.user,
                    direction,
                    state,
                    words: None,
                })
            })
            .collect();
        self.readings.insert(role.id, reading);
        let count = shown.len();
        if count > 0 {
            self.count_success();
        }
        self.settle(role, shown).await;
        count
    }

    /// Whether a change that may have been made can still come to show.
    fn is_worth_another_look(&self, role: &Role) -> bool {
        let is_proven = self
            .readings
            .get(&role.id)
            .is_some_and(|reading| reading.proven().is_some());
        role.open_items().any(|(_, item)| match item.progress {
            Progress::Called(Said::Yes) => true,
            Progress::Called(Said::Nothing(_)) => !is_proven,
            _ => false,
        })
    }

    /// Settles what does not show. Where writing ended early, only what was refused: the rest may
    /// still come to show, and the next run finds out.
    async fn settle_rest(&mut self, role: &mut Role) {
        let reading = self.readings.get(&role.id);
        let is_cut = self.halt.is_some();
        let doubt = match reading {
            Some(Reading::Proven(_)) => None,
            Some(Reading::Unproven(_, why) | Reading::Unreadable(why)) => Some(why.as_str()),
            None => Some("the role was not read again"),
        };
        let rest: Vec<Settlement> = role
            .open_items()
            .filter_map(|(direction, item)| {
                let Progress::Called(said) = &item.progress else {
                    return None;
                };
                // A removal that does not show: the person was seen, or nothing is known.
                let is_seen = reading
                    .and_then(Reading::seen)
                    .is_some_and(|members| members.ids.contains(&item.step.user));
                let is_known = doubt.is_none() || (direction == Direction::Remove && is_seen);
                let (state, words) = match said {
                    Said::No(words) => (ChangeState::Failed, words.clone()),
                    _ if is_cut => return None,
                    Said::Nothing(words) if is_known => (ChangeState::Failed, words.clone()),
                    Said::Nothing(words) => (
                        ChangeState::Unverified,
                        format!(
                            "{words}; the re-read does not tell: {}",
                            doubt.unwrap_or_default()
                        ),
                    ),
                    Said::Yes if is_known => (
                        ChangeState::Unverified,
                        "OneLogin said yes, and the re-reads do not show it".to_owned(),
                    ),
                    Said::Yes => (
                        ChangeState::Unverified,
                        format!(
                            "OneLogin said yes, and the re-read does not tell: {}",
                            doubt.unwrap_or_default()
                        ),
                    ),
                };
                Some(Settlement {
                    role: role.id,
                    user: item.step.user,
                    direction,
                    state,
                    words: Some(words),
                })
            })
            .collect();
        self.settle(role, rest).await;
    }

    async fn settle(&mut self, role: &mut Role, settlements: Vec<Settlement>) {
        if settlements.is_empty() {
            return;
        }
        let now = self.tools.clock.now();
        let settled = self
            .tools
            .store
            .settle_changes(self.run, now, settlements.clone());
        if let Err(error) = settled.await {
            // Open in the journal, so the next run reads the role again.
            self.halt(Halt::Journal(error.to_string()));
            return;
        }
        let mut settlements: BTreeMap<(Direction, UserId), Settlement> = settlements
            .into_iter()
            .map(|settled| ((settled.direction, settled.user), settled))
            .collect();
        for direction in [Direction::Add, Direction::Remove] {
            for item in role.items_mut(direction) {
                if let Some(settled) = settlements.remove(&(direction, item.step.user)) {
                    item.progress = Progress::Settled(settled.state, settled.words);
                }
            }
        }
    }
}

impl Role {
    fn open_items(&self) -> impl Iterator<Item = (Direction, &Item)> {
        let added = self.add.iter().map(|item| (Direction::Add, item));
        let removed = self.remove.iter().map(|item| (Direction::Remove, item));
        added
            .chain(removed)
            .filter(|(_, item)| matches!(item.progress, Progress::Called(_)))
    }

    fn is_open(&self) -> bool {
        self.open_items().next().is_some()
    }
}

/// The state of a change that shows; `None` where it does not.
fn state_where_shown(
    reading: &Reading,
    direction: Direction,
    item: &Item,
    began: Timestamp,
) -> Option<ChangeState> {
    let Progress::Called(said) = &item.progress else {
        return None;
    };
    if !shows(reading, direction, item.step.user) {
        return None;
    }
    let added_at = reading.seen().and_then(|members: &Members| {
        let origin = members.origins.get(&item.step.user)?;
        origin.added_at
    });
    let was_refused = matches!(said, Said::No(_));
    Some(match (direction, added_at) {
        (Direction::Add, Some(at)) if at < began - CLOCKS_APART => ChangeState::Already,
        // Refused alone, and in since a moment: a list with them was refused before, and took effect.
        (Direction::Add, Some(_)) => ChangeState::Done,
        _ if was_refused => ChangeState::Already,
        _ => ChangeState::Done,
    })
}

/// Whether a reading shows a membership as a change meant it: who is seen is in, and only a proven
/// list says who is not.
pub(super) fn shows(reading: &Reading, direction: Direction, user: UserId) -> bool {
    match direction {
        Direction::Add => reading.seen().is_some_and(|members| members.ids.contains(&user)),
        Direction::Remove => reading
            .proven()
            .is_some_and(|members| !members.ids.contains(&user)),
    }
}
