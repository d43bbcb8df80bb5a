//! Commands that only read leave nothing behind.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use crate::support::company::{company, three_people};
use crate::support::world::World;

const READING: [&[&str]; 10] = [
    &["history"],
    &["history", "--user", "ana@acme.example", "--json"],
    &["mail", "list"],
    &["mail", "list", "--state", "sent", "--json"],
    &["run", "password-expiry", "--plan"],
    &["expiry", "forecast"],
    &["expiry", "explain", "ana@acme.example"],
    &["check"],
    &["config", "show"],
    &["--version"],
];

/// Every file below a directory with its content.
fn files_below(directory: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        let name = path.display().to_string();
        if path.is_dir() {
            files.insert(name, Vec::new());
            files.extend(files_below(&path));
        } else {
            files.insert(name, fs::read(&path).unwrap());
        }
    }
    files
}

async fn reading_changes_nothing(world: &World) {
    let directory = world.home.path("");
    let before = files_below(&directory);
    for arguments in READING {
        let read = world.steward(arguments).await;
        assert_eq!(read.code, 0, "{arguments:?} {}{}", read.stdout, read.stderr);
        let after = files_below(&directory);
        assert_eq!(
            after.keys().collect::<Vec<_>>(),
            before.keys().collect::<Vec<_>>(),
            "{arguments:?}"
        );
        assert!(after == before, "{arguments:?} changed the content of a file");
    }
    assert!(world.control.mutations().is_empty());
}

#[tokio::test]
async fn reading_never_creates_a_store_or_any_file() {
    let world = World::new(company(three_people())).await;
    reading_changes_nothing(&world).await;
    let preview = world.steward(&["expiry", "preview", "ana@acme.example"]).await;
    assert_eq!(preview.code, 0, "{}", preview.stderr);
    assert!(!world.home.path("outbox").exists());
}

#[tokio::test]
async fn reading_leaves_an_existing_store_as_it_is() {
    let world = World::new(company(three_people())).await;
    world.run_expecting(0).await;
    assert!(world.home.path("steward.db").exists());
    reading_changes_nothing(&world).await;
    let shown = world.json(&["history", "show", "1"]).await;
    assert_eq!(shown["notices"].as_array().unwrap().len(), 2 + 3 + 4);
}

#[tokio::test]
async fn the_store_is_for_its_owner_only() {
    use std::os::unix::fs::PermissionsExt as _;
    let world = World::new(company(three_people())).await;
    world.run_expecting(0).await;
    let files = files_below(&world.home.path("outbox")).into_keys();
    let store = world.home.path("steward.db").display().to_string();
    for path in files.chain([store]) {
        let mode = fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0, "{path} has mode {mode:o}");
    }
}
