//! Roles and who is in them.

use std::collections::BTreeMap;

use jiff::Timestamp;

/// A role with its members and apps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Role {
    /// The role's id.
    pub id: i64,
    /// The name shown in OneLogin.
    pub name: String,
    /// The apps the role gives access to.
    pub apps: Vec<i64>,
    /// Members by user id; a user's `role_ids` follow from here.
    pub members: BTreeMap<i64, Membership>,
}

/// How somebody came into a role (documented; live rows were also seen without these keys).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Membership {
    /// Who added the member; null for a mapping (guess).
    pub added_by: Option<Actor>,
    /// When the member was added; written without milliseconds (documented).
    pub added_at: Option<Timestamp>,
}

/// Somebody who did something, as `{id, name}` (documented).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    /// The user's id.
    pub id: i64,
    /// The name shown.
    pub name: String,
}

impl Role {
    /// A role without members and apps.
    pub fn new(id: i64, name: impl Into<String>) -> Self {
        Self {
            id,
            name: name.into(),
            apps: Vec::new(),
            members: BTreeMap::new(),
        }
    }

    /// The same role with more members, about whom no more is known.
    #[must_use]
    pub fn with_members(mut self, user_ids: impl IntoIterator<Item = i64>) -> Self {
        for user_id in user_ids {
            self.members.insert(user_id, Membership::default());
        }
        self
    }
}
