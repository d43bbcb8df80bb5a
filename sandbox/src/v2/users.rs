//! `/api/2/users`: reading.

use crate::errors;
use crate::filter;
use crate::paging::Window;
use crate::reply::Reply;
use crate::request::Request;
use crate::tenant::{Knobs, ListFields};
use crate::wire;
use crate::world::World;

/// `GET /api/2/users`
pub(crate) fn list(world: &World, request: &Request) -> Reply {
    let tenant = &world.tenant;
    let window = match Window::read(request, &tenant.knobs.users_pages) {
        Ok(window) => window,
        Err(reply) => return reply,
    };
    let rows = match filter::select(tenant, request, &window) {
        Ok(rows) => rows,
        Err(reply) => return reply,
    };
    let fields = fields(request, &tenant.knobs);
    window.reply(request, &rows, |user| wire::user(tenant, user, &fields))
}

/// `GET /api/2/users/:id`
pub(crate) fn get(world: &World, id: i64) -> Reply {
    match world.tenant.users.get(&id) {
        Some(user) => Reply::json(200, wire::full_user(&world.tenant, user)),
        None => errors::not_found(),
    }
}

/// Exactly the fields asked for, as far as the list knows them; without a wish the usual 22.
fn fields<'r>(request: &'r Request, knobs: &Knobs) -> Vec<&'r str> {
    let Some(wish) = request.filter("fields") else {
        return wire::LIST_FIELDS.to_vec();
    };
    wish.split(',')
        .map(str::trim)
        .filter(|name| knobs.list_fields == ListFields::Any || wire::LIST_FIELDS.contains(name))
        .collect()
}
