//! Cases of tests/CASES.md that no other topic has.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use onelogin_sandbox::User;
use rusqlite::Connection;

use crate::support::company::{company, expiring, three_people};
use crate::support::mailbox::Mail;
use crate::support::smtp::{SmtpServer, Step};
use crate::support::world::World;

#[tokio::test]
async fn where_nobody_is_due_the_run_succeeds_and_the_mail_server_is_not_called() {
    let server = SmtpServer::builder().start();
    let world = World::new(company([expiring(1, "ana@acme.example", 60)])).await;
    world.mail_to(&server, "");
    world.run_expecting(0).await;
    assert_eq!(server.count(Step::Greeting), 0);
    assert_eq!(world.last_run().await["status"], "succeeded");
}

#[tokio::test]
async fn a_forecast_calls_no_mail_server_and_leaves_no_store() {
    let server = SmtpServer::builder().start();
    let world = World::new(company(three_people())).await;
    world.mail_to(&server, "");
    let forecast = world.json(&["expiry", "forecast", "--days", "8"]).await;
    assert!(!forecast["runs"].as_array().unwrap().is_empty());
    assert_eq!(server.count(Step::Greeting), 0);
    assert!(!world.home.path("steward.db").exists());
}

#[tokio::test]
async fn an_edited_template_is_what_people_get_and_the_rest_stays_built_in() {
    let server = SmtpServer::builder().start();
    let world = World::new(company([expiring(1, "ana@acme.example", 7)])).await;
    world.mail_to(&server, "");
    world.run_expecting(0).await;
    world.home.write(
        "templates/password-expiry/body.txt.j2",
        "Acme says: {{ days_left }} days.\n",
    );
    // The next threshold, so that the same person is mailed again.
    world.set_now("2026-11-27T07:00:00Z");
    world.run_expecting(0).await;
    let mails: Vec<Mail> = server.received().iter().map(Mail::from).collect();
    assert_eq!(mails.len(), 2);
    assert_eq!(mails[1].text.trim(), "Acme says: 3 days.");
    assert_eq!(mails[0].subject, mails[1].subject);
    assert!(mails[1].html.contains("<table") && !mails[1].html.contains("Acme says"));
}

#[tokio::test]
async fn people_without_names_are_greeted_all_the_same() {
    let server = SmtpServer::builder().start();
    let mut people: Vec<User> = three_people();
    for (person, (first, last)) in
        people
            .iter_mut()
            .zip([(None, Some("Novak")), (Some("Bo"), None), (None, None)])
    {
        person.firstname = first.map(str::to_owned);
        person.lastname = last.map(str::to_owned);
    }
    let world = World::new(company(people)).await;
    world.mail_to(&server, "");
    world.run_expecting(0).await;
    let mut mails: Vec<Mail> = server.received().iter().map(Mail::from).collect();
    mails.sort_by(|a, b| a.to.cmp(&b.to));
    let greetings: Vec<&str> = mails
        .iter()
        .map(|mail| mail.text.lines().next().unwrap())
        .collect();
    assert_eq!(greetings, ["Hello Novak,", "Hello Bo,", "Hello,"]);
}

/// The schema's steps, in order.
fn migrations() -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/store/migrations");
    let mut paths: Vec<PathBuf> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    paths.sort();
    paths
        .iter()
        .map(|path| fs::read_to_string(path).unwrap())
        .collect()
}

fn version_after(steps: &[String]) -> i64 {
    i64::try_from(steps.len()).unwrap()
}

fn names(store: &Connection, query: &str) -> BTreeSet<String> {
    let mut statement = store.prepare(query).unwrap();
    let rows = statement.query_map([], |row| row.get(0)).unwrap();
    rows.map(Result::unwrap).collect()
}

/// The store as a program that knew only these steps would have left it.
fn as_left_by(steps: &[String], newest: &Path, path: &Path) {
    let store = Connection::open(path).unwrap();
    store.execute_batch(&steps.concat()).unwrap();
    store
        .execute("ATTACH ?1 AS newest", [newest.to_str().unwrap()])
        .unwrap();
    // The rows refer to each other, and come in the order of their tables' names.
    store.pragma_update(None, "foreign_keys", false).unwrap();
    let tables = "SELECT name FROM main.sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'";
    for table in names(&store, tables) {
        let columns = names(
            &store,
            &format!("SELECT name FROM pragma_table_info('{table}', 'main')"),
        );
        let columns = Vec::from_iter(columns).join(", ");
        store
            .execute(
                &format!("INSERT INTO main.{table} ({columns}) SELECT {columns} FROM newest.{table}"),
                [],
            )
            .unwrap();
    }
    let application: i64 = store
        .query_row("PRAGMA newest.application_id", [], |row| row.get(0))
        .unwrap();
    store.pragma_update(None, "application_id", application).unwrap();
    store
        .pragma_update(None, "user_version", version_after(steps))
        .unwrap();
}

#[tokio::test]
async fn an_upgrade_from_any_earlier_schema_keeps_the_ledger() {
    let steps = migrations();
    for known in 1..=steps.len() {
        let server = SmtpServer::builder().start();
        let world = World::new(company(three_people())).await;
        world.mail_to(&server, "");
        world.run_expecting(0).await;
        assert_eq!(server.received().len(), 3);

        let (store, newest) = (world.home.path("steward.db"), world.home.path("newest.db"));
        fs::rename(&store, &newest).unwrap();
        as_left_by(&steps[..known], &newest, &store);
        world.run_expecting(0).await;
        assert_eq!(server.received().len(), 3, "a second mail after schema {known}");
        let upgraded = Connection::open(&store).unwrap();
        let version: i64 = upgraded
            .pragma_query_value(None, "user_version", |row| row.get(0))
            .unwrap();
        assert_eq!(version, version_after(&steps));
        let history = world.json(&["history"]).await;
        assert_eq!(history.as_array().unwrap().len(), 2, "{history}");
    }
}
