//! Which fields of a user a run goes by, under OneLogin's names.

use std::collections::BTreeSet;

use super::expiry::Terms;
use super::rule::needs_of;

/// Fields that decide who is mailed, whatever the rules are.
const DECIDING: [&str; 7] = [
    "status",
    "state",
    "group_id",
    "directory_id",
    "trusted_idp_id",
    "password_changed_at",
    "email",
];

/// What a run wants to know of everybody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldNeeds {
    /// Each must be known for everybody, or nothing is decided.
    pub deciding: BTreeSet<String>,
    /// Worth another source, and not worth refusing the run.
    pub welcome: BTreeSet<String>,
}

impl FieldNeeds {
    /// What these terms need.
    pub fn of(terms: &Terms) -> Self {
        let rules = needs_of(&terms.rules).fields;
        Self {
            deciding: DECIDING
                .iter()
                .map(|field| (*field).to_owned())
                .chain(rules)
                .collect(),
            welcome: terms
                .tells_managers()
                .then(|| "manager_user_id".to_owned())
                .into_iter()
                .collect(),
        }
    }

    /// All of them.
    pub fn all(&self) -> BTreeSet<String> {
        self.deciding.union(&self.welcome).cloned().collect()
    }
}
