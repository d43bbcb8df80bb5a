//! What a new password does to its owner, whichever call sets it.

use jiff::Timestamp;

use crate::tenant::{PASSWORD_UPDATED_BY_API, StatusAfterPassword, Tenant, User};

/// Why a password in clear text does not do. Of the policy only the length is looked at.
pub(crate) fn complaint(tenant: &Tenant, user: &User, password: &str) -> Option<&'static str> {
    let minimum = tenant
        .policy_of(user)
        .and_then(|policy| policy.minimum_password_length);
    let minimum = minimum.and_then(|length| usize::try_from(length).ok())?;
    (password.chars().count() < minimum).then_some("Password is too short")
}

/// Moves the dates, and the status as the knob says.
pub(crate) fn changed(tenant: &mut Tenant, user: &mut User, now: Timestamp) {
    user.password_changed_at = Some(now);
    user.updated_at = now;
    if tenant.knobs.status_after_password == StatusAfterPassword::Active {
        user.unlock();
        user.activated_at = user.activated_at.or(Some(now));
    }
    tenant.record_event(PASSWORD_UPDATED_BY_API, user.id, now);
}
