//! F2, F3, F6, F17: files that change while they are read, and files that are put in their place.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink};
use std::path::PathBuf;

use tempfile::TempDir;
use tokio::task::JoinSet;

use super::*;
use crate::desired_file::{load, read_stable, write};

struct Folder(TempDir);

impl Folder {
    fn new() -> Self {
        Self(TempDir::new().unwrap())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn file(&self, name: &str, text: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        path
    }

    fn names(&self) -> Vec<String> {
        let names = fs::read_dir(self.0.path()).unwrap();
        let mut names: Vec<String> = names
            .map(|name| name.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }
}

/// A reader at work: it has read once, and waits whether the file stands still.
struct Reader(JoinSet<Result<Vec<u8>, Problems>>);

impl Reader {
    async fn of(path: &Path) -> Self {
        let path = path.to_owned();
        let mut tasks = JoinSet::new();
        tasks.spawn(async move { read_stable(&path).await });
        tokio::task::yield_now().await;
        Self(tasks)
    }

    async fn end(mut self) -> Result<Vec<u8>, Problems> {
        self.0.join_next().await.unwrap().unwrap()
    }
}

#[track_caller]
fn message(result: Result<Vec<u8>, Problems>) -> String {
    let problems = result.unwrap_err();
    problems.iter().next().unwrap().message.clone()
}

#[tokio::test(start_paused = true)]
async fn f2_a_file_that_grows_while_it_is_read_is_read_again() {
    let folder = Folder::new();
    let path = folder.file("roles.toml", "[[role]]\nname = \"Sales\"\n");
    let reading = Reader::of(&path).await;
    let whole = role("members = [\"ana@acme.example\"]");
    fs::OpenOptions::new()
        .append(true)
        .open(&path)
        .unwrap()
        .write_all(b"members = [\"ana@acme.example\"]\n")
        .unwrap();
    assert_eq!(reading.end().await.unwrap(), whole.as_bytes());
}

#[tokio::test(start_paused = true)]
async fn f3_a_file_that_is_replaced_or_comes_back_is_read_anew() {
    let folder = Folder::new();
    let path = folder.path("roles.toml");
    // Deleted and created anew, as some editors do.
    let missing = Reader::of(&path).await;
    folder.file("roles.toml", "one");
    assert_eq!(missing.end().await.unwrap(), b"one");
    // Replaced by renaming, with the same size.
    let replaced = Reader::of(&path).await;
    fs::rename(folder.file("new", "two"), &path).unwrap();
    assert_eq!(replaced.end().await.unwrap(), b"two");
    // A symbolic link that turns to another target, as a mounted volume does.
    let (old, new) = (folder.file("old", "old"), folder.file("new", "new"));
    let link = folder.path("link");
    symlink(old, &link).unwrap();
    let turned = Reader::of(&link).await;
    symlink(new, folder.path("next")).unwrap();
    fs::rename(folder.path("next"), &link).unwrap();
    assert_eq!(turned.end().await.unwrap(), b"new");
}

#[tokio::test(start_paused = true)]
async fn f3_a_missing_file_is_missing_and_not_empty() {
    let folder = Folder::new();
    let problems = load(&folder.path("roles.toml")).await.unwrap_err();
    let text = problems.to_string();
    assert!(
        text.contains("never means empty roles") && !text.contains("[[role]]"),
        "{text}"
    );
}

#[tokio::test(start_paused = true)]
async fn f2_a_file_that_never_stands_still_is_given_up() {
    let folder = Folder::new();
    let path = folder.file("roles.toml", "");
    let mut reading = Reader::of(&path).await;
    let mut file = fs::OpenOptions::new().append(true).open(&path).unwrap();
    let result = loop {
        file.write_all(b"#").unwrap();
        tokio::time::advance(std::time::Duration::from_millis(20)).await;
        tokio::task::yield_now().await;
        if let Some(result) = reading.0.try_join_next() {
            break result.unwrap();
        }
    };
    assert!(message(result).contains("changes all the time"));
}

#[tokio::test(start_paused = true)]
async fn f6_a_file_of_200_megabytes_is_refused_unread() {
    let folder = Folder::new();
    let path = folder.file("roles.toml", "");
    fs::OpenOptions::new()
        .write(true)
        .open(&path)
        .unwrap()
        .set_len(200 * 1024 * 1024)
        .unwrap();
    assert!(message(read_stable(&path).await).contains("16 MiB"));
    assert!(message(read_stable(folder.0.path()).await).contains("directory"));
    assert!(message(read_stable(Path::new("/dev/zero")).await).contains("regular"));
}

#[tokio::test(start_paused = true)]
async fn f17_a_file_that_others_may_write_is_refused() {
    let folder = Folder::new();
    let path = folder.file("roles.toml", role("members = [\"ana@acme.example\"]"));
    for (mode, is_good) in [
        (0o600, true),
        (0o644, true),
        (0o664, false),
        (0o646, false),
        (0o666, false),
    ] {
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        let result = read_stable(&path).await;
        assert_eq!(result.is_ok(), is_good, "{mode:o}");
        if !is_good {
            assert!(
                message(result).contains("others than its owner may write"),
                "{mode:o}"
            );
        }
    }
}

#[test]
fn a_write_replaces_the_file_and_keeps_mode_and_link() {
    let folder = Folder::new();
    let path = folder.file("target", "old");
    let link = folder.path("roles.toml");
    symlink("target", &link).unwrap();
    let inode = fs::metadata(&path).unwrap().ino();
    write(&link, b"old", "new").unwrap();
    assert_eq!(fs::read_to_string(&path).unwrap(), "new");
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    let facts = fs::metadata(&path).unwrap();
    assert_eq!(facts.mode() & 0o7777, 0o640);
    assert_ne!(facts.ino(), inode, "the file is replaced, not written over");
    assert_eq!(folder.names(), ["roles.toml", "target"]);
}

#[test]
fn a_write_over_somebody_elses_change_is_refused_and_leaves_nothing() {
    let folder = Folder::new();
    let path = folder.file("roles.toml", "theirs");
    let error = write(&path, b"old", "new").unwrap_err();
    assert!(error.to_string().contains("somebody changed the file"), "{error}");
    assert_eq!(fs::read_to_string(&path).unwrap(), "theirs");
    assert_eq!(folder.names(), ["roles.toml"]);
    write(&folder.path("missing"), b"", "new").unwrap_err();
}
