//! `protected`: people who are never removed from any role.

use std::collections::BTreeSet;

use super::resolve::{Directory, Person};
use crate::domain::selector::Selector;
use crate::domain::user::UserId;

/// Who is protected, as far as it is known.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Protection {
    /// Everybody whom an entry means or may mean.
    pub(super) people: BTreeSet<UserId>,
    /// Why somebody else may be protected too: while this is not empty, nobody is removed.
    pub(super) unsure: Vec<String>,
}

impl Protection {
    /// Whom the entries mean. One that is gone protects nobody and holds nothing.
    pub(super) fn of(protected: &[Selector], directory: &Directory<'_>) -> Self {
        let mut protection = Self::default();
        for selector in protected {
            let person = directory.find(selector);
            protection.people.extend(person.place());
            protection.people.extend(person.candidates());
            let trouble = match person {
                Person::Found(_) | Person::Renamed(_) | Person::Gone(_) => continue,
                Person::Unknown => "fits nobody in OneLogin",
                Person::Ambiguous(_) => "fits several people",
                Person::Unproven(_) => "meant somebody who is not in the user list and not proven to be gone",
                Person::Recycled { .. } => "means somebody else now",
            };
            protection
                .unsure
                .push(format!("the protected entry {selector} {trouble}"));
        }
        protection
    }
}
