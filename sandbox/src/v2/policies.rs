//! `/api/2/policies`: new in OneLogin, so much of it hangs on knobs.

use serde_json::{Map, Value, json};

use crate::errors;
use crate::paging::Window;
use crate::reply::Reply;
use crate::request::Request;
use crate::tenant::{Policy, PolicyKind};
use crate::world::World;

/// `GET /api/2/policies`
pub(crate) fn list(world: &World, request: &Request) -> Reply {
    let rows: Vec<&Policy> = world.tenant.policies.values().collect();
    let knobs = &world.tenant.knobs;
    if !knobs.policies_paged {
        return Reply::json(200, rows.into_iter().map(render).collect());
    }
    let window = match Window::read(request, &knobs.policies_pages) {
        Ok(window) => window,
        Err(reply) => return reply,
    };
    let mut reply = window.reply(request, &rows, |policy| render(policy));
    if !knobs.policies_total_count {
        reply.remove_header("total-count");
        reply.remove_header("total-pages");
    }
    reply
}

/// `GET /api/2/policies/:id`
pub(crate) fn get(world: &World, id: i64) -> Reply {
    match world.tenant.policies.get(&id) {
        Some(policy) => Reply::json(200, render(policy)),
        None => errors::not_found(),
    }
}

/// `PUT /api/2/policies/:id/set_default`: user policies only (observed in a client); the answer is a guess.
pub(crate) fn set_default(world: &mut World, id: i64) -> Reply {
    match world.tenant.policies.get(&id).map(|policy| policy.kind) {
        None => return errors::not_found(),
        Some(PolicyKind::App) => return errors::invalid("Only a user policy can be the default"),
        Some(PolicyKind::User) => {}
    }
    for policy in world.tenant.policies.values_mut() {
        policy.is_default = policy.id == id;
    }
    get(world, id)
}

/// Fields that a policy of this kind does not have are absent, not null (observed in a client).
fn render(policy: &Policy) -> Value {
    let mut object = Map::new();
    object.insert("id".to_owned(), json!(policy.id));
    object.insert("name".to_owned(), json!(policy.name));
    let kind = match policy.kind {
        PolicyKind::User => "user",
        PolicyKind::App => "app",
    };
    object.insert("kind".to_owned(), json!(kind));
    if policy.kind == PolicyKind::App {
        return Value::Object(object);
    }
    let fields = [
        ("is_default", json!(policy.is_default)),
        ("password_expiration_days", json!(policy.password_expiration_days)),
        ("passwords_remembered", json!(policy.passwords_remembered)),
        ("minimum_password_length", json!(policy.minimum_password_length)),
        (
            "password_complexity_requirements",
            json!(policy.password_complexity_requirements),
        ),
        ("enable_password_change", json!(policy.enable_password_change)),
        (
            "password_redirect_enabled",
            json!(policy.password_redirect_enabled),
        ),
        ("password_redirect_url", json!(policy.password_redirect_url)),
        (
            "password_redirect_message",
            json!(policy.password_redirect_message),
        ),
        (
            "maximum_invalid_login_attempts",
            json!(policy.maximum_invalid_login_attempts),
        ),
        ("lock_effective_minutes", json!(policy.lock_effective_minutes)),
        (
            "enable_unlock_via_password_reset",
            json!(policy.enable_unlock_via_password_reset),
        ),
    ];
    for (name, value) in fields {
        if !value.is_null() {
            object.insert(name.to_owned(), value);
        }
    }
    Value::Object(object)
}
