//! Putting an edited file in the place of the old one.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt, fchown};
use std::path::Path;

/// Replaces the file by `text`, if it still holds `before`: at every moment a reader finds the old
/// file or the new one. Mode and owner stay; where `path` is a symbolic link, its target is
/// replaced. On an error the file is as it was.
pub fn write(path: &Path, before: &[u8], text: &str) -> io::Result<()> {
    let path = fs::canonicalize(path)?;
    let folder = path.parent().unwrap_or(Path::new("/"));
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let new = folder.join(format!(".{name}.{}.new", std::process::id()));
    let done = write_beside(&path, &new, before, text);
    if done.is_err() {
        // What is left of it would only be in the way.
        let _ = fs::remove_file(&new);
    }
    done?;
    File::open(folder)?.sync_all()
}

fn write_beside(path: &Path, new: &Path, before: &[u8], text: &str) -> io::Result<()> {
    let facts = fs::metadata(path)?;
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(new)?;
    let own = file.metadata()?;
    if (own.uid(), own.gid()) != (facts.uid(), facts.gid()) {
        fchown(&file, Some(facts.uid()), Some(facts.gid()))?;
    }
    file.write_all(text.as_bytes())?;
    file.set_permissions(fs::Permissions::from_mode(facts.mode() & 0o7777))?;
    file.sync_all()?;
    if fs::read(path)? != before {
        return Err(io::Error::other(
            "somebody changed the file meanwhile; look at it and try again",
        ));
    }
    fs::rename(new, path)
}
