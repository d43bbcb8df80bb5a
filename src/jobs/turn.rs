//! Jobs of one process take turns while they read the tenant.

use tokio::sync::{Mutex, MutexGuard};
use tokio_util::sync::CancellationToken;

/// The turn to read the tenant: held from the first read of a run until it has decided, so that two
/// jobs do not walk the same lists at the same time on one account's quota. Mails and memberships are
/// written without it: a list that shifts meanwhile is noticed by whoever reads it, and walked again.
#[derive(Debug, Default)]
pub struct Turn(Mutex<()>);

impl Turn {
    /// Waits for the turn, first come, first served. `None`: the process was told to stop before.
    pub(super) async fn take(&self, stop: &CancellationToken) -> Option<MutexGuard<'_, ()>> {
        tokio::select! {
            biased;
            () = stop.cancelled() => None,
            turn = self.0.lock() => Some(turn),
        }
    }
}
