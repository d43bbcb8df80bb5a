//! To whom a notice goes, where it is not the person.

use onelogin_sandbox::User;

use crate::support::company::{company, expiring, recipients};
use crate::support::mailbox::Mail;
use crate::support::smtp::{SmtpServer, Step};
use crate::support::world::World;

/// Ana, due, with Max as her manager, who is not.
fn ana_and_max() -> Vec<User> {
    let mut ana = expiring(1, "ana@acme.example", 7);
    ana.manager_user_id = Some(2);
    vec![ana, expiring(2, "max@acme.example", 60)]
}

fn rule(notify: &str) -> String {
    format!(
        "[[password_expiry.rule]]\nname = \"those\"\nmatch = {{ username = [\"ana\"] }}\nnotify = \"{notify}\"\n"
    )
}

/// How many people the plan leaves out for this reason.
async fn skipped(world: &World, reason: &str) -> u64 {
    let plan = world.json(&["run", "password-expiry", "--plan"]).await;
    let skipped = plan["skipped"].as_array().unwrap();
    let found = skipped.iter().find(|skip| skip["reason"] == reason);
    found.map_or(0, |skip| skip["count"].as_u64().unwrap())
}

#[tokio::test]
async fn a_rule_sends_the_notice_to_the_manager() {
    let server = SmtpServer::builder().start();
    let world = World::new(company(ana_and_max())).await;
    world.mail_to(&server, &rule("manager"));
    world.run_expecting(0).await;
    assert_eq!(recipients(&server), ["max@acme.example"]);
    let mail = Mail::from(&server.received()[0]);
    assert!(mail.text.contains("Robin Example1"), "{}", mail.text);
    assert!(mail.text.contains("as the manager of"), "{}", mail.text);
    let run = world.last_run().await;
    assert_eq!(run["notices"][0]["user_id"], 1, "{run:#}");
}

#[tokio::test]
async fn a_manager_who_has_left_is_not_written_to() {
    let server = SmtpServer::builder().start();
    for (status, state) in [(2, 1), (0, 1), (7, 1), (1, 3)] {
        let mut people = ana_and_max();
        people[1].status = status;
        people[1].state = state;
        let world = World::new(company(people)).await;
        world.mail_to(&server, &rule("manager"));
        assert_eq!(
            skipped(&world, "no-manager").await,
            1,
            "status {status}, state {state}"
        );
        world.run_expecting(0).await;
    }
    assert!(server.received().is_empty());
}

#[tokio::test]
async fn a_rule_sends_the_notice_to_an_address() {
    let server = SmtpServer::builder().start();
    let world = World::new(company(ana_and_max())).await;
    world.mail_to(&server, &rule("platform@acme.example"));
    world.run_expecting(0).await;
    assert_eq!(recipients(&server), ["platform@acme.example"]);
}

#[tokio::test]
async fn a_rule_keeps_notices_back() {
    let server = SmtpServer::builder().start();
    let world = World::new(company(ana_and_max())).await;
    world.mail_to(&server, &rule("none"));
    assert_eq!(skipped(&world, "notify-none").await, 1);
    world.run_expecting(0).await;
    assert!(server.received().is_empty());
}

#[tokio::test]
async fn people_without_an_address_are_counted_or_go_to_the_fallback() {
    let server = SmtpServer::builder().start();
    for (fallback, expected) in [
        ("none", &[][..]),
        ("manager", &["max@acme.example"]),
        ("desk@acme.example", &["desk@acme.example", "max@acme.example"]),
    ] {
        let mut people = ana_and_max();
        people[0].email = None;
        let world = World::new(company(people)).await;
        world.mail_to(
            &server,
            &format!("[password_expiry]\nfallback_recipient = \"{fallback}\"\n"),
        );
        let counted = u64::from(fallback == "none");
        assert_eq!(skipped(&world, "no-address").await, counted, "{fallback}");
        world.run_expecting(0).await;
        assert_eq!(recipients(&server), expected, "{fallback}");
    }
}

