//! The desired set of each role: who, why, and what is not certain about it.
//!
//! Precedence: `exclude` wins over everything; then an entry of `members` in force, then `include`,
//! then `match`. An exclusion counts in the role that has it and for those who include that role; a
//! person excluded there and listed here is desired here.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

use super::change::Cause;
use super::desired::{DesiredRole, DesiredState, Listed};
use super::limits::UnknownUser;
use super::resolve::{Directory, Person};
use crate::domain::rule::Field;
use crate::domain::selector::Selector;
use crate::domain::user::{User, UserId};

/// What the file wants of one role.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Wanted {
    /// The desired people, each with the strongest cause.
    pub people: BTreeMap<UserId, Cause>,
    /// People whom the file names without wanting them in: why they go.
    pub away: BTreeMap<UserId, Away>,
    /// People whom an uncertain selector may mean: neither added nor removed.
    pub doubtful: BTreeSet<UserId>,
    /// Why no removal from the role is certain; a person of the file is unknown or unproven.
    pub unsure: Vec<String>,
    /// Fields of `match` that are not known for everybody: nobody is added by it, nobody removed.
    pub unknown_fields: BTreeSet<String>,
    /// How many people fit `match`; `None` where there is none, or where it cannot be told.
    pub rule_matches: Option<u64>,
    /// Its include goes in a circle, so that nothing can be said.
    pub is_circular: bool,
}

/// Why somebody goes whom the file names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Away {
    /// [`Cause::Excluded`], [`Cause::UntilPassed`] or [`Cause::NotYet`].
    pub cause: Cause,
    /// The entries whose last day is over: place of the role in the file, person, last day.
    pub ended: Vec<(usize, Selector, Date)>,
    /// Whether it is this role that names them, and not one that it includes.
    pub own: bool,
}

/// What the desired sets are made from.
#[derive(Debug, Clone, Copy)]
pub struct Wishes<'a> {
    /// The file.
    pub desired: &'a DesiredState,
    /// The proven user list.
    pub users: &'a BTreeMap<UserId, User>,
    /// Fields of users that are not known for everybody, by OneLogin's name.
    pub unknown_fields: &'a BTreeSet<String>,
    /// The people by what the file calls them.
    pub directory: &'a Directory<'a>,
    /// What an entry does whom nobody ever fitted.
    pub unknown_user: UnknownUser,
    /// The day in `time_zone`.
    pub today: Date,
}

/// The desired set of every role of the file, in the order of the file.
pub fn wanted(wishes: &Wishes<'_>) -> Vec<Wanted> {
    let roles = &wishes.desired.roles;
    let mut sets: Vec<Option<Wanted>> = vec![None; roles.len()];
    // Each round does the roles whose includes are done. The file has no circles, so every round
    // does one at least.
    for _round in 0..roles.len() {
        for (index, role) in roles.iter().enumerate() {
            if sets[index].is_none()
                && role
                    .include
                    .iter()
                    .all(|other| sets.get(*other).is_some_and(Option::is_some))
            {
                sets[index] = Some(wishes.of(index, role, &sets));
            }
        }
    }
    let in_circle = || Wanted {
        unsure: vec!["its include goes in a circle".to_owned()],
        is_circular: true,
        ..Wanted::default()
    };
    sets.into_iter()
        .map(|set| set.unwrap_or_else(in_circle))
        .collect()
}

