//! The SMTP server of `support`, driven by lettre: it takes mail as a good server does, and does
//! wrong exactly what its script says.

use std::thread;
use std::time::Duration;

use lettre::message::MultiPart;
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{Certificate, Tls, TlsParameters};
use lettre::transport::smtp::{Error, SmtpTransportBuilder};
use lettre::{Message, SmtpTransport, Transport};

use crate::support::PATIENCE;
use crate::support::mailbox::Mail;
use crate::support::smtp::{Act, SmtpServer, Step, When};

fn message(to: &str) -> Message {
    Message::builder()
        .from("IT <it@acme.example>".parse().unwrap())
        .to(to.parse().unwrap())
        .subject("Grüße")
        .multipart(MultiPart::alternative_plain_html(
            ".in 7 days\n..\n".to_owned(),
            "<b>in 7 days</b>".to_owned(),
        ))
        .unwrap()
}

fn tls(server: &SmtpServer, host: &str) -> TlsParameters {
    let ca = Certificate::from_pem(server.ca_pem().as_bytes()).unwrap();
    TlsParameters::builder(host.to_owned())
        .add_root_certificate(ca)
        .build()
        .unwrap()
}

fn client(server: &SmtpServer) -> SmtpTransportBuilder {
    SmtpTransport::builder_dangerous("127.0.0.1")
        .port(server.port())
        .timeout(Some(PATIENCE))
}

fn send(server: &SmtpServer, to: &str) -> Result<(), Error> {
    client(server).build().send(&message(to)).map(drop)
}

#[test]
fn a_mail_comes_over_starttls_with_a_login_and_is_read_back() {
    for mechanism in [Mechanism::Plain, Mechanism::Login] {
        let server = SmtpServer::builder()
            .starttls()
            .auth("steward", "se cret")
            .start();
        client(&server)
            .tls(Tls::Required(tls(&server, "localhost")))
            .credentials(Credentials::new("steward".to_owned(), "se cret".to_owned()))
            .authentication(vec![mechanism])
            .build()
            .send(&message("ana@acme.example"))
            .unwrap();

        let received = server.wait_for(1);
        assert_eq!(received.len(), 1);
        assert_eq!(received[0].envelope_from, "it@acme.example");
        assert_eq!(received[0].recipients, ["ana@acme.example"]);
        assert_eq!(received[0].authenticated_as.as_deref(), Some("steward"));
        assert!(received[0].tls);
        let mail = Mail::from(&received[0]);
        assert_eq!(mail.to, ["ana@acme.example"]);
        assert_eq!(mail.subject, "Grüße");
        assert_eq!(mail.text.trim_end(), ".in 7 days\n..");
        assert_eq!(mail.html, "<b>in 7 days</b>");
    }
}

#[test]
fn a_mail_comes_over_implicit_tls_without_a_login() {
    let server = SmtpServer::builder().implicit_tls().start();
    let client = client(&server)
        .tls(Tls::Wrapper(tls(&server, "127.0.0.1")))
        .build();
    client.send(&message("ana@acme.example")).unwrap();
    let received = server.received();
    assert_eq!(received.len(), 1);
    assert!(received[0].tls);
    assert_eq!(received[0].authenticated_as, None);
}

#[test]
fn a_server_without_tls_offers_no_starttls() {
    let server = SmtpServer::builder().start();
    let error = client(&server)
        .tls(Tls::Required(tls(&server, "localhost")))
        .build()
        .send(&message("ana@acme.example"))
        .unwrap_err();
    assert!(error.is_client(), "{error:?}");
    send(&server, "ana@acme.example").unwrap();
    assert!(!server.received()[0].tls);
}

#[test]
fn a_server_with_starttls_takes_no_mail_in_the_clear() {
    let server = SmtpServer::builder().starttls().start();
    let error = send(&server, "ana@acme.example").unwrap_err();
    assert_eq!(error.status().unwrap().to_string(), "530");
    assert!(server.received().is_empty());
}

#[test]
fn a_wrong_password_and_no_login_are_refused() {
    let server = SmtpServer::builder().auth("steward", "secret").start();
    let wrong = Credentials::new("steward".to_owned(), "guess".to_owned());
    let error = client(&server)
        .credentials(wrong)
        .build()
        .send(&message("ana@acme.example"))
        .unwrap_err();
    assert_eq!(error.status().unwrap().to_string(), "535");
    let error = send(&server, "ana@acme.example").unwrap_err();
    assert_eq!(error.status().unwrap().to_string(), "530");
    assert!(server.received().is_empty());
}

