//! v1 paging: the cursor names the last id seen, so edits elsewhere move nothing.

use base64::{Engine, engine::general_purpose::STANDARD};
use serde::Serialize;
use serde_json::Value;

use crate::errors;
use crate::reply::Reply;
use crate::request::Request;
use crate::world::World;

/// The paging part of the envelope, null where there is nothing (observed).
#[derive(Debug, Default, Serialize)]
struct Pagination {
    before_cursor: Option<String>,
    after_cursor: Option<String>,
    previous_link: Option<String>,
    next_link: Option<String>,
}

/// One page of rows that stand in ascending order of their ids.
pub(crate) fn reply<T>(
    world: &World,
    request: &Request,
    rows: &[(i64, T)],
    render: impl Fn(&T) -> Value,
) -> Reply {
    let account_id = world.tenant.account_id;
    // A `limit` makes pages smaller, never larger (documented for events, guessed elsewhere).
    let wish = request
        .filter("limit")
        .and_then(|limit| limit.parse::<usize>().ok());
    let most = world.tenant.knobs.v1_page_size;
    let size = wish.map_or(most, |wish| wish.min(most)).max(1);
    let first = match position(request, account_id, rows) {
        Ok(first) => first,
        Err(reply) => return reply,
    };
    let page = rows
        .get(first..(first + size).min(rows.len()))
        .unwrap_or_default();
    let mut pagination = Pagination::default();
    let mut links = Vec::new();
    if first > 0 {
        // A cursor points behind a row, so the page before begins behind the row ahead of it.
        let before = first
            .checked_sub(size + 1)
            .and_then(|index| rows.get(index))
            .map_or(0, |(id, _)| *id);
        let cursor = encode(account_id, before);
        let link = address(request, &cursor);
        links.push(format!("<{link}>; rel=\"prev\""));
        pagination.before_cursor = Some(cursor);
        pagination.previous_link = Some(link);
    }
    if let (true, Some((last, _))) = (first + size < rows.len(), page.last()) {
        let cursor = encode(account_id, *last);
        let link = address(request, &cursor);
        links.push(format!("<{link}>; rel=\"next\""));
        pagination.after_cursor = Some(cursor);
        pagination.next_link = Some(link);
    }
    let data: Vec<Value> = page.iter().map(|(_, row)| render(row)).collect();
    // The header is there even with nothing in it (observed).
    Reply::envelope_page(&pagination, &data).with_header("link", links.join(", "))
}

/// The index of the first row of the page; an empty cursor means the beginning (observed).
fn position<T>(request: &Request, account_id: i64, rows: &[(i64, T)]) -> Result<usize, Reply> {
    let cursor = request
        .filter("after_cursor")
        .or_else(|| request.filter("before_cursor"));
    let Some(cursor) = cursor else {
        return Ok(0);
    };
    let last_seen = decode(account_id, cursor).ok_or_else(|| errors::envelope(400, "Invalid cursor"))?;
    Ok(rows.partition_point(|(id, _)| *id <= last_seen))
}

fn encode(account_id: i64, last_id: i64) -> String {
    STANDARD.encode(format!("account_id:::{account_id}--##id:::{last_id}"))
}

fn decode(account_id: i64, cursor: &str) -> Option<i64> {
    let text = String::from_utf8(STANDARD.decode(cursor).ok()?).ok()?;
    text.strip_prefix(&format!("account_id:::{account_id}--##id:::"))?
        .parse()
        .ok()
}

fn address(request: &Request, cursor: &str) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    for (key, value) in &request.query {
        if !matches!(key.as_str(), "after_cursor" | "before_cursor") {
            query.append_pair(key, value);
        }
    }
    query.append_pair("after_cursor", cursor);
    format!("{}?{}", request.address(), query.finish())
}
