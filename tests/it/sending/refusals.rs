//! What the server does not take: which rows stay, who is mailed all the same, and what the next
//! run makes of it.

use std::collections::BTreeSet;

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
async fn e3_one_who_is_refused_for_now_is_mailed_once_by_the_next_run() {
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
async fn e3_one_who_is_refused_for_good_is_not_tried_again_and_stops_nobody() {
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
async fn e3_a_mail_refused_after_its_content_is_treated_the_same() {
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
    if step != Step::Mail {
        // The first connection goes alone.
        assert_eq!(server.count(step), 1);
    }
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
async fn e18_a_refused_sender_stops_the_batch_and_loses_nothing() {
    let server = SmtpServer::builder().start();
    let world = World::new(company(crowd(20))).await;
    world.mail_to(&server, "");
    batch_stops_at(Step::Mail, server, world).await;
}

#[tokio::test]
async fn e18_a_refused_greeting_stops_the_batch_and_loses_nothing() {
    let server = SmtpServer::builder().start();
    let world = World::new(company(crowd(20))).await;
    world.mail_to(&server, "");
    batch_stops_at(Step::Greeting, server, world).await;
}

#[tokio::test]
async fn e17_a_refused_login_stops_the_batch_before_an_address_is_sent() {
    let server = SmtpServer::builder()
        .starttls()
        .auth("steward", "se cret")
        .start();
    let world = World::new(company(crowd(20))).await;
    world.mail_safely_to(&server, "starttls", "localhost");
    batch_stops_at(Step::Auth, server, world).await;
}

#[tokio::test]
async fn e3_while_nobody_listens_nothing_is_lost_and_each_row_says_so() {
    let gone = SmtpServer::builder().start();
    let world = three_and(&gone).await;
    drop(gone);
    let said = world.run_expecting(1).await;
    assert!(said.contains("127.0.0.1"), "{said}");
    let run = world.last_run().await;
    let words_of =
        |notice: &serde_json::Value| notice["server_reply"].as_str().unwrap_or_default().to_owned();
    let tried = run["notices"].as_array().unwrap().iter();
    let mut tried = tried.filter(|notice| notice["state"] == "retry").map(words_of);
    assert!(tried.all(|words| words.contains("cannot be reached")), "{run:#}");
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
async fn e3_a_mail_whose_answer_was_lost_comes_again_in_the_next_run_with_the_same_message_id() {
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
async fn e3_a_session_that_the_server_ends_costs_nobody_the_mail() {
    let server = SmtpServer::builder().start();
    let world = World::new(company(crowd(12))).await;
    world.mail_to(&server, "");
    server.on(Step::EndOfData, When::Nth(3), Act::AnswerThenClose);
    server.on(
        Step::Mail,
        When::Nth(6),
        Act::Reply("421 4.7.0 enough for one session"),
    );
    world.run_expecting(0).await;
    let got = recipients(&server);
    assert_eq!(got.len(), 12, "{got:?}");
    assert_eq!(got.iter().collect::<std::collections::BTreeSet<_>>().len(), 12);
}

#[tokio::test]
async fn e3_one_who_is_put_off_is_mailed_after_the_others_in_the_same_run() {
    let server = SmtpServer::builder().start();
    let world = World::new(company(crowd(12))).await;
    world.mail_to(&server, "");
    let greylisted = Act::Reply("451 4.7.1 greylisted, come back");
    server.on(Step::Rcpt, When::FirstOf(2, "p1@acme.example"), greylisted);
    server.on(
        Step::EndOfData,
        When::FirstOf(1, "p2@acme.example"),
        Act::Reply("452 4.3.1 full"),
    );
    world.run_expecting(0).await;
    let got = server.received();
    assert_eq!(got.len(), 12);
    let last_two: Vec<_> = got[10..].iter().map(|mail| mail.recipients[0].as_str()).collect();
    assert_eq!(last_two, ["p2@acme.example", "p1@acme.example"]);
    let run = world.last_run().await;
    let attempts = |id: i64| {
        let notices = run["notices"].as_array().unwrap();
        let tried = notices
            .iter()
            .find(|notice| notice["user_id"] == id && notice["state"] == "sent");
        tried.unwrap()["attempts"].as_u64().unwrap()
    };
    assert_eq!((attempts(1), attempts(2), attempts(3)), (3, 2, 1));
}

#[tokio::test]
async fn e3_a_server_that_comes_back_within_the_run_gets_all_mails_of_it() {
    let server = SmtpServer::builder().start();
    let world = World::new(company(crowd(12))).await;
    world.mail_to(&server, "");
    for nth in 1..=4 {
        server.on(Step::Greeting, When::Nth(nth), Act::Close);
    }
    let said = world.run_expecting(0).await;
    assert!(!said.contains("broke off"), "{said}");
    assert_eq!(recipients(&server).len(), 12);
}

#[tokio::test]
async fn e3_a_server_that_takes_few_mails_in_a_session_takes_all_of_them() {
    let server = SmtpServer::builder().start();
    let world = World::new(company(crowd(40))).await;
    world.mail_to(&server, "");
    for nth in (2..100).step_by(2) {
        server.on(
            Step::Mail,
            When::Nth(nth),
            Act::Reply("421 4.7.0 enough for one session"),
        );
    }
    world.run_expecting(0).await;
    assert_eq!(recipients(&server).len(), 40);
}

#[tokio::test]
async fn e3_those_at_whom_the_server_hangs_up_each_time_keep_nobody_else_from_their_mail() {
    let server = SmtpServer::builder().start();
    let world = World::new(company(crowd(60))).await;
    world.mail_to(&server, "");
    let bad = [
        "p1@acme.example",
        "p7@acme.example",
        "p13@acme.example",
        "p19@acme.example",
        "p25@acme.example",
        "p31@acme.example",
        "p37@acme.example",
        "p43@acme.example",
    ];
    for address in bad {
        server.on(Step::Rcpt, When::Recipient(address), Act::Close);
    }
    world.run_expecting(3).await;
    assert_eq!(recipients(&server).len(), 60 - bad.len());
    let states = world.last_states().await;
    for address in bad {
        let row = (address.to_owned(), "retry".to_owned());
        assert!(states.contains(&row), "{address}: {states:?}");
    }
}

#[tokio::test]
async fn e1_a_second_run_mails_nobody_again() {
    let server = SmtpServer::builder().start();
    let world = three_and(&server).await;
    for _ in 0..3 {
        world.run_expecting(0).await;
        assert_eq!(recipients(&server), EVERYBODY);
    }
}

#[tokio::test]
async fn three_who_are_refused_each_time_in_words_about_the_sender_keep_nobody_from_their_mail() {
    let server = SmtpServer::builder().start();
    let world = World::new(company(crowd(12))).await;
    world.mail_to(&server, "");
    for person in ["p1@acme.example", "p2@acme.example", "p3@acme.example"] {
        let refusal = Act::Reply("550 5.7.1 not from you");
        server.on(Step::Rcpt, When::Recipient(person), refusal);
    }
    world.run_expiry(&[]).await;
    assert!(recipients(&server).len() < 9, "the batch stops");
    world.run_expecting(3).await;
    let reached: BTreeSet<String> = recipients(&server).into_iter().collect();
    assert_eq!((reached.len(), recipients(&server).len()), (9, 9));
}
