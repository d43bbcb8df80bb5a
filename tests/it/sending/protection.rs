//! A server that is not safe gets neither a password nor an address.

use crate::support::company::{company, recipients, three_people, told};
use crate::support::smtp::{SmtpServer, Step};
use crate::support::world::World;

/// Runs against a server that must not be trusted, then against one that may.
async fn refused_before_anything_is_told(server: &SmtpServer, tls: &str, words: &str) {
    let world = World::new(company(three_people())).await;
    world.mail_safely_to(server, tls, "localhost");
    let said = world.run_expecting(1).await;
    assert!(said.contains(words), "{words:?} is missing in: {said}");
    assert!(server.count(Step::Greeting) > 0 || tls == "implicit");
    for step in [Step::Auth, Step::Mail, Step::Rcpt] {
        assert_eq!(server.count(step), 0, "{step:?} was reached");
    }
    let after = world.last_states().await;
    assert!(
        after
            .iter()
            .all(|(_, state)| ["retry", "staged"].contains(&state.as_str())),
        "{after:?}"
    );

    let good = SmtpServer::builder()
        .starttls()
        .auth("steward", "se cret")
        .start();
    world.mail_safely_to(&good, "starttls", "localhost");
    world.run_expecting(0).await;
    assert_eq!(recipients(&good).len(), 3);
    assert_eq!(
        world.last_states().await,
        told([("ana", "sent"), ("bo", "sent"), ("cleo", "sent")])
    );
}

#[tokio::test]
async fn e17_a_server_without_starttls_is_refused_before_the_password() {
    let server = SmtpServer::builder().auth("steward", "se cret").start();
    refused_before_anything_is_told(&server, "starttls", "STARTTLS").await;
}

#[tokio::test]
async fn e17_a_certificate_for_another_name_is_refused_before_the_password() {
    let server = SmtpServer::builder()
        .starttls()
        .auth("steward", "se cret")
        .wrong_name()
        .start();
    refused_before_anything_is_told(&server, "starttls", "another name").await;
}

#[tokio::test]
async fn e17_a_certificate_of_an_unknown_authority_is_refused_before_the_password() {
    let server = SmtpServer::builder()
        .starttls()
        .auth("steward", "se cret")
        .unknown_ca()
        .start();
    refused_before_anything_is_told(&server, "starttls", "mail.ca_file").await;
}

#[tokio::test]
async fn e17_implicit_tls_checks_the_certificate_too() {
    for server in [
        SmtpServer::builder().implicit_tls().wrong_name().start(),
        SmtpServer::builder().implicit_tls().unknown_ca().start(),
    ] {
        refused_before_anything_is_told(&server, "implicit", "no safe connection").await;
    }
}

#[tokio::test]
async fn e17_plain_text_where_tls_should_begin_is_refused() {
    let server = SmtpServer::builder().auth("steward", "se cret").start();
    refused_before_anything_is_told(&server, "implicit", "mail.tls").await;
}

#[tokio::test]
async fn e17_a_server_that_cannot_log_us_in_gets_no_address() {
    let server = SmtpServer::builder().starttls().start();
    refused_before_anything_is_told(&server, "starttls", "AUTH").await;
}
