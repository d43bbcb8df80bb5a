//! `mail test`: proof that mail leaves.

use crate::support::company::company;
use crate::support::mailbox::{Mail, mails_below};
use crate::support::smtp::{Act, SmtpServer, Step, When};
use crate::support::world::World;

#[tokio::test]
async fn a_test_mail_goes_over_smtp_each_time_anew() {
    let server = SmtpServer::builder()
        .starttls()
        .auth("steward", "se cret")
        .start();
    let world = World::new(company([])).await;
    world.mail_safely_to(&server, "starttls", "localhost");
    for now in ["2026-11-23T07:00:00Z", "2026-11-23T07:00:01Z"] {
        world.set_now(now);
        let ended = world.steward(&["mail", "test", "it@acme.example"]).await;
        assert_eq!(ended.code, 0, "{}", ended.stderr);
        assert!(ended.stdout.contains("250 2.0.0 taken"), "{}", ended.stdout);
    }
    let mails: Vec<Mail> = server.received().iter().map(Mail::from).collect();
    assert_eq!(mails.len(), 2);
    assert_eq!(mails[0].to, ["it@acme.example"]);
    assert!(!mails[0].text.is_empty() && !mails[0].html.is_empty());
    assert_ne!(mails[0].header("Message-ID"), mails[1].header("Message-ID"));
    assert!(world.control.requests().is_empty(), "OneLogin is not needed");
    assert!(!world.home.path("steward.db").exists(), "a test is no notice");
}

#[tokio::test]
async fn in_a_rehearsal_the_test_mail_is_a_file() {
    let world = World::new(company([])).await;
    let ended = world.steward(&["mail", "test", "it@acme.example"]).await;
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    assert!(ended.stdout.contains(".eml"), "{}", ended.stdout);
    assert_eq!(mails_below(&world.home.path("outbox")).len(), 1);
}

#[tokio::test]
async fn a_refused_test_mail_ends_with_1_and_the_words_of_the_server() {
    let server = SmtpServer::builder().start();
    let world = World::new(company([])).await;
    world.mail_to(&server, "");
    for (step, reply) in [
        (Step::Rcpt, "550 5.1.1 no such user"),
        (Step::Mail, "550 5.7.1 not in that name"),
        (Step::EndOfData, "451 4.3.0 later"),
    ] {
        server.behave();
        server.on(step, When::Always, Act::Reply(reply));
        let ended = world.steward(&["mail", "test", "it@acme.example"]).await;
        assert_eq!(ended.code, 1, "{}", ended.stderr);
        assert!(ended.stderr.contains(reply), "{}", ended.stderr);
        assert_eq!(ended.stdout, "");
    }
}

#[tokio::test]
async fn e20_nobody_listening_is_told_with_host_and_port() {
    let gone = SmtpServer::builder().start();
    let port = gone.port();
    let world = World::new(company([])).await;
    world.mail_to(&gone, "");
    drop(gone);
    let ended = world.steward(&["mail", "test", "it@acme.example"]).await;
    assert_eq!(ended.code, 1);
    let place = format!("127.0.0.1:{port}");
    assert!(ended.stderr.contains(&place), "{}", ended.stderr);
}

#[tokio::test]
async fn what_is_no_address_is_wrong_usage() {
    let world = World::new(company([])).await;
    for address in ["nobody", "a@b@c", "a@acme.example, b@acme.example", ""] {
        let ended = world.steward(&["mail", "test", address]).await;
        assert_eq!(ended.code, 2, "{address:?} {}{}", ended.stdout, ended.stderr);
    }
}
