//! Mappings at work: who is put into which role, and who comes back after being taken out.

use jiff::Timestamp;
use serde_json::Value;

use crate::tenant::{Mapping, MappingCondition, Membership, Tenant, User};
use crate::wire;
use crate::world::World;

/// A mapped member who was taken out of a role and will be back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Returning {
    pub(crate) role_id: i64,
    pub(crate) user_id: i64,
    /// The number of answers after which it happens; `None` waits for an update of the user.
    pub(crate) after_answers: Option<u64>,
}

/// Brings back those whose time has come.
pub(crate) fn restore_due(world: &mut World) {
    let answered = world.answered;
    restore(world, |one| {
        one.after_answers.is_some_and(|after| answered >= after)
    });
}

/// Runs the enabled mappings over a user, as every update with mappings does (documented).
pub(crate) fn run(world: &mut World, user_id: i64) {
    restore(world, |one| one.user_id == user_id);
    let now = world.clock.now();
    let tenant = &mut world.tenant;
    let mut enabled: Vec<Mapping> = tenant
        .mappings
        .values()
        .filter(|mapping| mapping.is_enabled)
        .cloned()
        .collect();
    enabled.sort_by_key(|mapping| (mapping.position, mapping.id));
    for mapping in enabled {
        let applies = tenant
            .users
            .get(&user_id)
            .is_some_and(|user| is_about(tenant, &mapping, user));
        if applies {
            act(tenant, &mapping, user_id, now);
        }
    }
}

/// Whether a membership is a mapping's doing: it is marked so, or an enabled mapping would make it.
pub(crate) fn is_mapped(tenant: &Tenant, role_id: i64, user_id: i64) -> bool {
    let membership = tenant
        .roles
        .get(&role_id)
        .and_then(|role| role.members.get(&user_id));
    let (Some(membership), Some(user)) = (membership, tenant.users.get(&user_id)) else {
        return false;
    };
    membership.is_mapped
        || tenant.mappings.values().any(|mapping| {
            mapping.is_enabled && roles_of(mapping).any(|id| id == role_id) && is_about(tenant, mapping, user)
        })
}

fn restore(world: &mut World, is_due: impl Fn(&Returning) -> bool) {
    let now = world.clock.now();
    let (due, waiting): (Vec<Returning>, Vec<Returning>) =
        world.returning.iter().partition(|one| is_due(one));
    world.returning = waiting;
    for one in due {
        if !world.tenant.users.contains_key(&one.user_id) {
            continue;
        }
        if let Some(role) = world.tenant.roles.get_mut(&one.role_id) {
            role.members
                .entry(one.user_id)
                .or_insert_with(|| Membership::mapped(Some(now)));
        }
    }
}

fn act(tenant: &mut Tenant, mapping: &Mapping, user_id: i64, now: Timestamp) {
    let wanted: Vec<i64> = roles_of(mapping).collect();
    // `set_role` takes the place of every other role; how far that goes is a guess.
    if mapping.actions.iter().any(|action| action.action == "set_role") {
        for role in tenant
            .roles
            .values_mut()
            .filter(|role| !wanted.contains(&role.id))
        {
            role.members.remove(&user_id);
        }
    }
    for role_id in wanted {
        if let Some(role) = tenant.roles.get_mut(&role_id) {
            role.members
                .entry(user_id)
                .or_insert_with(|| Membership::mapped(Some(now)));
        }
    }
}

fn roles_of(mapping: &Mapping) -> impl Iterator<Item = i64> {
    let actions = mapping
        .actions
        .iter()
        .filter(|action| matches!(action.action.as_str(), "add_role" | "set_role"));
    actions.flat_map(|action| action.value.iter().filter_map(|id| id.parse().ok()))
}

fn is_about(tenant: &Tenant, mapping: &Mapping, user: &User) -> bool {
    let mut conditions = mapping
        .conditions
        .iter()
        .map(|condition| holds(tenant, condition, user));
    if mapping.matches_any && !mapping.conditions.is_empty() {
        conditions.any(|holds| holds)
    } else {
        conditions.all(|holds| holds)
    }
}

/// The symbols are documented; that letters of either case are the same is a guess. An unknown symbol never holds.
fn holds(tenant: &Tenant, condition: &MappingCondition, user: &User) -> bool {
    let wanted = condition.value.to_lowercase();
    let has_role = || {
        tenant
            .role_ids_of(user.id)
            .iter()
            .any(|id| id.to_string() == wanted)
    };
    let text = text_of(tenant, user, &condition.source);
    match condition.operator.as_str() {
        "=" => text == wanted,
        "!=" => text != wanted,
        "~" => text.contains(&wanted),
        "!~" => !text.contains(&wanted),
        "bw" => text.starts_with(&wanted),
        "ew" => text.ends_with(&wanted),
        "ri" => has_role(),
        "!ri" => !has_role(),
        _ => false,
    }
}

fn text_of(tenant: &Tenant, user: &User, source: &str) -> String {
    let value = match source.strip_prefix("custom_attribute_") {
        Some(name) => user
            .custom_attributes
            .get(name)
            .cloned()
            .flatten()
            .map(Value::String),
        None => wire::field(tenant, user, source),
    };
    match value {
        Some(Value::String(text)) => text.to_lowercase(),
        Some(Value::Number(number)) => number.to_string(),
        _ => String::new(),
    }
}
