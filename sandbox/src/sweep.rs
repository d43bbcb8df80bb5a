//! What time alone does to users, and what a login does.

use jiff::{SignedDuration, Timestamp};

use crate::tenant::{ExpiryFlip, LockKind, Tenant, User};

const ACTIVE: i64 = 1;
const LOCKED: i64 = 3;
const PASSWORD_EXPIRED: i64 = 4;

/// Expires passwords and locks as far as the knobs let that happen by itself.
pub(crate) fn let_time_pass(tenant: &mut Tenant, now: Timestamp) {
    if tenant.knobs.locks_run_out {
        for user in tenant.users.values_mut() {
            if user.status == LOCKED && user.locked_until.is_some_and(|until| until <= now) {
                user.unlock();
            }
        }
    }
    if tenant.knobs.expiry_flip == ExpiryFlip::ByItself {
        let overdue: Vec<i64> = tenant
            .users
            .values()
            .filter(|user| is_overdue(tenant, user, now))
            .map(|user| user.id)
            .collect();
        for id in overdue {
            if let Some(user) = tenant.users.get_mut(&id) {
                user.status = PASSWORD_EXPIRED;
            }
        }
    }
}

/// A good login: dates and counters move, a lock that has run out ends, and an overdue password turns
/// status 1 into 4 (guess). Gives the status after it; a status other than 1 lets nobody in (documented).
pub(crate) fn sign_in(tenant: &mut Tenant, user_id: i64, now: Timestamp) -> Option<i64> {
    let is_expired = is_overdue(tenant, tenant.users.get(&user_id)?, now);
    let user = tenant.users.get_mut(&user_id)?;
    if user.status == LOCKED && user.locked_until.is_some_and(|until| until <= now) {
        user.unlock();
    }
    if user.status == ACTIVE {
        user.last_login = Some(now);
        user.updated_at = now;
        user.invalid_login_attempts = Some(0);
        if is_expired {
            user.status = PASSWORD_EXPIRED;
        }
    }
    Some(user.status)
}

/// Failed logins in a row, and the lock they lead to under the user's policy (documented). Gives the status after them.
pub(crate) fn fail_logins(tenant: &mut Tenant, user_id: i64, times: i64, now: Timestamp) -> Option<i64> {
    let policy = tenant.policy_of(tenant.users.get(&user_id)?);
    let most = policy.and_then(|policy| policy.maximum_invalid_login_attempts);
    let minutes = policy.and_then(|policy| policy.lock_effective_minutes);
    let user = tenant.users.get_mut(&user_id)?;
    let attempts = user.invalid_login_attempts.unwrap_or(0).saturating_add(times);
    user.invalid_login_attempts = Some(attempts);
    if most.is_some_and(|most| most > 0 && attempts >= most) {
        *user = user
            .clone()
            .locked(LockKind::FailedLogins, lock_end(minutes, now));
    }
    Some(user.status)
}

/// The end of a lock; with 0 minutes, or without a policy, only an administrator ends it (documented).
pub(crate) fn lock_end(minutes: Option<i64>, now: Timestamp) -> Option<Timestamp> {
    let minutes = minutes.filter(|minutes| *minutes > 0)?;
    now.checked_add(SignedDuration::from_mins(minutes.min(60 * 24 * 36_500)))
        .ok()
}

fn is_overdue(tenant: &Tenant, user: &User, now: Timestamp) -> bool {
    let days = tenant
        .policy_of(user)
        .and_then(|policy| policy.password_expiration_days)
        .filter(|days| *days > 0);
    let (Some(days), Some(changed_at), ACTIVE) = (days, user.password_changed_at, user.status) else {
        return false;
    };
    user.directory_id.is_none()
        && user.trusted_idp_id.is_none()
        && now.duration_since(changed_at).as_hours() >= days * 24
}
