//! File locks beside the store: writers kept apart, also between processes.
//!
//! The kernel frees a lock when its process dies, so none is ever stale.

use std::fmt;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read as _, Seek as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::time::Instant;

use crate::domain::run::Job;
use crate::domain::user::UserId;

/// How often a lock that is held is tried again.
const PAUSE: Duration = Duration::from_millis(100);

/// What is locked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LockName {
    /// The sending of mail.
    Mail,
    /// Changes of role memberships.
    Roles,
    /// The timetables: one daemon a store.
    Daemon,
    /// The care of the store, and its backups.
    Housekeeping,
    /// Actions on the account of this person.
    Account(UserId),
}

impl LockName {
    /// What a run of this job writes.
    pub fn of(job: Job) -> Self {
        match job {
            Job::PasswordExpiry => Self::Mail,
            Job::RoleSync => Self::Roles,
            Job::Housekeeping => Self::Housekeeping,
        }
    }
}

impl fmt::Display for LockName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Mail => f.write_str("mail"),
            Self::Roles => f.write_str("roles"),
            Self::Daemon => f.write_str("daemon"),
            Self::Housekeeping => f.write_str("housekeeping"),
            Self::Account(user) => write!(f, "account-{user}"),
        }
    }
}

/// A lock that is held until it is dropped.
#[derive(Debug)]
pub struct FileLock {
    _file: File,
}

/// Who holds the lock, in their own words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holder(pub String);

impl FileLock {
    /// Takes a lock beside the store, waiting up to `wait`. The inner error names the holder.
    pub async fn acquire(
        store: &Path,
        name: LockName,
        holder: &str,
        wait: Duration,
    ) -> io::Result<Result<Self, Holder>> {
        let path = path_of(store, name);
        let mut file = open(&path).map_err(|error| at(&path, &error))?;
        let deadline = Instant::now() + wait;
        loop {
            match file.try_lock() {
                Ok(()) => break,
                Err(TryLockError::Error(error)) => return Err(error),
                Err(TryLockError::WouldBlock) if Instant::now() >= deadline => {
                    return told_by(&mut file).map(Err);
                }
                Err(TryLockError::WouldBlock) => tokio::time::sleep(PAUSE).await,
            }
        }
        file.set_len(0)?;
        file.rewind()?;
        writeln!(file, "process {} ({holder})", std::process::id())?;
        Ok(Ok(Self { _file: file }))
    }

    /// Who holds a lock now; `None`: nobody. It takes the lock for a moment where nobody has it.
    pub fn holder(store: &Path, name: LockName) -> io::Result<Option<Holder>> {
        let path = path_of(store, name);
        let mut file = match File::open(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(at(&path, &error)),
        };
        match file.try_lock_shared() {
            Ok(()) => Ok(None),
            Err(TryLockError::Error(error)) => Err(error),
            Err(TryLockError::WouldBlock) => told_by(&mut file).map(Some),
        }
    }
}

fn open(path: &Path) -> io::Result<File> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    options.mode(0o600).open(path)
}

/// The error with the file that it is about: one that another user left is in the way until it is named.
fn at(path: &Path, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("the lock {}: {error}", path.display()))
}

fn told_by(file: &mut File) -> io::Result<Holder> {
    let mut text = String::new();
    file.read_to_string(&mut text)?;
    Ok(Holder(text.trim().to_owned()))
}

fn path_of(store: &Path, name: LockName) -> PathBuf {
    let mut path = store.as_os_str().to_owned();
    path.push(format!(".{name}.lock"));
    path.into()
}
