//! A believable tenant that nobody lives in.

mod cast;
mod names;
mod people;
mod roles;
mod stage;

use jiff::Timestamp;

use crate::random::Random;
use crate::tenant::Tenant;

/// How large the invented tenant is and when it is looked at; the same values give the same tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Synthetic {
    /// How many people. The first few dozen are odd on purpose, the rest are ordinary.
    pub users: usize,
    /// How many roles. The first holds everybody, the second nobody.
    pub roles: usize,
    /// What the inventions follow from.
    pub seed: u64,
    /// The instant around which passwords expire.
    pub now: Timestamp,
}

impl Tenant {
    /// An invented tenant with policies, groups, people and roles; all names and addresses are made up.
    pub fn synthetic(wish: &Synthetic) -> Self {
        let mut random = Random::new(wish.seed);
        let mut tenant = Self::empty();
        stage::add_policies_and_groups(&mut tenant);
        people::add(&mut tenant, wish, &mut random);
        roles::add(&mut tenant, wish, &mut random);
        stage::add_devices(&mut tenant);
        stage::add_mappings(&mut tenant);
        stage::add_events(&mut tenant);
        tenant
    }
}
