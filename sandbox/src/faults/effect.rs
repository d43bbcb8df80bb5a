//! What a fault does to a call.

use serde_json::Value;

use super::FaultKind;
use super::kind::edge_page;
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
        _ => {}
    }
}

impl FaultKind {
    /// The answer that stands in for the real one; `None` for faults that work on the real one.
    pub(crate) fn instead(&self) -> Option<Reply> {
        match self {
            Self::Status { code, body, headers } => {
                let mut reply = body.reply(*code);
                for (name, value) in headers {
                    reply.set_header(&name.to_ascii_lowercase(), value);
                }
                Some(reply)
            }
            Self::TooManyRequests { retry_after } => {
                let mut reply = Reply::html(429, edge_page(429)).with_header("cache-control", "no-cache");
                if let Some(seconds) = retry_after {
                    reply.set_header("retry-after", seconds.to_string());
                }
                Some(reply)
            }
            Self::Timeout => Some(Reply::empty(504)),
            Self::Redirect { to, code } => Some(Reply::empty(*code).with_header("location", to)),
            _ => None,
        }
    }

    /// Whether the answer comes from the edge, which numbers no requests (observed).
    pub(crate) fn is_from_edge(&self) -> bool {
        matches!(self, Self::TooManyRequests { .. })
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
        FaultKind::RepeatedCursor => repeat_cursor(request, reply),
        FaultKind::FieldVariant { field, variant } => {
            reply.change_objects(|object| variant.apply(object, field));
        }
        _ => {}
    }
}

/// In v2 the page's own cursor becomes the next one, in v1 the one it was asked for with.
fn repeat_cursor(request: &Request, reply: &mut Reply) {
    if let Some(own) = reply.header("cursor").map(str::to_owned) {
        reply.set_header("after-cursor", own);
    }
    if let Body::Json(Value::Object(envelope)) = &mut reply.body
        && let Some(Value::Object(pagination)) = envelope.get_mut("pagination")
        && let Some(asked) = request.filter("after_cursor")
    {
        pagination.insert("after_cursor".to_owned(), Value::from(asked));
    }
}
