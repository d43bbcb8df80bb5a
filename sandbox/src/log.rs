//! What was asked of the sandbox.

use std::collections::BTreeMap;
use std::io::Write;

use serde::Serialize;

use crate::faults::FaultId;
use crate::request::Request;

/// A request as it arrived, and the status it was answered with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RecordedRequest {
    /// `GET`, `PUT`, ...
    pub method: String,
    /// The path without the query.
    pub path: String,
    /// The decoded query pairs in the order sent.
    pub query: Vec<(String, String)>,
    /// All headers but `authorization`, names in lower case.
    pub headers: BTreeMap<String, String>,
    /// The scheme of the `authorization` header (`bearer`, `basic`, `client_id`) in lower case; never its secret.
    pub authorization: Option<String>,
    /// The body as text.
    pub body: String,
    /// The status answered; `None` if a fault left the request without an answer.
    pub status: Option<u16>,
    /// The fault that struck this request.
    pub fault: Option<FaultId>,
}

impl RecordedRequest {
    pub(crate) fn of(request: &Request) -> Self {
        let mut headers = request.headers.clone();
        let authorization = headers.remove("authorization").map(|value| {
            let end = value.find([' ', ':']).unwrap_or(value.len());
            value[..end].to_ascii_lowercase()
        });
        Self {
            method: request.method.clone(),
            path: request.path.clone(),
            query: request.query.clone(),
            headers,
            authorization,
            body: request.body.clone(),
            status: None,
            fault: None,
        }
    }

    /// Adds the request to a file, as one line of JSON.
    pub(crate) fn append_to(&self, mut file: impl Write) -> std::io::Result<()> {
        let mut line = serde_json::to_vec(self)?;
        line.push(b'\n');
        file.write_all(&line)
    }

    /// The first value of a query parameter.
    pub fn param(&self, name: &str) -> Option<&str> {
        self.query
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }

    /// The host the request was addressed to.
    pub fn host(&self) -> Option<&str> {
        self.headers.get("host").map(String::as_str)
    }

    /// Whether the request was one that changes the tenant; asking for a token changes nothing.
    pub fn is_mutation(&self) -> bool {
        self.method != "GET" && !self.path.starts_with("/auth/")
    }
}
