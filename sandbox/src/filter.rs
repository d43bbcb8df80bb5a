//! Which users a v2 list shows, and in which order.

use std::cmp::Ordering;

use jiff::Timestamp;
use serde_json::Value;

use crate::errors;
use crate::paging::Window;
use crate::reply::Reply;
use crate::request::Request;
use crate::tenant::{Tenant, User};
use crate::wire;

/// Text filters: exact, with `*` for any run of characters (documented).
const TEXTS: [&str; 6] = [
    "firstname",
    "lastname",
    "email",
    "username",
    "samaccountname",
    "external_id",
];

/// Number filters; `group_id` is undocumented but in use by clients (observed).
const NUMBERS: [&str; 2] = ["directory_id", "group_id"];

/// Date filters with the field they look at (documented).
const DATES: [(&str, &str, Bound); 6] = [
    ("created_since", "created_at", Bound::Since),
    ("created_until", "created_at", Bound::Until),
    ("updated_since", "updated_at", Bound::Since),
    ("updated_until", "updated_at", Bound::Until),
    ("last_login_since", "last_login", Bound::Since),
    ("last_login_until", "last_login", Bound::Until),
];

#[derive(Debug, Clone, Copy)]
enum Bound {
    Since,
    Until,
}

/// The users a request selects, sorted as it wishes.
pub(crate) fn select<'t>(
    tenant: &'t Tenant,
    request: &Request,
    window: &Window,
) -> Result<Vec<&'t User>, Reply> {
    let mut rows: Vec<&User> = tenant.users.values().collect();
    for name in TEXTS {
        if let Some(pattern) = request.filter(name) {
            rows.retain(|user| text_of(tenant, user, name).is_some_and(|text| matches(pattern, &text)));
        }
    }
    for name in NUMBERS {
        if let Some(wanted) = request.filter(name) {
            rows.retain(|user| text_of(tenant, user, name).as_deref() == Some(wanted));
        }
    }
    for (name, field, bound) in DATES {
        if let Some(value) = request.filter(name) {
            let limit: Timestamp = value
                .parse()
                .map_err(|_| errors::named(400, format!("{name} is not a valid date")))?;
            rows.retain(|user| is_within(instant_of(user, field), limit, bound));
        }
    }
    if let Some(ids) = request.filter("user_ids") {
        let ids: Vec<i64> = ids.split(',').filter_map(|id| id.trim().parse().ok()).collect();
        rows.retain(|user| ids.contains(&user.id));
    }
    if let Some(app_id) = request.filter("app_id") {
        let app_id: Option<i64> = app_id.parse().ok();
        rows.retain(|user| app_id.is_some_and(|app_id| has_app(tenant, user, app_id)));
    }
    for (key, pattern) in &request.query {
        if let Some(attribute) = key
            .strip_prefix("custom_attributes.")
            .filter(|_| !pattern.is_empty())
        {
            rows.retain(|user| {
                let value = user.custom_attributes.get(attribute).and_then(Option::as_deref);
                value.is_some_and(|value| matches(pattern, value))
            });
        }
    }
    sort(tenant, &mut rows, window);
    Ok(rows)
}

fn sort(tenant: &Tenant, rows: &mut [&User], window: &Window) {
    if window.sort != "id" {
        rows.sort_by(|left, right| {
            let left = wire::field(tenant, left, &window.sort);
            let right = wire::field(tenant, right, &window.sort);
            compare(left.as_ref(), right.as_ref())
        });
    }
    if window.descending {
        rows.reverse();
    }
}

/// Nulls first, numbers by size, the rest as text.
fn compare(left: Option<&Value>, right: Option<&Value>) -> Ordering {
    let number = |value: Option<&Value>| value.and_then(Value::as_i64);
    let text = |value: Option<&Value>| value.and_then(Value::as_str).map(str::to_owned);
    number(left)
        .cmp(&number(right))
        .then_with(|| text(left).cmp(&text(right)))
}

fn text_of(tenant: &Tenant, user: &User, name: &str) -> Option<String> {
    match wire::field(tenant, user, name)? {
        Value::String(text) => Some(text),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

fn instant_of(user: &User, field: &str) -> Option<Timestamp> {
    match field {
        "created_at" => Some(user.created_at),
        "updated_at" => Some(user.updated_at),
        _ => user.last_login,
    }
}

/// Both ends belong to the range; OneLogin does not say (guess).
fn is_within(instant: Option<Timestamp>, limit: Timestamp, bound: Bound) -> bool {
    instant.is_some_and(|instant| match bound {
        Bound::Since => instant >= limit,
        Bound::Until => instant <= limit,
    })
}

fn has_app(tenant: &Tenant, user: &User, app_id: i64) -> bool {
    tenant
        .roles
        .values()
        .any(|role| role.apps.contains(&app_id) && role.members.contains_key(&user.id))
}

/// Compares without regard to case (guess), `*` standing for any run of characters.
pub(crate) fn matches(pattern: &str, text: &str) -> bool {
    let pattern = pattern.to_lowercase();
    let text = text.to_lowercase();
    let Some((head, rest)) = pattern.split_once('*') else {
        return pattern == text;
    };
    let Some(mut remaining) = text.strip_prefix(head) else {
        return false;
    };
    let mut parts: Vec<&str> = rest.split('*').collect();
    let tail = parts.pop().unwrap_or_default();
    for part in parts {
        let Some((_, after)) = remaining.split_once(part) else {
            return false;
        };
        remaining = after;
    }
    remaining.ends_with(tail)
}
