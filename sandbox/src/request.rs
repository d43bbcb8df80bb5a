//! A request as the routes see it.

use std::collections::BTreeMap;

use serde_json::Value;

/// A request that was read to its end.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    pub(crate) method: String,
    pub(crate) path: String,
    /// Decoded, in the order sent.
    pub(crate) query: Vec<(String, String)>,
    /// Names in lower case.
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: String,
    /// By how many rows a list has moved since the page before; set by a fault.
    pub(crate) shifted_rows: i64,
}

impl Request {
    pub(crate) fn param(&self, name: &str) -> Option<&str> {
        self.query
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }

    /// A filter that counts: OneLogin takes an empty value for no filter (observed).
    pub(crate) fn filter(&self, name: &str) -> Option<&str> {
        self.param(name).filter(|value| !value.is_empty())
    }

    /// A yes or no. OneLogin's Python SDK writes `True` and `False`, so that letters of either case must do.
    pub(crate) fn flag(&self, name: &str) -> Option<bool> {
        self.param(name)?.to_ascii_lowercase().parse().ok()
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(String::as_str)
    }

    pub(crate) fn segments(&self) -> Vec<&str> {
        self.path.split('/').filter(|part| !part.is_empty()).collect()
    }

    pub(crate) fn json(&self) -> Option<Value> {
        serde_json::from_str(&self.body).ok()
    }

    /// The whole address without its query, for links.
    pub(crate) fn address(&self) -> String {
        let host = self.header("host").unwrap_or("localhost");
        format!("http://{host}{}", self.path)
    }
}
