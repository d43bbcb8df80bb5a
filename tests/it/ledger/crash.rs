//! The process is killed in the middle of a run.

use std::collections::{BTreeMap, BTreeSet};

use rustix::process::Signal;

use crate::support::company::{EVERY_DAY, recipients};
use crate::support::mailbox::Mail;
use crate::support::process::Running;
use crate::support::smtp::{Act, SmtpServer, Step, When};
use crate::support::world::World;

const EVERYBODY: [&str; 6] = [
    "ana@acme.example",
    "bo@acme.example",
    "cleo@acme.example",
    "dora@acme.example",
    "eli@acme.example",
    "fay@acme.example",
];

/// Kills a run as soon as clients hang at this step, then runs again.
async fn killed_at(step: Step, hanging: usize) -> (World, SmtpServer) {
    let server = SmtpServer::builder().start();
    let world = World::of_today(&EVERYBODY).await;
    world.mail_to(&server, EVERY_DAY);
    server.on(step, When::From(2), Act::Hang);
    let mut run = world.home.spawn(&["run", "password-expiry"]);
    server.wait_for_hangs(hanging);
    run.signal(Signal::KILL);
    run.wait_for_end();
    server.behave();

    world.run_expecting(0).await;
    assert_eq!(world.statuses().await, ["succeeded", "interrupted"]);
    let runs = world.json(&["history"]).await;
    assert!(runs[1]["finished_at"].is_string(), "{runs:#}");
    (world, server)
}

/// The Message-IDs of each person's copies.
fn copies(server: &SmtpServer) -> BTreeMap<String, Vec<String>> {
    let mut copies: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for mail in server.received().iter().map(Mail::from) {
        let id = mail.header("Message-ID").unwrap().to_owned();
        copies.entry(mail.to[0].clone()).or_default().push(id);
    }
    copies
}

#[tokio::test(flavor = "multi_thread")]
async fn e2_a_run_killed_before_the_mail_left_forgets_nobody_and_repeats_nothing() {
    let (_world, server) = killed_at(Step::Data, 4).await;
    assert_eq!(recipients(&server), EVERYBODY);
}

#[tokio::test(flavor = "multi_thread")]
async fn e2_a_run_killed_while_the_answer_was_due_repeats_at_most_four_under_the_same_message_id() {
    let (world, server) = killed_at(Step::EndOfData, 4).await;
    let copies = copies(&server);
    assert_eq!(
        copies.keys().collect::<Vec<_>>(),
        EVERYBODY.iter().collect::<Vec<_>>()
    );
    let repeated = copies.values().filter(|ids| ids.len() > 1).count();
    assert_eq!(repeated, 4, "{copies:?}");
    for ids in copies.values() {
        assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), 1, "{ids:?}");
    }
    world.run_expecting(0).await;
    assert_eq!(server.received().len(), 10, "a third run mails nobody");
}

#[tokio::test(flavor = "multi_thread")]
async fn another_sender_address_after_the_crash_keeps_the_message_id() {
    let server = SmtpServer::builder().start();
    let world = World::of_today(&["ana@acme.example"]).await;
    world.mail_to(&server, EVERY_DAY);
    server.on(Step::EndOfData, When::Always, Act::Close);
    world.run_expecting(1).await;
    server.behave();

    let config = world.home.path("config.toml");
    let text = std::fs::read_to_string(&config).unwrap();
    world
        .home
        .config(&text.replace("it@acme.example", "help@group.example"));
    world.run_expecting(0).await;
    let copies = copies(&server);
    let ids = &copies["ana@acme.example"];
    assert_eq!(ids.len(), 2);
    assert_eq!(ids[0], ids[1]);
    assert_eq!(
        world.last_run().await["notices"][0]["message_id"],
        ids[0].as_str()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_told_to_stop_finishes_the_mails_under_way_and_leaves_the_rest_due() {
    let server = SmtpServer::builder().start();
    let world = World::of_today(&EVERYBODY).await;
    world.mail_to(&server, EVERY_DAY);
    // A server that answers nobody: the four under way end when their connections do.
    server.on(Step::Data, When::Always, Act::Hang);
    let mut command = world.home.command(&["run", "password-expiry"]);
    let mut run = Running::start(command.env("ONELOGIN_STEWARD__LOG__LEVEL", "info"));
    server.wait_for_hangs(4);
    run.signal(Signal::TERM);
    run.wait_for_line("stopping");
    // The server goes away, and with it the wait for its answers.
    drop(server);
    assert_eq!(run.wait(), 1, "nothing was done: {:?}", run.lines());
    let newest = world.last_run().await;
    assert_eq!(newest["status"], "interrupted");

    let server = SmtpServer::builder().start();
    world.mail_to(&server, EVERY_DAY);
    world.run_expecting(0).await;
    assert_eq!(recipients(&server), EVERYBODY);
}
