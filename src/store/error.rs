//! What can be wrong with the store, in words that say what to do.

use std::path::{Path, PathBuf};

use rusqlite::ErrorCode;

/// The store cannot be used. Nothing was overwritten.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Another kind of file lies where the store should be.
    #[error("{} is not a store of onelogin-steward: {why}. Nothing was overwritten; set store.path to another file", .path.display())]
    NotAStore {
        /// The file.
        path: PathBuf,
        /// What it is instead.
        why: String,
    },

    /// A backup was put in the place of the store, and the write-ahead log of the old one was left.
    #[error(
        "{path} is a backup beside the write-ahead log of another store, which would be mixed into it: move \
         {path}-wal and {path}-shm away, and try again. Nothing was overwritten",
        path = .path.display()
    )]
    ForeignLog {
        /// The file.
        path: PathBuf,
    },

    /// Written by a newer version.
    #[error(
        "{} was written by a newer version (schema {found}; this one knows {known}): install that version, or restore a backup",
        .path.display()
    )]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its schema.
        found: u32,
        /// Ours.
        known: u32,
    },

    /// Written by an older version, and opened for reading only.
    #[error("{} was written by an older version (schema {found}; this one needs {known}): the next run brings it up to date", .path.display())]
    Older {
        /// The file.
        path: PathBuf,
        /// Its schema.
        found: u32,
        /// Ours.
        known: u32,
    },

    /// The file or its folder cannot be reached.
    #[error("the store {} cannot be opened: {source}", .path.display())]
    Unreachable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },

    /// SQLite refused.
    #[error("the store {}: {what}", .path.display())]
    Sqlite {
        /// The file.
        path: PathBuf,
        /// What happened and what to do.
        what: &'static str,
        /// SQLite's own words.
        #[source]
        source: rusqlite::Error,
    },

    /// The thread of the store could not be started.
    #[error("no thread for the store {}", .path.display())]
    Thread {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },

    /// The thread of the store has ended.
    #[error("the store {} was closed in the middle of its work", .path.display())]
    Gone {
        /// The file.
        path: PathBuf,
    },
}

impl Error {
    pub(super) fn of(path: &Path, source: rusqlite::Error) -> Self {
        let path = path.to_owned();
        let what = match source.sqlite_error_code() {
            Some(ErrorCode::NotADatabase) => {
                return Self::NotAStore {
                    path,
                    why: "it is not an SQLite database".to_owned(),
                };
            }
            Some(ErrorCode::DiskFull) => "the disk is full; make room and run again",
            Some(ErrorCode::ReadOnly) => {
                "it cannot be written; check the owner and the mode of the file and its folder"
            }
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
                "another process holds it; look for one with `fuser` and run again"
            }
            Some(ErrorCode::DatabaseCorrupt) => "it is damaged; restore a backup",
            Some(ErrorCode::CannotOpen) => {
                "it cannot be opened; check that its folder exists and belongs to the service"
            }
            _ => "an operation failed",
        };
        Self::Sqlite { path, what, source }
    }
}
