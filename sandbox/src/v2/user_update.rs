//! `PUT /api/2/users/:id`: changing some fields of a user.

use serde_json::{Map, Value};

use crate::errors::{self, invalid};
use crate::mapping;
use crate::password;
use crate::reply::Reply;
use crate::request::Request;
use crate::tenant::{AwaitingReset, Tenant, USER_UPDATED, User};
use crate::v2::users;
use crate::world::World;

/// Accepted and without effect: read-only in practice (observed), or about the password itself.
const WITHOUT_EFFECT: [&str; 5] = [
    "role_ids",
    "password",
    "password_confirmation",
    "password_algorithm",
    "salt",
];

const UNLICENSED: i64 = 3;
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
        if let Err(reply) = set(&mut user, name, value) {
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

/// Sets one attribute; one that users do not have is refused by name (documented).
fn set(user: &mut User, name: &str, value: &Value) -> Result<(), Reply> {
    match name {
        "status" => user.status = required(name, value)?,
        // An unlicensed user gets a licence by `set_state` only (documented); silence is a guess.
        "state" if user.state == UNLICENSED => {}
        "state" => user.state = required(name, value)?,
        "custom_attributes" => set_custom_attributes(user, value)?,
        _ if WITHOUT_EFFECT.contains(&name) => {}
        _ => {
            if let Some(field) = text_field(user, name) {
                *field = text(name, value)?;
            } else if let Some(field) = number_field(user, name) {
                *field = number(name, value)?;
            } else {
                return Err(errors::named(400, format!("unknown attribute: {name}")));
            }
        }
    }
    Ok(())
}

fn text_field<'u>(user: &'u mut User, name: &str) -> Option<&'u mut Option<String>> {
    let field = match name {
        "username" => &mut user.username,
        "email" => &mut user.email,
        "firstname" => &mut user.firstname,
        "lastname" => &mut user.lastname,
        "title" => &mut user.title,
        "department" => &mut user.department,
        "company" => &mut user.company,
        "comment" => &mut user.comment,
        "phone" => &mut user.phone,
        "external_id" => &mut user.external_id,
        "samaccountname" => &mut user.samaccountname,
        "userprincipalname" => &mut user.userprincipalname,
        "distinguished_name" => &mut user.distinguished_name,
        "member_of" => &mut user.member_of,
        "openid_name" => &mut user.openid_name,
        "preferred_locale_code" => &mut user.preferred_locale_code,
        _ => return None,
    };
    Some(field)
}

fn number_field<'u>(user: &'u mut User, name: &str) -> Option<&'u mut Option<i64>> {
    let field = match name {
        "group_id" => &mut user.group_id,
        "directory_id" => &mut user.directory_id,
        "trusted_idp_id" => &mut user.trusted_idp_id,
        "manager_user_id" => &mut user.manager_user_id,
        "manager_ad_id" => &mut user.manager_ad_id,
        "invalid_login_attempts" => &mut user.invalid_login_attempts,
        _ => return None,
    };
    Some(field)
}

/// Attributes that are not named stay as they are (reported).
fn set_custom_attributes(user: &mut User, value: &Value) -> Result<(), Reply> {
    let attributes = value
        .as_object()
        .ok_or_else(|| invalid("Custom attributes is invalid"))?;
    for (name, value) in attributes {
        user.custom_attributes.insert(name.clone(), text(name, value)?);
    }
    Ok(())
}

fn text(name: &str, value: &Value) -> Result<Option<String>, Reply> {
    match value {
        Value::Null => Ok(None),
        Value::String(text) => Ok(Some(text.clone())),
        Value::Number(number) => Ok(Some(number.to_string())),
        _ => Err(invalid(&format!("{name} is invalid"))),
    }
}

/// A number or a number in quotes; SDKs send both.
fn number(name: &str, value: &Value) -> Result<Option<i64>, Reply> {
    let number = match value {
        Value::Null => return Ok(None),
        Value::Number(number) => number.as_i64(),
        Value::String(text) => text.parse().ok(),
        _ => None,
    };
    number
        .map(Some)
        .ok_or_else(|| invalid(&format!("{name} is not a number")))
}

fn required(name: &str, value: &Value) -> Result<i64, Reply> {
    number(name, value)?.ok_or_else(|| invalid(&format!("{name} can't be blank")))
}
