//! The plan: one ordered value that is printed, recorded, saved, approved and carried out.

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::RoleId;
use super::change::Direction;
use super::desired::RoleName;
use super::learn::Learnings;
use super::step::{RoleSteps, hex};
use crate::domain::user::UserId;

/// What a run would do to the roles of the file.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RolePlan {
    /// Which tenant, as it stands in the id of the plan.
    pub tenant: String,
    /// Set: nothing at all is planned, and nothing may be written.
    pub refusal: Option<Refusal>,
    /// The roles of the file that OneLogin has, by name, then by number.
    pub roles: Vec<RoleSteps>,
    /// What is wrong with single roles of the file, in the order of their lines.
    pub problems: Vec<Problem>,
    /// Memberships that come back or vanish whenever they are changed.
    pub contested: Vec<Contested>,
    /// What people should know: renamed, gone, recycled, protected and others.
    pub notes: Vec<Note>,
    /// How many roles of OneLogin the file does not name. They are never touched.
    pub unmanaged: u64,
    /// What the store is to keep, as if nothing were written; see [`Learnings::after`].
    pub learnings: Learnings,
}

/// Why a run writes nothing at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefusalKind {
    /// The file is for another tenant.
    Tenant,
    /// The user list is empty.
    NoUsers,
    /// The list of roles is empty.
    NoRoles,
    /// Every role of the file is read as empty, and some had members at the last run.
    AllEmpty,
    /// The file names somebody whom OneLogin never had, and `unknown_user` is `error`.
    UnknownUser,
}

/// Why a run writes nothing at all, with what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// Which reason.
    pub kind: RefusalKind,
    /// In words.
    pub text: String,
}

/// What is wrong with one role of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// How the file calls the role.
    pub role: RoleName,
    /// The line of its `[[role]]`.
    pub line: usize,
    /// In words, with what to do.
    pub text: String,
}

/// A membership that comes back, or vanishes, whenever it is changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contested {
    /// The role.
    pub role: RoleId,
    /// Its name.
    pub name: String,
    /// Who.
    pub user: UserId,
    /// What we did twice in vain.
    pub direction: Direction,
    /// The mappings of OneLogin that give this role, which may be the reason.
    pub mappings: Vec<String>,
}

/// What people should know of a plan.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Note {
    /// What it is about.
    pub topic: Topic,
    /// The line of the file, where it is about one.
    pub line: Option<usize>,
    /// In words, with what to do.
    pub text: String,
}

crate::domain::run::names! {
    /// What a note is about. Those that mail the admins come first.
    Topic {
        /// A selector means somebody else now.
        Recycled = "recycled",
        /// A person keeps putting somebody back.
        PutBack = "put-back",
        /// Something about a protected person.
        Protected = "protected",
        /// A selector fits several people.
        Ambiguous = "ambiguous",
        /// A selector fits nobody, and never did.
        Unknown = "unknown",
        /// Whom a selector meant is not proven to be gone.
        Unproven = "unproven",
        /// Whom a selector meant is gone.
        Gone = "gone",
        /// Whom a selector means has another name now.
        Renamed = "renamed",
        /// Somebody wanted is out of standing.
        Standing = "standing",
        /// Something else.
        Other = "other",
    }
}

impl Topic {
    /// Whether somebody has to look at it: whom the file means is not certain.
    pub fn needs_a_person(self) -> bool {
        self <= Self::Unproven
    }
}

/// The numbers of a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Totals {
    /// Additions that apply would write.
    pub add: u64,
    /// Removals that apply would write.
    pub remove: u64,
    /// Steps that are kept back.
    pub held: u64,
}

/// What a plan comes to, the gravest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outlook {
    /// Nothing may be written.
    Refused,
    /// Steps are kept back.
    Held,
    /// Roles of the file cannot be planned.
    Troubled,
    /// There is something to do.
    Pending,
    /// There is nothing to do.
    InLine,
}

impl RolePlan {
    /// What apply would write, and what is kept back.
    pub fn totals(&self) -> Totals {
        let mut totals = Totals::default();
        for role in &self.roles {
            for (direction, step) in role.steps() {
                match direction {
                    _ if step.is_held() => totals.held += 1,
                    Direction::Add => totals.add += 1,
                    Direction::Remove => totals.remove += 1,
                }
            }
        }
        totals
    }

    /// What it comes to.
    pub fn outlook(&self) -> Outlook {
        let totals = self.totals();
        if self.refusal.is_some() {
            Outlook::Refused
        } else if totals.held > 0 {
            Outlook::Held
        } else if !self.problems.is_empty() {
            Outlook::Troubled
        } else if totals.add + totals.remove > 0 {
            Outlook::Pending
        } else {
            Outlook::InLine
        }
    }

    /// The role with this number.
    pub fn role(&self, id: RoleId) -> Option<&RoleSteps> {
        self.roles.iter().find(|role| role.id == id)
    }

    /// A hash of tenant, ordered steps and guard verdicts, in 16 hexadecimal digits. Measured
    /// numbers are not in it: the day's removals slide, and a verdict stays what it is.
    pub fn id(&self) -> String {
        let mut text = format!("tenant {:?}\n", self.tenant);
        if let Some(refusal) = &self.refusal {
            text.push_str(&format!("refused {:?}\n", refusal.kind));
        }
        for role in &self.roles {
            text.push_str(&role.canonical());
        }
        let hex = hex(&Sha256::digest(text.as_bytes()));
        hex[..16].to_owned()
    }
}