#[test]
fn a_certificate_for_another_name_or_of_another_authority_is_not_trusted() {
    let wrong_name = SmtpServer::builder().starttls().wrong_name().start();
    let unknown_ca = SmtpServer::builder().starttls().unknown_ca().start();
    for server in [wrong_name, unknown_ca] {
        let client = client(&server)
            .tls(Tls::Required(tls(&server, "localhost")))
            .build();
        client.send(&message("ana@acme.example")).unwrap_err();
        assert_eq!(server.count(Step::Mail), 0);
    }
}

#[test]
fn the_script_speaks_at_the_occasion_it_names() {
    let server = SmtpServer::builder().start();
    server.on(Step::Rcpt, When::Nth(2), Act::Reply("451 4.3.0 later"));
    server.on(
        Step::Rcpt,
        When::Recipient("Gone@acme.example"),
        Act::Reply("550 5.1.1 no such user"),
    );
    server.on(Step::EndOfData, When::From(2), Act::Reply("552 5.2.2 full"));

    send(&server, "first@acme.example").unwrap();
    assert!(send(&server, "second@acme.example").unwrap_err().is_transient());
    let error = send(&server, "gone@acme.example").unwrap_err();
    assert_eq!(error.status().unwrap().to_string(), "550");
    assert_eq!(
        send(&server, "fourth@acme.example")
            .unwrap_err()
            .status()
            .unwrap()
            .to_string(),
        "552"
    );
    assert_eq!(server.received().len(), 1);

    server.behave();
    send(&server, "gone@acme.example").unwrap();
    assert_eq!(server.received().len(), 2);
}

#[test]
fn a_greeting_of_421_and_refusals_of_the_sender_are_told() {
    let server = SmtpServer::builder().start();
    let scripted = [
        (Step::Greeting, "421 4.3.2 closing"),
        (Step::Ehlo, "554 5.7.1 not you"),
        (Step::Mail, "550 5.7.1 not this sender"),
        (Step::Data, "451 4.3.0 not now"),
    ];
    for (step, reply) in scripted {
        server.behave();
        server.on(step, When::Always, Act::Reply(reply));
        let error = send(&server, "ana@acme.example").unwrap_err();
        assert_eq!(error.status().unwrap().to_string(), reply[..3], "{step:?}");
    }
    assert!(server.received().is_empty());
}

#[test]
fn a_scripted_refusal_of_the_login_holds_for_the_right_password_too() {
    let server = SmtpServer::builder().auth("steward", "secret").start();
    server.on(Step::Auth, When::Always, Act::Reply("454 4.7.0 try later"));
    let right = Credentials::new("steward".to_owned(), "secret".to_owned());
    let client = client(&server).credentials(right).build();
    assert!(
        client
            .send(&message("ana@acme.example"))
            .unwrap_err()
            .is_transient()
    );
}

#[test]
fn a_connection_closed_after_a_mail_is_opened_anew() {
    let server = SmtpServer::builder().start();
    server.on(Step::EndOfData, When::Nth(1), Act::AnswerThenClose);
    let client = client(&server).build();
    client.send(&message("ana@acme.example")).unwrap();
    client.send(&message("bo@acme.example")).unwrap();
    assert_eq!(server.received().len(), 2);
    assert_eq!(server.count(Step::Greeting), 2);
}

#[test]
fn a_mail_whose_answer_is_lost_was_taken_all_the_same() {
    let server = SmtpServer::builder().start();
    server.on(Step::EndOfData, When::Nth(1), Act::Close);
    let error = send(&server, "ana@acme.example").unwrap_err();
    assert!(!error.is_permanent() && !error.is_transient(), "{error:?}");
    assert_eq!(server.received().len(), 1);
}

#[test]
fn a_server_that_hangs_is_noticed_and_lets_go_when_it_ends() {
    let server = SmtpServer::builder().start();
    server.on(Step::EndOfData, When::Always, Act::Hang);
    let clients: Vec<_> = ["ana@acme.example", "bo@acme.example"]
        .map(|to| {
            let client = client(&server).build();
            thread::spawn(move || client.send(&message(to)).map(drop))
        })
        .into();
    server.wait_for_hangs(2);
    assert_eq!(server.received().len(), 2);
    assert_eq!(server.most_in_flight(), 2);
    drop(server);
    for client in clients {
        client.join().unwrap().unwrap_err();
    }
}

#[test]
fn a_client_that_gives_up_on_a_hanging_server_keeps_nobody_from_sending() {
    let server = SmtpServer::builder().start();
    server.on(Step::Data, When::Nth(1), Act::Hang);
    let hasty = client(&server).timeout(Some(Duration::from_millis(200))).build();
    hasty.send(&message("ana@acme.example")).unwrap_err();
    send(&server, "bo@acme.example").unwrap();
    send(&server, "cy@acme.example").unwrap();
    assert_eq!(server.wait_for(2).len(), 2);
}
