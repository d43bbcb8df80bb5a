//! Two processes want to mail at the same time.

use crate::support::company::{EVERY_DAY, recipients};
use crate::support::smtp::{Act, SmtpServer, Step, When};
use crate::support::world::World;

const PEOPLE: [&str; 2] = ["ana@acme.example", "bo@acme.example"];

#[tokio::test(flavor = "multi_thread")]
async fn the_second_one_ends_with_75_and_names_the_first() {
    let server = SmtpServer::builder().start();
    let world = World::of_today(&PEOPLE).await;
    world.mail_to(&server, EVERY_DAY);
    server.on(Step::Greeting, When::Always, Act::Hang);
    let first = world.home.spawn(&["run", "password-expiry"]);
    server.wait_for_hangs(1);

    let second = world.home.steward(&["run", "password-expiry", "--wait", "0"]);
    assert_eq!(second.code, 75, "{second:?}");
    let holder = format!("process {}", first.id().as_raw_nonzero());
    assert!(second.stderr.contains(&holder), "{}", second.stderr);
    assert_eq!(second.stdout, "");
    let runs = world.json(&["history"]).await;
    assert_eq!(runs.as_array().unwrap().len(), 1, "{runs:#}");
    assert_eq!(runs[0]["status"], "running");
    assert!(server.received().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn e1_of_two_processes_at_once_the_second_waits_and_finds_nothing_left_to_do() {
    let server = SmtpServer::builder().start();
    let world = World::of_today(&PEOPLE).await;
    world.mail_to(&server, EVERY_DAY);
    let mut both = [(); 2].map(|()| world.home.spawn(&["run", "password-expiry"]));
    for run in &mut both {
        assert_eq!(run.wait(), 0, "{:?}", run.lines());
    }
    assert_eq!(recipients(&server), PEOPLE);
    let runs = world.json(&["history"]).await;
    assert_eq!(runs.as_array().unwrap().len(), 2, "{runs:#}");
}

#[tokio::test(flavor = "multi_thread")]
async fn looking_does_not_wait_for_a_run() {
    let server = SmtpServer::builder().start();
    let world = World::of_today(&PEOPLE).await;
    world.mail_to(&server, EVERY_DAY);
    server.on(Step::Greeting, When::Always, Act::Hang);
    let _first = world.home.spawn(&["run", "password-expiry"]);
    server.wait_for_hangs(1);
    let plan = world.json(&["run", "password-expiry", "--plan"]).await;
    assert_eq!(plan["notices"].as_array().unwrap().len(), 2);
    world.json(&["expiry", "explain", "ana@acme.example"]).await;
}
