//! The first connection, which opens alone.

use std::sync::atomic::{AtomicU64, Ordering};

use tokio::sync::Mutex;

use super::Delivery;

/// Opens connections one at a time until one has opened. A wrong password that is tried on several
/// connections at once is what mail servers lock accounts and addresses out for.
#[derive(Default)]
pub(super) struct First {
    known: Mutex<Known>,
    failures: AtomicU64,
}

/// What the connections so far have shown.
#[derive(Default)]
enum Known {
    #[default]
    Nothing,
    Open,
    Failed(Delivery),
}

impl First {
    /// Opens a connection once nobody else tries to open the first one. A failure speaks for all who
    /// waited for it; a refusal speaks for everybody, until [`First::forget`].
    pub(super) async fn open<T>(
        &self,
        opening: impl AsyncFnOnce() -> Result<T, Delivery>,
    ) -> Result<T, Delivery> {
        let before = self.failures.load(Ordering::SeqCst);
        let known = self.known.lock().await;
        let turn = match &*known {
            Known::Nothing => Some(known),
            Known::Open => {
                drop(known);
                None
            }
            Known::Failed(failure) => {
                let has_waited = self.failures.load(Ordering::SeqCst) != before;
                if has_waited || matches!(failure, Delivery::RefusedSender { .. }) {
                    return Err(failure.clone());
                }
                Some(known)
            }
        };
        let opened = opening().await;
        if let Some(mut known) = turn {
            *known = match &opened {
                Ok(_) => Known::Open,
                Err(failure) => {
                    self.failures.fetch_add(1, Ordering::SeqCst);
                    Known::Failed(failure.clone())
                }
            };
        }
        opened
    }

    /// Begins anew: by the next batch, server or password may have changed.
    pub(super) async fn forget(&self) {
        *self.known.lock().await = Known::Nothing;
    }
}
