//! What writes of role users and of role admins have in common: a bare array of ids, and its mistakes.

use serde_json::{Value, json};

use crate::errors;
use crate::reply::Reply;
use crate::request::Request;
use crate::tenant::{Redundant, Role, UnknownMember};
use crate::world::World;

const PRESENT: &str = "User is already assigned to the role";

/// Which way a write goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Change {
    Add,
    Remove,
}

/// A refused write, and the ids that take effect all the same.
#[derive(Debug)]
pub(super) struct Refusal {
    reply: Box<Reply>,
    effective: Vec<i64>,
}

impl Refusal {
    fn whole(reply: Reply) -> Self {
        Self {
            reply: Box::new(reply),
            effective: Vec::new(),
        }
    }

    /// The answer, once `act` has seen the ids that take effect.
    pub(super) fn after(self, act: impl FnMut(i64)) -> Reply {
        self.effective.into_iter().for_each(act);
        *self.reply
    }
}

/// The ids of a write that goes through; an unknown user refuses the call as a whole, or from there on.
pub(super) fn read(
    world: &World,
    request: &Request,
    role_id: i64,
    change: Change,
    is_in: impl Fn(&Role, i64) -> bool,
) -> Result<Vec<i64>, Refusal> {
    let ids = read_ids(request).map_err(Refusal::whole)?;
    let tenant = &world.tenant;
    let role = tenant
        .roles
        .get(&role_id)
        .ok_or_else(|| Refusal::whole(errors::not_found()))?;
    if tenant.knobs.role_write_cap.is_some_and(|cap| ids.len() > cap) {
        return Err(Refusal::whole(errors::invalid("Too many users")));
    }
    let known = ids.iter().take_while(|id| tenant.users.contains_key(id)).count();
    if known < ids.len() {
        let effective = if tenant.knobs.partial_role_writes {
            known
        } else {
            0
        };
        return Err(Refusal {
            reply: Box::new(match tenant.knobs.unknown_member {
                UnknownMember::NotFound => errors::not_found(),
                UnknownMember::Invalid => errors::invalid("User does not exist"),
            }),
            effective: ids.into_iter().take(effective).collect(),
        });
    }
    let (knob, reply) = match change {
        Change::Add => {
            let knob = tenant.knobs.add_present_member;
            let is_conflict = knob == Redundant::Conflict;
            (
                knob,
                if is_conflict {
                    errors::named(409, PRESENT)
                } else {
                    errors::invalid(PRESENT)
                },
            )
        }
        Change::Remove => (tenant.knobs.remove_absent_member, errors::not_found()),
    };
    let needs_no_change = |id: &i64| is_in(role, *id) == (change == Change::Add);
    if knob != Redundant::Accept && ids.iter().any(needs_no_change) {
        return Err(Refusal::whole(reply));
    }
    Ok(ids)
}

/// 200 with the ids as objects (documented).
pub(super) fn added(ids: &[i64]) -> Reply {
    Reply::json(200, ids.iter().map(|id| json!({"id": id})).collect())
}

/// A bare array of numbers, in quotes or not (observed); an object is what old SDKs sent (reported).
pub(super) fn read_ids(request: &Request) -> Result<Vec<i64>, Reply> {
    request
        .json()
        .as_ref()
        .and_then(Value::as_array)
        .ok_or_else(|| errors::described(400, "Expected array in request"))
        .and_then(|items| {
            ids_of(items).ok_or_else(|| errors::described(400, "Expected array of ids in request"))
        })
}

/// The ids of an array; `None` if anything else is in it.
pub(super) fn ids_of(items: &[Value]) -> Option<Vec<i64>> {
    let ids = items.iter().map(|item| match item {
        Value::Number(number) => number.as_i64(),
        Value::String(text) => text.parse().ok(),
        _ => None,
    });
    ids.collect()
}
