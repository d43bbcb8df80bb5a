//! `/api/1/roles`: ids and names.

use serde_json::{Value, json};

use crate::errors;
use crate::filter;
use crate::reply::Reply;
use crate::request::Request;
use crate::tenant::Role;
use crate::v1::keyset;
use crate::world::World;

/// `GET /api/1/roles`
pub(crate) fn list(world: &World, request: &Request) -> Reply {
    let name = request.filter("name");
    let roles = world.tenant.roles.values();
    let rows: Vec<(i64, &Role)> = roles
        .filter(|role| name.is_none_or(|name| filter::matches(name, &role.name)))
        .map(|role| (role.id, role))
        .collect();
    keyset::reply(world, request, &rows, |role| render(role))
}

/// `GET /api/1/roles/:id`: an array of one, as for groups (documented there); the words of the 404 are a guess.
pub(crate) fn get(world: &World, id: i64) -> Reply {
    match world.tenant.roles.get(&id) {
        Some(role) => Reply::envelope(vec![render(role)]),
        None => errors::envelope(404, format!("Role for id {id} was not found")),
    }
}

fn render(role: &Role) -> Value {
    json!({"id": role.id, "name": role.name})
}
