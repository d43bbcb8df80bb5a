//! A believable tenant that nobody lives in.

use jiff::Timestamp;

use crate::tenant::{Tenant, User};

/// How large the invented tenant is and when it is looked at; the same values give the same tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Synthetic {
    /// How many people.
    pub users: usize,
    /// How many roles.
    pub roles: usize,
    /// What the inventions follow from.
    pub seed: u64,
    /// The day around which passwords expire.
    pub now: Timestamp,
}

impl Tenant {
    /// An invented tenant; deterministic for the same [`Synthetic`].
    pub fn synthetic(wish: &Synthetic) -> Self {
        let mut tenant = Self::empty();
        for id in (1..).take(wish.users) {
            tenant.add_user(User::new(id, format!("user{id}@acme.example")));
        }
        tenant
    }
}
