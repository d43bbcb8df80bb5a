//! Reading a file that others may be writing.

use std::fs::{File, Metadata};
use std::io::{ErrorKind, Read};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;
use std::time::Duration;

use super::text::{MOST_BYTES, too_large};
use crate::problem::{Place, Problem, Problems};

/// The file must stand still this long after it was read, and is looked for this long where it is
/// missing: an editor that deletes and writes anew needs less.
const STILL: Duration = Duration::from_millis(100);

/// After this many reads a file that still changes is given up.
const MOST_READS: u32 = 10;

/// What changes when a file is written to or replaced.
#[derive(Debug, PartialEq, Eq)]
struct Signature {
    device: u64,
    inode: u64,
    size: u64,
    modified: (i64, i64),
    changed: (i64, i64),
}

impl Signature {
    fn of(facts: &Metadata) -> Self {
        Self {
            device: facts.dev(),
            inode: facts.ino(),
            size: facts.len(),
            modified: (facts.mtime(), facts.mtime_nsec()),
            changed: (facts.ctime(), facts.ctime_nsec()),
        }
    }
}

/// One attempt.
enum Attempt {
    Read(Vec<u8>, Signature),
    Missing,
    Hopeless(Problems),
}

/// Reads the whole file, and reads it again where it changed meanwhile: in place, by renaming, or by
/// another target of a symbolic link. Takes a tenth of a second where nothing moves and about one
/// at most.
///
/// Mistakes: a file that is missing, larger than 16 MiB, no regular file, never still, or writable
/// by others than its owner.
pub async fn read_stable(path: &Path) -> Result<Vec<u8>, Problems> {
    let mut was_missing = false;
    for _ in 0..MOST_READS {
        let attempt = attempt(path);
        if let Attempt::Hopeless(problem) = attempt {
            return Err(problem);
        }
        tokio::time::sleep(STILL).await;
        match attempt {
            Attempt::Read(bytes, before) => {
                was_missing = false;
                let after = std::fs::metadata(path).ok().map(|facts| Signature::of(&facts));
                if after.is_some_and(|after| after == before && after.size == bytes.len() as u64) {
                    return Ok(bytes);
                }
            }
            Attempt::Missing | Attempt::Hopeless(_) => {
                // Missing twice, with time to come back in between.
                if was_missing {
                    return Err(missing(path).into());
                }
                was_missing = true;
            }
        }
    }
    let problem = Problem::general(
        Place::File(path.to_owned()),
        "the file changes all the time, so it cannot be read as a whole",
        "write it beside this place and rename it when it is complete",
    );
    Err(problem.into())
}

fn attempt(path: &Path) -> Attempt {
    match read_once(path) {
        Ok(Ok((bytes, signature))) => Attempt::Read(bytes, signature),
        Ok(Err(problem)) => Attempt::Hopeless(problem),
        Err(error) if error.kind() == ErrorKind::NotFound => Attempt::Missing,
        Err(error) => {
            let help = match error.kind() {
                ErrorKind::PermissionDenied => "let the service user read it, and enter its folder",
                _ => "",
            };
            let message = format!("the desired state cannot be read: {error}");
            Attempt::Hopeless(Problem::general(Place::File(path.to_owned()), message, help).into())
        }
    }
}

fn read_once(path: &Path) -> std::io::Result<Result<(Vec<u8>, Signature), Problems>> {
    // A named pipe would wait for its other end, so it is looked at before it is opened.
    if let Err(problem) = check(path, &std::fs::metadata(path)?) {
        return Ok(Err(problem));
    }
    let file = File::open(path)?;
    let facts = file.metadata()?;
    if let Err(problem) = check(path, &facts) {
        return Ok(Err(problem));
    }
    let mut bytes = Vec::new();
    file.take(MOST_BYTES + 1).read_to_end(&mut bytes)?;
    Ok(Ok((bytes, Signature::of(&facts))))
}

fn check(path: &Path, facts: &Metadata) -> Result<(), Problems> {
    let problem =
        |message: &str, help: &str| Err(Problem::general(Place::File(path.to_owned()), message, help).into());
    if facts.is_dir() {
        return problem(
            "this is a directory, not a desired state",
            "name the file in it, usually roles.toml",
        );
    }
    if !facts.is_file() {
        return problem(
            "this is not a regular file",
            "name a regular file: it is read again at every run",
        );
    }
    if facts.permissions().mode() & 0o022 != 0 {
        let help = format!("chmod go-w {}", path.display());
        return problem(
            "others than its owner may write this file, and so decide who is in which role",
            &help,
        );
    }
    if facts.len() > MOST_BYTES {
        return Err(too_large(path).into());
    }
    Ok(())
}

fn missing(path: &Path) -> Problem {
    Problem::general(
        Place::File(path.to_owned()),
        "there is no desired state here; a missing file never means empty roles",
        "put the file back, or name another in role_sync.desired_state; `onelogin-steward roles export` writes a first one",
    )
}
