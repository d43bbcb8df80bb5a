//! What the server does not take: which rows stay, who is mailed all the same, and what the next
//! run makes of it.

use crate::support::company::{company, crowd, recipients, three_people, told};
use crate::support::mailbox::Mail;
use crate::support::smtp::{Act, SmtpServer, Step, When};
use crate::support::world::World;

const EVERYBODY: [&str; 3] = ["ana@acme.example", "bo@acme.example", "cleo@acme.example"];

async fn three_and(server: &SmtpServer) -> World {
    let world = World::new(company(three_people())).await;
    world.mail_to(server, "");
    world
}

#[tokio::test]
async fn one_who_is_refused_for_now_is_mailed_once_by_the_next_run() {
    let server = SmtpServer::builder().start();
    let world = three_and(&server).await;
    server.on(
        Step::Rcpt,
        When::Recipient("bo@acme.example"),
        Act::Reply("451 4.3.0 later"),
    );
    world.run_expecting(3).await;
    assert_eq!(recipients(&server), ["ana@acme.example", "cleo@acme.example"]);
    assert_eq!(
        world.last_states().await,
        told([("ana", "sent"), ("bo", "retry"), ("cleo", "sent")])
    );
    assert_eq!(world.last_run().await["status"], "partial");

    server.behave();
    for _ in 0..2 {
        world.run_expecting(0).await;
        assert_eq!(recipients(&server), EVERYBODY);
    }
}

#[tokio::test]
async fn one_who_is_refused_for_good_is_not_tried_again_and_stops_nobody() {
    let server = SmtpServer::builder().start();
    let world = three_and(&server).await;
    server.on(
        Step::Rcpt,
        When::Recipient("bo@acme.example"),
        Act::Reply("550 5.1.1 no such user"),
    );
    world.run_expecting(3).await;
    assert_eq!(
        world.last_states().await,
        told([("ana", "sent"), ("bo", "failed"), ("cleo", "sent")])
    );
    let run = world.last_run().await;
    let notices = run["notices"].as_array().unwrap();
    let bo = notices.iter().find(|notice| notice["state"] == "failed").unwrap();
    assert_eq!(bo["server_reply"], "550 5.1.1 no such user");

    server.behave();
    world.run_expecting(0).await;
    assert_eq!(recipients(&server), ["ana@acme.example", "cleo@acme.example"]);
}

#[tokio::test]
async fn a_mail_refused_after_its_content_is_treated_the_same() {
    let server = SmtpServer::builder().start();
    let world = three_and(&server).await;
    for (address, reply) in [
        ("ana@acme.example", "452 4.2.2 mailbox full"),
        ("bo@acme.example", "554 5.6.0 content not wanted"),
    ] {
        server.on(Step::EndOfData, When::Recipient(address), Act::Reply(reply));
    }
    world.run_expecting(3).await;
    assert_eq!(
        world.last_states().await,
        told([("ana", "retry"), ("bo", "failed"), ("cleo", "sent")])
    );
    server.behave();
    world.run_expecting(0).await;
    assert_eq!(recipients(&server), ["ana@acme.example", "cleo@acme.example"]);
}

/// The sender is refused: nothing leaves, at most four rows are tried, and all are mailed later.
async fn batch_stops_at(step: Step, server: SmtpServer, world: World) {
    server.on(step, When::Always, Act::Reply("550 5.7.1 not from here"));
    world.run_expecting(1).await;
    assert!(server.received().is_empty());
    let states = world.last_states().await;
    assert_eq!(states.len(), 20);
    let tried = states.iter().filter(|(_, state)| state == "retry").count();
    let waiting = states.iter().filter(|(_, state)| state == "staged").count();
    assert!((1..=4).contains(&tried), "{states:?}");
    assert_eq!(tried + waiting, 20, "{states:?}");

    server.behave();
    world.run_expecting(0).await;
    let mut all: Vec<String> = (1..=20).map(|id| format!("p{id}@acme.example")).collect();
    all.sort();
    assert_eq!(recipients(&server), all);
}

#[tokio::test]
async fn a_refused_sender_stops_the_batch_and_loses_nothing() {
    let server = SmtpServer::builder().start();
    let world = World::new(company(crowd(20))).await;
    world.mail_to(&server, "");
    batch_stops_at(Step::Mail, server, world).await;
}

#[tokio::test]
async fn a_refused_greeting_stops_the_batch_and_loses_nothing() {
    let server = SmtpServer::builder().start();
    let world = World::new(company(crowd(20))).await;
    world.mail_to(&server, "");
    batch_stops_at(Step::Greeting, server, world).await;
}

#[tokio::test]
async fn a_refused_login_stops_the_batch_and_loses_nothing() {
    let server = SmtpServer::builder()
        .starttls()
        .auth("steward", "se cret")
        .start();
    let world = World::new(company(crowd(20))).await;
    world.mail_safely_to(&server, "starttls", "localhost");
    batch_stops_at(Step::Auth, server, world).await;
}

#[tokio::test]
async fn while_nobody_listens_nothing_is_lost() {
    let gone = SmtpServer::builder().start();
    let world = three_and(&gone).await;
    drop(gone);
    let said = world.run_expecting(1).await;
    assert!(said.contains("127.0.0.1"), "{said}");
    assert_eq!(
        world.last_states().await,
        told([("ana", "retry"), ("bo", "retry"), ("cleo", "retry")])
    );

    let server = SmtpServer::builder().start();
    world.mail_to(&server, "");
    for _ in 0..2 {
        world.run_expecting(0).await;
        assert_eq!(recipients(&server), EVERYBODY);
    }
}

#[tokio::test]
async fn a_mail_whose_answer_was_lost_comes_again_with_the_same_message_id() {
    let server = SmtpServer::builder().start();
    let world = three_and(&server).await;
    server.on(Step::EndOfData, When::Recipient("bo@acme.example"), Act::Close);
    world.run_expecting(3).await;
    assert_eq!(
        world.last_states().await,
        told([("ana", "sent"), ("bo", "retry"), ("cleo", "sent")])
    );
    server.behave();
    world.run_expecting(0).await;
    let copies: Vec<Mail> = server
        .received()
        .iter()
        .map(Mail::from)
        .filter(|mail| mail.to == ["bo@acme.example"])
        .collect();
    assert_eq!(copies.len(), 2);
    assert_eq!(copies[0].header("Message-ID"), copies[1].header("Message-ID"));
    assert_eq!(recipients(&server).len(), 4);
}

#[tokio::test]
async fn a_session_that_the_server_ends_costs_nobody_the_mail() {
    let server = SmtpServer::builder().start();
    let world = World::new(company(crowd(12))).await;
    world.mail_to(&server, "");
    server.on(Step::EndOfData, When::Nth(3), Act::AnswerThenClose);
    server.on(
        Step::Mail,
        When::Nth(6),
        Act::Reply("421 4.7.0 enough for one session"),
    );
    world.run_expecting(3).await;
    world.run_expecting(0).await;
    let got = recipients(&server);
    assert_eq!(got.len(), 12, "{got:?}");
    assert_eq!(got.iter().collect::<std::collections::BTreeSet<_>>().len(), 12);
}
