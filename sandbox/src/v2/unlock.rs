//! `POST /api/2/users/:id/unlock`: ends a lock that failed logins have made, and no other (observed).

use serde_json::json;

use crate::errors;
use crate::reply::Reply;
use crate::tenant::{LockKind, USER_UNLOCKED};
use crate::world::World;

const LOCKED: i64 = 3;

/// 200 with a message, or 422 with a message and nothing else (documented).
pub(crate) fn unlock(world: &mut World, user_id: i64) -> Reply {
    let now = world.clock.now();
    let Some(user) = world.tenant.users.get_mut(&user_id) else {
        return errors::not_found();
    };
    if user.status != LOCKED || user.lock == Some(LockKind::Api) {
        return Reply::json(422, json!({"message": "User cannot be unlocked"}));
    }
    user.unlock();
    user.invalid_login_attempts = Some(0);
    user.updated_at = now;
    world.tenant.record_event(USER_UNLOCKED, user_id, now);
    Reply::json(200, json!({"message": "User unlocked"}))
}
