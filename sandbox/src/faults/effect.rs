//! What a fault does to a call.

use jiff::Timestamp;
use serde_json::Value;

use super::FaultKind;
use super::kind::edge_page;
use super::pages;
use crate::errors;
use crate::reply::{Body, Reply};
use crate::request::Request;
use crate::world::World;

/// How an answer goes over the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Delivery {
    #[default]
    Whole,
    Never,
    Broken,
    Padded {
        bytes: u64,
    },
    Dripping {
        chunk_bytes: usize,
        pause_ms: u64,
    },
    Late {
        ms: u64,
    },
}

/// The faults that change how a call is taken, rather than its answer.
pub(crate) fn before_effect(kind: &FaultKind, world: &mut World, request: &mut Request) {
    match kind {
        FaultKind::TokenRevoked => world.tokens.revoke_all(),
        FaultKind::ShiftingPage(rows) => request.shifted_rows = *rows,
        FaultKind::HalfBatch { .. } => {
            if let Some(Value::Array(mut ids)) = request.json() {
                ids.truncate(ids.len() / 2);
                request.body = Value::Array(ids).to_string();
            }
        }
        _ => {}
    }
}

impl FaultKind {
    /// The answer that stands in for the real one; `None` for faults that work on the real one.
    pub(crate) fn instead(&self, now: Timestamp) -> Option<Reply> {
        match self {
            Self::Status { code, body, headers } => {
                let mut reply = body.reply(*code);
                for (name, value) in headers {
                    reply.set_header(&name.to_ascii_lowercase(), value);
                }
                Some(reply)
            }
            Self::TooManyRequests { retry_after } => {
                let seconds = retry_after.map(|seconds| seconds.to_string());
                Some(throttle(429, seconds))
            }
            Self::Throttled { code, retry_after } => Some(throttle(*code, retry_after.value(now))),
            Self::WrongJson(value) => Some(Reply::json(200, value.clone())),
            Self::Timeout => Some(Reply::empty(504)),
            Self::Redirect { to, code } => Some(Reply::empty(*code).with_header("location", to)),
            _ => None,
        }
    }

    pub(crate) fn delivery(&self) -> Delivery {
        match *self {
            Self::Timeout => Delivery::Never,
            Self::ConnectionReset => Delivery::Broken,
            Self::HugeBody { bytes } => Delivery::Padded { bytes },
            Self::SlowBody {
                chunk_bytes,
                pause_ms,
            } => Delivery::Dripping {
                chunk_bytes: chunk_bytes.max(1),
                pause_ms,
            },
            Self::LateAnswer { ms } => Delivery::Late { ms },
            _ => Delivery::Whole,
        }
    }
}

/// The edge's refusal, under any status.
fn throttle(code: u16, retry_after: Option<String>) -> Reply {
    let mut reply = errors::edge_throttle();
    reply.status = code;
    if code != 429 {
        reply.body = Body::Text("text/html", edge_page(code));
    }
    if let Some(value) = retry_after {
        reply.set_header("retry-after", value);
    }
    reply
}

/// The faults that spoil an answer otherwise right.
pub(crate) fn deface(kind: &FaultKind, request: &Request, reply: &mut Reply) {
    match kind {
        FaultKind::TruncatedJson => {
            if let Body::Json(value) = &reply.body {
                let text = value.to_string();
                let half: String = text.chars().take(text.chars().count() / 2).collect();
                reply.body = Body::Text("application/json", half);
            }
        }
        FaultKind::HalfBatch { code } => *reply = Reply::html(*code, edge_page(*code)),
        FaultKind::WrongBody => *reply = Reply::html(200, edge_page(200)),
        FaultKind::EmptyPage => reply.clear_rows(),
        FaultKind::WrongTotalCount(by) => {
            let count = reply
                .header("total-count")
                .and_then(|count| count.parse::<i64>().ok());
            if let Some(count) = count {
                reply.set_header("total-count", (count + by).to_string());
            }
        }
        FaultKind::NoTotalCount => {
            reply.remove_header("total-count");
            reply.remove_header("total-pages");
        }
        FaultKind::TotalCountText(text) if reply.header("total-count").is_some() => {
            reply.set_header("total-count", text);
        }
        FaultKind::WrappedRows(key) => pages::wrap_rows(reply, key),
        FaultKind::RepeatedCursor => pages::repeat_cursor(request, reply),
        FaultKind::WrongCursor(cursor) => pages::set_cursor(reply, cursor),
        FaultKind::CursorCycle => pages::cycle_cursor(reply),
        FaultKind::EndlessCursor => pages::never_end(request, reply),
        FaultKind::FieldVariant { field, variant } => {
            reply.change_objects(|object| variant.apply(object, field));
        }
        _ => {}
    }
}
