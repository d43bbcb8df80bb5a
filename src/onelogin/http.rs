//! One HTTP exchange, with limits on its time and its size.

use std::time::{Duration, Instant};

use reqwest::header::{HeaderMap, LOCATION};
use reqwest::{Method, RequestBuilder, StatusCode, Url};

use super::error::Error;
use crate::cut;

/// No answer of the API comes near this; a larger one is a mistake or an attack.
const LARGEST_BODY: usize = 32 * 1024 * 1024;

/// An answer, read to its end.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: Vec<u8>,
}

impl Answer {
    /// A header as text; `None` where it is absent, empty or not text.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .get(name)?
            .to_str()
            .ok()
            .map(str::trim)
            .filter(|value| !value.is_empty())
    }

    /// Takes a secret out of the body.
    pub(super) fn mask(&mut self, secret: &str) {
        let text = String::from_utf8_lossy(&self.body);
        if !secret.is_empty() && text.contains(secret) {
            self.body = text.replace(secret, "***").into_bytes();
        }
    }
}

/// The one HTTP client of the process, and where it speaks to.
#[derive(Debug)]
pub(super) struct Http {
    client: reqwest::Client,
    base: Url,
}

impl Http {
    /// Redirects are not followed at all, so that an Authorization header reaches no other host.
    pub(super) fn new(base: &Url, timeout: Duration) -> anyhow::Result<Self> {
        // A second install is refused and harmless: the first one is the same provider.
        let _already = rustls::crypto::ring::default_provider().install_default();
        let mut builder = reqwest::Client::builder()
            .user_agent(concat!("onelogin-steward/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(timeout.min(Duration::from_secs(10)))
            .timeout(timeout)
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .https_only(base.scheme() == "https");
        if base.scheme() == "http" {
            // Only on loopback, which is not reached through a proxy; and a proxy would read the secret.
            builder = builder.no_proxy();
        }
        Ok(Self {
            client: builder.build()?,
            base: base.clone(),
        })
    }

    /// Host and port, for messages.
    pub(super) fn host(&self) -> String {
        let host = self.base.host_str().unwrap_or_default();
        match self.base.port_or_known_default() {
            Some(port) => format!("{host}:{port}"),
            None => host.to_owned(),
        }
    }

    pub(super) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let mut url = self.base.clone();
        url.set_path(path);
        self.client.request(method, url)
    }

    /// Sends one request and reads the answer to its end.
    pub(super) async fn send(&self, call: &str, request: RequestBuilder) -> Result<Answer, Error> {
        let started = Instant::now();
        let no_answer = |error: reqwest::Error| Error::NoAnswer {
            call: call.to_owned(),
            host: self.host(),
            why: reason(error),
        };
        cut::here("before OneLogin");
        let mut response = request.send().await.map_err(no_answer)?;
        let (status, headers) = (response.status(), response.headers().clone());
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(no_answer)? {
            if body.len() + chunk.len() > LARGEST_BODY {
                return Err(Error::Unreadable {
                    call: call.to_owned(),
                    why: format!("it is larger than {} MiB", LARGEST_BODY >> 20),
                });
            }
            body.extend_from_slice(&chunk);
        }
        cut::here("after OneLogin");
        let answer = Answer {
            status,
            headers,
            body,
        };
        tracing::debug!(
            call,
            status = status.as_u16(),
            request_id = answer.header("x-request-id"),
            bytes = answer.body.len(),
            elapsed_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX),
            "OneLogin answered"
        );
        if status.is_redirection() {
            let target = answer
                .headers
                .get(LOCATION)
                .and_then(|value| value.to_str().ok())
                .unwrap_or("nowhere");
            return Err(Error::Status {
                call: call.to_owned(),
                status: status.as_u16(),
                message: format!(
                    "a redirect to {target}; redirects are not followed, set onelogin.url to the final host"
                ),
            });
        }
        Ok(answer)
    }
}

/// The innermost reason, which is the one that a person can act on. The address is left out: its
/// query is not for logs.
fn reason(error: reqwest::Error) -> String {
    if error.is_timeout() {
        return "the time was up (onelogin.timeout)".to_owned();
    }
    let error = error.without_url();
    let mut innermost: &dyn std::error::Error = &error;
    while let Some(cause) = innermost.source() {
        innermost = cause;
    }
    innermost.to_string()
}
