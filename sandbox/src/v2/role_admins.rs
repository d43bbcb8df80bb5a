//! `/api/2/roles/:id/admins`: who may administer a role; the rules are those of its users (documented).

use serde_json::json;

use crate::errors;
use crate::paging::Window;
use crate::reply::Reply;
use crate::request::Request;
use crate::tenant::{Role, User};
use crate::v2::members::{self, Change};
use crate::v2::role_users::is_named;
use crate::world::World;

/// `GET`; the rows are those of role users without the dates (guess).
pub(crate) fn list(world: &World, request: &Request, role_id: i64) -> Reply {
    let tenant = &world.tenant;
    let Some(role) = tenant.roles.get(&role_id) else {
        return errors::not_found();
    };
    let window = match Window::read(request, &tenant.knobs.role_users_pages) {
        Ok(window) => window,
        Err(reply) => return reply,
    };
    let with_unassigned = request.flag("include_unassigned") == Some(true);
    let mut rows: Vec<&User> = tenant
        .users
        .values()
        .filter(|user| with_unassigned || is_admin(role, user.id))
        .filter(|user| request.filter("name").is_none_or(|name| is_named(user, name)))
        .collect();
    if window.descending {
        rows.reverse();
    }
    window.reply(request, &rows, |user| {
        json!({
            "id": user.id,
            "name": user.full_name(),
            "username": user.username,
            "assigned": is_admin(role, user.id),
        })
    })
}

/// `POST`
pub(crate) fn add(world: &mut World, request: &Request, role_id: i64) -> Reply {
    change(world, request, role_id, Change::Add, |role, id| {
        role.admins.insert(id);
    })
    .map_or_else(|reply| reply, |ids| members::added(&ids))
}

/// `DELETE`, with a body
pub(crate) fn remove(world: &mut World, request: &Request, role_id: i64) -> Reply {
    change(world, request, role_id, Change::Remove, |role, id| {
        role.admins.remove(&id);
    })
    .map_or_else(|reply| reply, |_| Reply::empty(204))
}

fn is_admin(role: &Role, user_id: i64) -> bool {
    role.admins.contains(&user_id)
}

fn change(
    world: &mut World,
    request: &Request,
    role_id: i64,
    change: Change,
    act: impl Fn(&mut Role, i64),
) -> Result<Vec<i64>, Reply> {
    let read = members::read(world, request, role_id, change, is_admin);
    let role = world
        .tenant
        .roles
        .get_mut(&role_id)
        .ok_or_else(errors::not_found)?;
    let ids = read.map_err(|refusal| refusal.after(|id| act(role, id)))?;
    for id in &ids {
        act(role, *id);
    }
    Ok(ids)
}
