//! `/api/1/groups`: names only, no policy (documented).

use serde_json::{Value, json};

use crate::errors;
use crate::reply::Reply;
use crate::request::Request;
use crate::tenant::Group;
use crate::v1::keyset;
use crate::world::World;

/// `GET /api/1/groups`
pub(crate) fn list(world: &World, request: &Request) -> Reply {
    let groups = world.tenant.groups.values();
    let rows: Vec<(i64, &Group)> = groups.map(|group| (group.id, group)).collect();
    keyset::reply(world, request, &rows, |group| render(group))
}

/// `GET /api/1/groups/:id`
pub(crate) fn get(world: &World, id: i64) -> Reply {
    match world.tenant.groups.get(&id) {
        Some(group) => Reply::envelope(vec![render(group)]),
        None => errors::envelope(404, format!("Group for id {id} was not found")),
    }
}

fn render(group: &Group) -> Value {
    json!({"id": group.id, "name": group.name, "reference": group.reference})
}
