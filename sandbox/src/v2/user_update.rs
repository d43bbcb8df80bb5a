//! `PUT /api/2/users/:id`: changing some fields of a user.

use serde_json::{Map, Value};

use crate::errors::{self, invalid};
use crate::mapping;
use crate::password;
use crate::reply::Reply;
use crate::request::Request;
use crate::tenant::{AwaitingReset, Tenant, USER_UPDATED, User};
use crate::v2::{user_fields, users};
use crate::world::World;

const ACTIVE: i64 = 1;
const PASSWORD_EXPIRED: i64 = 4;
const AWAITING_RESET: i64 = 5;

/// Whether a request is an update that sets a password, which asks for more than changing a user (documented).
pub(crate) fn sets_password(request: &Request) -> bool {
    request.method == "PUT"
        && request.path.starts_with("/api/2/users/")
        && request.json().is_some_and(|body| body.get("password").is_some())
}

/// `PUT /api/2/users/:id`
pub(crate) fn update(world: &mut World, request: &Request, id: i64) -> Reply {
    let now = world.clock.now();
    let tenant = &mut world.tenant;
    let Some(mut user) = tenant.users.get(&id).cloned() else {
        return errors::not_found();
    };
    let Some(Value::Object(changes)) = request.json() else {
        return errors::named(400, "Input JSON is not valid");
    };
    if tenant.account_owner_id == Some(id) {
        return errors::named(403, "Not allowed to update the account owner");
    }
    for (name, value) in &changes {
        if let Err(reply) = user_fields::set(&mut user, name, value) {
            return reply;
        }
    }
    if let Err(reply) = check(tenant, &user, &changes) {
        return reply;
    }
    // The default is to validate, other than in v1 (documented).
    let validates = request.flag("validate_policy").unwrap_or(true);
    if let Err(reply) = check_password(tenant, &user, &changes, validates) {
        return reply;
    }
    if changes.contains_key("password") {
        password::changed(tenant, &mut user, now);
    }
    settle_status(tenant, &mut user, id);
    user.updated_at = now;
    tenant.add_user(user);
    tenant.record_event(USER_UPDATED, id, now);
    answer(world, request, id)
}

/// Status 1 ends a lock of either kind (observed), and status 5 is what the knob makes of it.
fn settle_status(tenant: &Tenant, user: &mut User, id: i64) {
    if user.status == ACTIVE {
        user.unlock();
    }
    if user.status == AWAITING_RESET {
        user.status = match tenant.knobs.awaiting_reset {
            AwaitingReset::Kept => AWAITING_RESET,
            AwaitingReset::ShownAsExpired => PASSWORD_EXPIRED,
            AwaitingReset::Ignored => tenant.users.get(&id).map_or(ACTIVE, |before| before.status),
        };
    }
}

/// The user as it is now; mappings run after that, or before if they are to be waited for, or not at all (documented).
fn answer(world: &mut World, request: &Request, id: i64) -> Reply {
    let mappings = request.param("mappings").unwrap_or("async");
    if mappings == "sync" {
        mapping::run(world, id);
    }
    let reply = users::get(world, id);
    if mappings != "sync" && mappings != "disabled" {
        mapping::run(world, id);
    }
    reply
}

/// What must hold of the changed user as a whole.
fn check(tenant: &Tenant, user: &User, changes: &Map<String, Value>) -> Result<(), Reply> {
    let unique = [
        ("email", "Email", user.email.as_deref()),
        ("username", "Username", user.username.as_deref()),
    ];
    for (field, label, value) in unique {
        let taken = |value: &str| {
            tenant.users.values().any(|other| {
                let theirs = if field == "email" {
                    &other.email
                } else {
                    &other.username
                };
                other.id != user.id
                    && theirs
                        .as_deref()
                        .is_some_and(|theirs| theirs.eq_ignore_ascii_case(value))
            })
        };
        if changes.contains_key(field) && value.is_some_and(|value| !value.is_empty() && taken(value)) {
            return Err(invalid(&format!(
                "{label} must be unique within {}",
                tenant.subdomain
            )));
        }
    }
    if user.email.as_deref().unwrap_or_default().is_empty()
        && user.username.as_deref().unwrap_or_default().is_empty()
    {
        return Err(invalid("Either email or username must be present"));
    }
    if let Some(group_id) = user.group_id
        && changes.contains_key("group_id")
        && !tenant.groups.contains_key(&group_id)
    {
        return Err(invalid(&format!(
            "The associated Group with ID {group_id} could not be found"
        )));
    }
    Ok(())
}

/// A password that comes hashed cannot be looked at.
fn check_password(
    tenant: &Tenant,
    user: &User,
    changes: &Map<String, Value>,
    validates: bool,
) -> Result<(), Reply> {
    let Some(password) = changes.get("password") else {
        return Ok(());
    };
    if changes.get("password_confirmation") != Some(password) {
        return Err(invalid("Password confirmation doesn't match Password"));
    }
    let is_plain = !changes.contains_key("password_algorithm");
    let text = password.as_str().unwrap_or_default();
    if let (true, Some(complaint)) = (validates && is_plain, password::complaint(tenant, user, text)) {
        return Err(invalid(complaint));
    }
    Ok(())
}
