//! `/api/2/roles/:id/users`: who is in a role.

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::errors;
use crate::filter;
use crate::mapping::{self, Returning};
use crate::paging::Window;
use crate::reply::Reply;
use crate::request::Request;
use crate::tenant::{MappedRemoval, Membership, Role, Tenant, USER_ASSIGNED_ROLE, User};
use crate::v2::members::{self, Change};
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
    let with_unassigned = request.flag("include_unassigned") == Some(true);
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
pub(super) fn is_named(user: &User, name: &str) -> bool {
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

/// `POST /api/2/roles/:id/users`
pub(crate) fn add(world: &mut World, request: &Request, role_id: i64) -> Reply {
    let now = world.clock.now();
    let ids = match members::read(world, request, role_id, Change::Add, is_member) {
        Ok(ids) => ids,
        Err(refusal) => return refusal.after(|id| put_in_late(world, role_id, id, now)),
    };
    for id in &ids {
        put_in_late(world, role_id, *id, now);
    }
    members::added(&ids)
}

/// `DELETE /api/2/roles/:id/users`, with a body; a mapped member goes as the knob says.
pub(crate) fn remove(world: &mut World, request: &Request, role_id: i64) -> Reply {
    let ids = match members::read(world, request, role_id, Change::Remove, is_member) {
        Ok(ids) => ids,
        Err(refusal) => return refusal.after(|id| take_out_late(world, role_id, id)),
    };
    for id in ids {
        take_out_late(world, role_id, id);
    }
    Reply::empty(204)
}

fn is_member(role: &Role, user_id: i64) -> bool {
    role.members.contains_key(&user_id)
}

/// A membership write that shows once so many requests were answered.
#[derive(Debug, Clone, Copy)]
pub(crate) struct LateWrite {
    role_id: i64,
    user_id: i64,
    change: Change,
    shows_at: u64,
}

/// Lets those show whose time has come.
pub(crate) fn show_due(world: &mut World) {
    let (now, answered) = (world.clock.now(), world.answered);
    let (due, waiting): (Vec<_>, Vec<_>) = world.late.iter().partition(|write| write.shows_at <= answered);
    world.late = waiting;
    for write in due {
        match write.change {
            Change::Add => put_in(world, write.role_id, write.user_id, now),
            Change::Remove => take_out(world, write.role_id, write.user_id),
        }
    }
}

fn put_in_late(world: &mut World, role_id: i64, user_id: i64, now: Timestamp) {
    match shows_at(world) {
        None => put_in(world, role_id, user_id, now),
        Some(shows_at) => world.late.push(LateWrite {
            role_id,
            user_id,
            change: Change::Add,
            shows_at,
        }),
    }
}

fn take_out_late(world: &mut World, role_id: i64, user_id: i64) {
    match shows_at(world) {
        None => take_out(world, role_id, user_id),
        Some(shows_at) => world.late.push(LateWrite {
            role_id,
            user_id,
            change: Change::Remove,
            shows_at,
        }),
    }
}

/// This very request counts as answered by the time the next one comes.
fn shows_at(world: &World) -> Option<u64> {
    let after = world.tenant.knobs.role_writes_show_after;
    (after > 0).then(|| world.answered.saturating_add(after).saturating_add(1))
}

fn put_in(world: &mut World, role_id: i64, user_id: i64, now: Timestamp) {
    let Some(role) = world
        .tenant
        .roles
        .get_mut(&role_id)
        .filter(|role| !is_member(role, user_id))
    else {
        return;
    };
    role.members.insert(user_id, Membership::by_api(now));
    let name = role.name.clone();
    let event = world.tenant.record_event(USER_ASSIGNED_ROLE, user_id, now);
    event.role_id = Some(role_id);
    event.role_name = Some(name);
}

fn take_out(world: &mut World, role_id: i64, user_id: i64) {
    let after_answers = match world.tenant.knobs.mapped_removal {
        _ if !mapping::is_mapped(&world.tenant, role_id, user_id) => {
            remove_member(world, role_id, user_id);
            return;
        }
        MappedRemoval::Ignored => return,
        MappedRemoval::ReturnsOnUpdate => None,
        // This very request counts as answered by the time the next one comes.
        MappedRemoval::ReturnsAfter(requests) => {
            Some(world.answered.saturating_add(requests).saturating_add(1))
        }
    };
    remove_member(world, role_id, user_id);
    world.returning.push(Returning {
        role_id,
        user_id,
        after_answers,
    });
}

fn remove_member(world: &mut World, role_id: i64, user_id: i64) {
    if let Some(role) = world.tenant.roles.get_mut(&role_id) {
        role.members.remove(&user_id);
    }
}
