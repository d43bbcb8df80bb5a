//! Setting a password for somebody, in clear text or hashed.

use serde_json::Value;

use crate::errors;
use crate::password;
use crate::reply::Reply;
use crate::request::Request;
use crate::world::World;

/// Longest salt (documented).
const SALT_LENGTH: usize = 40;
/// Hexadecimal digits of a SHA-256.
const HASH_LENGTH: usize = 64;

/// `PUT /api/1/users/set_password_clear_text/:id`; the policy is looked at only on request (documented).
pub(crate) fn set_clear(world: &mut World, request: &Request, user_id: i64) -> Reply {
    set(world, request, user_id, |body, complaint| {
        let validates = body.get("validate_policy") == Some(&Value::Bool(true));
        validates.then_some(complaint).flatten()
    })
}

/// `PUT /api/1/users/set_password_using_salt/:id`; the policy cannot be looked at (documented). Words are a guess.
pub(crate) fn set_salted(world: &mut World, request: &Request, user_id: i64) -> Reply {
    set(world, request, user_id, |body, _| {
        let text = |name: &str| body.get(name).and_then(Value::as_str).unwrap_or_default();
        let hash = text("password");
        let is_hash = hash.len() == HASH_LENGTH
            && hash
                .bytes()
                .all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte));
        if text("password_algorithm") != "salt+sha256" {
            Some("password_algorithm should be -> salt+sha256")
        } else if text("password_salt").chars().count() > SALT_LENGTH {
            Some("password_salt is too long")
        } else if is_hash {
            None
        } else {
            Some("password should be -> sha256 in lower case")
        }
    })
}

/// What both have in common; `judge` gets the body and what the policy says.
fn set(
    world: &mut World,
    request: &Request,
    user_id: i64,
    judge: impl FnOnce(&Value, Option<&'static str>) -> Option<&'static str>,
) -> Reply {
    let now = world.clock.now();
    let tenant = &mut world.tenant;
    let Some(mut user) = tenant.users.get(&user_id).cloned() else {
        return errors::no_user(user_id);
    };
    let body = request.json().unwrap_or_default();
    let Some(password) = body.get("password").and_then(Value::as_str) else {
        return errors::no_input(request);
    };
    if body.get("password_confirmation").and_then(Value::as_str) != Some(password) {
        return errors::envelope(400, "Passwords do not match");
    }
    if tenant.account_owner_id == Some(user_id) {
        return errors::envelope(403, "Not allowed to update the account owner");
    }
    if let Some(complaint) = judge(&body, password::complaint(tenant, &user, password)) {
        return errors::envelope(400, complaint);
    }
    password::changed(tenant, &mut user, now);
    tenant.add_user(user);
    Reply::done("Success")
}
