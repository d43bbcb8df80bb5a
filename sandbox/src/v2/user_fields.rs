//! The attributes of a user that an update may name.

use serde_json::Value;

use crate::errors::{self, invalid};
use crate::reply::Reply;
use crate::tenant::User;

/// Accepted and without effect: read-only in practice (observed), or about the password itself.
const WITHOUT_EFFECT: [&str; 5] = [
    "role_ids",
    "password",
    "password_confirmation",
    "password_algorithm",
    "salt",
];

const UNLICENSED: i64 = 3;

/// Sets one attribute; one that users do not have is refused by name (documented).
pub(super) fn set(user: &mut User, name: &str, value: &Value) -> Result<(), Reply> {
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
