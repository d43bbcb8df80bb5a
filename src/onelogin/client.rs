//! The client: authorised reads that are retried within bounds.

use std::sync::{Arc, Mutex as StdMutex, PoisonError};
use std::time::Duration;

use anyhow::Context as _;
use backon::{BackoffBuilder, ExponentialBuilder};
use jiff::Timestamp;
use reqwest::Method;
use secrecy::ExposeSecret;
use serde::de::DeserializeOwned;
use tokio::sync::Mutex;

use super::auth::{self, Credential, Token};
use super::error::Error;
use super::http::{Answer, Http};
use super::wire;
use crate::clock::Clock;
use crate::config::settings::OneLogin;
use crate::pace::Pace;

/// A 429 says after how many seconds the quota is renewed; up to this long it is waited for, and
/// not counted as waiting.
const LONGEST_RESET: Duration = Duration::from_secs(60);

/// How long a request that keeps failing is tried.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    /// Tries in all.
    pub tries: usize,
    /// The first pause; it doubles, and gets as much again of jitter.
    pub first_pause: Duration,
    /// The most waiting in all.
    pub waiting: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            tries: 5,
            first_pause: Duration::from_millis(500),
            waiting: Duration::from_secs(15),
        }
    }
}

/// Our clock and OneLogin's at the same moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClockReading {
    /// This machine's.
    pub ours: Timestamp,
    /// OneLogin's `Date` header.
    pub onelogins: Timestamp,
}

/// An answer with its body read.
#[derive(Debug)]
pub(super) struct Reply<T> {
    pub(super) body: T,
    pub(super) answer: Answer,
}

/// Reads from one tenant.
#[derive(Debug)]
pub struct Client {
    http: Http,
    credential: Credential,
    token: Mutex<Option<Token>>,
    /// The share of the tenant's quota that this process allows itself. OneLogin documents 5,000
    /// calls an hour per account, for all programs together.
    quota: Pace,
    patience: Patience,
    clock: Arc<dyn Clock>,
    reading: StdMutex<Option<ClockReading>>,
}

impl Client {
    /// A client for the tenant of these settings. Nothing is sent yet.
    pub fn new(settings: &OneLogin, clock: Arc<dyn Clock>, patience: Patience) -> anyhow::Result<Self> {
        Ok(Self {
            http: Http::new(&settings.url, settings.timeout)
                .context("the HTTP client cannot be built (is the package ca-certificates installed?)")?,
            credential: Credential {
                id: settings.client_id.clone(),
                secret: settings.client_secret.clone(),
            },
            token: Mutex::new(None),
            quota: Pace::new(settings.requests_per_hour, Duration::from_secs(3600)),
            patience,
            clock,
            reading: StdMutex::new(None),
        })
    }

    /// The number of the account that the credential belongs to.
    pub async fn account_id(&self) -> Result<i64, Error> {
        Ok(self.token(None).await?.account_id)
    }

    /// Both clocks at the last answer; `None` while no answer carried a date.
    pub fn clock_reading(&self) -> Option<ClockReading> {
        *self.reading.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// One read, retried within bounds; a status other than 200 is an error, and so is a body that
    /// is not the JSON that is asked for.
    pub(super) async fn get<T: DeserializeOwned>(
        &self,
        path: &str,
        query: &[(String, String)],
    ) -> Result<Reply<T>, Error> {
        let call = format!("GET {path}");
        self.patiently(&call, async || {
            let token = self.token(None).await?;
            let answer = self.authorised(&call, path, query, &token).await?;
            let answer = if answer.status.as_u16() == 401 {
                // Expired or revoked early: one fresh token, one replay. A second 401 is the scope.
                let fresh = self.token(Some(&token)).await?;
                self.authorised(&call, path, query, &fresh).await?
            } else {
                answer
            };
            let answer = wire::expect_ok(&call, answer)?;
            Ok(Reply {
                body: wire::json(&call, &answer.body)?,
                answer,
            })
        })
        .await
    }

    async fn authorised(
        &self,
        call: &str,
        path: &str,
        query: &[(String, String)],
        token: &Token,
    ) -> Result<Answer, Error> {
        self.quota.take().await;
        let request = self
            .http
            .request(Method::GET, path)
            .query(query)
            .bearer_auth(token.secret.expose_secret());
        let answer = self.http.send(call, request).await?;
        self.note_clock(&answer);
        Ok(answer)
    }

    /// The token, fetched if there is none, if it has expired, or if it is the one that was refused.
    /// The lock is held meanwhile, so that many callers cause one request.
    async fn token(&self, refused: Option<&Token>) -> Result<Token, Error> {
        let mut held = self.token.lock().await;
        if let Some(token) = held.as_ref() {
            let is_refused =
                refused.is_some_and(|refused| refused.secret.expose_secret() == token.secret.expose_secret());
            if !is_refused && self.clock.now() < token.expires_at {
                return Ok(token.clone());
            }
        }
        *held = None;
        let token = self
            .patiently(auth::CALL, async || {
                let request = auth::request(&self.http, &self.credential);
                let answer = self.http.send(auth::CALL, request).await?;
                self.note_clock(&answer);
                auth::read(&self.http, answer)
            })
            .await?;
        *held = Some(token.clone());
        Ok(token)
    }

    fn note_clock(&self, answer: &Answer) {
        let Some(onelogins) = answer.header("date").and_then(wire::http_date) else {
            return;
        };
        let reading = ClockReading {
            ours: self.clock.now(),
            onelogins,
        };
        *self.reading.lock().unwrap_or_else(PoisonError::into_inner) = Some(reading);
    }

    /// Tries until it works, the error is not worth another try, or patience ends.
    async fn patiently<T>(
        &self,
        call: &str,
        attempt: impl AsyncFn() -> Result<T, Error>,
    ) -> Result<T, Error> {
        let mut pauses = ExponentialBuilder::default()
            .with_min_delay(self.patience.first_pause)
            .with_max_times(self.patience.tries - 1)
            .with_jitter()
            .build();
        let mut waited = Duration::ZERO;
        loop {
            let error = match attempt().await {
                Ok(value) => return Ok(value),
                Err(error) => error,
            };
            // The token is fetched in the middle of other calls, and was tried often enough by itself.
            let is_own = error.call() == call;
            let Some(pause) = pauses.next().filter(|_| is_own && is_worth_another_try(&error)) else {
                return Err(error);
            };
            let pause = match reset_of(&error) {
                Some(reset) if reset > LONGEST_RESET => return Err(error),
                Some(reset) => reset,
                None if waited + pause > self.patience.waiting => return Err(error),
                None => {
                    waited += pause;
                    pause
                }
            };
            tracing::info!(call, %error, pause_ms = u64::try_from(pause.as_millis()).unwrap_or(u64::MAX), "trying again");
            tokio::time::sleep(pause).await;
        }
    }
}

fn is_worth_another_try(error: &Error) -> bool {
    match error {
        Error::NoAnswer { .. }
        | Error::Unreadable { .. }
        | Error::OrphanedCredential { .. }
        | Error::Throttled { .. } => true,
        Error::Status { status, .. } => *status >= 500,
        Error::Credential { .. }
        | Error::NotAllowed { .. }
        | Error::NotFound { .. }
        | Error::Incomplete { .. } => false,
    }
}

fn reset_of(error: &Error) -> Option<Duration> {
    match error {
        Error::Throttled { reset, .. } => *reset,
        _ => None,
    }
}
