//! Undoing a run: the reverse of what it did, as far as it still stands.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::RoleId;
use super::actual::Reading;
use super::change::Direction;
use super::decide::{RoleFacts, RoleTerms};
use super::desired::{DesiredRole, DesiredState, Membership, RoleName};
use super::draft::in_standing;
use super::memory::Memory;
use super::names::name_roles;
use super::protect::Protection;
use super::resolve::Directory;
use super::want::{Wanted, Wishes, wanted};
use crate::domain::selector::Selector;
use crate::domain::user::{User, UserId};

/// A change that a run made and saw to hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Made {
    /// The role.
    pub role: RoleId,
    /// Its name then.
    pub role_name: String,
    /// The person.
    pub user: UserId,
    /// Their email or account name then.
    pub account: String,
    /// Which way it went.
    pub direction: Direction,
}

/// What undoing a run comes to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Undo {
    /// What is put back, by role, additions first, then by person.
    pub steps: Vec<UndoStep>,
    /// What is not put back.
    pub left: Vec<Left>,
    /// The roles of the file among those that are changed, each with the digest of its entry: the
    /// file wants them as the run left them, so they are to be paused while it says so.
    pub entries: BTreeMap<RoleId, String>,
}

/// One membership that is put back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UndoStep {
    /// The role.
    pub role: RoleId,
    /// Its name.
    pub role_name: String,
    /// The person.
    pub user: UserId,
    /// Their email or account name.
    pub account: String,
    /// Which way it goes now.
    pub direction: Direction,
    /// What the file would have to say for this to last; `None`: it says so, or does not care.
    pub edit: Option<FileEdit>,
}

/// An edit of the file: the person is granted the role (`Add`), or it is revoked (`Remove`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileEdit {
    /// The role, as the file calls it.
    pub role: RoleName,
    /// The person, as the file calls them, where it does.
    pub person: String,
}

/// A change that is not undone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Left {
    /// The change.
    pub made: Made,
    /// Why.
    pub why: Why,
}

/// Why a change is not undone.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Why {
    /// Somebody has changed it back already.
    #[error("is as it was before the run")]
    AsBefore,
    /// The role is gone.
    #[error("OneLogin has the role no more")]
    NoRole,
    /// Who is in the role is not proven.
    #[error("who is in the role is not known for certain: {0}")]
    NotProven(String),
    /// The role is paused by a person.
    #[error("the role is paused: {0}")]
    Paused(String),
    /// The person would be added, and is gone or out of standing.
    #[error("gone, or not in good standing, so never added")]
    Standing,
    /// The person would be removed, and is protected.
    #[error("protected, so never removed")]
    Protected,
    /// The person would be removed, and who is protected is not certain.
    #[error("nobody is removed while it is not certain who is protected: {0}")]
    Unsure(String),
    /// The person would be removed, and cannot be put back where they were.
    #[error("their place in another role cannot be put back, and nobody is left with neither")]
    Move,
}

/// What the reverse of the changes comes to. `facts` are of now, with the members of these roles.
pub fn undo(
    made: &[Made],
    desired: &DesiredState,
    facts: &RoleFacts<'_>,
    terms: &RoleTerms,
    memory: &Memory,
    now: Timestamp,
) -> Undo {
    let directory = Directory::new(facts.users, &memory.identities, facts.gone);
    let wishes = Wishes {
        desired,
        users: facts.users,
        unknown_fields: facts.unknown_fields,
        directory: &directory,
        unknown_user: terms.unknown_user,
        today: now.to_zoned(terms.time_zone.clone()).date(),
    };
    let named = name_roles(desired, facts.roles).into_iter().enumerate();
    let undoing = Undoing {
        facts,
        memory,
        protection: Protection::of(&terms.protected, &directory),
        wanted: wanted(&wishes),
        index: named.filter_map(|(index, id)| Some((id.ok()?, index))).collect(),
        wishes,
    };
    undoing.of(made)
}

struct Undoing<'a> {
    facts: &'a RoleFacts<'a>,
    memory: &'a Memory,
    protection: Protection,
    wishes: Wishes<'a>,
    wanted: Vec<Wanted>,
    /// The place in the file of each role that it names.
    index: BTreeMap<RoleId, usize>,
}

