//! What ends the sending of a batch before its last mail, what does not, and what the next run
//! makes of the rest.

use std::collections::BTreeSet;
use std::sync::Arc;

use rusqlite::Connection;
use serde_json::Value;

use crate::support::company::{company, crowd, open_relay, recipients, three_people, told};
use crate::support::mailbox::Mail;
use crate::support::smtp::{Act, SmtpServer, Step, When};
use crate::support::world::World;

const LIMIT: &str = "550 5.7.1 daily limit of this sender reached";

async fn crowd_and(server: &SmtpServer, count: i64) -> World {
    let world = World::new(company(crowd(count))).await;
    world.mail_to(server, "");
    world
}

/// How many notices of the newest run stand in this state.
async fn in_state(world: &World, state: &str) -> usize {
    let states = world.last_states().await;
    states.iter().filter(|(_, found)| found == state).count()
}

/// Everybody of the crowd got the mail, and nobody twice.
#[track_caller]
fn assert_each_once(server: &SmtpServer, count: usize) {
    let got = recipients(server);
    assert_eq!(
        (got.len(), got.iter().collect::<BTreeSet<_>>().len()),
        (count, count)
    );
}

#[tokio::test]
async fn e18_the_same_policy_refusal_to_everybody_stops_the_batch_and_gives_nobody_up() {
    let server = SmtpServer::builder().start();
    let world = crowd_and(&server, 20).await;
    server.on(Step::Rcpt, When::Always, Act::Reply(LIMIT));
    let said = world.run_expecting(1).await;
    assert!(said.contains("daily limit"), "{said}");
    assert_eq!(world.last_run().await["status"], "failed");
    let tried = in_state(&world, "retry").await;
    // Three in a row, and those under way beside the third.
    assert!((3..=6).contains(&tried), "{tried}");
    assert_eq!(in_state(&world, "staged").await, 20 - tried);

    server.behave();
    world.run_expecting(0).await;
    assert_each_once(&server, 20);
}

#[tokio::test]
async fn e18_after_some_mails_the_limit_of_the_day_leaves_the_rest_for_another_run() {
    let server = SmtpServer::builder().start();
    let world = crowd_and(&server, 20).await;
    server.on(Step::Rcpt, When::From(9), Act::Reply(LIMIT));
    world.run_expecting(3).await;
    assert_eq!(in_state(&world, "sent").await, 8);
    assert_eq!(in_state(&world, "failed").await, 0);
    server.behave();
    world.run_expecting(0).await;
    assert_each_once(&server, 20);
}

#[tokio::test]
async fn e18_policy_refusals_in_different_words_stop_nobody() {
    let server = SmtpServer::builder().start();
    let world = crowd_and(&server, 12).await;
    for (nth, words) in (1..).zip([
        "550 5.7.1 not wanted here",
        "550 5.7.1 blocked by its reader",
        "550 5.7.26 not proven",
    ]) {
        for nth in [nth, nth + 3] {
            server.on(Step::Rcpt, When::Nth(nth), Act::Reply(words));
        }
    }
    world.run_expecting(3).await;
    assert_eq!(in_state(&world, "failed").await, 6);
    assert_each_once(&server, 6);
}

#[tokio::test]
async fn the_end_of_run_timeout_leaves_the_rest_due_and_says_so() {
    let server = SmtpServer::builder().start();
    let world = World::new(company(crowd(5))).await;
    let slow = open_relay(&server).replace("per_minute = 100000", "per_minute = 1");
    world.configure_mail(&slow, "[daemon]\nrun_timeout = \"1s\"\n");
    let said = world.run_expecting(3).await;
    assert!(said.contains("daemon.run_timeout"), "{said}");
    assert!(said.contains("4 not tried"), "{said}");
    assert_eq!(world.last_run().await["status"], "partial");
    assert_eq!(
        (in_state(&world, "sent").await, in_state(&world, "staged").await),
        (1, 4)
    );
    world.mail_to(&server, "");
    world.run_expecting(0).await;
    assert_each_once(&server, 5);
}

