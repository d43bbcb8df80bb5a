//! Why somebody is in a role of the file, or is not.

use jiff::Timestamp;
use jiff::civil::Date;

use super::RoleId;
use super::actual::Origin;
use super::change::Direction;
use super::decide::{RoleFacts, RoleTerms};
use super::desired::{DesiredState, Listed};
use super::memory::Memory;
use super::plan::RolePlan;
use super::resolve::{Directory, Person};
use super::step::{Hold, Step};
use super::want::{Wanted, Wishes, fits, wanted};
use crate::domain::user::UserId;

/// Everything about one person and one role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    /// Who.
    pub user: UserId,
    /// The role.
    pub role: RoleId,
    /// Its name.
    pub name: String,
    /// The line of its `[[role]]`; `None`: the file does not name it, so it is never touched.
    pub line: Option<usize>,
    /// Whether they are in it; `None`: that is not known.
    pub is_member: Option<bool>,
    /// Who put them in and when, where OneLogin says so.
    pub origin: Option<Origin>,
    /// Whether the file wants them in.
    pub is_wanted: bool,
    /// Whether they may be added at all.
    pub in_standing: bool,
    /// Whether they are protected.
    pub is_protected: bool,
    /// Everything in the file that is about them, `exclude` first: what stands above wins.
    pub grounds: Vec<Ground>,
    /// What is planned.
    pub step: Option<(Direction, Step)>,
    /// The guards that keep it back.
    pub held: Vec<Hold>,
}

/// One thing that the file says about the person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ground {
    /// `exclude`
    Excluded {
        /// The line.
        line: usize,
        /// As it is written.
        written: String,
    },
    /// An entry of `members`.
    Listed {
        /// The line.
        line: usize,
        /// As it is written.
        written: String,
        /// First day.
        from: Option<Date>,
        /// Last day.
        until: Option<Date>,
        /// Why, in the words of the file.
        reason: Option<String>,
        /// Whether it is in force today.
        in_force: bool,
    },
    /// An entry that may mean the person, or somebody else.
    Uncertain {
        /// The line.
        line: usize,
        /// As it is written.
        written: String,
        /// What is known.
        person: Person,
    },
    /// `include`
    Included {
        /// The other role, as the file calls it.
        role: String,
        /// The line of its `[[role]]`.
        line: usize,
        /// Whether they are among its desired people.
        is_wanted: bool,
        /// What the file says about them there.
        grounds: Vec<Ground>,
    },
    /// `match`
    Rule {
        /// Each key with what the person has there; `None`: nothing, or not known.
        has: Vec<(String, Option<String>)>,
        /// Whether all fit.
        fits: bool,
    },
}

/// Explains one person and one role of OneLogin, from what the plan was made from.
pub fn explain(
    desired: &DesiredState,
    facts: &RoleFacts<'_>,
    terms: &RoleTerms,
    memory: &Memory,
    now: Timestamp,
    plan: &RolePlan,
    (user, role): (UserId, RoleId),
) -> Explanation {
    let directory = Directory::new(facts.users, &memory.identities, facts.gone);
    let wishes = Wishes {
        desired,
        users: facts.users,
        unknown_fields: facts.unknown_fields,
        directory: &directory,
        unknown_user: terms.unknown_user,
        today: now.to_zoned(terms.time_zone.clone()).date(),
    };
    let wanted = wanted(&wishes);
    let steps = plan.role(role);
    let index = steps.and_then(|steps| desired.roles.iter().position(|role| role.line == steps.line));
    let step = steps.and_then(|steps| steps.steps().find(|(_, step)| step.user == user));
    let held = steps.map_or_else(Vec::new, |steps| {
        let holds = |hold: &&Hold| {
            step.is_some_and(|(way, step)| way == hold.direction && step.guards.contains(&hold.guard))
        };
        steps.held.iter().filter(holds).cloned().collect()
    });
    let reading = facts.members.get(&role);
    let seen = reading.and_then(super::actual::Reading::seen);
    let is_in = seen.is_some_and(|members| members.ids.contains(&user));
    let is_proven = reading.is_some_and(|reading| reading.proven().is_some());
    let is_protected = terms.protected.iter().any(|selector| {
        let person = directory.find(selector);
        person.place() == Some(user) || person.candidates().contains(&user)
    });
    Explanation {
        user,
        role,
        name: facts.roles.get(&role).cloned().unwrap_or_default(),
        line: index.map(|index| desired.roles[index].line),
        is_member: (is_in || is_proven).then_some(is_in),
        origin: seen.and_then(|members| members.origins.get(&user).cloned()),
        is_wanted: index.is_some_and(|index| wanted[index].people.contains_key(&user)),
        in_standing: super::draft::in_standing(facts.users, user),
        is_protected,
        grounds: index.map_or_else(Vec::new, |index| grounds(&wishes, &wanted, index, user)),
        step: step.map(|(way, step)| (way, step.clone())),
        held,
    }
}

/// What the file says about somebody in the role at this place; includes are followed down.
fn grounds(wishes: &Wishes<'_>, wanted: &[Wanted], index: usize, user: UserId) -> Vec<Ground> {
    let role = &wishes.desired.roles[index];
    let mut grounds = Vec::new();
    for listed in &role.exclude {
        let person = wishes.directory.find(&listed.person);
        if person.place() == Some(user) {
            grounds.push(Ground::Excluded {
                line: listed.line,
                written: listed.written.clone(),
            });
        }
        grounds.extend(uncertain(listed, person, user));
    }
    for member in &role.members {
        let person = wishes.directory.find(&member.listed.person);
        if person.place() == Some(user) {
            grounds.push(Ground::Listed {
                line: member.listed.line,
                written: member.listed.written.clone(),
                from: member.from,
                until: member.until,
                reason: member.reason.clone(),
                in_force: member.in_force(wishes.today),
            });
        }
        grounds.extend(uncertain(&member.listed, person, user));
    }
    for other in &role.include {
        let (Some(included), Some(set)) = (wishes.desired.roles.get(*other), wanted.get(*other)) else {
            continue;
        };
        grounds.push(Ground::Included {
            role: included.role.to_string(),
            line: included.line,
            is_wanted: set.people.contains_key(&user),
            grounds: grounds_below(wishes, wanted, index, *other, user),
        });
    }
    if let Some(matching) = &role.matching {
        let person = wishes.users.get(&user);
        let has = matching.keys().map(|field| {
            let value = person.and_then(|person| field.value(person)).map(str::to_owned);
            (field.wire_name(), value)
        });
        grounds.push(Ground::Rule {
            has: has.collect(),
            fits: person.is_some_and(|person| fits(matching, person)),
        });
    }
    grounds
}

/// A circle has no desired set, so there is nothing to follow.
fn grounds_below(
    wishes: &Wishes<'_>,
    wanted: &[Wanted],
    index: usize,
    other: usize,
    user: UserId,
) -> Vec<Ground> {
    let is_sound = |index: usize| !wanted[index].is_circular;
    if is_sound(index) && is_sound(other) {
        grounds(wishes, wanted, other, user)
    } else {
        Vec::new()
    }
}

fn uncertain(listed: &Listed, person: Person, user: UserId) -> Option<Ground> {
    person.candidates().contains(&user).then(|| Ground::Uncertain {
        line: listed.line,
        written: listed.written.clone(),
        person,
    })
}
