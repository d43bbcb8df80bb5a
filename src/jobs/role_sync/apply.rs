//! Carries out a list of steps: additions of all roles first, then removals.
//!
//! Success is what a re-read shows, never an answer alone. The least that a role costs: a call for
//! each 50 additions, one re-read of all its pages where one of these people is to be removed
//! elsewhere or the role has no removals, a call for each 50 removals, and one re-read of all its
//! pages after these, which shows the additions too where they have not been looked at.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use jiff::Timestamp;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::report::{Halt, Report};
use super::steps::{Progress, Role, RoleSteps};
use crate::clock::Clock;
use crate::domain::role::RoleId;
use crate::domain::role::actual::Reading;
use crate::domain::role::change::Direction;
use crate::domain::run::RunId;
use crate::domain::user::UserId;
use crate::onelogin::RoleWriter;
use crate::pace::Patience;
use crate::store::Store;

/// Calls in a row that come to nothing, after which nothing more is written.
pub(super) const MOST_FAILURES: u32 = 3;

/// What apply works with.
#[derive(Debug)]
pub struct Applier<'a> {
    /// The way to change the tenant.
    pub writer: RoleWriter<'a>,
    /// The journal. What cannot be written down is not done.
    pub store: &'a Store,
    /// The clock of the journal.
    pub clock: &'a dyn Clock,
    /// Cancelled when the process is to stop: the call under way is finished, no new one begins.
    pub stop: &'a CancellationToken,
    /// When the run is over: no call begins after it.
    pub deadline: Instant,
    /// How long trouble is waited out.
    pub bounds: Bounds,
}

/// How long trouble is waited out.
#[derive(Debug, Clone, Copy)]
pub struct Bounds {
    /// For calls that are throttled.
    pub calls: Patience,
    /// For changes that OneLogin says it made and a re-read does not show.
    pub rereads: Rereads,
    /// For a mail server that takes nothing, or not yet.
    pub mail: Patience,
}

/// How often a role is read again until it shows what was written.
#[derive(Debug, Clone, Copy)]
pub struct Rereads {
    /// Reads after the first one.
    pub most: u32,
    /// The pause ahead of the first of them; it doubles.
    pub first_pause: Duration,
}

impl Default for Rereads {
    /// Half a minute in all: no lag is documented, and 20 seconds are believable.
    fn default() -> Self {
        Self {
            most: 5,
            first_pause: Duration::from_secs(1),
        }
    }
}

/// Carries the steps out. The run's row stands in the store, and the lock of the roles is held.
pub async fn apply(tools: &Applier<'_>, run: RunId, roles: Vec<RoleSteps>) -> Report {
    let mut applying = Applying {
        tools,
        run,
        began: tools.clock.now(),
        failures: 0,
        halt: None,
        readings: BTreeMap::new(),
    };
    let mut roles: Vec<Role> = roles.into_iter().map(Role::new).collect();
    let removals = roles.iter().flat_map(|role| &role.remove);
    let leaving: BTreeSet<UserId> = removals.map(|item| item.step.user).collect();
    for role in &mut roles {
        applying.write(role, Direction::Add).await;
        // A removal waits for what a re-read says of the person's additions; others can be looked
        // at together with the role's own removals.
        let is_awaited = role.add.iter().any(|item| leaving.contains(&item.step.user));
        if is_awaited || role.remove.is_empty() {
            applying.verify(role).await;
        }
    }
    let uncertain: BTreeSet<UserId> = roles
        .iter()
        .flat_map(|role| &role.add)
        .filter(|item| !item.is_certain())
        .map(|item| item.step.user)
        .collect();
    for role in &mut roles {
        let withheld = role
            .remove
            .iter_mut()
            .filter(|item| uncertain.contains(&item.step.user));
        withheld.for_each(|item| item.progress = Progress::Withheld);
        applying.write(role, Direction::Remove).await;
        applying.verify(role).await;
    }
    let steps = roles
        .iter()
        .flat_map(|role| role.reports(Direction::Add))
        .chain(roles.iter().flat_map(|role| role.reports(Direction::Remove)))
        .collect();
    Report {
        steps,
        halt: applying.halt,
        readings: applying.readings,
    }
}

/// One application, on its way.
pub(super) struct Applying<'a> {
    pub(super) tools: &'a Applier<'a>,
    pub(super) run: RunId,
    pub(super) began: Timestamp,
    /// Calls in a row that came to nothing; a change that is seen ends the row.
    failures: u32,
    pub(super) halt: Option<Halt>,
    pub(super) readings: BTreeMap<RoleId, Reading>,
}

impl Applying<'_> {
    /// Whether one more call may begin.
    pub(super) fn may_call(&mut self) -> bool {
        if self.halt.is_none() {
            if self.tools.stop.is_cancelled() {
                self.halt = Some(Halt::Stopped);
            } else if Instant::now() >= self.tools.deadline {
                self.halt = Some(Halt::Deadline);
            }
        }
        self.halt.is_none()
    }

    /// Ends the writing; the first reason stays.
    pub(super) fn halt(&mut self, why: Halt) {
        self.halt.get_or_insert(why);
    }

    /// Counts a call that came to nothing.
    pub(super) fn count_failure(&mut self, words: &str) {
        self.failures += 1;
        if self.failures >= MOST_FAILURES {
            self.halt(Halt::Failures(words.to_owned()));
        }
    }

    /// A change was seen: whatever came to nothing before was no sign of general trouble.
    pub(super) fn count_success(&mut self) {
        self.failures = 0;
    }

    /// Waits for something that may be left alone at any time, for as long as calls may begin.
    pub(super) async fn wait_for(&mut self, something: impl Future<Output = ()>) {
        tokio::select! {
            biased;
            () = self.tools.stop.cancelled() => self.halt(Halt::Stopped),
            () = tokio::time::sleep_until(self.tools.deadline) => self.halt(Halt::Deadline),
            () = something => {}
        }
    }
}
