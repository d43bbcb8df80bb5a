//! `/api/2/roles`: the roles themselves.

use serde_json::{Value, json};

use crate::errors;
use crate::filter;
use crate::paging::Window;
use crate::reply::Reply;
use crate::request::Request;
use crate::tenant::Role;
use crate::world::World;

/// Set by the service behind roles, of which two versions may answer in turn (reported).
const CANARY: &str = "ol_roles_api_service_canary_10=false";

/// `GET /api/2/roles`: apps, but no members (observed).
pub(crate) fn list(world: &World, request: &Request) -> Reply {
    let window = match Window::read(request, &world.tenant.knobs.roles_pages) {
        Ok(window) => window,
        Err(reply) => return reply,
    };
    let app_id: Option<i64> = request.filter("app_id").and_then(|id| id.parse().ok());
    let mut rows: Vec<&Role> = world
        .tenant
        .roles
        .values()
        .filter(|role| {
            request
                .filter("name")
                .is_none_or(|name| filter::matches(name, &role.name))
                && app_id.is_none_or(|app_id| role.apps.contains(&app_id))
        })
        .collect();
    if window.sort == "name" {
        rows.sort_by(|left, right| left.name.cmp(&right.name));
    }
    if window.descending {
        rows.reverse();
    }
    let wish = request.filter("fields").unwrap_or("apps");
    window
        .reply(request, &rows, |role| row(role, wish))
        .with_header("set-cookie", CANARY)
}

/// `GET /api/2/roles/:id`: id and name and nothing else (observed).
pub(crate) fn get(world: &World, id: i64) -> Reply {
    match world.tenant.roles.get(&id) {
        Some(role) => Reply::json(200, json!({"id": role.id, "name": role.name})),
        None => errors::not_found(),
    }
}

fn row(role: &Role, wish: &str) -> Value {
    let mut row = json!({"id": role.id, "name": role.name});
    let mut add = |name: &str, value: Value| {
        if let (true, Some(object)) = (
            wish.split(',').any(|part| part.trim() == name),
            row.as_object_mut(),
        ) {
            object.insert(name.to_owned(), value);
        }
    };
    add("apps", json!(role.apps));
    add("users", json!(role.members.keys().collect::<Vec<_>>()));
    add("admins", json!(role.admins));
    row
}
