//! The ways in which a call can go wrong.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use super::RetryAfter;
use crate::errors;
use crate::reply::Reply;
use crate::tenant::FieldVariant;

/// What goes wrong.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum FaultKind {
    /// Another status, with a body of some shape and more headers; 502 bursts were reported under load.
    Status {
        /// The status.
        code: u16,
        /// What stands in the body.
        #[serde(default)]
        body: BodyShape,
        /// Headers on top, `retry-after` for instance.
        #[serde(default)]
        headers: BTreeMap<String, String>,
    },
    /// The 429 of the edge: HTML, no request id, and in recorded traffic no `Retry-After` either.
    TooManyRequests {
        /// Seconds told in `Retry-After`.
        #[serde(default)]
        retry_after: Option<u64>,
    },
    /// The same with any other `Retry-After`; 503 and others of its kind come like this as well.
    Throttled {
        /// 429 if not told otherwise.
        #[serde(default = "too_many")]
        code: u16,
        /// What the header says.
        #[serde(default)]
        retry_after: RetryAfter,
    },
    /// No answer until the client gives up.
    Timeout,
    /// The answer begins and the connection ends in the middle of the body.
    ConnectionReset,
    /// A whole answer whose JSON stops half-way.
    TruncatedJson,
    /// 200 with a web page.
    WrongBody,
    /// 200 with this JSON.
    WrongJson(Value),
    /// The rows of a list stand inside an object, under this key.
    WrappedRows(String),
    /// A page without rows whose headers say otherwise.
    EmptyPage,
    /// `Total-Count` off by so many.
    WrongTotalCount(i64),
    /// `Total-Count` is this text, which need not be a number.
    TotalCountText(String),
    /// No `Total-Count` and no `Total-Pages`.
    NoTotalCount,
    /// `After-Cursor` leads back to the same page, for ever.
    RepeatedCursor,
    /// The next cursor is this one, on the last page too.
    WrongCursor(String),
    /// From the second page on the next cursor leads back to the page before: A, B, A, B, for ever.
    CursorCycle,
    /// There is always one more page, each under a new cursor; past the end they are empty.
    EndlessCursor,
    /// So many rows ahead of this page went away (or came, if negative) since the page before.
    ShiftingPage(i64),
    /// Of a bare array of ids the first half takes effect, and the answer has this status.
    HalfBatch {
        /// 500, as a rule.
        code: u16,
    },
    /// Every token dies just before this call.
    TokenRevoked,
    /// Blanks after the answer, so many bytes of them.
    HugeBody {
        /// How many.
        bytes: u64,
    },
    /// The answer drips.
    SlowBody {
        /// Bytes per drop.
        chunk_bytes: usize,
        /// Milliseconds between two drops.
        pause_ms: u64,
    },
    /// The answer comes late.
    LateAnswer {
        /// By so many milliseconds.
        ms: u64,
    },
    /// The client is sent elsewhere.
    Redirect {
        /// The address in `Location`.
        to: String,
        /// 302 if not told otherwise.
        #[serde(default = "found")]
        code: u16,
    },
    /// A field of every object in the answer looks otherwise.
    FieldVariant {
        /// The field.
        field: String,
        /// How it looks.
        variant: FieldVariant,
    },
}

fn found() -> u16 {
    302
}

fn too_many() -> u16 {
    429
}

/// What stands in the body of an error.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BodyShape {
    /// Nothing.
    Empty,
    /// A web page, as the edge sends.
    #[default]
    Html,
    /// The envelope of v1 and `/auth`, with this message.
    Envelope(String),
    /// `message`, `name`, `statusCode`, as most of v2 sends, with this message.
    Named(String),
    /// `status`, `error`, `description`, as the service behind roles sends, with this description.
    Described(String),
    /// This text.
    Text(String),
}

impl BodyShape {
    pub(crate) fn reply(&self, code: u16) -> Reply {
        match self {
            Self::Empty => Reply::empty(code),
            Self::Html => Reply::html(code, edge_page(code)),
            Self::Envelope(message) => errors::envelope(code, message.as_str()),
            Self::Named(message) => errors::named(code, message.as_str()),
            Self::Described(description) => errors::described(code, description.as_str()),
            Self::Text(text) => Reply {
                body: crate::reply::Body::Text("text/plain", text.clone()),
                ..Reply::empty(code)
            },
        }
    }
}

/// What a proxy in front of the API says in its own name.
pub(crate) fn edge_page(code: u16) -> String {
    format!("<html><body><h1>{code}</h1><p>This request could not be served.</p></body></html>\n")
}
