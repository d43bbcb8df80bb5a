//! Outages of the mail server and of the disk, and what the ledger says of them.

use std::collections::BTreeSet;
use std::process::Command;

use rusqlite::Connection;
use serde_json::Value;

use crate::support::company::{EVERY_DAY, company, crowd, recipients, three_people};
use crate::support::mailbox::Mail;
use crate::support::smtp::{Act, SmtpServer, Step, When};
use crate::support::world::World;

/// State and words of each address, without what never leaves.
async fn rows(world: &World) -> Vec<(String, String, String)> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let list = world.json(&["mail", "list"]).await;
    let rows = list.as_array().unwrap().iter();
    let rows = rows.map(|row| {
        (
            text(&row["address"]),
            text(&row["state"]),
            text(&row["server_reply"]),
        )
    });
    rows.filter(|(_, state, _)| state != "superseded").collect()
}

#[tokio::test]
async fn e3_whatever_a_server_does_to_single_mails_the_others_arrive_and_each_row_says_what_it_said() {
    let server = SmtpServer::builder().start();
    let world = World::new(company(crowd(12))).await;
    world.mail_to(&server, "");
    for (when, act) in [
        (
            When::Recipient("p3@acme.example"),
            Act::Reply("550 5.1.1 gone for good"),
        ),
        (
            When::Recipient("p5@acme.example"),
            Act::Reply("451 4.3.0 greylisted"),
        ),
        (When::Nth(7), Act::Reply("421 4.3.2 shutting down")),
        (When::Nth(9), Act::Close),
    ] {
        server.on(Step::Rcpt, when, act);
    }
    world.run_expecting(3).await;
    let of = |rows: &[(String, String, String)], name: &str| {
        let found = rows
            .iter()
            .find(|(address, _, _)| address.starts_with(&format!("{name}@")));
        let (_, state, reply) = found.unwrap();
        (state.clone(), reply.clone())
    };
    let first = rows(&world).await;
    assert_eq!(first.len(), 12, "{first:?}");
    let (state, reply) = of(&first, "p3");
    assert!(
        state == "failed" && reply.contains("550 5.1.1 gone for good"),
        "{reply}"
    );
    let (state, reply) = of(&first, "p5");
    assert!(
        state == "retry" && reply.contains("451 4.3.0 greylisted"),
        "{reply}"
    );
    let silent: Vec<_> = first.iter().filter(|(_, _, reply)| reply.is_empty()).collect();
    assert!(silent.is_empty(), "{silent:?}");

    server.behave();
    world.run_expecting(0).await;
    let mut expected: Vec<String> = (1..=12)
        .filter(|id| *id != 3)
        .map(|id| format!("p{id}@acme.example"))
        .collect();
    expected.sort();
    assert_eq!(
        recipients(&server),
        expected,
        "each once, in this run or the next"
    );
    let sent = rows(&world).await;
    assert_eq!(
        sent.iter().filter(|(_, state, _)| state == "sent").count(),
        11,
        "{sent:?}"
    );
}

#[tokio::test]
async fn e3_a_connection_closed_after_a_few_mails_and_a_server_away_for_an_hour_cost_nobody_the_mail() {
    let server = SmtpServer::builder().start();
    let world = World::new(company(crowd(12))).await;
    world.mail_to(&server, "");
    server.on(Step::Mail, When::From(5), Act::Close);
    world.steward(&["run", "password-expiry"]).await;
    let before = server.received().len();
    assert_eq!(before, 4);
    for hour in 8..10 {
        world.set_now(&format!("2026-11-23T{hour:02}:00:00Z"));
        world.run_expecting(1).await;
    }
    let away = rows(&world).await;
    let waiting = away
        .iter()
        .filter(|(_, state, _)| state == "retry" || state == "staged");
    assert_eq!(waiting.count(), 8, "{away:?}");
    server.behave();
    world.set_now("2026-11-23T10:00:00Z");
    world.run_expecting(0).await;
    let mut all = recipients(&server);
    all.dedup();
    assert_eq!((all.len(), server.received().len()), (12, 12));
}

