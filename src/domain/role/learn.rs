//! What a recorded run teaches: the values that the store keeps for the next one.

use std::collections::{BTreeMap, BTreeSet};

use super::RoleId;
use super::draft::{Draft, Drafting};
use super::holds::{emails, of_emails};
use super::memory::{Accepted, Entry, Guard, LastSeen, Memory};
use super::resolve::{Directory, Person, selectors};
use crate::domain::selector::Selector;
use crate::domain::user::UserId;

/// What the store keeps of a recorded run; a plan that is only shown (`--plan`) teaches nothing.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Learnings {
    /// Whom selectors mean: to be written over what the ledger has of them.
    pub identities: BTreeMap<Selector, UserId>,
    /// The file counts as accepted, and this is written over what the store has, also where the
    /// file is the same: days that came to pass are no shrinking. `None`: the older one stays.
    pub accepted: Option<Accepted>,
    /// Every entry with a last day of a file that counts as accepted: those that were part of an
    /// accepted file before keep the instant at which they first were.
    pub entries: BTreeSet<Entry>,
    /// The roles that were read.
    pub roles: BTreeMap<RoleId, LastSeen>,
    /// How many people have an email. `None`: what is known stays.
    pub emails: Option<u64>,
    /// Roles whose pause is over, since their entry in the file is another now.
    pub ended_pauses: BTreeSet<RoleId>,
    /// When each role is in line with the file.
    pub(super) targets: BTreeMap<RoleId, Target>,
}

/// Who must be in a role, and who may, for it to be in line with the file.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Target {
    pub(super) must: BTreeSet<UserId>,
    pub(super) may: BTreeSet<UserId>,
}

impl Target {
    fn is_met(&self, members: &BTreeSet<UserId>) -> bool {
        self.must.is_subset(members) && members.is_subset(&self.may)
    }
}

impl Learnings {
    /// The same after writing: the members of each role as a complete re-read shows them. Roles
    /// that were not written to, or not read again completely, stay as they were read before.
    #[must_use]
    pub fn after(mut self, members: &BTreeMap<RoleId, BTreeSet<UserId>>) -> Self {
        for (id, members) in members {
            let is_met = self.targets.get(id).is_some_and(|target| target.is_met(members));
            let Some(seen) = self.roles.get_mut(id) else {
                continue;
            };
            seen.members = members.len() as u64;
            seen.was_in_line |= is_met;
            // Emptied by ourselves is not read as empty.
            seen.empty_reads = 0;
        }
        self
    }
}

/// The roles as they were read.
pub(super) fn readings(drafts: &[Draft], memory: &Memory) -> BTreeMap<RoleId, LastSeen> {
    let readable = drafts.iter().filter(|draft| draft.is_readable());
    readable
        .map(|draft| {
            let before = memory.roles.get(&draft.role.id).copied().unwrap_or_default();
            let empty_reads = match (draft.role.members.is_empty(), draft.is_proven()) {
                (true, true) => before.empty_reads.saturating_add(1),
                _ => 0,
            };
            let seen = LastSeen {
                members: draft.fell_empty.unwrap_or(draft.role.members.len() as u64),
                empty_reads,
                ..before
            };
            (draft.role.id, seen)
        })
        .collect()
}

/// What a run with this plan teaches before anything is written.
pub(super) fn learnings(
    drafting: &Drafting<'_>,
    drafts: &[Draft],
    directory: &Directory<'_>,
    shrunk: bool,
    targets: BTreeMap<RoleId, Target>,
) -> Learnings {
    let Drafting {
        desired,
        facts,
        terms,
        memory,
        ..
    } = drafting;
    let found =
        selectors(desired)
            .chain(&terms.protected)
            .filter_map(|selector| match directory.find(selector) {
                Person::Found(id) => Some((selector.clone(), id)),
                _ => None,
            });
    let is_accepted = !shrunk || drafts.iter().all(has_nothing_left_to_remove);
    let memberships = drafting.wanted.iter().map(super::want::Wanted::memberships).sum();
    let emails_lost = of_emails(facts.users, memory.emails).is_some();
    let mut roles = readings(drafts, memory);
    for draft in drafts {
        if let Some(seen) = roles.get_mut(&draft.role.id) {
            seen.rule_matches = rule_matches(draft);
            seen.was_in_line |= draft.is_proven()
                && targets
                    .get(&draft.role.id)
                    .is_some_and(|target| target.is_met(&draft.role.members));
        }
    }
    Learnings {
        identities: found.collect(),
        accepted: is_accepted.then(|| Accepted {
            digest: desired.digest.clone(),
            memberships,
        }),
        entries: if is_accepted {
            entries(drafting)
        } else {
            BTreeSet::new()
        },
        roles,
        // The number to compare with is the last good one.
        emails: (!emails_lost).then(|| emails(facts.users)),
        ended_pauses: drafting.ended_pauses(),
        targets,
    }
}

/// Whether every removal that the file asks for is approved, and none can come up later.
fn has_nothing_left_to_remove(draft: &Draft) -> bool {
    let settled = |guards: &BTreeSet<Guard>| guards.is_empty() || guards.contains(&Guard::Contested);
    draft.is_proven()
        && draft.fell_empty.is_none()
        && draft.role.remove.iter().all(|step| settled(&step.guards))
}

/// While the drop of a rule holds removals, or may come to, the number before it stays the measure.
fn rule_matches(draft: &Draft) -> Option<u64> {
    if !draft.has_rule {
        return None;
    }
    match draft.rule_matches {
        None => draft.last.rule_matches,
        Some(_) if draft.rule_dropped.is_some() && !has_nothing_left_to_remove(draft) => {
            draft.last.rule_matches
        }
        Some(now) => Some(now),
    }
}

fn entries(drafting: &Drafting<'_>) -> BTreeSet<Entry> {
    let roles = drafting.desired.roles.iter().zip(drafting.named);
    let entries = roles
        .filter_map(|(role, named)| Some((role, *named.as_ref().ok()?)))
        .flat_map(|(role, id)| {
            role.members.iter().filter_map(move |member| {
                Some(Entry {
                    role: id,
                    person: member.listed.person.clone(),
                    until: member.until?,
                })
            })
        });
    entries.collect()
}
