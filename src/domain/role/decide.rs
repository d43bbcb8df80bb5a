//! From the file, the tenant and what earlier runs left to the plan.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::RoleId;
use super::actual::{Mapping, Reading};
use super::desired::{DesiredState, Pin};
use super::draft::{self, Draft, Drafting};
use super::learn::{self, Target};
use super::limits::{Limits, RoleOverride, SuspendedMembers, UnknownUser};
use super::memory::Memory;
use super::names::name_roles;
use super::plan::{Problem, Refusal, RefusalKind, RolePlan};
use super::protect::Protection;
use super::resolve::{Directory, Person, selectors};
use super::want::{Wanted, Wishes, wanted};
use super::{guards, notes};
use crate::domain::selector::Selector;
use crate::domain::user::{User, UserId};

/// Whose roles they are.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Tenant {
    /// The first label of the host, in lower case; `None` on api.* hosts and on loopback, which
    /// serve many tenants.
    pub label: Option<String>,
    /// `account_id` of the token answer.
    pub account: Option<i64>,
}

/// What a run has read.
#[derive(Debug, Clone, Copy)]
pub struct RoleFacts<'a> {
    /// Whose roles they are.
    pub tenant: &'a Tenant,
    /// The proven user list.
    pub users: &'a BTreeMap<UserId, User>,
    /// Fields of users that are not known for everybody, by OneLogin's name.
    pub unknown_fields: &'a BTreeSet<String>,
    /// The people of [`to_ask`] for whom OneLogin answered 404.
    pub gone: &'a BTreeSet<UserId>,
    /// Every role of the tenant with its name: the proven list.
    pub roles: &'a BTreeMap<RoleId, String>,
    /// The members of the roles that [`name_roles`] found; one that is missing was not read.
    pub members: &'a BTreeMap<RoleId, Reading>,
    /// The mappings that set roles, as far as they could be read.
    pub mappings: &'a [Mapping],
}

/// `[role_sync]`, as far as it decides.
#[derive(Debug, Clone)]
pub struct RoleTerms {
    /// The limits of every role.
    pub limits: Limits,
    /// What is different for single roles.
    pub overrides: Vec<RoleOverride>,
    /// Never removed from any role.
    pub protected: Vec<Selector>,
    /// What an entry does whom nobody ever fitted.
    pub unknown_user: UnknownUser,
    /// What becomes of suspended members.
    pub suspended_members: SuspendedMembers,
    /// Days begin and end here.
    pub time_zone: TimeZone,
}

/// The people about whom OneLogin must be asked one by one before a plan is made: the ledger knows
/// them, and the complete user list has them no more.
pub fn to_ask(
    desired: &DesiredState,
    terms: &RoleTerms,
    users: &BTreeMap<UserId, User>,
    memory: &Memory,
) -> BTreeSet<UserId> {
    let none = BTreeSet::new();
    let directory = Directory::new(users, &memory.identities, &none);
    directory.to_ask(selectors(desired).chain(&terms.protected))
}

/// Plans a run.
pub fn plan_roles(
    desired: &DesiredState,
    facts: &RoleFacts<'_>,
    terms: &RoleTerms,
    memory: &Memory,
    now: Timestamp,
) -> RolePlan {
    let refused = |refusal: Refusal| RolePlan {
        tenant: facts.tenant.name(),
        refusal: Some(refusal),
        ..RolePlan::default()
    };
    if let Some(refusal) = refusal_of_reads(desired, facts) {
        return refused(refusal);
    }
    let directory = Directory::new(facts.users, &memory.identities, facts.gone);
    if let Some(refusal) = refusal_of_file(desired, terms, &directory) {
        return refused(refusal);
    }
    let today = now.to_zoned(terms.time_zone.clone()).date();
    let wishes = Wishes {
        desired,
        users: facts.users,
        unknown_fields: facts.unknown_fields,
        directory: &directory,
        unknown_user: terms.unknown_user,
        today,
    };
    let wanted = wanted(&wishes);
    let named = name_roles(desired, facts.roles);
    let drafting = Drafting {
        desired,
        facts,
        terms,
        memory,
        protection: &Protection::of(&terms.protected, &directory),
        wanted: &wanted,
        named: &named,
        now,
    };
    let mut plan = RolePlan {
        tenant: facts.tenant.name(),
        unmanaged: unmanaged(facts, &named),
        ..RolePlan::default()
    };
    let mut drafts = drafting.drafts(&mut plan);
    drafts.sort_by(|a, b| (&a.role.name, a.role.id).cmp(&(&b.role.name, b.role.id)));
    plan.learnings.roles = learn::readings(&drafts, memory);
    if let Some(refusal) = refusal_of_empty(&drafts) {
        let learnings = plan.learnings;
        return RolePlan {
            learnings,
            ..refused(refusal)
        };
    }
    let shrink = guards::shrink(desired, &drafts, &wanted, terms, memory);
    guards::hold_additions(&mut drafts, terms, memory);
    let movers = movers(&drafts, &wanted, &named);
    guards::hold_moves(&mut drafts, &movers);
    guards::hold_removals(&mut drafts, terms, memory, shrink.as_ref());
    plan.notes
        .extend(notes::of_people(desired, &terms.protected, &directory));
    plan.notes.extend(notes::of_pauses(&drafting));
    plan.notes.sort();
    plan.notes.dedup();
    plan.problems.sort_by_key(|problem| problem.line);
    let targets = targets(&drafts, &wanted, &drafting);
    plan.learnings = learn::learnings(&drafting, &drafts, &directory, shrink.is_some(), targets);
    plan.roles = drafts.into_iter().map(Draft::finish).collect();
    plan
}

