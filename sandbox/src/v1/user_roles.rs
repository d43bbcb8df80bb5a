//! The roles of a user: reading them, and the two writes that mind what is there already.

use serde_json::{Value, json};

use crate::errors;
use crate::mapping;
use crate::reply::Reply;
use crate::request::Request;
use crate::tenant::{MappedRefusal, Membership, RoleOverlap, USER_ASSIGNED_ROLE};
use crate::world::World;

const KEY: &str = "role_id_array";

/// `GET /api/1/users/:id/roles`: ids only (documented).
pub(crate) fn list(world: &World, user_id: i64) -> Reply {
    if !world.tenant.users.contains_key(&user_id) {
        return errors::no_user(user_id);
    }
    let ids = json!(world.tenant.role_ids_of(user_id));
    if world.tenant.knobs.v1_user_roles_nested {
        Reply::envelope(vec![ids])
    } else {
        Reply::envelope(ids)
    }
}

/// `PUT /api/1/users/:id/add_roles`: a role the user has already is an error (documented).
pub(crate) fn add(world: &mut World, request: &Request, user_id: i64) -> Reply {
    let roles = match read_roles(world, request, user_id) {
        Ok(roles) => roles,
        Err(reply) => return reply,
    };
    let has = |role_id: &i64| world.tenant.role_ids_of(user_id).contains(role_id);
    if overlaps(world.tenant.knobs.v1_role_overlap, &roles, has) {
        return errors::envelope(400, "input role_id_array is already included as user roles");
    }
    let now = world.clock.now();
    for role_id in roles {
        if let Some(role) = world.tenant.roles.get_mut(&role_id) {
            role.members
                .entry(user_id)
                .or_insert_with(|| Membership::by_api(now));
            let name = role.name.clone();
            let event = world.tenant.record_event(USER_ASSIGNED_ROLE, user_id, now);
            event.role_id = Some(role_id);
            event.role_name = Some(name);
        }
    }
    Reply::done("Success")
}

/// `PUT /api/1/users/:id/remove_roles`: a role the user lacks is an error, a mapped one stays (documented).
pub(crate) fn remove(world: &mut World, request: &Request, user_id: i64) -> Reply {
    let roles = match read_roles(world, request, user_id) {
        Ok(roles) => roles,
        Err(reply) => return reply,
    };
    let knobs = &world.tenant.knobs;
    let refuses_mapped = knobs.v1_mapped_removal == MappedRefusal::Refused;
    let cannot_go = |role_id: &i64| {
        !world.tenant.role_ids_of(user_id).contains(role_id)
            || (refuses_mapped && mapping::is_mapped(&world.tenant, *role_id, user_id))
    };
    if overlaps(knobs.v1_role_overlap, &roles, cannot_go) {
        return errors::envelope(400, "input role_id_array is not included as user roles");
    }
    for role_id in roles {
        if mapping::is_mapped(&world.tenant, role_id, user_id) {
            continue;
        }
        if let Some(role) = world.tenant.roles.get_mut(&role_id) {
            role.members.remove(&user_id);
        }
    }
    Reply::done("Success")
}

fn overlaps(knob: RoleOverlap, roles: &[i64], needs_no_change: impl FnMut(&i64) -> bool) -> bool {
    match knob {
        RoleOverlap::Any => roles.iter().any(needs_no_change),
        RoleOverlap::All => roles.iter().all(needs_no_change),
    }
}

/// The ids of the body; each mistake has its words (documented), their order is a guess.
fn read_roles(world: &World, request: &Request, user_id: i64) -> Result<Vec<i64>, Reply> {
    if !world.tenant.users.contains_key(&user_id) {
        return Err(errors::no_user(user_id));
    }
    let body = request.json();
    let Some(value) = body.as_ref().and_then(|body| body.get(KEY)) else {
        return Err(errors::no_input(request));
    };
    let Value::Array(items) = value else {
        return Err(errors::attribute(
            KEY,
            "role_id_array has incorrect data type. It should be -> array",
        ));
    };
    if items.is_empty() {
        return Err(errors::envelope(400, "role_id_array is empty"));
    }
    let known = |item: &Value| item.as_i64().filter(|id| world.tenant.roles.contains_key(id));
    items
        .iter()
        .map(known)
        .collect::<Option<Vec<i64>>>()
        .ok_or_else(|| {
            let all: Vec<String> = world.tenant.roles.keys().map(i64::to_string).collect();
            let message = format!("role_id_array should be a subset of -> [{}]", all.join(", "));
            errors::envelope(400, message)
        })
}
