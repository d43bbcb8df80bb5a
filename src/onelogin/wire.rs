//! JSON and headers as they come: four error shapes, numbers as text, null and "" for nothing.

use std::time::Duration;

use jiff::Timestamp;
use jiff::fmt::rfc2822;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::error::Error;
use super::http::Answer;

/// A JSON object.
pub(super) type Object = Map<String, Value>;

/// Longest message of OneLogin's that is repeated.
const LONGEST_MESSAGE: usize = 300;

/// Passes 200 on, and turns every other status into its error.
pub(super) fn expect_ok(call: &str, answer: Answer) -> Result<Answer, Error> {
    let call = call.to_owned();
    match answer.status.as_u16() {
        200 => Ok(answer),
        status @ (401 | 403) => Err(Error::NotAllowed {
            call,
            status,
            message: message(&answer),
        }),
        404 => Err(Error::NotFound {
            call,
            message: message(&answer),
        }),
        429 => Err(Error::Throttled {
            call,
            reset: reset(&answer),
        }),
        status => Err(Error::Status {
            call,
            status,
            message: message(&answer),
        }),
    }
}

/// When the quota is renewed: `X-RateLimit-Reset` is in seconds (observed), `Retry-After` was never
/// seen from OneLogin but is what a proxy in front of it would send.
pub(super) fn reset(answer: &Answer) -> Option<Duration> {
    let now = answer.header("date").and_then(http_date);
    let retry_after = answer.header("retry-after").and_then(|text| wait(text, now));
    retry_after.or_else(|| {
        answer
            .header("x-ratelimit-reset")
            .and_then(|text| wait(text, None))
    })
}

/// Seconds, or an HTTP date (RFC 9110, 10.2.3) by the clock of the answer. A number too large to be
/// meant is as long as it says; what is neither is nothing.
fn wait(text: &str, now: Option<Timestamp>) -> Option<Duration> {
    if text.chars().all(|c| c.is_ascii_digit()) {
        return Some(Duration::from_secs(text.parse().unwrap_or(u64::MAX)));
    }
    let ahead = http_date(text)?.duration_since(now?);
    Some(Duration::try_from(ahead).unwrap_or_default())
}

/// OneLogin's own words in an error answer, whichever of the shapes it has.
pub(super) fn message(answer: &Answer) -> String {
    let text = match serde_json::from_slice::<Value>(&answer.body) {
        Ok(Value::Object(body)) => {
            let status = body.get("status").and_then(Value::as_object);
            status
                .and_then(|status| status.get("message"))
                .or_else(|| body.get("message"))
                .or_else(|| body.get("description"))
                .map(plain)
        }
        _ => None,
    };
    let text = text.unwrap_or_else(|| "no message".to_owned());
    // From outside: one line, no control characters, no more than a person reads.
    text.chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .take(LONGEST_MESSAGE)
        .collect()
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Object(fields) => match fields.get("description") {
            Some(description) => plain(description),
            None => value.to_string(),
        },
        other => other.to_string(),
    }
}

/// The `Date` header.
pub(super) fn http_date(text: &str) -> Option<Timestamp> {
    rfc2822::DateTimeParser::new().parse_timestamp(text).ok()
}

/// Reads a body as JSON of the shape that is asked for.
pub(super) fn json<T: DeserializeOwned>(call: &str, body: &[u8]) -> Result<T, Error> {
    serde_json::from_slice(body).map_err(|error| unreadable(call, place(&error)))
}

/// Where a body stops to be what it should be, without repeating what it holds.
fn place(error: &serde_json::Error) -> String {
    let (kind, advice) = if error.is_eof() {
        ("it ends too early", "Run it again later")
    } else {
        (
            "unexpected content",
            "Check that onelogin.url is the tenant's, and that no proxy answers in its place",
        )
    };
    let (line, column) = (error.line(), error.column());
    format!("{kind} at line {line}, column {column}. {advice}")
}

pub(super) fn unreadable(call: &str, why: impl Into<String>) -> Error {
    Error::Unreadable {
        call: call.to_owned(),
        why: why.into(),
    }
}

/// A number, also where it stands as text. `Err` for anything else but null, absent and "".
pub(super) fn number(row: &Object, key: &str) -> Result<Option<i64>, String> {
    match row.get(key) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) if text.trim().is_empty() => Ok(None),
        Some(Value::Number(number)) => number
            .as_i64()
            .map(Some)
            .ok_or_else(|| format!("`{key}` is not a whole number")),
        Some(Value::String(text)) => text
            .trim()
            .parse()
            .map(Some)
            .map_err(|_| format!("`{key}` is not a number")),
        Some(_) => Err(format!("`{key}` is not a number")),
    }
}

/// The `id` of a row; there is no row without one.
pub(super) fn id(row: &Object) -> Result<i64, String> {
    number(row, "id")?.ok_or_else(|| "a row has no `id`".to_owned())
}

/// Text; null, absent and "" are all nothing. A number is taken as its digits.
pub(super) fn text(row: &Object, key: &str) -> Result<Option<String>, String> {
    match row.get(key) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) if text.is_empty() => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(Value::Number(number)) => Ok(Some(number.to_string())),
        Some(_) => Err(format!("`{key}` is not text")),
    }
}

/// An instant in RFC 3339, with or without a fraction.
pub(super) fn instant(row: &Object, key: &str) -> Result<Option<Timestamp>, String> {
    match text(row, key)? {
        None => Ok(None),
        Some(text) => text
            .parse()
            .map(Some)
            .map_err(|_| format!("`{key}` is not a date and time")),
    }
}
