//! The steps of a plan, role by role, and what keeps them back.

use std::collections::BTreeSet;
use std::fmt;

use sha2::{Digest as _, Sha256};

use super::RoleId;
use super::actual::Origin;
use super::change::{Cause, Direction};
use super::desired::{Membership, RoleName};
use super::memory::Guard;
use crate::domain::user::UserId;

/// What a run would do to one role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoleSteps {
    /// OneLogin's number.
    pub id: RoleId,
    /// OneLogin's name.
    pub name: String,
    /// How the file calls it.
    pub called: RoleName,
    /// The line of its `[[role]]`.
    pub line: usize,
    /// Whether people whom the file does not name are sent away.
    pub membership: Membership,
    /// What the read of its members was worth.
    pub evidence: Evidence,
    /// The members that were seen.
    pub members: BTreeSet<UserId>,
    /// Who is put in, in the order of their numbers.
    pub add: Vec<Step>,
    /// Who is taken out, in the order of their numbers.
    pub remove: Vec<Step>,
    /// The guards that keep steps back, in the order of their names.
    pub held: Vec<Hold>,
    /// Members whom the file does not want here, whatever becomes of them.
    pub drift: Vec<Drift>,
    /// Why it is paused.
    pub paused: Option<String>,
}

/// What the read of a role's members was worth.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Evidence {
    /// Who was not seen is not in it.
    Proven,
    /// Who was seen is in it; the text says why nothing is known of the others.
    Unproven(String),
    /// Nothing is known.
    Unreadable(String),
}

/// One membership that changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// Who.
    pub user: UserId,
    /// Why.
    pub cause: Cause,
    /// What keeps it back; empty: apply carries it out.
    pub guards: BTreeSet<Guard>,
    /// The approval that released it, by the store's number.
    pub approved: Option<i64>,
    /// Whether it counts against limits: a last day that came to pass does not.
    pub counts: bool,
}

impl Step {
    /// Whether it is kept back.
    pub fn is_held(&self) -> bool {
        !self.guards.is_empty()
    }

    /// Whether a person may release it: every guard that holds it can be approved away.
    pub fn can_be_approved(&self) -> bool {
        self.is_held() && self.guards.iter().all(|guard| guard.can_be_approved())
    }
}

/// What a guard looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scope {
    /// Single people; measured is how many.
    Person,
    /// The role.
    Role,
    /// Everything that the run would do.
    Run,
    /// The last 24 hours and this run.
    Day,
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Person => "person",
            Self::Role => "role",
            Self::Run => "run",
            Self::Day => "day",
        })
    }
}

/// A guard that keeps steps of a role back.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Hold {
    /// Which.
    pub guard: Guard,
    /// Which way the steps go that it holds.
    pub direction: Direction,
    /// What it looks at.
    pub scope: Scope,
    /// What was measured; percentages in percent.
    pub measured: u64,
    /// What would have been allowed.
    pub limit: u64,
    /// In words, with both numbers.
    pub text: String,
}

/// A member whom the file does not want.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Drift {
    /// Who.
    pub user: UserId,
    /// How they came in, where OneLogin says so.
    pub origin: Origin,
    /// What becomes of them.
    pub fate: Fate,
}

/// What becomes of a member whom the file does not want.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// A removal is planned, held or not.
    Removal,
    /// The role is additive: they stay.
    Additive,
    /// They are protected: they stay.
    Protected,
    /// They may be whom an uncertain entry means: they stay.
    Doubtful,
    /// The role gets no removals in this run.
    Unproven,
}

impl RoleSteps {
    /// Additions, then removals.
    pub fn steps(&self) -> impl Iterator<Item = (Direction, &Step)> {
        let add = self.add.iter().map(|step| (Direction::Add, step));
        add.chain(self.remove.iter().map(|step| (Direction::Remove, step)))
    }

    /// What a person may release: the people and all guards that hold them.
    pub fn approvable(&self, direction: Direction) -> (BTreeSet<UserId>, BTreeSet<Guard>) {
        let held = self
            .steps()
            .filter(|(way, step)| *way == direction && step.can_be_approved())
            .map(|(_, step)| step);
        let (mut people, mut guards) = (BTreeSet::new(), BTreeSet::new());
        for step in held {
            people.insert(step.user);
            guards.extend(&step.guards);
        }
        (people, guards)
    }

    /// Steps and verdicts in one fixed text.
    pub(super) fn canonical(&self) -> String {
        let mut text = format!("role {}\n", self.id);
        for (direction, step) in self.steps() {
            text.push_str(&format!("{direction} {} {:?}", step.user, step.cause));
            for guard in &step.guards {
                text.push_str(&format!(" {guard}"));
            }
            text.push('\n');
        }
        for hold in &self.held {
            text.push_str(&format!(
                "held {} {} {} {}\n",
                hold.guard, hold.direction, hold.scope, hold.limit
            ));
        }
        text
    }

    /// A fingerprint of the members that were seen.
    pub fn snapshot(&self) -> String {
        let ids: Vec<String> = self.members.iter().map(ToString::to_string).collect();
        let proven = matches!(self.evidence, Evidence::Proven);
        hex(&Sha256::digest(format!("{proven} {}", ids.join(","))))
    }
}

/// In hexadecimal.
pub(super) fn hex(bytes: &[u8]) -> String {
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits
        .filter_map(|digit| char::from_digit(digit.into(), 16))
        .collect()
}
