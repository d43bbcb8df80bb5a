//! Which failures are worth another try, and for how long.

use std::time::Duration;

use super::error::Error;
use crate::pace::Patience;

/// A 429 says after how many seconds the quota is renewed; up to this long it is waited for, and
/// not counted as waiting.
pub const LONGEST_RESET: Duration = Duration::from_secs(60);

/// How long a request that keeps failing is tried.
pub const PATIENCE: Patience = Patience {
    tries: 5,
    first_pause: Duration::from_millis(500),
    waiting: Duration::from_secs(15),
};

/// A failed attempt.
pub(super) enum Failure {
    /// Worth another try if its kind is.
    Again(Error),
    /// Not worth one here.
    Final(Error),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Again(error)
    }
}

pub(super) fn is_worth_another_try(error: &Error) -> bool {
    match error {
        Error::NoAnswer { .. }
        | Error::Unreadable { .. }
        | Error::OrphanedCredential { .. }
        | Error::Throttled { .. } => true,
        Error::Status { status, .. } => *status >= 500,
        Error::Credential { .. }
        | Error::NotAllowed { .. }
        | Error::NotFound { .. }
        | Error::Incomplete { .. } => false,
    }
}

pub(super) fn reset_of(error: &Error) -> Option<Duration> {
    match error {
        Error::Throttled { reset, .. } => *reset,
        _ => None,
    }
}
