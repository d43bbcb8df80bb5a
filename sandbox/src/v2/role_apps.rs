//! `/api/2/roles/:id/apps`: what a role gives access to.

use std::collections::BTreeSet;

use serde_json::json;

use crate::errors;
use crate::paging::Window;
use crate::reply::Reply;
use crate::request::Request;
use crate::v2::members;
use crate::world::World;

/// `GET`; `assigned=false` shows the apps of other roles as well (the sandbox knows no others).
pub(crate) fn list(world: &World, request: &Request, role_id: i64) -> Reply {
    let tenant = &world.tenant;
    let Some(role) = tenant.roles.get(&role_id) else {
        return errors::not_found();
    };
    let window = match Window::read(request, &tenant.knobs.role_users_pages) {
        Ok(window) => window,
        Err(reply) => return reply,
    };
    let mut apps: BTreeSet<i64> = role.apps.iter().copied().collect();
    if request.flag("assigned") == Some(false) {
        apps.extend(tenant.roles.values().flat_map(|role| &role.apps));
    }
    let rows: Vec<i64> = apps.into_iter().collect();
    window.reply(request, &rows, |id| {
        json!({
            "id": id,
            "name": format!("App {id}"),
            "icon_url": format!("https://cdn.example/icons/{id}.png"),
        })
    })
}

/// `PUT`: a bare array takes the place of all apps (documented). Apps are not checked, as there are none.
pub(crate) fn replace(world: &mut World, request: &Request, role_id: i64) -> Reply {
    let ids = match members::read_ids(request) {
        Ok(ids) => ids,
        Err(reply) => return reply,
    };
    match world.tenant.roles.get_mut(&role_id) {
        Some(role) => {
            role.apps.clone_from(&ids);
            members::added(&ids)
        }
        None => errors::not_found(),
    }
}
