//! Roles and who is in them.

use std::collections::{BTreeMap, BTreeSet};

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
    /// Ids of those who may administer the role.
    pub admins: BTreeSet<i64>,
}

/// How somebody came into a role (documented; live rows were also seen without these keys).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Membership {
    /// Who added the member; null for a mapping (guess).
    pub added_by: Option<Actor>,
    /// When the member was added; written without milliseconds (documented).
    pub added_at: Option<Timestamp>,
    /// Whether a mapping put the member in; no answer shows it.
    pub is_mapped: bool,
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
            admins: BTreeSet::new(),
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

    /// The same role with more members, put in by a mapping.
    #[must_use]
    pub fn with_mapped_members(mut self, user_ids: impl IntoIterator<Item = i64>) -> Self {
        for user_id in user_ids {
            self.members.insert(user_id, Membership::mapped(None));
        }
        self
    }
}

impl Membership {
    /// Put in by a mapping, which leaves no name (guess).
    pub(crate) fn mapped(added_at: Option<Timestamp>) -> Self {
        Self {
            added_by: None,
            added_at,
            is_mapped: true,
        }
    }

    /// Put in through the API.
    pub(crate) fn by_api(now: Timestamp) -> Self {
        Self {
            added_by: Some(Actor {
                id: 0,
                name: "API".to_owned(),
            }),
            added_at: Some(now),
            is_mapped: false,
        }
    }
}