#[tokio::test]
async fn e19_an_attempt_that_is_repeated_keeps_the_pace_too() {
    let server = SmtpServer::builder().start();
    let world = World::new(company(crowd(3))).await;
    let slow = open_relay(&server).replace("per_minute = 100000", "per_minute = 3");
    world.configure_mail(&slow, "[daemon]\nrun_timeout = \"1s\"\n");
    let first = When::FirstOf(1, "p1@acme.example");
    server.on(Step::Rcpt, first, Act::Reply("451 4.7.1 greylisted"));
    world.run_expecting(3).await;
    assert_eq!(server.count(Step::Rcpt), 3);
    assert_eq!(
        (in_state(&world, "sent").await, in_state(&world, "retry").await),
        (2, 1)
    );
}

#[tokio::test]
async fn a_day_that_ends_during_sending_leaves_the_rest_to_the_next_one() {
    let server = Arc::new(SmtpServer::builder().start());
    let world = crowd_and(&server, 20).await;
    server.on(Step::EndOfData, When::From(9), Act::Hang);
    let midnight = async {
        let waiting = Arc::clone(&server);
        tokio::task::spawn_blocking(move || waiting.wait_for_hangs(4))
            .await
            .unwrap();
        world.set_now("2026-11-24T07:00:00Z");
        drop(server);
    };
    tokio::join!(world.run_expecting(3), midnight);
    // A server that went away would be tried for each of the rest.
    assert_eq!(in_state(&world, "sent").await, 8);
    assert_eq!(in_state(&world, "retry").await, 4);
    assert_eq!(in_state(&world, "staged").await, 8);

    let server = SmtpServer::builder().start();
    world.mail_to(&server, "");
    world.run_expecting(0).await;
    assert_each_once(&server, 12);
    let mail = Mail::from(&server.received()[0]);
    assert!(mail.text.contains("in 6 days"), "{}", mail.text);
}

#[tokio::test]
async fn e3_a_server_that_stays_silent_is_left_alone_after_a_while() {
    let server = Arc::new(SmtpServer::builder().start());
    let world = crowd_and(&server, 40).await;
    server.on(Step::Greeting, When::Always, Act::Hang);
    let patience_ends = async {
        let waiting = Arc::clone(&server);
        tokio::task::spawn_blocking(move || waiting.wait_for_hangs(1))
            .await
            .unwrap();
        // From here on nobody has to wait for the time that passes.
        tokio::time::pause();
    };
    let (said, ()) = tokio::join!(world.run_expecting(1), patience_ends);
    tokio::time::resume();
    assert!(said.contains("gave no answer"), "{said}");
    let tried = in_state(&world, "retry").await;
    assert!((4..=8).contains(&tried), "{tried} of 40 were tried");
    assert_eq!(in_state(&world, "staged").await, 40 - tried);
    server.behave();
    world.run_expecting(0).await;
    assert_each_once(&server, 40);
}

#[tokio::test]
async fn a_cancelled_notice_goes_out_when_it_is_true_again() {
    let server = SmtpServer::builder().start();
    let world = World::new(company(three_people())).await;
    world.mail_to(&server, "");
    let bo = When::Recipient("bo@acme.example");
    server.on(Step::Rcpt, bo, Act::Reply("451 4.3.0 later"));
    world.run_expecting(3).await;
    server.behave();
    let set_status = |status: i64| {
        let set = |tenant: &mut onelogin_sandbox::Tenant| tenant.users.get_mut(&2).unwrap().status = status;
        world.control.with_tenant(set);
    };
    set_status(2);
    let said = world.run_expecting(0).await;
    assert!(said.contains("1 of earlier runs no longer true"), "{said}");
    assert_eq!(recipients(&server), ["ana@acme.example", "cleo@acme.example"]);
    set_status(1);
    world.run_expecting(0).await;
    assert_eq!(world.last_states().await, told([("bo", "sent")]));
    world.run_expecting(0).await;
    assert_each_once(&server, 3);
}

