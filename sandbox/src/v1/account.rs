//! Locking people, licensing them and logging them out.

use serde_json::Value;

use crate::errors;
use crate::reply::Reply;
use crate::request::Request;
use crate::sweep;
use crate::tenant::{LockKind, ShortLock, USER_LOCKED_BY_API};
use crate::world::World;

const UNLICENSED: i64 = 3;

/// `PUT /api/1/users/:id/lock_user`: minutes in, status 3 and an instant out (documented, told by a client).
pub(crate) fn lock(world: &mut World, request: &Request, user_id: i64) -> Reply {
    let now = world.clock.now();
    let tenant = &mut world.tenant;
    let Some(user) = tenant.users.get(&user_id).cloned() else {
        return errors::no_user(user_id);
    };
    let body = request.json();
    let Some(minutes) = body.as_ref().and_then(|body| body.get("locked_until")) else {
        return errors::no_input(request);
    };
    let Some(minutes) = minutes.as_i64().filter(|minutes| *minutes >= 0) else {
        return errors::envelope(400, "locked_until should be -> integer");
    };
    if tenant.account_owner_id == Some(user_id) {
        return errors::envelope(403, "Not allowed to lock the account owner");
    }
    let policy = tenant
        .policy_of(&user)
        .and_then(|policy| policy.lock_effective_minutes);
    let is_short = minutes > 0 && policy.is_some_and(|least| minutes < least);
    if is_short && tenant.knobs.short_lock == ShortLock::Refuse {
        return errors::envelope(
            400,
            "locked_until is shorter than the lock effective period of the policy",
        );
    }
    // 0 means the policy's time, or until an administrator unlocks (documented).
    let minutes = if minutes == 0 || is_short {
        policy
    } else {
        Some(minutes)
    };
    let mut user = user.locked(LockKind::Api, sweep::lock_end(minutes, now));
    user.updated_at = now;
    tenant.add_user(user);
    tenant.record_event(USER_LOCKED_BY_API, user_id, now);
    Reply::done("Success")
}

/// `PUT /api/1/users/:id/set_state`: the only way out of state 3 (documented).
pub(crate) fn set_state(world: &mut World, request: &Request, user_id: i64) -> Reply {
    let now = world.clock.now();
    let Some(user) = world.tenant.users.get_mut(&user_id) else {
        return errors::no_user(user_id);
    };
    let body = request.json();
    let Some(state) = body.as_ref().and_then(|body| body.get("state")) else {
        return errors::no_input(request);
    };
    let Value::Number(state) = state else {
        return errors::attribute("state", "state has incorrect data type. It should be -> integer");
    };
    match state.as_i64() {
        Some(state) if state == user.state => errors::envelope(400, "user is already in this state"),
        // From 3 the only step named is to a licence (documented for 3 to 0, else a guess).
        Some(state @ 0..=3) if user.state != UNLICENSED || state == 1 => {
            user.state = state;
            user.updated_at = now;
            Reply::done("Success")
        }
        _ => errors::envelope(400, "state is invalid"),
    }
}

/// `PUT /api/1/users/:id/logout`, with a body or without (documented).
pub(crate) fn log_out(world: &World, user_id: i64) -> Reply {
    if world.tenant.users.contains_key(&user_id) {
        Reply::done("Success")
    } else {
        errors::no_user(user_id)
    }
}
