//! What is left of the hourly quota that all programs of the account share.

use std::time::Duration;

use serde::Deserialize;

use super::http::Answer;

/// The account's quota, as OneLogin counts it: documented as 5,000 calls an hour, and counted for
/// API v1 only (observed: neither v2 nor the token endpoint lower it).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub struct Quota {
    /// Calls an hour.
    #[serde(rename = "X-RateLimit-Limit")]
    pub limit: u64,
    /// Calls left in this hour.
    #[serde(rename = "X-RateLimit-Remaining")]
    pub remaining: u64,
    /// Seconds until the hour is over; not an instant.
    #[serde(rename = "X-RateLimit-Reset")]
    reset_seconds: u64,
}

impl Quota {
    /// How long until it is renewed.
    pub fn renewed_in(self) -> Duration {
        Duration::from_secs(self.reset_seconds)
    }

    /// Reads the headers that answers of API v1 carry.
    pub(super) fn of(answer: &Answer) -> Option<Self> {
        let number = |name: &str| answer.header(name)?.parse().ok();
        Some(Self {
            limit: number("x-ratelimit-limit")?,
            remaining: number("x-ratelimit-remaining")?,
            reset_seconds: number("x-ratelimit-reset")?,
        })
    }
}