#[tokio::test]
async fn e22_a_store_that_another_process_keeps_locked_lets_no_mail_leave() {
    let server = SmtpServer::builder().start();
    let world = World::new(company(three_people())).await;
    world.mail_to(&server, "");
    let hold = ["run", "password-expiry", "--max-notices", "0", "--reason", "test"];
    assert_eq!(world.steward(&hold).await.code, 4);
    let other = Connection::open(world.home.path("steward.db")).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let said = world.run_expecting(1).await;
    assert!(said.contains("steward.db") && said.contains("locked"), "{said}");
    assert!(server.received().is_empty());
    other.execute_batch("ROLLBACK").unwrap();
    world.run_expecting(0).await;
    assert_eq!(recipients(&server).len(), 3);
}

#[tokio::test]
async fn e22_notices_are_staged_all_or_none() {
    let server = SmtpServer::builder().start();
    let world = World::new(company(crowd(12))).await;
    world.mail_to(&server, "");
    let hold = ["run", "password-expiry", "--max-notices", "0", "--reason", "test"];
    assert_eq!(world.steward(&hold).await.code, 4);
    let store = Connection::open(world.home.path("steward.db")).unwrap();
    let full = "CREATE TRIGGER full BEFORE INSERT ON notice WHEN NEW.user_id = 9 BEGIN SELECT RAISE(FAIL, 'no room'); END";
    store.execute_batch(full).unwrap();
    let said = world.run_expecting(1).await;
    assert!(said.contains("no room"), "{said}");
    assert!(server.received().is_empty());
    assert_eq!(rows(&world).await, [], "all of them are staged, or none");
    store.execute_batch("DROP TRIGGER full").unwrap();
    world.run_expecting(0).await;
    assert_eq!(recipients(&server).len(), 12);
}

#[tokio::test(flavor = "multi_thread")]
async fn e22_a_disk_that_takes_nothing_more_lets_no_mail_leave_and_the_store_stays_whole() {
    let server = SmtpServer::builder().start();
    let world = World::of_today(&["ana@acme.example", "bo@acme.example"]).await;
    world.mail_to(&server, EVERY_DAY);
    let hold = ["run", "password-expiry", "--max-notices", "0", "--reason", "test"];
    assert_eq!(world.steward(&hold).await.code, 4);
    // From run to run a little more room, until the run comes to its end: it fails before the first
    // mail, between two, and after the last one.
    let mut full = 0;
    for blocks in (0..400).step_by(20) {
        let run = with_files_up_to(blocks, &world.home.command(&["run", "password-expiry"]))
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&run.stderr).into_owned();
        let rows = rows(&world).await;
        // A mail whose end could not be recorded comes again, and is the same mail.
        let mut taken = recipients(&server);
        taken.dedup();
        let known = rows
            .iter()
            .filter(|(_, state, _)| state == "sent" || state == "sending");
        assert!(taken.len() <= known.count(), "{blocks}: {taken:?} {rows:?}");
        if run.status.code() == Some(0) {
            break;
        }
        full += 1;
        assert!([1, 3].contains(&run.status.code().unwrap()), "{blocks}: {said}");
        assert!(!said.contains("panicked"), "{said}");
    }
    assert!(full > 0);
    world.run_expecting(0).await;
    let mut all = recipients(&server);
    all.dedup();
    assert_eq!(all, ["ana@acme.example", "bo@acme.example"]);
    let mails = server.received();
    let ids = mails
        .iter()
        .map(|mail| Mail::from(mail).header("Message-ID").map(str::to_owned));
    assert_eq!(ids.collect::<BTreeSet<_>>().len(), 2);
}

/// The command where no file grows beyond so many blocks of 512 bytes.
fn with_files_up_to(blocks: u32, command: &Command) -> Command {
    let mut limited = Command::new("sh");
    limited
        .args([
            "-c",
            &format!("ulimit -f {blocks}; trap '' XFSZ; exec \"$0\" \"$@\""),
        ])
        .arg(command.get_program())
        .args(command.get_args())
        .current_dir(command.get_current_dir().unwrap());
    limited
}
