//! The shapes of `Retry-After`: two are in the standard, the rest is what proxies have been known to send.

use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;

use crate::wire;

/// What stands in `Retry-After`. OneLogin was never seen to send any.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RetryAfter {
    /// No such header.
    #[default]
    Absent,
    /// So many seconds; may be negative.
    Seconds(i64),
    /// The HTTP date that lies so many seconds ahead by the sandbox's clock; may lie behind.
    HttpDate(i64),
    /// A number of seconds that no machine counts to: it does not fit into 64 bits.
    Absurd,
    /// This text.
    Text(String),
}

impl RetryAfter {
    pub(crate) fn value(&self, now: Timestamp) -> Option<String> {
        match self {
            Self::Absent => None,
            Self::Seconds(seconds) => Some(seconds.to_string()),
            Self::HttpDate(ahead) => {
                let at = now
                    .saturating_add(SignedDuration::from_secs(*ahead))
                    .unwrap_or(now);
                Some(wire::http_date(at))
            }
            Self::Absurd => Some("99999999999999999999".to_owned()),
            Self::Text(text) => Some(text.clone()),
        }
    }
}
