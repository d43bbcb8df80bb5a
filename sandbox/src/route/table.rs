//! One row per route, and how a path is matched against them.

use crate::reply::Reply;
use crate::request::Request;
use crate::scope::Need;
use crate::world::World;

/// Answers a request; the parts are those of the path that vary.
pub(super) type Handler = fn(&mut World, &Request, &Parts<'_>) -> Reply;

/// One route.
#[derive(Debug)]
pub(super) struct Entry {
    method: &'static str,
    /// `:id` stands for a number, `:key` for any part.
    path: &'static str,
    pub(super) need: Need,
    pub(super) handler: Handler,
}

/// The parts of a path that vary, in order.
#[derive(Debug, Default)]
pub(super) struct Parts<'r> {
    /// The number; a route without one gives 0, which no handler of such a route asks for.
    pub(super) id: i64,
    /// The part that need not be a number.
    pub(super) key: &'r str,
}

pub(super) const fn on(method: &'static str, path: &'static str, need: Need, handler: Handler) -> Entry {
    Entry {
        method,
        path,
        need,
        handler,
    }
}

/// The row of a request; where a path has a fixed row and a varying one, the first in the table counts.
pub(super) fn find<'t, 'r>(table: &'t [Entry], request: &'r Request) -> Option<(&'t Entry, Parts<'r>)> {
    let segments = request.segments();
    table
        .iter()
        .filter(|entry| entry.method == request.method)
        .find_map(|entry| Some((entry, entry.parts(&segments)?)))
}

impl Entry {
    fn parts<'r>(&self, segments: &[&'r str]) -> Option<Parts<'r>> {
        let mut parts = Parts::default();
        let mut rest = segments.iter();
        for wanted in self.path.split('/').filter(|part| !part.is_empty()) {
            let segment = *rest.next()?;
            match wanted {
                ":id" => parts.id = segment.parse().ok()?,
                ":key" => parts.key = segment,
                _ if wanted == segment => {}
                _ => return None,
            }
        }
        rest.next().is_none().then_some(parts)
    }
}
