//! The shapes of OneLogin's error bodies. Three are in use, sometimes on the same path.

use serde_json::{Value, json};

use crate::reply::Reply;

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

pub(crate) fn not_found() -> Reply {
    named(404, "The resource with the given id could not be found")
}

pub(crate) fn no_route() -> Reply {
    envelope(404, "No Route Exists")
}