/// Breaks the store for updates of notices to which `when` applies. Gives the way to mend it.
async fn break_store(world: &World, when: &str) -> impl FnOnce() + use<> {
    // A held run makes the store.
    let hold = ["run", "password-expiry", "--max-notices", "0", "--reason", "test"];
    assert_eq!(world.steward(&hold).await.code, 4);
    let store = Connection::open(world.home.path("steward.db")).unwrap();
    let trigger = format!(
        "CREATE TRIGGER broken BEFORE UPDATE ON notice WHEN {when} BEGIN SELECT RAISE(ABORT, 'disk trouble'); END"
    );
    store.execute_batch(&trigger).unwrap();
    move || store.execute_batch("DROP TRIGGER broken").unwrap()
}

#[tokio::test]
async fn a_mail_that_cannot_be_recorded_beforehand_does_not_leave() {
    let server = SmtpServer::builder().start();
    let world = crowd_and(&server, 20).await;
    let mend = break_store(&world, "NEW.state = 'sending' AND NEW.user_id >= 9").await;
    let said = world.run_expecting(3).await;
    assert!(said.contains("could not be recorded"), "{said}");
    assert_eq!(in_state(&world, "sent").await, 8);
    assert_each_once(&server, 8);
    mend();
    world.run_expecting(0).await;
    assert_each_once(&server, 20);
}

#[tokio::test]
async fn a_run_whose_last_mail_could_not_be_recorded_is_not_a_success() {
    let server = SmtpServer::builder().start();
    let world = crowd_and(&server, 1).await;
    let mend = break_store(&world, "NEW.state = 'sent'").await;
    let said = world.run_expecting(3).await;
    assert!(said.contains("could not be recorded"), "{said}");
    mend();
    world.run_expecting(0).await;
    assert_eq!(in_state(&world, "sent").await, 1);
}

#[tokio::test]
async fn a_mail_whose_end_cannot_be_recorded_comes_again_with_the_same_message_id() {
    let server = SmtpServer::builder().start();
    let world = crowd_and(&server, 20).await;
    let mend = break_store(&world, "NEW.state = 'sent'").await;
    world.run_expecting(3).await;
    let left = server.received().len();
    assert!((1..=4).contains(&left), "{left} mails left");
    assert_eq!(in_state(&world, "sent").await, 0);
    mend();
    world.run_expecting(0).await;
    let received = server.received();
    let ids = received
        .iter()
        .map(|mail| Mail::from(mail).header("Message-ID").map(str::to_owned));
    assert_eq!(ids.collect::<BTreeSet<_>>().len(), 20);
    assert_eq!(received.len(), 20 + left);
}

#[tokio::test]
async fn a_template_that_fails_for_one_person_keeps_nobody_else_from_their_mail() {
    let server = SmtpServer::builder().start();
    let world = World::new(company(crowd(12))).await;
    let subject =
        "{% if account == \"p2\" %}{{ 1 // (days_left - days_left) }}{% endif %}Your password expires\n";
    let file = "templates/password-expiry/subject.txt.j2";
    world.home.write(file, subject);
    world.configure_mail(&format!("{}\ntemplates = \"templates\"", open_relay(&server)), "");
    // The first run mails the others; in the second one nobody else is left.
    for code in [3, 1] {
        let said = world.run_expecting(code).await;
        assert!(said.contains("a template fails"), "{said}");
        assert_eq!(in_state(&world, "retry").await, 1);
        assert_each_once(&server, 11);
    }
    let run = world.last_run().await;
    let notice: &Value = &run["notices"][0];
    assert_eq!(notice["address"], "p2@acme.example");
    assert!(
        notice["server_reply"]
            .as_str()
            .unwrap()
            .contains("subject.txt.j2"),
        "{notice}"
    );

    world.home.write(file, "Your password expires\n");
    world.run_expecting(0).await;
    assert_each_once(&server, 12);
}
