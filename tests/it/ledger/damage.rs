//! A store that cannot be used: a clear error, no mail, and the file as it was.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use crate::support::company::{EVERY_DAY, company, three_people};
use crate::support::smtp::{SmtpServer, Step};
use crate::support::world::World;

/// A world whose store holds these bytes; each command on it ends with 1 and names the reason.
async fn is_refused(bytes: &[u8], words: &str) {
    let server = SmtpServer::builder().start();
    let world = World::new(company(three_people())).await;
    world.mail_to(&server, "");
    let store = world.home.path("steward.db");
    fs::write(&store, bytes).unwrap();
    let commands: [&[&str]; 5] = [
        &["run", "password-expiry"],
        &["run", "password-expiry", "--plan"],
        &["history"],
        &["expiry", "forecast"],
        &["daemon"],
    ];
    for arguments in commands {
        let ended = world.steward(arguments).await;
        assert_eq!(ended.code, 1, "{arguments:?} {}{}", ended.stdout, ended.stderr);
        assert!(ended.stderr.contains(words), "{arguments:?}: {}", ended.stderr);
        assert!(ended.stderr.contains("steward.db"), "{}", ended.stderr);
        assert!(
            fs::read(&store).unwrap() == bytes,
            "{arguments:?} changed the file"
        );
    }
    assert_eq!(server.count(Step::Greeting), 0);
}

/// The bytes of a good store.
async fn good_store() -> Vec<u8> {
    let world = World::new(company(three_people())).await;
    world.run_expecting(0).await;
    fs::read(world.home.path("steward.db")).unwrap()
}

#[tokio::test]
async fn e22_a_file_that_is_no_database_is_refused() {
    is_refused(
        "not a database, but long enough to hold a header\n"
            .repeat(99)
            .as_bytes(),
        "not a store",
    )
    .await;
}

#[tokio::test]
async fn e22_the_database_of_another_program_is_refused() {
    let mut bytes = good_store().await;
    // The application id in the header of an SQLite file.
    bytes[68..72].copy_from_slice(&[0, 0, 0, 7]);
    is_refused(&bytes, "another program").await;
}

#[tokio::test]
async fn e22_a_store_of_a_newer_version_is_refused() {
    let mut bytes = good_store().await;
    // The user version in the header, which holds the schema.
    bytes[60..64].copy_from_slice(&[0, 0, 0, 99]);
    is_refused(&bytes, "newer version").await;
}

#[tokio::test]
async fn e22_a_torn_store_is_refused_before_any_mail() {
    let server = SmtpServer::builder().start();
    let world = World::new(company(three_people())).await;
    world.mail_to(&server, "");
    let mut bytes = good_store().await;
    let page = 4096;
    bytes[page..].fill(0xa5);
    fs::write(world.home.path("steward.db"), &bytes).unwrap();
    let ended = world.steward(&["run", "password-expiry"]).await;
    assert_eq!(ended.code, 1, "{}{}", ended.stdout, ended.stderr);
    assert!(server.received().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn e22_a_store_that_cannot_be_written_sends_no_mail() {
    let server = SmtpServer::builder().start();
    let world = World::of_today(&["ana@acme.example"]).await;
    world.mail_to(&server, EVERY_DAY);
    let store = world.home.path("steward.db");
    fs::write(&store, good_store().await).unwrap();
    fs::set_permissions(&store, fs::Permissions::from_mode(0o400)).unwrap();
    let before = fs::read(&store).unwrap();

    let ended = world
        .home
        .command_without_privileges(&["run", "password-expiry"])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&ended.stderr).into_owned();
    assert_eq!(ended.status.code(), Some(1), "{said}");
    assert!(said.contains("cannot be written"), "{said}");
    assert!(fs::read(&store).unwrap() == before);
    assert!(server.received().is_empty());
}
