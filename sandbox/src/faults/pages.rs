//! Faults of lists: cursors that lead nowhere, back, or on for ever.

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

use crate::reply::{Body, Reply};
use crate::request::Request;

/// In v2 the page's own cursor becomes the next one, in v1 the one it was asked for with.
pub(super) fn repeat_cursor(request: &Request, reply: &mut Reply) {
    if let Some(own) = reply.header("cursor").map(str::to_owned) {
        reply.set_header("after-cursor", own);
    }
    if let (Some(pagination), Some(asked)) = (pagination(reply), request.filter("after_cursor")) {
        *pagination = json!(asked);
    }
}

/// From the second page on the next one is the page before: A, B, A, B, ...
pub(super) fn cycle_cursor(reply: &mut Reply) {
    if let Some(before) = reply.header("before-cursor").map(str::to_owned) {
        reply.set_header("after-cursor", before);
    }
    let before = match &reply.body {
        Body::Json(value) => value["pagination"]["before_cursor"].clone(),
        _ => Value::Null,
    };
    if let (false, Some(after)) = (before.is_null(), pagination(reply)) {
        *after = before;
    }
}

/// There is always a next page, under a cursor never seen before; past the end the pages are empty.
pub(super) fn never_end(request: &Request, reply: &mut Reply) {
    if let Some(next) = reply.header("cursor").and_then(|own| bumped(own, "page=")) {
        reply.set_header("after-cursor", next);
    }
    let asked = request
        .filter("after_cursor")
        .and_then(|cursor| bumped(cursor, "##id:::"));
    if let Some(after) = pagination(reply).filter(|after| after.is_null()) {
        *after = json!(asked.unwrap_or_else(|| STANDARD.encode("account_id:::0--##id:::0")));
    }
}

/// The next page is found under this cursor.
pub(super) fn set_cursor(reply: &mut Reply, cursor: &str) {
    if reply.header("cursor").is_some() {
        reply.set_header("after-cursor", cursor);
    }
    if let Some(after) = pagination(reply) {
        *after = json!(cursor);
    }
}

/// The rows stand in an object, under this key, rather than in the array they should be.
pub(super) fn wrap_rows(reply: &mut Reply, key: &str) {
    let Body::Json(value) = &mut reply.body else {
        return;
    };
    let rows = if value.is_object() {
        value.get_mut("data")
    } else {
        Some(value)
    };
    if let Some(rows) = rows.filter(|rows| rows.is_array()) {
        *rows = json!({ key: rows.take() });
    }
}

/// Where v1 keeps the next cursor.
fn pagination(reply: &mut Reply) -> Option<&mut Value> {
    match &mut reply.body {
        Body::Json(value) => value.get_mut("pagination")?.get_mut("after_cursor"),
        _ => None,
    }
}

/// The cursor whose number behind `key` is one higher.
fn bumped(cursor: &str, key: &str) -> Option<String> {
    let text = String::from_utf8(STANDARD.decode(cursor).ok()?).ok()?;
    let start = text.find(key)? + key.len();
    let end = text[start..]
        .find(|letter: char| !letter.is_ascii_digit())
        .map_or(text.len(), |length| start + length);
    let number: u64 = text.get(start..end)?.parse().ok()?;
    Some(STANDARD.encode(format!("{}{}{}", &text[..start], number + 1, &text[end..])))
}
