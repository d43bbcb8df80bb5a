//! To whom a notice goes, where it is not the person.

use onelogin_sandbox::User;

use crate::support::company::{company, expiring, recipients};
use crate::support::mailbox::Mail;
use crate::support::smtp::SmtpServer;
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
async fn a_field_that_is_not_one_address_is_counted_and_stops_nobody() {
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
