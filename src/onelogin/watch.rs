//! Who is told how far a long list has been read.

use std::fmt::Debug;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Told after each page of a list.
pub trait Watch: Debug + Send + Sync {
    /// So many rows of the list have come, of so many where the list says it.
    fn page(&self, list: &str, rows: u64, total: Option<u64>);

    /// The list has come to its end, or failed.
    fn end(&self, list: &str);
}

/// How often the log says that a list is still being read.
const NOW_AND_THEN: Duration = Duration::from_secs(10);

/// Watches for the log.
#[derive(Debug)]
pub(super) struct LogWatch(Mutex<Instant>);

impl LogWatch {
    pub(super) fn new() -> Self {
        Self(Mutex::new(Instant::now()))
    }
}

impl Watch for LogWatch {
    fn page(&self, list: &str, rows: u64, total: Option<u64>) {
        let mut told_at = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if told_at.elapsed() >= NOW_AND_THEN {
            *told_at = Instant::now();
            tracing::info!(list, rows, total, "still reading");
        }
    }

    fn end(&self, _list: &str) {}
}

/// One list under a watch, which ends with the value, whatever comes.
#[derive(Debug)]
pub(super) struct Watched<'a> {
    watch: &'a dyn Watch,
    list: String,
}

impl<'a> Watched<'a> {
    pub(super) fn new(watch: &'a dyn Watch, path: &str) -> Self {
        Self {
            watch,
            list: path.to_owned(),
        }
    }

    pub(super) fn page(&self, rows: u64, total: Option<u64>) {
        self.watch.page(&self.list, rows, total);
    }
}

impl Drop for Watched<'_> {
    fn drop(&mut self) {
        self.watch.end(&self.list);
    }
}
