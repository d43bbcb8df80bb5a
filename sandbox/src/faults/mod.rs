//! Faults: what goes wrong on purpose, where and how often.

mod book;
mod effect;
mod kind;
mod pages;
mod retry_after;

use serde::{Deserialize, Serialize};

pub(crate) use book::FaultBook;
pub(crate) use effect::{Delivery, before_effect, deface};
pub use kind::{BodyShape, FaultKind};
pub use retry_after::RetryAfter;

/// Something that goes wrong on some calls of a route.
///
/// In a file a fault reads as `{"route": "GET /api/2/users", "from": 2, "to": 3, "kind": {"status": {"code": 502}}}`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// `GET /api/2/users`, `* /api/2/roles/:id/users`, `PUT /api/2/*` or a path alone: a method or `*`,
    /// then a path in which `:x` stands for one part and `*` at the end for anything.
    pub route: String,
    /// First call of the route that is hit; 1 is the next one after the fault was added.
    #[serde(default = "first_call")]
    pub from: u64,
    /// Last call of the route that is hit; without it there is no end.
    #[serde(default)]
    pub to: Option<u64>,
    /// Most calls that are hit in all.
    #[serde(default)]
    pub times: Option<u64>,
    /// Whether the call takes effect although its answer says otherwise or never comes.
    #[serde(default)]
    pub takes_effect: bool,
    /// What goes wrong.
    pub kind: FaultKind,
}

/// The number under which a fault was added; the first is 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct FaultId(pub(crate) u64);

fn first_call() -> u64 {
    1
}

impl Fault {
    /// A fault on every call of a route.
    pub fn on(route: impl Into<String>, kind: FaultKind) -> Self {
        Self {
            route: route.into(),
            from: 1,
            to: None,
            times: None,
            takes_effect: false,
            kind,
        }
    }

    /// Hits the `n`th call only, counted from 1.
    #[must_use]
    pub fn nth(self, n: u64) -> Self {
        self.between(n, n)
    }

    /// Hits the calls from `first` to `last`, counted from 1, both included.
    #[must_use]
    pub fn between(mut self, first: u64, last: u64) -> Self {
        self.from = first;
        self.to = Some(last);
        self
    }

    /// Hits every call from the `n`th on, counted from 1.
    #[must_use]
    pub fn starting_at(mut self, n: u64) -> Self {
        self.from = n;
        self
    }

    /// Hits at most `n` calls.
    #[must_use]
    pub fn times(mut self, n: u64) -> Self {
        self.times = Some(n);
        self
    }

    /// Lets the call take effect before its answer is spoilt.
    #[must_use]
    pub fn after_effect(mut self) -> Self {
        self.takes_effect = true;
        self
    }

    fn is_on(&self, method: &str, path: &str) -> bool {
        let (wanted, pattern) = self.route.split_once(' ').unwrap_or(("*", &self.route));
        (wanted == "*" || wanted.eq_ignore_ascii_case(method)) && path_matches(pattern, path)
    }
}

fn path_matches(pattern: &str, path: &str) -> bool {
    let mut parts = path.split('/');
    for wanted in pattern.split('/') {
        let Some(part) = parts.next() else {
            return false;
        };
        if let Some(start) = wanted.strip_suffix('*') {
            return part.starts_with(start);
        }
        if part != wanted && !wanted.starts_with(':') {
            return false;
        }
    }
    parts.next().is_none()
}

/// Reads a JSON array of faults, as `--faults` takes it.
pub fn parse_faults(text: &str) -> serde_json::Result<Vec<Fault>> {
    serde_json::from_str(text)
}
