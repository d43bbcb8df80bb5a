//! Copies of the store while it is in use, and the folder that holds them.
//!
//! A copy is made under a name of its own, checked, synced, and only then given its name: a backup that has
//! its name is whole. What a dead process left under the other name goes with the next backup.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use jiff::tz::TimeZone;
use rusqlite::backup::{Backup, StepResult};
use rusqlite::{Connection, OpenFlags};

use super::damage;
use crate::cut;
use crate::store::pauses::{begin, pauses};
use crate::store::{Error, Pause, Store};

/// So many backups are kept, the newest ones.
pub const KEPT: usize = 14;

/// So many pages are copied between two looks at the clock.
const PAGES: i32 = 1000;

/// A backup was not made.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// The folder lies where nothing can be made.
    #[error("{} cannot be used: {source}; it or the folder above it must exist and belong to the service", .path.display())]
    Folder {
        /// The folder.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// It would lie beside the store.
    #[error("{} is the folder of the store itself; name another one, on another disk where there is one", .0.display())]
    BesideStore(PathBuf),
    /// There is one of this second.
    #[error("{} exists already; nothing was overwritten", .0.display())]
    Exists(PathBuf),
    /// A file of the folder.
    #[error("{}: {source}", .path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// SQLite could not copy.
    #[error("the copy {} was not finished: {source}", .path.display())]
    Copy {
        /// The copy, which is gone.
        path: PathBuf,
        /// Why.
        source: rusqlite::Error,
    },
    /// The copy is not sound.
    #[error("the copy {} is damaged ({what}); look at the disk of that folder", .path.display())]
    Damaged {
        /// The copy, which is gone.
        path: PathBuf,
        /// What is wrong with it.
        what: String,
    },
    /// The process was told to stop, or the time was up.
    #[error("it was stopped before it was whole")]
    CutOff,
}

/// A backup that was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BackedUp {
    /// The file.
    pub path: PathBuf,
    /// Its size.
    pub bytes: u64,
    /// Older backups that were removed.
    pub removed: usize,
    /// One that could not be removed, and why.
    pub stuck: Option<String>,
}

/// The folder of the backups.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BackupFolder {
    path: PathBuf,
}

impl BackupFolder {
    /// A folder that can hold backups of this store, as far as can be seen; nothing is made yet.
    pub fn look(path: &Path, store: &Path) -> Result<Self, BackupError> {
        let folder = |source| BackupError::Folder {
            path: path.to_owned(),
            source,
        };
        let real = match fs::canonicalize(path) {
            Ok(real) => real,
            // Only the last folder is made: a missing one above may be a disk that is not there.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let above = path.parent().unwrap_or(Path::new("/"));
                fs::canonicalize(above)
                    .map_err(folder)?
                    .join(path.file_name().unwrap_or_default())
            }
            Err(error) => return Err(folder(error)),
        };
        if real.exists() && !real.is_dir() {
            return Err(folder(io::ErrorKind::NotADirectory.into()));
        }
        if store.parent().and_then(|parent| fs::canonicalize(parent).ok()) == Some(real) {
            return Err(BackupError::BesideStore(path.to_owned()));
        }
        Ok(Self {
            path: path.to_owned(),
        })
    }

    /// The file that a backup of this instant becomes.
    pub fn path_at(&self, now: Timestamp) -> PathBuf {
        let at = now.to_zoned(TimeZone::UTC).strftime("%Y%m%dT%H%M%SZ");
        self.path.join(format!("steward-{at}.db"))
    }

    /// The backups that go once `fresh` is there: all but the newest [`KEPT`], by their names. Nothing else in
    /// the folder is ever among them.
    pub fn outdated(&self, fresh: &Path) -> io::Result<Vec<PathBuf>> {
        let mut backups = self.files(is_backup)?;
        backups.retain(|path| path != fresh);
        let surplus = (backups.len() + 1).saturating_sub(KEPT);
        backups.truncate(surplus);
        Ok(backups)
    }

    /// The newest backup, by its name.
    pub fn newest(&self) -> Option<PathBuf> {
        self.files(is_backup).ok()?.pop()
    }

    /// Our plain files with such a name, in the order of their names.
    fn files(&self, is_ours: impl Fn(&str) -> bool) -> io::Result<Vec<PathBuf>> {
        let entries = match fs::read_dir(&self.path) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(error),
        };
        let mut found = Vec::new();
        for entry in entries {
            let entry = entry?;
            // A link is somebody else's.
            if entry.file_name().to_str().is_some_and(&is_ours) && entry.file_type()?.is_file() {
                found.push(entry.path());
            }
        }
        found.sort();
        Ok(found)
    }

    fn make(&self) -> io::Result<()> {
        match DirBuilder::new().mode(0o700).create(&self.path) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
            _ => {}
        }
        for leftover in self.files(is_draft)? {
            fs::remove_file(leftover)?;
        }
        Ok(())
    }
}

/// Exactly `steward-YYYYMMDDTHHMMSSZ.db`.
fn is_backup(name: &str) -> bool {
    const SHAPE: &[u8] = b"steward-00000000T000000Z.db";
    let fits = |(found, wanted): (u8, &u8)| match wanted {
        b'0' => found.is_ascii_digit(),
        other => found == *other,
    };
    name.len() == SHAPE.len() && name.bytes().zip(SHAPE).all(fits)
}

/// Exactly what [`draft_of`] gives, and the files that SQLite puts beside it.
fn is_draft(name: &str) -> bool {
    let name = ["-journal", "-wal", "-shm"]
        .iter()
        .find_map(|ending| name.strip_suffix(ending))
        .unwrap_or(name);
    name.strip_prefix('.')
        .and_then(|name| name.strip_suffix(".part"))
        .is_some_and(is_backup)
}

