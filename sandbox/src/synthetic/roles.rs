//! Roles and who was put into them.

use jiff::Timestamp;

use super::Synthetic;
use super::names::ROLES;
use super::people::days_before;
use crate::random::Random;
use crate::tenant::{Actor, Membership, Role, Tenant};

const FIRST_ID: i64 = 272_440;
/// How many of a hundred people are in a role.
const SHARES: [i64; 5] = [2, 6, 12, 25, 40];

pub(super) fn add(tenant: &mut Tenant, wish: &Synthetic, random: &mut Random) {
    let owner = tenant
        .account_owner_id
        .and_then(|id| tenant.users.get(&id))
        .map(|user| Actor {
            id: user.id,
            name: user.full_name(),
        });
    let mut id = FIRST_ID;
    for index in 0..wish.roles {
        let name = ROLES
            .get(index)
            .map_or_else(|| format!("Project {index}"), |name| (*name).to_owned());
        let mut role = Role::new(id, name);
        role.apps = (0..random.below(4)).map(|_| 900_000 + random.below(40)).collect();
        role.apps.sort_unstable();
        role.apps.dedup();
        let share = match index {
            0 => 100,
            1 => 0,
            _ => random.pick(&SHARES),
        };
        for user_id in tenant.users.keys() {
            if random.chance(share) {
                role.members
                    .insert(*user_id, membership(owner.as_ref(), wish.now, random));
            }
        }
        tenant.add_role(role);
        id += 1 + random.below(9);
    }
}

/// Put in by hand, or by somebody who is gone and leaves no name.
fn membership(owner: Option<&Actor>, now: Timestamp, random: &mut Random) -> Membership {
    Membership {
        added_by: if random.chance(70) { owner.cloned() } else { None },
        added_at: Some(days_before(now, random.below(600))),
        is_mapped: false,
    }
}
