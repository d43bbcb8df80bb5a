//! The plan: one ordered value that is printed, recorded, saved, approved and carried out.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use sha2::{Digest as _, Sha256};

use super::RoleId;
use super::actual::Origin;
use super::change::{Cause, Direction};
use super::desired::{Membership, RoleName};
use super::learn::Learnings;
use super::memory::Guard;
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

/// The numbers of a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
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

    /// The approvals that released a step of this plan; carrying it out uses them up.
    pub fn approvals_used(&self) -> BTreeSet<i64> {
        let steps = self.roles.iter().flat_map(RoleSteps::steps);
        steps
            .filter(|(_, step)| !step.is_held())
            .filter_map(|(_, step)| step.approved)
            .collect()
    }
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
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Calls that carrying a plan out takes, each counted once: what fails and is tried again comes on
/// top.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Calls {
    /// Writes, 50 people each.
    pub writes: u64,
    /// Pages of the reads that check them: after the additions of a role, and after its removals.
    pub reads: u64,
}

impl RolePlan {
    /// How many calls apply makes, with pages of this size.
    pub fn calls(&self, page: u64) -> Calls {
        let mut calls = Calls::default();
        for role in &self.roles {
            let going = |steps: &[Step]| steps.iter().filter(|step| !step.is_held()).count() as u64;
            let mut members = role.members.len() as u64;
            let (add, remove) = (going(&role.add), going(&role.remove));
            for (count, after) in [
                (add, members + add),
                (remove, (members + add).saturating_sub(remove)),
            ] {
                if count > 0 {
                    members = after;
                    calls.writes += count.div_ceil(super::BATCH);
                    calls.reads += members.div_ceil(page.max(1)).max(1);
                }
            }
        }
        calls
    }

    /// Who would be in each role after the steps that are not held.
    pub fn outcome(&self) -> BTreeMap<RoleId, BTreeSet<UserId>> {
        let after = |role: &RoleSteps| {
            let mut members = role.members.clone();
            members.extend(
                role.add
                    .iter()
                    .filter(|step| !step.is_held())
                    .map(|step| step.user),
            );
            for step in role.remove.iter().filter(|step| !step.is_held()) {
                members.remove(&step.user);
            }
            members
        };
        self.roles.iter().map(|role| (role.id, after(role))).collect()
    }
}
