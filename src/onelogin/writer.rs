//! The writes: members into roles, and out of them.

use std::time::Duration;

use reqwest::Method;
use serde_json::json;

use super::client::Client;
use super::error::Error;
use super::http::Answer;
use super::roles::members_of;
use super::wire;
use crate::domain::role::RoleId;
use crate::domain::user::UserId;

/// Changes who is in roles. Whoever only plans has none.
#[derive(Debug, Clone, Copy)]
pub struct RoleWriter<'a> {
    client: &'a Client,
}

/// What is known about a write after its one attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// What it came to.
    pub verdict: Verdict,
    /// Status and OneLogin's own words, or why there is no answer.
    pub words: String,
    /// `X-Request-Id` of the answer.
    pub request_id: Option<String>,
}

/// What a write came to, as far as its answer says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// A success was answered; only a re-read shows whether it is one.
    Applied,
    /// Refused with this status, in the 300s or 400s. What part of a list took effect is not
    /// documented.
    Refused(u16),
    /// 429: not carried out. When the quota is renewed, where the answer says so.
    Throttled(Option<Duration>),
    /// A 5xx, no answer, or half of one: carried out, or in part, or not.
    Lost,
}

impl<'a> RoleWriter<'a> {
    /// A writer to the client's tenant.
    pub fn new(client: &'a Client) -> Self {
        Self { client }
    }

    /// The client, for the reads between the writes.
    pub fn client(&self) -> &'a Client {
        self.client
    }

    /// Waits until the next write may be made, and counts it. Writes themselves do not wait, so that
    /// one that has begun is soon over.
    pub async fn wait_for_turn(&self) {
        self.client.wait_for_turn().await;
    }

    /// Puts people into a role: `POST` with a bare array of ids (documented). One attempt. The
    /// error says that no token can be had, and that the call was not carried out.
    pub async fn add_members(&self, role: RoleId, users: &[UserId]) -> Result<Written, Error> {
        self.write(Method::POST, role, users).await
    }

    /// Takes people out of a role: `DELETE` with a bare array of ids (documented). One attempt. The
    /// error says that no token can be had, and that the call was not carried out.
    pub async fn remove_members(&self, role: RoleId, users: &[UserId]) -> Result<Written, Error> {
        self.write(Method::DELETE, role, users).await
    }

    async fn write(&self, method: Method, role: RoleId, users: &[UserId]) -> Result<Written, Error> {
        let path = members_of(role);
        let call = format!("{method} {path}");
        match self.client.send_once(&call, method, &path, &json!(users)).await {
            Ok(answer) => Ok(Written::of(&answer)),
            Err(error) if error.is_about_the_token() => Err(error),
            Err(error) => Ok(Written {
                verdict: match error {
                    Error::Status { status, .. } => Verdict::Refused(status),
                    _ => Verdict::Lost,
                },
                words: error.to_string(),
                request_id: None,
            }),
        }
    }
}

impl Written {
    fn of(answer: &Answer) -> Self {
        let status = answer.status.as_u16();
        let verdict = match status {
            200..300 => Verdict::Applied,
            429 => Verdict::Throttled(wire::reset(answer)),
            // A server that gave up waiting for us may have read enough to act.
            408 | 500.. => Verdict::Lost,
            _ => Verdict::Refused(status),
        };
        let words = if verdict == Verdict::Applied {
            status.to_string()
        } else {
            format!("{status}: {}", wire::message(answer))
        };
        Self {
            verdict,
            words,
            request_id: answer.header("x-request-id").map(str::to_owned),
        }
    }
}
