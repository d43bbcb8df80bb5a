//! `/api/2/roles/:id/users`: who is in a role.

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::errors;
use crate::filter;
use crate::paging::Window;
use crate::reply::Reply;
use crate::request::Request;
use crate::tenant::{Actor, Membership, Role, Tenant, User};
use crate::wire;
use crate::world::World;

/// `GET /api/2/roles/:id/users`
pub(crate) fn list(world: &World, request: &Request, role_id: i64) -> Reply {
    let tenant = &world.tenant;
    let Some(role) = tenant.roles.get(&role_id) else {
        return errors::not_found();
    };
    let window = match Window::read(request, &tenant.knobs.role_users_pages) {
        Ok(window) => window,
        Err(reply) => return reply,
    };
    let with_unassigned = request.param("include_unassigned") == Some("true");
    let mut rows: Vec<&User> = tenant
        .users
        .values()
        .filter(|user| with_unassigned || role.members.contains_key(&user.id))
        .filter(|user| request.filter("name").is_none_or(|name| is_named(user, name)))
        .collect();
    if window.descending {
        rows.reverse();
    }
    window.reply(request, &rows, |user| row(tenant, role, user))
}

/// The `name` filter looks at names, username and email (documented); that it looks inside them is a guess.
fn is_named(user: &User, name: &str) -> bool {
    let pattern = format!("*{name}*");
    [&user.username, &user.email]
        .into_iter()
        .flatten()
        .any(|text| filter::matches(&pattern, text))
        || filter::matches(&pattern, &user.full_name())
}

fn row(tenant: &Tenant, role: &Role, user: &User) -> Value {
    let membership = role.members.get(&user.id);
    let mut row = json!({
        "id": user.id,
        "name": user.full_name(),
        "username": user.username,
    });
    if let (true, Some(object)) = (tenant.knobs.role_member_details, row.as_object_mut()) {
        let added_by = membership.and_then(|membership| membership.added_by.as_ref());
        let added_at = membership.and_then(|membership| membership.added_at);
        object.insert("email".to_owned(), json!(user.email));
        object.insert(
            "added_by".to_owned(),
            added_by.map_or(Value::Null, |by| json!({"id": by.id, "name": by.name})),
        );
        object.insert("added_at".to_owned(), json!(added_at.map(wire::short_date)));
    }
    if let Some(object) = row.as_object_mut() {
        object.insert("assigned".to_owned(), json!(membership.is_some()));
    }
    row
}

/// `POST /api/2/roles/:id/users`; somebody who is in already stays in (guess).
pub(crate) fn add(world: &mut World, request: &Request, role_id: i64) -> Reply {
    let now = world.clock.now();
    change(world, request, role_id, |role, user_id| {
        role.members.entry(user_id).or_insert_with(|| by_api(now));
    })
    .map_or_else(
        |reply| reply,
        |ids| {
            let rows = ids.into_iter().map(|id| json!({"id": id})).collect();
            Reply::json(200, rows)
        },
    )
}

/// `DELETE /api/2/roles/:id/users`, with a body; somebody who is not in stays out (guess).
pub(crate) fn remove(world: &mut World, request: &Request, role_id: i64) -> Reply {
    change(world, request, role_id, |role, user_id| {
        role.members.remove(&user_id);
    })
    .map_or_else(|reply| reply, |_| Reply::empty(204))
}

fn by_api(now: Timestamp) -> Membership {
    Membership {
        added_by: Some(Actor {
            id: 0,
            name: "API".to_owned(),
        }),
        added_at: Some(now),
    }
}

/// Does the same to every member named; an unknown user refuses the call as a whole, or from there on.
fn change(
    world: &mut World,
    request: &Request,
    role_id: i64,
    act: impl Fn(&mut Role, i64),
) -> Result<Vec<i64>, Reply> {
    let ids = read_ids(request)?;
    let tenant = &mut world.tenant;
    let role = tenant.roles.get_mut(&role_id).ok_or_else(errors::not_found)?;
    if tenant.knobs.role_write_cap.is_some_and(|cap| ids.len() > cap) {
        return Err(errors::named(422, "Validation failed: Too many users"));
    }
    let known = ids.iter().take_while(|id| tenant.users.contains_key(id)).count();
    let is_whole = known == ids.len();
    if is_whole || tenant.knobs.partial_role_writes {
        for id in ids.iter().take(known) {
            act(role, *id);
        }
    }
    if is_whole {
        Ok(ids)
    } else {
        Err(errors::not_found())
    }
}

/// A bare array of numbers, in quotes or not (observed); an object is what old SDKs sent (reported).
fn read_ids(request: &Request) -> Result<Vec<i64>, Reply> {
    let Some(Value::Array(items)) = request.json() else {
        return Err(errors::described(400, "Expected array in request"));
    };
    items
        .iter()
        .map(|item| match item {
            Value::Number(number) => number.as_i64(),
            Value::String(text) => text.parse().ok(),
            _ => None,
        })
        .collect::<Option<Vec<i64>>>()
        .ok_or_else(|| errors::described(400, "Expected array of ids in request"))
}
