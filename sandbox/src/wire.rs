//! Users as JSON, in both generations of the API.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use crate::tenant::{Tenant, User};

/// What a v2 list row shows unless `fields` says otherwise (observed in real output and a vendor sample).
pub(crate) const LIST_FIELDS: [&str; 22] = [
    "activated_at",
    "created_at",
    "directory_id",
    "distinguished_name",
    "email",
    "external_id",
    "firstname",
    "group_id",
    "id",
    "invalid_login_attempts",
    "invitation_sent_at",
    "last_login",
    "lastname",
    "locked_until",
    "member_of",
    "password_changed_at",
    "phone",
    "samaccountname",
    "state",
    "status",
    "updated_at",
    "username",
];

/// What the single v2 read shows on top of that (documented).
pub(crate) const MORE_FIELDS: [&str; 11] = [
    "title",
    "department",
    "company",
    "comment",
    "role_ids",
    "trusted_idp_id",
    "manager_user_id",
    "manager_ad_id",
    "userprincipalname",
    "preferred_locale_code",
    "custom_attributes",
];

/// The v1 fields in the recorded order; `role_id` is an array, and null when there are none.
const V1_FIELDS: [&str; 35] = [
    "activated_at",
    "created_at",
    "email",
    "username",
    "firstname",
    "group_id",
    "id",
    "invalid_login_attempts",
    "invitation_sent_at",
    "last_login",
    "lastname",
    "locked_until",
    "comment",
    "openid_name",
    "locale_code",
    "preferred_locale_code",
    "password_changed_at",
    "phone",
    "status",
    "updated_at",
    "distinguished_name",
    "external_id",
    "directory_id",
    "member_of",
    "samaccountname",
    "userprincipalname",
    "manager_ad_id",
    "manager_user_id",
    "role_id",
    "company",
    "department",
    "title",
    "state",
    "trusted_idp_id",
    "custom_attributes",
];

/// UTC with milliseconds, as both generations write instants (documented).
pub(crate) fn date(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()
}

/// An instant without milliseconds, as member lists write it (documented).
pub(crate) fn short_date(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// An instant as HTTP headers write it.
pub(crate) fn http_date(at: Timestamp) -> String {
    at.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

/// A user with the named v2 fields; names that no user has are passed over.
pub(crate) fn user(tenant: &Tenant, user: &User, fields: &[&str]) -> Value {
    let mut object = Map::new();
    for &name in fields {
        if let Some(value) = field(tenant, user, name) {
            object.insert(name.to_owned(), value);
        }
    }
    for (name, variant) in &user.variants {
        if fields.contains(&name.as_str()) {
            variant.apply(&mut object, name);
        }
    }
    Value::Object(object)
}

/// A user with every v2 field.
pub(crate) fn full_user(tenant: &Tenant, row: &User) -> Value {
    let fields: Vec<&str> = LIST_FIELDS.into_iter().chain(MORE_FIELDS).collect();
    user(tenant, row, &fields)
}

/// A user as v1 shows it: every field, unset texts that the web form knows as `""` (observed).
pub(crate) fn user_v1(tenant: &Tenant, user: &User) -> Value {
    let mut object = Map::new();
    for name in V1_FIELDS {
        let value = match name {
            "role_id" => {
                let roles = tenant.role_ids_of(user.id);
                if roles.is_empty() {
                    Value::Null
                } else {
                    json!(roles)
                }
            }
            "openid_name" => json!(user.openid_name),
            "custom_attributes" => custom_attributes(tenant, user, &json!("")),
            "username" | "comment" | "phone" | "company" | "department" | "title" => {
                field(tenant, user, name)
                    .filter(|value| !value.is_null())
                    .unwrap_or_else(|| json!(""))
            }
            _ => field(tenant, user, name).unwrap_or(Value::Null),
        };
        object.insert(name.to_owned(), value);
    }
    for (name, variant) in &user.variants {
        if V1_FIELDS.contains(&name.as_str()) {
            variant.apply(&mut object, name);
        }
    }
    Value::Object(object)
}

/// One v2 field of a user; `None` if there is no such field.
pub(crate) fn field(tenant: &Tenant, user: &User, name: &str) -> Option<Value> {
    let value = match name {
        "id" => json!(user.id),
        "email" => json!(user.email),
        "username" => json!(user.username),
        "firstname" => json!(user.firstname),
        "lastname" => json!(user.lastname),
        "title" => json!(user.title),
        "department" => json!(user.department),
        "company" => json!(user.company),
        "comment" => json!(user.comment),
        "phone" => json!(user.phone),
        "status" => json!(user.status),
        "state" => json!(user.state),
        "group_id" => json!(user.group_id),
        "role_ids" => json!(tenant.role_ids_of(user.id)),
        "directory_id" => json!(user.directory_id),
        "trusted_idp_id" => json!(user.trusted_idp_id),
        "manager_user_id" => json!(user.manager_user_id),
        "manager_ad_id" => json!(user.manager_ad_id),
        "external_id" => json!(user.external_id),
        "samaccountname" => json!(user.samaccountname),
        "userprincipalname" => json!(user.userprincipalname),
        "distinguished_name" => json!(user.distinguished_name),
        "member_of" => json!(user.member_of),
        "activated_at" => json!(user.activated_at.map(date)),
        "created_at" => json!(date(user.created_at)),
        "updated_at" => json!(date(user.updated_at)),
        "last_login" => json!(user.last_login.map(date)),
        "invitation_sent_at" => json!(user.invitation_sent_at.map(date)),
        "password_changed_at" => json!(user.password_changed_at.map(date)),
        "locked_until" => json!(user.locked_until.map(date)),
        "invalid_login_attempts" => json!(user.invalid_login_attempts),
        "preferred_locale_code" => json!(user.preferred_locale_code),
        "custom_attributes" => custom_attributes(tenant, user, &Value::Null),
        _ => return None,
    };
    Some(value)
}

/// Every attribute that the tenant defines, with `unset` where the user has no value (documented).
fn custom_attributes(tenant: &Tenant, user: &User, unset: &Value) -> Value {
    let mut object = Map::new();
    for name in &tenant.custom_attributes {
        let value = user.custom_attributes.get(name).cloned().flatten();
        object.insert(name.clone(), value.map_or_else(|| unset.clone(), Value::String));
    }
    for (name, value) in &user.custom_attributes {
        if let (false, Some(value)) = (object.contains_key(name), value) {
            object.insert(name.clone(), json!(value));
        }
    }
    Value::Object(object)
}
