//! Rehearsals: mails in files or at one address, which never count as sent.

use crate::support::company::{company, open_relay, recipients, three_people, told};
use crate::support::mailbox::{Mail, mails_below};
use crate::support::smtp::SmtpServer;
use crate::support::world::World;

const EVERYBODY: [&str; 3] = ["ana@acme.example", "bo@acme.example", "cleo@acme.example"];

fn rehearsed() -> Vec<(String, String)> {
    told([("ana", "rehearsed"), ("bo", "rehearsed"), ("cleo", "rehearsed")])
}

#[tokio::test]
async fn a_redirected_mail_names_whom_it_was_meant_for_and_they_are_mailed_later() {
    let server = SmtpServer::builder().start();
    let world = World::new(company(three_people())).await;
    let redirect = "\nredirect_to = \"rehearsal@acme.example\"";
    world.configure_mail(&(open_relay(&server) + redirect), "");
    for _ in 0..2 {
        let said = world.run_expecting(0).await;
        assert!(said.contains("REHEARSAL"), "{said}");
        assert_eq!(recipients(&server), ["rehearsal@acme.example"; 3]);
    }
    let mut named: Vec<String> = Vec::new();
    for mail in server.received().iter().map(Mail::from) {
        assert_eq!(mail.to, ["rehearsal@acme.example"]);
        let first = mail.text.lines().next().unwrap();
        assert!(first.starts_with("REHEARSAL"), "{first}");
        let person = EVERYBODY.iter().find(|address| first.contains(*address)).unwrap();
        assert!(mail.html.contains(person), "{}", mail.html);
        named.push((*person).to_owned());
    }
    named.sort();
    assert_eq!(named, EVERYBODY);
    let runs = world.json(&["history"]).await;
    let first = runs[1]["run_id"].to_string();
    let first = world.json(&["history", "show", &first]).await;
    assert_eq!(crate::support::company::states(&first), rehearsed());

    let real = SmtpServer::builder().start();
    world.mail_to(&real, "");
    for _ in 0..2 {
        world.run_expecting(0).await;
        assert_eq!(recipients(&real), EVERYBODY);
    }
}

#[tokio::test]
async fn everybody_whose_mail_was_only_a_file_is_mailed_once_there_is_a_server() {
    let world = World::new(company(three_people())).await;
    for _ in 0..2 {
        let said = world.run_expecting(0).await;
        assert!(said.contains("REHEARSAL"), "{said}");
        assert_eq!(mails_below(&world.home.path("outbox")).len(), 3);
    }

    let server = SmtpServer::builder().start();
    world.mail_to(&server, "");
    world.run_expecting(0).await;
    assert_eq!(recipients(&server), EVERYBODY);
    assert_eq!(
        world.last_states().await,
        told([("ana", "sent"), ("bo", "sent"), ("cleo", "sent")])
    );
    world.configure("");
    world.run_expecting(0).await;
    assert_eq!(
        mails_below(&world.home.path("outbox")).len(),
        3,
        "the old files only"
    );
}
