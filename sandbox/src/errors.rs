//! The shapes of OneLogin's error bodies. Three are in use, sometimes on the same path.

use serde_json::{Value, json};

use crate::reply::Reply;
use crate::request::Request;

/// v1 and `/auth`: an envelope whose message is a text or an object (documented, observed).
pub(crate) fn envelope(code: u16, message: impl Into<Value>) -> Reply {
    let kind = match code {
        400 => "bad request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        429 => "Too Many Requests",
        _ => "Internal Server Error",
    };
    Reply::json(
        code,
        json!({"status": {"error": true, "code": code, "type": kind, "message": message.into()}}),
    )
}

/// Most of v2: `message`, `name`, `statusCode` (documented).
pub(crate) fn named(code: u16, message: impl Into<String>) -> Reply {
    let name = match code {
        400 => "BadRequestError",
        401 => "UnauthorizedError",
        403 => "ForbiddenError",
        404 => "NotFoundError",
        422 => "UnprocessableEntityError",
        _ => "InternalServerError",
    };
    Reply::json(
        code,
        json!({"message": message.into(), "name": name, "statusCode": code}),
    )
}

/// The service behind roles, and cursors everywhere (reported by clients).
pub(crate) fn described(code: u16, description: impl Into<String>) -> Reply {
    let error = match code {
        400 => "BadRequestError",
        422 => "UnprocessableEntityError",
        _ => "InternalServerError",
    };
    Reply::json(
        code,
        json!({"status": code, "error": error, "description": description.into()}),
    )
}

/// v1 about one attribute: the message is an object (documented).
pub(crate) fn attribute(name: &str, description: &str) -> Reply {
    envelope(400, json!({"attribute": name, "description": description}))
}

/// What a body that cannot be read, or says nothing, is told in v1 (documented).
pub(crate) fn no_input(request: &Request) -> Reply {
    let text = request.body.trim();
    if text.is_empty() || request.json().is_some() {
        envelope(400, "input parameters is empty")
    } else {
        envelope(400, "Input JSON is not valid")
    }
}

/// A user whom v1 does not know; the words are those of groups (guess).
pub(crate) fn no_user(id: i64) -> Reply {
    envelope(404, format!("User for id {id} was not found"))
}

/// A v2 validation error (documented).
pub(crate) fn invalid(what: &str) -> Reply {
    named(422, format!("Validation failed: {what}"))
}

/// The page of 117 bytes by which the edge slows callers down, and the headers it came with (observed).
pub(crate) fn edge_throttle() -> Reply {
    let mut reply = Reply::html(
        429,
        "<html><body><h1>429 Too Many Requests</h1>\nYou have sent too many requests in a given amount of time.\n</body></html>\n",
    );
    reply.is_from_edge = true;
    reply
        .with_header("cache-control", "no-cache")
        .with_header("connection", "close")
}

pub(crate) fn not_found() -> Reply {
    named(404, "The resource with the given id could not be found")
}

pub(crate) fn no_route() -> Reply {
    envelope(404, "No Route Exists")
}
