//! A plain company, so that a test changes one thing and knows what follows.

use jiff::{SignedDuration, Timestamp};
use onelogin_sandbox::{Policy, Tenant, User};

use super::world::MONDAY;

/// The number of the account's default policy in [`staff`].
pub(crate) const DEFAULT_POLICY: i64 = 1;

/// So many people, numbered from 1, under a default policy of 90 days. Each has a password that
/// expires 7 days after [`MONDAY`], so each is owed one notice then.
pub(crate) fn staff(count: i64) -> Tenant {
    let mut tenant = Tenant::empty();
    tenant.add_policy(Policy::user(DEFAULT_POLICY, "Default", 90).as_default());
    for id in 1..=count {
        tenant.add_user(person(id, 83));
    }
    tenant
}

/// A person whose password is so many days old on [`MONDAY`].
pub(crate) fn person(id: i64, days: i64) -> User {
    let monday: Timestamp = MONDAY.parse().unwrap();
    let changed_at = monday - SignedDuration::from_hours(24 * days);
    User::new(id, format!("p{id}@acme.example")).with_password_changed_at(changed_at)
}
