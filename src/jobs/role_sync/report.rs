//! What became of the steps.

use std::collections::{BTreeMap, BTreeSet};

use super::apply::MOST_FAILURES;
use crate::domain::role::RoleId;
use crate::domain::role::actual::Reading;
use crate::domain::role::change::{ChangeState, Direction};
use crate::domain::run::RunStatus;
use crate::domain::user::UserId;

/// What became of the steps.
#[derive(Debug)]
pub struct Report {
    /// Every step of the input: additions of all roles, then removals, in their order.
    pub steps: Vec<StepReport>,
    /// Why writing ended early.
    pub halt: Option<Halt>,
    /// The last reading of each role that was read again.
    pub readings: BTreeMap<RoleId, Reading>,
}

/// What became of one step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StepReport {
    /// The role.
    pub role: RoleId,
    /// The person.
    pub user: UserId,
    /// Which way.
    pub direction: Direction,
    /// What became of it.
    pub fate: Fate,
    /// Why, where it is not what was intended.
    pub words: Option<String>,
}

/// Where a step stands in the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// As the journal has it. `Intended` where writing ended before it was known: the next run
    /// finds out.
    Journalled(ChangeState),
    /// Not called: an addition of this person did not come to be.
    Withheld,
    /// Not called: writing ended before, or the role was given up.
    Left,
}

/// Why writing ended early.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Halt {
    /// The process is to stop.
    Stopped,
    /// The time of the run is over.
    Deadline,
    /// OneLogin throttles for longer than a run waits.
    Throttled(String),
    /// No token can be had.
    Credential(String),
    /// Too many calls in a row came to nothing.
    Failures(String),
    /// The journal cannot be written.
    Journal(String),
}

impl std::fmt::Display for Halt {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Stopped => f.write_str("stopped before its end"),
            Self::Deadline => f.write_str("daemon.run_timeout is over, the rest is planned anew"),
            Self::Throttled(why) | Self::Credential(why) => f.write_str(why),
            Self::Failures(why) => {
                write!(
                    f,
                    "{MOST_FAILURES} calls in a row came to nothing, the last with: {why}"
                )
            }
            Self::Journal(why) => write!(f, "a change could not be recorded, so no more are made: {why}"),
        }
    }
}

impl Report {
    /// How a run with these steps ended.
    pub fn status(&self) -> RunStatus {
        let is_fine = |step: &&StepReport| {
            matches!(
                step.fate,
                Fate::Journalled(ChangeState::Done | ChangeState::Already)
            )
        };
        let fine = self.steps.iter().filter(is_fine).count();
        match &self.halt {
            Some(Halt::Stopped) => RunStatus::Interrupted,
            _ if fine == self.steps.len() => RunStatus::Succeeded,
            _ if self.has_effect() => RunStatus::Partial,
            _ => RunStatus::Failed,
        }
    }

    /// Who is in the roles that were read again completely.
    pub(super) fn members(&self) -> BTreeMap<RoleId, BTreeSet<UserId>> {
        let proven = self.readings.iter();
        proven
            .filter_map(|(id, reading)| Some((*id, reading.proven()?.ids.clone())))
            .collect()
    }

    /// What was done, to go on in the summary of a run.
    pub(super) fn in_words(&self) -> String {
        let count =
            |wanted: &dyn Fn(&StepReport) -> bool| self.steps.iter().filter(|step| wanted(step)).count();
        let done = |direction: Direction| {
            count(&|step| step.direction == direction && step.fate == Fate::Journalled(ChangeState::Done))
        };
        let mut parts = vec![
            format!("{} added", done(Direction::Add)),
            format!("{} removed", done(Direction::Remove)),
        ];
        for (fate, words) in [
            (Fate::Journalled(ChangeState::Already), "were so already"),
            (Fate::Journalled(ChangeState::Failed), "failed"),
            (Fate::Journalled(ChangeState::Unverified), "not seen to hold"),
            (Fate::Journalled(ChangeState::Intended), "not known yet"),
            (
                Fate::Withheld,
                "withheld, since an addition of the person is not certain",
            ),
            (Fate::Left, "left for the next run"),
        ] {
            let number = count(&|step| step.fate == fate);
            if number > 0 {
                parts.push(format!("{number} {words}"));
            }
        }
        let halt = self.halt.as_ref().map(|halt| format!("; {halt}"));
        format!("; {}{}", parts.join(", "), halt.unwrap_or_default())
    }

    /// Whether anything was changed, or may have been.
    pub fn has_effect(&self) -> bool {
        let may_have = |step: &StepReport| {
            matches!(
                step.fate,
                Fate::Journalled(ChangeState::Done | ChangeState::Unverified | ChangeState::Intended)
            )
        };
        self.steps.iter().any(may_have)
    }
}

/// Roles of a saved plan that are not as they were, to go on in the summary of a run.
pub(super) fn of_stale(stale: &[(String, String)]) -> String {
    let stale: Vec<String> = stale
        .iter()
        .map(|(role, why)| format!("; {role} is stale: {why}"))
        .collect();
    stale.concat()
}