fn draft_of(target: &Path) -> PathBuf {
    let name = target.file_name().unwrap_or_default().to_string_lossy();
    target.with_file_name(format!(".{name}.part"))
}

impl Store {
    /// Copies the store, as it is at one instant, into the folder, and removes backups beyond the newest
    /// [`KEPT`]. Others read and write meanwhile.
    ///
    /// `held` are pauses that the copy begins with, where nobody paused the same before without an end: whoever
    /// puts it in the place of the store looks first, since what happened meanwhile is not in it.
    pub async fn back_up(
        &self,
        folder: BackupFolder,
        now: Timestamp,
        held: Vec<Pause>,
        is_cut_off: impl Fn() -> bool + Send + 'static,
    ) -> Result<Result<BackedUp, BackupError>, Error> {
        self.call(move |store| Ok(back_up(store, &folder, now, &held, &is_cut_off)))
            .await
    }
}

fn back_up(
    store: &mut Connection,
    folder: &BackupFolder,
    now: Timestamp,
    held: &[Pause],
    is_cut_off: &dyn Fn() -> bool,
) -> Result<BackedUp, BackupError> {
    folder.make().map_err(|source| BackupError::Folder {
        path: folder.path.clone(),
        source,
    })?;
    let target = folder.path_at(now);
    if fs::symlink_metadata(&target).is_ok() {
        return Err(BackupError::Exists(target));
    }
    let draft = draft_of(&target);
    let file = |path: &Path| {
        let path = path.to_owned();
        move |source| BackupError::File { path, source }
    };
    // Made here and not by SQLite, so that nobody else can read it for a moment.
    let made = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&draft);
    drop::<File>(made.map_err(file(&draft))?);
    let copied = copy(store, &draft, now, held, is_cut_off).and_then(|()| {
        let copy = File::open(&draft).map_err(file(&draft))?;
        copy.sync_all().map_err(file(&draft))?;
        let bytes = copy.metadata().map_err(file(&draft))?.len();
        cut::here("before the backup has its name");
        fs::rename(&draft, &target).map_err(file(&target))?;
        cut::here("after the backup has its name");
        Ok(bytes)
    });
    let bytes = match copied {
        Ok(bytes) => bytes,
        Err(error) => {
            // What cannot be removed now goes with the next backup.
            let _still_there = folder.make();
            return Err(error);
        }
    };
    // Not every network file system can sync a folder; the file itself is on its disk.
    let _synced = File::open(&folder.path).and_then(|folder| folder.sync_all());
    let (removed, stuck) = remove_outdated(folder, &target);
    Ok(BackedUp {
        path: target,
        bytes,
        removed,
        stuck,
    })
}

fn copy(
    store: &mut Connection,
    draft: &Path,
    now: Timestamp,
    held: &[Pause],
    is_cut_off: &dyn Fn() -> bool,
) -> Result<(), BackupError> {
    let sqlite = |source| BackupError::Copy {
        path: draft.to_owned(),
        source,
    };
    let finished = copy_pages(store, draft, now, held, is_cut_off).map_err(sqlite)?;
    let what = finished.ok_or(BackupError::CutOff)?;
    if what.is_empty() {
        return Ok(());
    }
    Err(BackupError::Damaged {
        path: draft.to_owned(),
        what: what.join("; "),
    })
}

/// Gives what is wrong with the copy; `None`: it was cut off.
fn copy_pages(
    store: &mut Connection,
    draft: &Path,
    now: Timestamp,
    held: &[Pause],
    is_cut_off: &dyn Fn() -> bool,
) -> rusqlite::Result<Option<Vec<String>>> {
    // Nobody else knows of the file, and locks of network file systems often fail.
    let mut copy =
        Connection::open_with_flags_and_vfs(draft, OpenFlags::SQLITE_OPEN_READ_WRITE, "unix-none")?;
    copy.pragma_update(None, "locking_mode", "exclusive")?;
    {
        // One snapshot: what others write from here on neither shows nor begins the copy anew.
        let snapshot = store.transaction()?;
        snapshot.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))?;
        let backup = Backup::new(&snapshot, &mut copy)?;
        loop {
            if is_cut_off() {
                return Ok(None);
            }
            if backup.step(PAGES)? == StepResult::Done {
                break;
            }
        }
    }
    cut::here("in the middle of the backup");
    // One plain file, without a write-ahead log beside it.
    copy.pragma_update(None, "journal_mode", "delete")?;
    let transaction = copy.transaction()?;
    let in_force = pauses(&transaction, now)?;
    for pause in held {
        // One that ends by itself may be over when the copy is put to use.
        let lasts = |other: &Pause| other.of == pause.of && other.until.is_none();
        if !in_force.iter().any(lasts) {
            begin(&transaction, pause)?;
        }
    }
    transaction.commit()?;
    let damage = damage(&copy)?;
    copy.close().map_err(|(_, error)| error)?;
    Ok(Some(damage))
}

/// How many went, and the first that could not.
fn remove_outdated(folder: &BackupFolder, fresh: &Path) -> (usize, Option<String>) {
    let outdated = match folder.outdated(fresh) {
        Ok(outdated) => outdated,
        Err(error) => return (0, Some(format!("{}: {error}", folder.path.display()))),
    };
    let mut removed = 0;
    for path in outdated {
        if let Err(error) = fs::remove_file(&path) {
            return (removed, Some(format!("{}: {error}", path.display())));
        }
        removed += 1;
    }
    (removed, None)
}
