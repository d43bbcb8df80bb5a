//! Making, changing and deleting roles. The answers carry an id and nothing else (reported).

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use crate::errors;
use crate::reply::Reply;
use crate::request::Request;
use crate::tenant::{Membership, Role, Tenant};
use crate::v2::members;
use crate::world::World;

/// `POST /api/2/roles`: 201 with an object, although the specification says array (reported).
pub(crate) fn create(world: &mut World, request: &Request) -> Reply {
    let now = world.clock.now();
    let id = world.tenant.roles.last_key_value().map_or(1, |(id, _)| id + 1);
    let wish = match read(request) {
        Ok(wish) => wish,
        Err(reply) => return reply,
    };
    if !wish.contains_key("name") {
        return errors::invalid("Name can't be blank");
    }
    match changed(&world.tenant, Role::new(id, ""), &wish, true, now) {
        Ok(role) => {
            world.tenant.add_role(role);
            Reply::json(201, json!({"id": id}))
        }
        Err(reply) => reply,
    }
}

/// `PUT /api/2/roles/:id`: every array that is there takes the place of the old one (observed).
pub(crate) fn update(world: &mut World, request: &Request, id: i64) -> Reply {
    let now = world.clock.now();
    let tenant = &mut world.tenant;
    let Some(role) = tenant.roles.get(&id).cloned() else {
        return errors::not_found();
    };
    let changed =
        read(request).and_then(|wish| changed(tenant, role, &wish, tenant.knobs.role_put_replaces, now));
    match changed {
        Ok(role) => {
            tenant.add_role(role);
            Reply::json(200, json!({"id": id}))
        }
        Err(reply) => reply,
    }
}

/// `DELETE /api/2/roles/:id`
pub(crate) fn delete(world: &mut World, id: i64) -> Reply {
    match world.tenant.roles.remove(&id) {
        Some(_) => Reply::empty(204),
        None => errors::not_found(),
    }
}

/// The wish; keys that roles do not have are refused (reported).
fn read(request: &Request) -> Result<Map<String, Value>, Reply> {
    let Some(Value::Object(wish)) = request.json() else {
        return Err(errors::described(400, "Expected object in request"));
    };
    let stranger = wish
        .keys()
        .find(|key| !matches!(key.as_str(), "id" | "name" | "apps" | "users" | "admins"));
    match stranger {
        Some(key) => Err(errors::described(400, format!("unknown attribute: {key}"))),
        None => Ok(wish),
    }
}

fn changed(
    tenant: &Tenant,
    mut role: Role,
    wish: &Map<String, Value>,
    replaces: bool,
    now: Timestamp,
) -> Result<Role, Reply> {
    if let Some(name) = wish.get("name") {
        let name = name.as_str().filter(|name| !name.is_empty());
        name.ok_or_else(|| errors::invalid("Name can't be blank"))?
            .clone_into(&mut role.name);
    }
    if !replaces {
        return Ok(role);
    }
    if let Some(apps) = ids(wish, "apps")? {
        role.apps = apps;
    }
    if let Some(users) = ids(wish, "users")? {
        check_users(tenant, &users)?;
        let mut before = std::mem::take(&mut role.members);
        let stay = |id: i64| (id, before.remove(&id).unwrap_or_else(|| Membership::by_api(now)));
        role.members = users.into_iter().map(stay).collect::<BTreeMap<_, _>>();
    }
    if let Some(admins) = ids(wish, "admins")? {
        check_users(tenant, &admins)?;
        role.admins = admins.into_iter().collect::<BTreeSet<_>>();
    }
    Ok(role)
}

fn ids(wish: &Map<String, Value>, key: &str) -> Result<Option<Vec<i64>>, Reply> {
    match wish.get(key) {
        None => Ok(None),
        Some(value) => {
            let ids = value.as_array().and_then(|items| members::ids_of(items));
            ids.map(Some)
                .ok_or_else(|| errors::described(400, format!("{key} should be an array of ids")))
        }
    }
}

fn check_users(tenant: &Tenant, ids: &[i64]) -> Result<(), Reply> {
    if ids.iter().all(|id| tenant.users.contains_key(id)) {
        Ok(())
    } else {
        Err(errors::not_found())
    }
}
