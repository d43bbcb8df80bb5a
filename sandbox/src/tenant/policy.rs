//! Policies: where the maximum age of a password is written.

/// What a policy governs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PolicyKind {
    /// People: passwords, locks, sessions.
    User,
    /// Access to apps; says nothing about passwords.
    App,
}

/// A policy, with the fields that matter here of the some seventy that exist (observed in a client).
///
/// A field that is `None` is absent from the answer, and an app policy never shows the password fields.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// The policy's id.
    pub id: i64,
    /// The name shown in OneLogin.
    pub name: String,
    /// What the policy governs.
    pub kind: PolicyKind,
    /// True on the account's default user policy.
    pub is_default: bool,
    /// Days until a password expires; 0 means never.
    pub password_expiration_days: Option<i64>,
    /// How many former passwords may not come back.
    pub passwords_remembered: Option<i64>,
    /// Shortest password allowed.
    pub minimum_password_length: Option<i64>,
    /// 0 (none) to 4.
    pub password_complexity_requirements: Option<i64>,
    /// Whether people may change their password in OneLogin.
    pub enable_password_change: Option<bool>,
    /// Whether password changes happen elsewhere.
    pub password_redirect_enabled: Option<bool>,
    /// Where password changes happen instead.
    pub password_redirect_url: Option<String>,
    /// What people are told about that place.
    pub password_redirect_message: Option<String>,
    /// Failed logins until a lock, 3 to 10; 0 means no limit.
    pub maximum_invalid_login_attempts: Option<i64>,
    /// Minutes a lock lasts: 15, 30, 60, or 0 until an administrator unlocks.
    pub lock_effective_minutes: Option<i64>,
    /// Whether resetting the password also lifts a lock.
    pub enable_unlock_via_password_reset: Option<bool>,
}

impl Policy {
    /// A user policy whose passwords expire after `expiration_days` (0: never).
    pub fn user(id: i64, name: impl Into<String>, expiration_days: i64) -> Self {
        Self {
            id,
            name: name.into(),
            kind: PolicyKind::User,
            is_default: false,
            password_expiration_days: Some(expiration_days),
            passwords_remembered: Some(5),
            minimum_password_length: Some(12),
            password_complexity_requirements: Some(2),
            enable_password_change: Some(true),
            password_redirect_enabled: Some(false),
            password_redirect_url: None,
            password_redirect_message: None,
            maximum_invalid_login_attempts: Some(5),
            lock_effective_minutes: Some(15),
            enable_unlock_via_password_reset: Some(false),
        }
    }

    /// An app policy.
    pub fn app(id: i64, name: impl Into<String>) -> Self {
        Self {
            kind: PolicyKind::App,
            password_expiration_days: None,
            ..Self::user(id, name, 0)
        }
    }

    /// The same policy as the account's default.
    #[must_use]
    pub fn as_default(mut self) -> Self {
        self.is_default = true;
        self
    }
}
