//! What can go wrong with OneLogin, told apart where a caller acts differently.

use std::time::Duration;

use super::auth;

/// A failed call. The text says what was asked, what came back and what to do.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No answer: name not found, refused, TLS, or the time was up. Worth another try.
    #[error("no answer from {host} to {call}: {why}. Check onelogin.url and the network")]
    NoAnswer {
        /// Method and path.
        call: String,
        /// Host and port.
        host: String,
        /// The reason, without the query of the address.
        why: String,
    },

    /// The token endpoint does not know the credential.
    #[error(
        "{host} refuses the API credential (401 on the token request): check onelogin.client_id and its secret; \
         a credential is shown under Developers > API Credentials"
    )]
    Credential {
        /// Host and port.
        host: String,
    },

    /// The token endpoint fails for good: documented for a credential whose owner was deleted.
    #[error(
        "{host} answers the token request with 500 again and again. OneLogin does so when the administrator who \
         created the API credential was deleted: make a new credential (Developers > API Credentials)"
    )]
    OrphanedCredential {
        /// Host and port.
        host: String,
    },

    /// 401 with a fresh token, or 403: the scope, or a path that does not exist.
    #[error(
        "OneLogin does not allow {call} ({status}: {message}): the API credential needs the scope Read Users or more, \
         and Read All where policies are read"
    )]
    NotAllowed {
        /// Method and path.
        call: String,
        /// 401 or 403.
        status: u16,
        /// OneLogin's words.
        message: String,
    },

    /// 404.
    #[error("OneLogin knows nothing at {call} (404: {message})")]
    NotFound {
        /// Method and path.
        call: String,
        /// OneLogin's words.
        message: String,
    },

    /// 429: the quota of the account is spent, or the edge throttles.
    #[error(
        "OneLogin throttles {call} (429{}): other programs may share the account's quota of calls an hour. Run it \
         again later",
        renewal(*.reset)
    )]
    Throttled {
        /// Method and path.
        call: String,
        /// When the quota is renewed, where the answer says so.
        reset: Option<Duration>,
    },

    /// Any other status.
    #[error("OneLogin answered {call} with {status}: {message}{}", advice(*.status))]
    Status {
        /// Method and path.
        call: String,
        /// The HTTP status.
        status: u16,
        /// OneLogin's words.
        message: String,
    },

    /// An answer that is not what the documentation promises. Worth another try.
    #[error("the answer to {call} cannot be read: {why}")]
    Unreadable {
        /// Method and path.
        call: String,
        /// What is wrong with it.
        why: String,
    },

    /// A list that does not end, does not add up, or repeats itself.
    #[error("the list {call} is not complete: {why}. Nothing of it was used; run it again later")]
    Incomplete {
        /// Method and path.
        call: String,
        /// What does not add up.
        why: String,
    },
}

impl Error {
    /// Whether OneLogin said that this is not there for us: 401, 403 or 404.
    pub fn is_not_offered(&self) -> bool {
        matches!(self, Self::NotAllowed { .. } | Self::NotFound { .. })
    }

    /// Whether no token can be had, so that no other call would go better.
    pub fn is_about_the_token(&self) -> bool {
        match self {
            Self::Credential { .. } | Self::OrphanedCredential { .. } => true,
            Self::NoAnswer { call, .. }
            | Self::NotAllowed { call, .. }
            | Self::NotFound { call, .. }
            | Self::Throttled { call, .. }
            | Self::Status { call, .. }
            | Self::Unreadable { call, .. }
            | Self::Incomplete { call, .. } => call == auth::CALL,
        }
    }
}

/// When the quota is renewed, in words.
fn renewal(reset: Option<Duration>) -> String {
    reset.map_or_else(String::new, |reset| {
        format!(", renewed in {} seconds", reset.as_secs())
    })
}

/// What to do about a status that is OneLogin's own trouble.
fn advice(status: u16) -> &'static str {
    if status >= 500 { ". Run it again later" } else { "" }
}
