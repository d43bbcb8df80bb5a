//! `/api/2/groups`: groups with their policy.

use serde_json::{Value, json};

use crate::errors;
use crate::paging::Window;
use crate::reply::Reply;
use crate::request::Request;
use crate::tenant::Group;
use crate::world::World;

/// `GET /api/2/groups`
pub(crate) fn list(world: &World, request: &Request) -> Reply {
    let knobs = &world.tenant.knobs;
    let window = match Window::read(request, &knobs.groups_pages) {
        Ok(window) => window,
        Err(reply) => return reply,
    };
    let rows: Vec<&Group> = world.tenant.groups.values().collect();
    window.reply(request, &rows, |group| {
        let mut row = render(group);
        if let (false, Some(object)) = (knobs.group_list_has_policy_id, row.as_object_mut()) {
            object.remove("policy_id");
        }
        row
    })
}

/// `GET /api/2/groups/:id`
pub(crate) fn get(world: &World, id: i64) -> Reply {
    match world.tenant.groups.get(&id) {
        Some(group) => {
            let mut row = render(group);
            if let (true, Some(object)) = (world.tenant.knobs.group_shows_users, row.as_object_mut()) {
                let users = world.tenant.users.values();
                let ids: Vec<i64> = users
                    .filter(|user| user.group_id == Some(id))
                    .map(|user| user.id)
                    .collect();
                object.insert("users".to_owned(), json!(ids));
            }
            Reply::json(200, row)
        }
        None => errors::not_found(),
    }
}

pub(super) fn render(group: &Group) -> Value {
    json!({
        "id": group.id,
        "name": group.name,
        "reference": group.reference,
        "policy_id": group.policy_id,
    })
}
