//! The mail itself, as the server receives it.

use serde_json::Value;

use crate::support::company::{company, crowd, expiring, recipients, states, three_people, told};
use crate::support::mailbox::Mail;
use crate::support::smtp::{SmtpServer, Step};
use crate::support::world::World;

#[tokio::test]
async fn exactly_those_planned_get_one_mail_over_starttls_with_a_login() {
    let server = SmtpServer::builder()
        .starttls()
        .auth("steward", "se cret")
        .start();
    let mut people = three_people();
    people.push(expiring(4, "dora@acme.example", 60));
    let world = World::new(company(people)).await;
    world.mail_safely_to(&server, "starttls", "localhost");

    world.run_expecting(0).await;
    let everybody = ["ana@acme.example", "bo@acme.example", "cleo@acme.example"];
    assert_eq!(recipients(&server), everybody);
    for received in server.received() {
        assert!(received.tls);
        assert_eq!(received.authenticated_as.as_deref(), Some("steward"));
        assert_eq!(received.envelope_from, "it@acme.example");
        assert_eq!(Mail::from(&received).to, received.recipients);
    }

    world.run_expecting(0).await;
    assert_eq!(recipients(&server), everybody, "a second run mails nobody");
}

#[tokio::test]
async fn mail_leaves_over_implicit_tls_too() {
    let server = SmtpServer::builder()
        .implicit_tls()
        .auth("steward", "se cret")
        .start();
    let world = World::new(company(three_people())).await;
    world.mail_safely_to(&server, "implicit", "127.0.0.1");
    world.run_expecting(0).await;
    assert_eq!(recipients(&server).len(), 3);
    assert!(server.received().iter().all(|mail| mail.tls));
}

#[tokio::test]
async fn the_ledger_holds_the_message_id_and_the_answer_of_each_mail() {
    let server = SmtpServer::builder().start();
    let world = World::new(company(three_people())).await;
    world.mail_to(&server, "");
    world.run_expecting(0).await;

    let run = world.last_run().await;
    assert_eq!(run["status"], "succeeded");
    assert_eq!(
        states(&run),
        told([("ana", "sent"), ("bo", "sent"), ("cleo", "sent")])
    );
    for received in server.received() {
        let mail = Mail::from(&received);
        let is_it = |notice: &&Value| notice["address"] == mail.to[0] && notice["state"] == "sent";
        let notice = run["notices"].as_array().unwrap().iter().find(is_it).unwrap();
        assert_eq!(mail.header("Message-ID"), notice["message_id"].as_str());
        assert_eq!(notice["server_reply"], "250 2.0.0 taken");
        assert_eq!(notice["attempts"], 1);
        assert_eq!(mail.header("Auto-Submitted"), Some("auto-generated"));
        let date = mail.header("Date").unwrap();
        assert!(date.starts_with("Mon, 23 Nov 2026 07:00:00"), "{date}");
    }
}

#[tokio::test]
async fn both_parts_tell_the_days_left_and_the_moment() {
    let server = SmtpServer::builder().start();
    let world = World::new(company([expiring(1, "ana@acme.example", 7)])).await;
    world.mail_to(&server, "");
    world.run_expecting(0).await;
    let mail = Mail::from(&server.received()[0]);
    for part in [&mail.text, &mail.html] {
        for words in [
            "in 7 days",
            "Monday",
            "30 November 2026",
            "12:00",
            "Europe/Berlin",
        ] {
            assert!(part.contains(words), "{words:?} is missing in\n{part}");
        }
        assert!(!part.contains("http"), "no link by default:\n{part}");
    }
}

/// First names as directories hold them, and what may arrive of each where it is taken for a name.
const HOSTILE: [(&str, &str); 6] = [
    ("<b>x</b>", "<b>x</b>"),
    ("Eve\r\nBcc: thief@acme.example", "Eve Bcc: thief@acme.example"),
    ("{{ 7*7 }}{% raw %}", "{{ 7*7 }}{% raw %}"),
    ("👩\u{200d}🚀 Zoë", "👩\u{200d}🚀 Zoë"),
    ("\u{202e}gpj.exe", "gpj.exe"),
    (
        "\r\n.\r\nMAIL FROM:<x@acme.example>",
        ". MAIL FROM:<x@acme.example>",
    ),
];

#[tokio::test]
async fn e9_hostile_names_arrive_harmless_in_header_and_body() {
    let server = SmtpServer::builder().start();
    let people = (1..).zip(HOSTILE).map(|(id, (name, _))| {
        expiring(id, &format!("p{id}@acme.example"), 7).named(name, "=cmd|' /C calc'!A1")
    });
    let world = World::new(company(people)).await;
    world.mail_to(&server, "");
    world.run_expecting(0).await;

    assert_eq!(recipients(&server).len(), HOSTILE.len());
    for received in server.received() {
        let mail = Mail::from(&received);
        let id: usize = mail.to[0][1..2].parse().unwrap();
        let (name, shown) = HOSTILE[id - 1];
        assert_eq!(received.recipients, mail.to, "{name:?}");
        assert_eq!(mail.header("Bcc"), None, "{name:?}");
        assert_eq!(mail.subject, "Your OneLogin password expires soon");
        let greeting = mail.text.lines().next().unwrap();
        assert!(
            ["Hello,".to_owned(), format!("Hello {shown},")].contains(&greeting.to_owned()),
            "{name:?} as {greeting:?}"
        );
        assert!(!mail.html.contains("<b>x</b>"), "{}", mail.html);
        for part in [&mail.text, &mail.html] {
            assert!(!part.contains('\u{202e}'), "{name:?} turns the text");
            assert!(!part.contains("49"), "{name:?} was evaluated in\n{part}");
        }
    }
}

#[tokio::test]
async fn e19_at_most_four_mails_are_under_way_and_a_connection_carries_ten() {
    let server = SmtpServer::builder().start();
    let world = World::new(company(crowd(40))).await;
    world.mail_to(&server, "");
    world.run_expecting(0).await;
    assert_eq!(recipients(&server).len(), 40);
    let most = server.most_in_flight();
    assert!((1..=4).contains(&most), "{most}");
    let connections = server.count(Step::Greeting);
    // Of the last four, none need be full.
    assert!((4..=8).contains(&connections), "{connections}");
}