impl Tenant {
    /// As plans and saved plans name it.
    pub fn name(&self) -> String {
        match (&self.account, &self.label) {
            (Some(account), _) => account.to_string(),
            (None, Some(label)) => label.clone(),
            (None, None) => String::new(),
        }
    }

    fn is(&self, pin: &Pin) -> bool {
        match pin {
            Pin::Label(label) => self.label.as_ref() == Some(label),
            Pin::Account(account) => self.account == Some(*account),
        }
    }
}

fn refusal_of_reads(desired: &DesiredState, facts: &RoleFacts<'_>) -> Option<Refusal> {
    let refusal = |kind, text: String| Some(Refusal { kind, text });
    if let Some(pin) = desired.tenant.as_ref().filter(|pin| !facts.tenant.is(pin)) {
        let (Tenant { label, account }, wanted) = (
            facts.tenant,
            match pin {
                Pin::Label(label) => format!("{label:?}"),
                Pin::Account(account) => account.to_string(),
            },
        );
        let label = label.as_deref().unwrap_or("no label of its own");
        let account = account.map_or("unknown".to_owned(), |account| account.to_string());
        return refusal(
            RefusalKind::Tenant,
            format!(
                "roles.toml is for tenant {wanted}, and this is {label}, account {account}: \
                 use the file of this tenant, or correct `tenant`"
            ),
        );
    }
    if facts.users.is_empty() {
        return refusal(
            RefusalKind::NoUsers,
            "OneLogin lists no users at all, which cannot be: nothing is written".to_owned(),
        );
    }
    if facts.roles.is_empty() {
        return refusal(
            RefusalKind::NoRoles,
            "OneLogin lists no roles at all: nothing is written".to_owned(),
        );
    }
    None
}

fn refusal_of_file(desired: &DesiredState, terms: &RoleTerms, directory: &Directory<'_>) -> Option<Refusal> {
    if terms.unknown_user != UnknownUser::Error {
        return None;
    }
    let unknown: Vec<String> = desired
        .roles
        .iter()
        .flat_map(|role| {
            role.members
                .iter()
                .map(|member| &member.listed)
                .chain(&role.exclude)
        })
        .filter(|listed| directory.find(&listed.person) == Person::Unknown)
        .map(|listed| format!("line {}: {}", listed.line, listed.written))
        .collect();
    (!unknown.is_empty()).then(|| Refusal {
        kind: RefusalKind::UnknownUser,
        text: format!(
            "the file names people whom OneLogin does not have and never had, and unknown_user is \"error\": {}",
            unknown.join("; ")
        ),
    })
}

fn refusal_of_empty(drafts: &[Draft]) -> Option<Refusal> {
    let mut readable = drafts.iter().filter(|draft| draft.is_readable()).peekable();
    readable.peek()?;
    let all_empty = readable.clone().all(|draft| draft.role.members.is_empty());
    let lost = readable.filter(|draft| draft.fell_empty.is_some()).count();
    (all_empty && lost > 0).then(|| Refusal {
        kind: RefusalKind::AllEmpty,
        text: format!(
            "every role of the file is read as empty, and {lost} of them had members at the last run: nothing is \
             written. Read so again with a Total-Count of 0, they are taken for empty"
        ),
    })
}

fn unmanaged(facts: &RoleFacts<'_>, named: &[Result<RoleId, Problem>]) -> u64 {
    let managed: BTreeSet<RoleId> = named.iter().filter_map(|id| id.as_ref().ok().copied()).collect();
    facts.roles.keys().filter(|id| !managed.contains(*id)).count() as u64
}

/// The people whose place in some role of the file is not certain after this run. Taken out of
/// another role meanwhile, they could end up in neither.
fn movers(drafts: &[Draft], wanted: &[Wanted], named: &[Result<RoleId, Problem>]) -> BTreeSet<UserId> {
    let mut movers: BTreeSet<UserId> = wanted
        .iter()
        .flat_map(|set| set.doubtful.iter().copied())
        .collect();
    for (set, id) in wanted.iter().zip(named) {
        if id.is_err() {
            movers.extend(set.people.keys());
        }
    }
    for draft in drafts {
        if draft.is_readable() {
            movers.extend(&draft.impossible);
            let held = draft.role.add.iter().filter(|step| step.is_held());
            movers.extend(held.map(|step| step.user));
        } else {
            movers.extend(wanted[draft.index].people.keys());
        }
    }
    movers
}

fn targets(drafts: &[Draft], wanted: &[Wanted], drafting: &Drafting<'_>) -> BTreeMap<RoleId, Target> {
    let target = |draft: &Draft| {
        let set = &wanted[draft.index];
        let certain = set.unsure.is_empty() && set.unknown_fields.is_empty() && !draft.is_misfit;
        let in_standing = |id: &&UserId| draft::in_standing(drafting.facts.users, **id);
        certain.then(|| Target {
            must: set.people.keys().filter(in_standing).copied().collect(),
            may: set
                .people
                .keys()
                .chain(&set.doubtful)
                .chain(&drafting.protection.people)
                .copied()
                .collect(),
        })
    };
    drafts
        .iter()
        .filter_map(|draft| Some((draft.role.id, target(draft)?)))
        .collect()
}