impl Undoing<'_> {
    fn of(&self, made: &[Made]) -> Undo {
        let reasons: Vec<Option<Why>> = made.iter().map(|made| self.obstacle(made)).collect();
        // Whoever cannot be put back where they were stays where they are.
        let stranded: BTreeSet<UserId> = made
            .iter()
            .zip(&reasons)
            .filter(|(made, why)| {
                made.direction == Direction::Remove && !matches!(why, None | Some(Why::AsBefore))
            })
            .map(|(made, _)| made.user)
            .collect();
        let mut undo = Undo::default();
        for (made, why) in made.iter().zip(reasons) {
            let is_stranded = made.direction == Direction::Add && stranded.contains(&made.user);
            match why.or_else(|| is_stranded.then_some(Why::Move)) {
                Some(why) => undo.left.push(Left {
                    made: made.clone(),
                    why,
                }),
                None => undo.steps.push(self.step(made)),
            }
        }
        undo.steps.sort_by(|a, b| a.place().cmp(&b.place()));
        undo.left.sort_by(|a, b| {
            (&a.made.role_name, a.made.role, a.made.user).cmp(&(&b.made.role_name, b.made.role, b.made.user))
        });
        let entries = undo.steps.iter().filter_map(|step| {
            let index = self.index.get(&step.role)?;
            Some((step.role, self.wishes.desired.entry_digest(*index)))
        });
        undo.entries = entries.collect();
        undo
    }

    /// What stands against the reverse of a change.
    fn obstacle(&self, made: &Made) -> Option<Why> {
        if !self.facts.roles.contains_key(&made.role) {
            return Some(Why::NoRole);
        }
        // What an earlier undoing paused may be undone further; a person's own pause stands.
        if let Some(reason) = self.memory.paused.get(&made.role)
            && !self.memory.paused_while.contains_key(&made.role)
        {
            return Some(Why::Paused(reason.clone()));
        }
        let members = match self.facts.members.get(&made.role) {
            Some(Reading::Proven(members)) => &members.ids,
            Some(Reading::Unproven(_, why) | Reading::Unreadable(why)) => {
                return Some(Why::NotProven(why.clone()));
            }
            None => return Some(Why::NotProven("it was not read".to_owned())),
        };
        let is_in = members.contains(&made.user);
        match made.direction {
            Direction::Add if !is_in => Some(Why::AsBefore),
            Direction::Remove if is_in => Some(Why::AsBefore),
            Direction::Remove => (!in_standing(self.facts.users, made.user)).then_some(Why::Standing),
            Direction::Add if self.protection.people.contains(&made.user) => Some(Why::Protected),
            Direction::Add if !self.protection.unsure.is_empty() => {
                Some(Why::Unsure(self.protection.unsure.join("; ")))
            }
            Direction::Add => None,
        }
    }

    fn step(&self, made: &Made) -> UndoStep {
        let user = self.facts.users.get(&made.user);
        let direction = match made.direction {
            Direction::Add => Direction::Remove,
            Direction::Remove => Direction::Add,
        };
        UndoStep {
            role: made.role,
            role_name: self.facts.roles.get(&made.role).cloned().unwrap_or_default(),
            user: made.user,
            account: user.map_or_else(|| made.account.clone(), User::account_name),
            direction,
            edit: self.edit(made.role, made.user, direction),
        }
    }

    /// What the file must say for the next plan to leave this as it is.
    fn edit(&self, role: RoleId, user: UserId, direction: Direction) -> Option<FileEdit> {
        let index = *self.index.get(&role)?;
        let (entry, wanted) = (self.wishes.desired.roles.get(index)?, self.wanted.get(index)?);
        let is_wanted = wanted.people.contains_key(&user);
        let is_sent_away = entry.membership == Membership::Exact || wanted.away.contains_key(&user);
        let fits = match direction {
            Direction::Add => is_wanted || !is_sent_away,
            Direction::Remove => !is_wanted,
        };
        (!fits).then(|| FileEdit {
            role: entry.role.clone(),
            person: self.written(entry, user),
        })
    }

    fn written(&self, entry: &DesiredRole, user: UserId) -> String {
        let members = entry.members.iter().map(|member| &member.listed);
        let mut listed = entry.exclude.iter().chain(members);
        let own = listed.find(|listed| self.wishes.directory.find(&listed.person).place() == Some(user));
        if let Some(own) = own {
            return own.written.clone();
        }
        // An email that leads to this person alone, else the number.
        let email = self.facts.users.get(&user).and_then(|user| user.email.clone());
        let is_own = |email: &String| {
            let found = Selector::parse(email).and_then(|selector| selector.find(self.facts.users));
            email.contains('@') && found.is_ok_and(|found| found.id == user)
        };
        email.filter(is_own).unwrap_or_else(|| format!("id:{user}"))
    }
}

impl UndoStep {
    fn place(&self) -> (&str, RoleId, Direction, UserId) {
        (&self.role_name, self.role, self.direction, self.user)
    }

    /// Whether this is the same step, whatever the file says of it.
    pub fn is_same(&self, other: &Self) -> bool {
        (self.role, self.user, self.direction) == (other.role, other.user, other.direction)
    }
}

impl Undo {
    /// Whether something could not be put back, other than by somebody who has put it back before.
    pub fn is_partial(&self) -> bool {
        self.left.iter().any(|left| left.why != Why::AsBefore)
    }
}