impl Wishes<'_> {
    fn of(&self, index: usize, role: &DesiredRole, sets: &[Option<Wanted>]) -> Wanted {
        let mut wanted = Wanted::default();
        let mut out: BTreeSet<UserId> = BTreeSet::new();
        for listed in &role.exclude {
            let person = self.directory.find(&listed.person);
            wanted.doubt(&person, listed, self.unknown_user);
            out.extend(person.place());
        }
        // Who may be excluded is not added, whatever else says so.
        out.extend(wanted.doubtful.iter().copied());

        let mut named: BTreeMap<UserId, Away> = BTreeMap::new();
        for member in &role.members {
            let person = self.directory.find(&member.listed.person);
            if member.in_force(self.today) {
                wanted.doubt(&person, &member.listed, self.unknown_user);
                if let Some(id) = person.place() {
                    wanted.people.insert(id, Cause::Listed);
                }
                continue;
            }
            wanted.doubtful.extend(person.candidates());
            if let Some(id) = person.place() {
                let ended = member
                    .until
                    .filter(|until| *until < self.today)
                    .map(|until| (index, member.listed.person.clone(), until));
                let away = named.entry(id).or_insert_with(|| Away::own(Cause::NotYet));
                if let Some(entry) = ended {
                    away.cause = Cause::UntilPassed;
                    away.ended.push(entry);
                }
            }
        }
        for other in &role.include {
            if let Some(included) = sets.get(*other).and_then(Option::as_ref) {
                wanted.include(&self.desired.roles[*other], included);
                for (id, away) in included
                    .away
                    .iter()
                    .filter(|(_, away)| away.cause == Cause::UntilPassed)
                {
                    named.entry(*id).or_insert_with(|| Away {
                        own: false,
                        ..away.clone()
                    });
                }
            }
        }
        if let Some(matching) = &role.matching {
            self.add_matching(matching, &mut wanted);
        }
        for id in &out {
            wanted.people.remove(id);
            named.remove(id);
        }
        for id in out.difference(&wanted.doubtful) {
            named.insert(*id, Away::own(Cause::Excluded));
        }
        named.retain(|id, _| !wanted.people.contains_key(id));
        // Whom a certain selector puts in is not doubtful here.
        let people = &wanted.people;
        wanted.doubtful.retain(|id| !people.contains_key(id));
        wanted.away = named;
        wanted
    }

    fn add_matching(&self, matching: &BTreeMap<Field, Vec<String>>, wanted: &mut Wanted) {
        wanted.unknown_fields = matching
            .keys()
            .map(Field::wire_name)
            .filter(|field| self.unknown_fields.contains(field))
            .collect();
        let fitting: Vec<UserId> = self
            .users
            .values()
            .filter(|user| fits(matching, user))
            .map(|user| user.id)
            .collect();
        wanted.rule_matches = wanted.unknown_fields.is_empty().then_some(fitting.len() as u64);
        for id in fitting {
            wanted.people.entry(id).or_insert(Cause::Rule);
        }
    }
}

/// Whether the person has one of the values in each field, exactly but for the case.
pub fn fits(matching: &BTreeMap<Field, Vec<String>>, user: &User) -> bool {
    matching.iter().all(|(field, values)| {
        field.value(user).is_some_and(|has| {
            values
                .iter()
                .any(|value| value.to_lowercase() == has.to_lowercase())
        })
    })
}

impl Away {
    fn own(cause: Cause) -> Self {
        Self {
            cause,
            ended: Vec::new(),
            own: true,
        }
    }
}

impl Wanted {
    /// How many memberships the file asks for here.
    pub fn memberships(&self) -> u64 {
        self.people.len() as u64
    }

    fn doubt(&mut self, person: &Person, listed: &Listed, unknown_user: UnknownUser) {
        self.doubtful.extend(person.candidates());
        let line = listed.line;
        match person {
            Person::Unknown if unknown_user != UnknownUser::Ignore => {
                let text = format!("line {line}: nobody in OneLogin fits {}", listed.written);
                self.unsure.push(text);
            }
            Person::Unproven(id) => self.unsure.push(format!(
                "line {line}: {} meant user {id}, who is not in the user list and not proven to be gone",
                listed.written
            )),
            _ => {}
        }
    }

    /// Takes over what an included role wants. What is uncertain there makes removals here uncertain.
    fn include(&mut self, role: &DesiredRole, included: &Self) {
        for id in included.people.keys() {
            let cause = Cause::Included(role.role.to_string());
            self.people.entry(*id).or_insert(cause);
        }
        let uncertain = !included.unsure.is_empty()
            || !included.doubtful.is_empty()
            || !included.unknown_fields.is_empty();
        if uncertain {
            self.unsure.push(format!(
                "it includes {}, of whose people some are not certain",
                role.role
            ));
        }
    }
}
