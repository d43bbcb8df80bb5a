//! The client: authorised reads that are retried within bounds.

use std::sync::{Arc, Mutex as StdMutex, PoisonError};
use std::time::Duration;

use anyhow::Context as _;
use jiff::Timestamp;
use reqwest::Method;
use secrecy::ExposeSecret;
use serde::de::DeserializeOwned;
use serde_json::Value;
use tokio::sync::Mutex;
use tokio::time::Instant;

use super::auth::{self, Credential, Token};
use super::error::Error;
use super::http::{Answer, Http};
use super::patience::{Failure, LONGEST_RESET, is_worth_another_try, reset_of};
use super::quota::Quota;
use super::watch::{LogWatch, Watch};
use super::wire;
use crate::clock::Clock;
use crate::config::settings::OneLogin;
use crate::pace::{Pace, Patience};

/// Calls to API v1 count against the hourly quota, others do not (observed).
const V1: &str = "/api/1/";

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
    pace: Pace,
    patience: Patience,
    clock: Arc<dyn Clock>,
    seen: StdMutex<Seen>,
    pub(super) watch: Box<dyn Watch>,
}

/// What answers told by the way.
#[derive(Debug, Clone, Copy, Default)]
struct Seen {
    clocks: Option<ClockReading>,
    quota: Option<(Quota, Instant)>,
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
            pace: Pace::new(settings.requests_per_hour, Duration::from_secs(3600)),
            patience,
            clock,
            seen: StdMutex::default(),
            watch: Box::new(LogWatch::new()),
        })
    }

    /// The number of the account that the credential belongs to.
    pub async fn account_id(&self) -> Result<i64, Error> {
        Ok(self.token(None).await?.account_id)
    }

    /// Both clocks at the last answer; `None` while no answer carried a date.
    pub fn clock_reading(&self) -> Option<ClockReading> {
        self.seen().clocks
    }

    fn seen(&self) -> Seen {
        *self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The same client, telling somebody else how far a long list has been read.
    #[must_use]
    pub fn watched_by(mut self, watch: Box<dyn Watch>) -> Self {
        self.watch = watch;
        self
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
            // A token that cannot be had was tried for long enough where it was asked for.
            let token = self.token(None).await.map_err(Failure::Final)?;
            let answer = self.authorised(&call, path, query, &token).await?;
            let answer = if answer.status.as_u16() == 401 {
                // Expired or revoked early: one fresh token, one replay. A second 401 is the scope.
                let fresh = self.token(Some(&token)).await.map_err(Failure::Final)?;
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
        if path.starts_with(V1)
            && let Some((quota, since)) = self.seen().quota
            && quota.remaining == 0
            && since.elapsed() < quota.renewed_in()
        {
            // The next answer would be a 429, and every program of the account would get one.
            self.seen.lock().unwrap_or_else(PoisonError::into_inner).quota = None;
            let reset = quota.renewed_in().saturating_sub(since.elapsed());
            return Err(Error::Throttled {
                call: call.to_owned(),
                reset: Some(reset),
            });
        }
        self.pace.take().await;
        let request = self
            .http
            .request(Method::GET, path)
            .query(query)
            .bearer_auth(token.secret.expose_secret());
        self.exchange(call, request, Some(token)).await
    }

    /// Waits until the quota share of this process allows one more call, and takes it.
    pub(super) async fn wait_for_turn(&self) {
        self.pace.take().await;
    }

    /// One write, sent once and without waiting for its turn: whatever its answer, or the lack of
    /// one. Only a 401 is sent again, with a fresh token: who is not let in has changed nothing.
    pub(super) async fn send_once(
        &self,
        call: &str,
        method: Method,
        path: &str,
        body: &Value,
    ) -> Result<Answer, Error> {
        let send = async |token: &Token| {
            let request = self.http.request(method.clone(), path).json(body);
            let request = request.bearer_auth(token.secret.expose_secret());
            self.exchange(call, request, Some(token)).await
        };
        let token = self.token(None).await?;
        let answer = send(&token).await?;
        if answer.status.as_u16() != 401 {
            return Ok(answer);
        }
        let fresh = self.token(Some(&token)).await?;
        send(&fresh).await
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
                let answer = self.exchange(auth::CALL, request, None).await?;
                Ok(auth::read(&self.http, answer)?)
            })
            .await?;
        *held = Some(token.clone());
        Ok(token)
    }

    /// One exchange. The words of an error go into logs and into the journal, and a proxy may repeat
    /// in them what it was sent.
    async fn exchange(
        &self,
        call: &str,
        request: reqwest::RequestBuilder,
        token: Option<&Token>,
    ) -> Result<Answer, Error> {
        let mut answer = self.http.send(call, request).await?;
        if !answer.status.is_success() {
            answer.mask(self.credential.secret.expose_secret());
            if let Some(token) = token {
                answer.mask(token.secret.expose_secret());
            }
        }
        self.note(&answer);
        Ok(answer)
    }

    fn note(&self, answer: &Answer) {
        let clocks = answer
            .header("date")
            .and_then(wire::http_date)
            .map(|onelogins| ClockReading {
                ours: self.clock.now(),
                onelogins,
            });
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.clocks = clocks.or(seen.clocks);
        seen.quota = Quota::of(answer)
            .map(|quota| (quota, Instant::now()))
            .or(seen.quota);
    }

    /// Tries until it works, the error is not worth another try, or patience ends.
    async fn patiently<T>(
        &self,
        call: &str,
        attempt: impl AsyncFn() -> Result<T, Failure>,
    ) -> Result<T, Error> {
        let mut pauses = self.patience.pauses();
        let mut waited = Duration::ZERO;
        loop {
            let error = match attempt().await {
                Ok(value) => return Ok(value),
                Err(Failure::Final(error)) => return Err(error),
                Err(Failure::Again(error)) => error,
            };
            let Some(pause) = pauses.next().filter(|_| is_worth_another_try(&error)) else {
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
