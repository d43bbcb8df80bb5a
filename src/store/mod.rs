//! The store: runs, notices, changes of roles, and what was learned, in one SQLite file.
//!
//! Nothing else in the crate holds SQL. One thread owns the connection; whoever asks sends it a
//! closure and awaits the answer.

mod alerts;
mod approvals;
mod changes;
mod error;
mod file;
mod housekeeping;
mod ledger;
mod lock;
mod notices;
mod overview;
mod pauses;
mod policies;
mod role_memory;
mod runs;
mod schedules;
mod tenant;

use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::thread::JoinHandle;

use rusqlite::Connection;
use tokio::sync::{oneshot, watch};

use crate::cut;
pub use changes::{Change, Intention, Settlement};
pub use error::Error;
pub use housekeeping::{BackedUp, BackupError, BackupFolder, Batch, KEPT_BACKUPS};
pub use ledger::NoticeFilter;
pub use lock::{FileLock, Holder, LockName};
pub use notices::{Attempt, Claim, Notice, NoticeId, Staging};
pub use overview::{Overview, Waiting};
pub use pauses::{Pause, Paused};
pub use policies::BookOf;
pub use runs::{Ending, Leftover, RunFilter};
pub use schedules::{Past, Served};
pub use tenant::Learned;

type Work = Box<dyn FnOnce(&mut Connection) + Send>;

/// An open store. Dropping it waits until the file is closed.
#[derive(Debug)]
pub struct Store {
    path: PathBuf,
    work: Option<mpsc::Sender<Work>>,
    thread: Option<JoinHandle<()>>,
    /// Closed when the thread has ended.
    alive: watch::Receiver<()>,
}

impl Store {
    /// Opens the store for writing; creates it, and brings its schema up to date, where needed.
    pub fn open(path: &Path) -> Result<Self, Error> {
        Self::start(path, file::open_for_writing(path)?)
    }

    /// Opens the store for reading. `None` if there is none yet: reading never creates one.
    pub fn open_existing(path: &Path) -> Result<Option<Self>, Error> {
        match file::open_for_reading(path)? {
            Some(connection) => Self::start(path, connection).map(Some),
            None => Ok(None),
        }
    }

    fn start(path: &Path, mut connection: Connection) -> Result<Self, Error> {
        let (work, incoming) = mpsc::channel::<Work>();
        let (life, alive) = watch::channel(());
        let thread = std::thread::Builder::new()
            .name("store".to_owned())
            .spawn(move || {
                let _life = life;
                while let Ok(work) = incoming.recv() {
                    work(&mut connection);
                }
            })
            .map_err(|error| Error::Thread {
                path: path.to_owned(),
                source: error,
            })?;
        Ok(Self {
            path: path.to_owned(),
            work: Some(work),
            thread: Some(thread),
            alive,
        })
    }

    /// Waits until the store's thread has ended, which it does not do by itself: nothing can be recorded
    /// from then on.
    pub async fn ended(&self) {
        while self.alive.clone().changed().await.is_ok() {}
    }

    /// Runs `work` on the store's thread.
    async fn call<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, Error> {
        let (answer, answered) = oneshot::channel();
        let work: Work = Box::new(move |connection| {
            // Nobody waits any more when the run was dropped; the work is done all the same.
            let _nobody_waits = answer.send(work(connection));
        });
        let gone = || Error::Gone {
            path: self.path.clone(),
        };
        cut::here("before the store");
        self.work
            .as_ref()
            .ok_or_else(gone)?
            .send(work)
            .map_err(|_| gone())?;
        let answer = answered.await.map_err(|_| gone())?;
        cut::here("after the store");
        answer.map_err(|source| Error::of(&self.path, source))
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        // Closing the channel ends the thread, which closes the file.
        self.work = None;
        if let Some(thread) = self.thread.take() {
            let _panicked = thread.join();
        }
    }
}

/// An instant as it is stored.
fn stored(at: jiff::Timestamp) -> i64 {
    at.as_millisecond()
}

/// A stored instant.
fn instant(millisecond: i64) -> jiff::Timestamp {
    jiff::Timestamp::from_millisecond(millisecond).unwrap_or_default()
}

/// A stored name, as its value.
fn named<T>(column: usize, text: &str, parse: impl Fn(&str) -> Option<T>) -> rusqlite::Result<T> {
    parse(text).ok_or_else(|| {
        let unknown = format!("unknown name {text:?}");
        rusqlite::Error::FromSqlConversionFailure(column, rusqlite::types::Type::Text, unknown.into())
    })
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;

    use super::*;

    #[tokio::test]
    async fn a_store_whose_thread_panicked_says_that_it_has_ended() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("steward.db")).unwrap();
        assert!(store.ended().now_or_never().is_none());
        let answer = store.call(|_| -> rusqlite::Result<()> { panic!("on purpose") });
        assert!(answer.await.is_err());
        store.ended().await;
    }
}