#[tokio::test]
async fn e9_a_field_that_is_not_one_address_is_counted_and_stops_nobody() {
    let server = SmtpServer::builder().start();
    let bad = [
        "ana@acme.example, bo@acme.example",
        "ana@acme.example;bo@acme.example",
        "ana@acme.example\r\nBcc: bo@acme.example",
        "ana at acme.example",
        "<ana@acme.example>",
        "ana@@acme.example",
    ];
    let mut people: Vec<User> = (1..).zip(bad).map(|(id, text)| expiring(id, text, 7)).collect();
    people.push(expiring(50, " odd+tag@acme.example ", 7));
    people.push(expiring(51, "good@acme.example", 7));
    let world = World::new(company(people)).await;
    world.mail_to(&server, "");
    assert_eq!(skipped(&world, "no-address").await, bad.len() as u64);
    world.run_expecting(0).await;
    assert_eq!(recipients(&server), ["good@acme.example", "odd+tag@acme.example"]);
}

/// A tenant of these addresses, each of somebody who is due.
async fn world_of(addresses: &[&str], server: &SmtpServer) -> World {
    let people = (1..).zip(addresses).map(|(id, text)| expiring(id, text, 7));
    let world = World::new(company(people)).await;
    world.mail_to(server, "");
    world
}

#[tokio::test]
async fn e9_odd_but_valid_addresses_are_written_to_without_smtputf8() {
    let server = SmtpServer::builder().start();
    let given = [
        "ana@münchen.example",
        "\"bo novak\"@acme.example",
        "o'neil+x_y=z@acme.example",
        " dora@acme.example\u{a0}",
    ];
    let world = world_of(&given, &server).await;
    for _ in 0..2 {
        world.run_expecting(0).await;
        assert_eq!(
            recipients(&server),
            [
                "\"bo novak\"@acme.example",
                "ana@xn--mnchen-3ya.example",
                "dora@acme.example",
                "o'neil+x_y=z@acme.example",
            ]
        );
    }
    for received in server.received() {
        let mail = Mail::from(&received);
        assert_eq!(mail.header("To"), Some(received.recipients[0].as_str()));
        assert!(received.data.is_ascii());
    }
    let explained = world.json(&["history", "--user", "ana@münchen.example"]).await;
    assert_eq!(explained.as_array().unwrap().len(), 1, "{explained:#}");
}

#[tokio::test]
async fn e9_a_local_part_beyond_ascii_needs_a_server_that_takes_it() {
    let server = SmtpServer::builder().start();
    let given = ["élodie@münchen.example", "good@acme.example"];
    let world = world_of(&given, &server).await;
    world.run_expecting(3).await;
    assert_eq!(recipients(&server), ["good@acme.example"]);
    assert_eq!(server.count(Step::Rcpt), 1, "nothing of it was sent");
    let run = world.last_run().await;
    let failed = run["notices"]
        .as_array()
        .unwrap()
        .iter()
        .find(|notice| notice["state"] == "failed");
    let words = failed.unwrap()["server_reply"].as_str().unwrap();
    assert!(words.contains("SMTPUTF8"), "{words}");

    let server = SmtpServer::builder().smtputf8().start();
    let world = world_of(&given, &server).await;
    world.run_expecting(0).await;
    assert_eq!(
        recipients(&server),
        ["good@acme.example", "élodie@xn--mnchen-3ya.example"]
    );
}

#[tokio::test]
async fn e9_a_sender_whose_domain_is_beyond_ascii_is_named_in_ascii() {
    let server = SmtpServer::builder().start();
    let world = world_of(&["ana@acme.example"], &server).await;
    let config = std::fs::read_to_string(world.home.path("config.toml")).unwrap();
    world
        .home
        .config(&config.replace("it@acme.example", "it@münchen.example"));
    world.run_expecting(0).await;
    let received = &server.received()[0];
    assert_eq!(received.envelope_from, "it@xn--mnchen-3ya.example");
    assert_eq!(Mail::from(received).from, "it@xn--mnchen-3ya.example");
}
