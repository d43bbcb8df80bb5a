//! Why somebody is locked.

/// What locked a user. The two kinds look the same in every answer, and `unlock` lifts only one (observed).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LockKind {
    /// Too many failed logins.
    FailedLogins,
    /// A call of `lock_user`.
    Api,
}
