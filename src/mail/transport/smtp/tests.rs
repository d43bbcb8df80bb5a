//! The relay against a server that follows a script.

mod connections;
mod server;

use self::server::{Script, Server, certificate_for};
use super::*;

async fn send(relay: &Relay, to: &str) -> Delivery {
    let from = "it@acme.example".parse().unwrap();
    let envelope = Envelope::new(Some(from), vec![to.parse().unwrap()]).unwrap();
    relay.send(&envelope, b"Subject: x\r\n\r\n.hidden dot\r\n").await
}

/// What becomes of one mail at a server with this script.
async fn outcome(script: Script) -> Delivery {
    let server = Server::with(script).await;
    let delivery = send(&server.relay(Tls::None), "ana@acme.example").await;
    assert!(!delivery.reply().contains("hunter2"), "{delivery:?}");
    delivery
}

#[tokio::test]
async fn an_accepted_mail_carries_the_servers_words() {
    let reply = "250 2.0.0 queued as 4711".to_owned();
    assert_eq!(outcome(&[]).await, Delivery::Accepted { reply });
}

#[tokio::test]
async fn a_permanent_refusal_counts_for_whom_it_is_about() {
    for script in [
        &[("greeting", "554 5.7.1 no access")] as Script,
        &[("EHLO", "550 5.7.1 bad name")],
        &[("AUTH", "535 5.7.8 bad credentials")],
        &[("MAIL", "550 5.7.1 not your name")],
        &[("RCPT", "530 5.7.0 log in first")],
    ] {
        let Delivery::RefusedSender { reply } = outcome(script).await else {
            panic!("{script:?}");
        };
        assert!(
            reply.contains("127.0.0.1:") && reply.contains(script[0].1),
            "{reply}"
        );
    }
    for script in [
        &[("RCPT", "550 5.1.1 no such user")] as Script,
        &[("DATA", "554 5.7.1 not this one")],
        &[(".", "552 5.3.4 too large")],
    ] {
        let reply = script[0].1.to_owned();
        assert_eq!(outcome(script).await, Delivery::RefusedRecipient { reply });
    }
}

#[tokio::test]
async fn a_temporary_refusal_of_one_recipient_says_nothing_about_others() {
    for script in [
        &[("RCPT", "450 4.2.0 greylisted")] as Script,
        &[("DATA", "451 4.3.0 not this one now")],
        &[(".", "451 4.3.0 disk full")],
    ] {
        let delivery = outcome(script).await;
        let Delivery::TryAgain { reply } = &delivery else {
            panic!("{script:?} {delivery:?}");
        };
        assert!(
            reply.contains("127.0.0.1:") && reply.contains(script[0].1),
            "{reply}"
        );
    }
}

#[tokio::test]
async fn what_is_lost_or_silent_or_temporary_for_everybody_is_told_apart() {
    for (script, expected) in [
        (&[("greeting", "421 4.3.2 closing")] as Script, false),
        (&[("AUTH", "454 4.7.0 later")], false),
        (&[("MAIL", "451 4.3.0 later")], false),
        (&[("RCPT", "421 4.7.0 enough")], false),
        (&[(".", "421 4.7.0 enough")], false),
        (&[("greeting", "close")], false),
        (&[("RCPT", "close")], false),
        (&[("DATA", "close")], false),
        (&[(".", "close")], true),
        (&[("greeting", "hang")], false),
        (&[("MAIL", "hang")], false),
        (&[(".", "hang")], true),
        // Positive, but no answer to the question: nothing may pass for sent.
        (&[("DATA", "250 what")], false),
        (&[("AUTH", "250 what")], false),
        (&[(".", "354 what")], true),
    ] {
        let delivery = outcome(script).await;
        let Delivery::NotServed {
            reply,
            may_have_arrived,
        } = &delivery
        else {
            panic!("{script:?} {delivery:?}");
        };
        assert_eq!(*may_have_arrived, expected, "{script:?}");
        assert!(reply.contains("127.0.0.1:"), "{reply}");
    }
}

#[tokio::test]
async fn a_server_without_starttls_hears_no_password_and_no_address() {
    let server = Server::with(&[]).await;
    let delivery = send(&server.relay(Tls::StartTls), "ana@acme.example").await;
    let Delivery::RefusedSender { reply } = delivery else {
        panic!("{delivery:?}");
    };
    assert!(reply.contains("does not offer STARTTLS"), "{reply}");
    assert_eq!(
        server.count("AUTH") + server.count("MAIL") + server.count("RCPT"),
        0
    );
}

const WITH_STARTTLS: Script = &[
    ("EHLO", "250-relay.test\r\n250-STARTTLS\r\n250 AUTH PLAIN"),
    ("STARTTLS", "220 go"),
];

/// One mail to a server whose certificate is for `name`, trusted or not.
async fn over_tls(tls: Tls, name: &str, trusted: bool) -> (Delivery, Server) {
    let folder = tempfile::tempdir().unwrap();
    let (acceptor, ca_file) = certificate_for(&[name], &folder);
    let server = Server::protected(WITH_STARTTLS, Some(acceptor), tls).await;
    let smtp = Smtp {
        host: "localhost".to_owned(),
        port: server.port,
        tls,
        login: Some(("steward".to_owned(), "hunter2".into())),
        ca_file: trusted.then_some(ca_file),
    };
    let delivery = send(&Relay::open(&smtp).unwrap(), "ana@acme.example").await;
    (delivery, server)
}

#[tokio::test]
async fn mail_goes_over_starttls_and_over_implicit_tls() {
    for tls in [Tls::StartTls, Tls::Implicit] {
        let (delivery, server) = over_tls(tls, "localhost", true).await;
        assert!(
            matches!(delivery, Delivery::Accepted { .. }),
            "{tls:?} {delivery:?}"
        );
        assert_eq!(server.count("AUTH"), 1);
        assert_eq!(server.count("EHLO"), if tls == Tls::StartTls { 2 } else { 1 });
    }
}

#[tokio::test]
async fn a_wrong_certificate_ends_it_before_anything_is_told() {
    for tls in [Tls::StartTls, Tls::Implicit] {
        for (name, trusted, advice) in [
            ("other.example", true, "set mail.host"),
            ("localhost", false, "set mail.ca_file"),
        ] {
            let (delivery, server) = over_tls(tls, name, trusted).await;
            let Delivery::RefusedSender { reply } = delivery else {
                panic!("{tls:?} {delivery:?}");
            };
            assert!(reply.contains("localhost:") && reply.contains(advice), "{reply}");
            assert_eq!(
                server.count("AUTH") + server.count("MAIL") + server.count("RCPT"),
                0
            );
        }
    }
}

#[tokio::test]
async fn answers_slipped_in_behind_starttls_are_not_believed() {
    let server = Server::with(&[
        ("EHLO", "250-relay.test\r\n250-STARTTLS\r\n250 AUTH PLAIN"),
        (
            "STARTTLS",
            "220 go\r\n250 AUTH PLAIN\r\n235 in\r\n250 a\r\n250 b\r\n354 c\r\n250 queued",
        ),
    ])
    .await;
    let delivery = send(&server.relay(Tls::StartTls), "ana@acme.example").await;
    let Delivery::RefusedSender { reply } = delivery else {
        panic!("{delivery:?}");
    };
    assert!(reply.contains("does not answer with TLS"), "{reply}");
}

#[tokio::test]
async fn plain_text_on_an_implicit_tls_port_is_a_matter_of_configuration() {
    let server = Server::with(&[]).await;
    let delivery = send(&server.relay(Tls::Implicit), "ana@acme.example").await;
    let Delivery::RefusedSender { reply } = delivery else {
        panic!("{delivery:?}");
    };
    assert!(
        reply.contains("127.0.0.1:") && reply.contains("mail.tls"),
        "{reply}"
    );
}

#[tokio::test]
async fn a_server_that_is_down_is_tried_again() {
    let server = Server::with(&[]).await;
    let relay = server.relay(Tls::None);
    drop(server);
    tokio::task::yield_now().await;
    let delivery = send(&relay, "ana@acme.example").await;
    let Delivery::NotServed {
        reply,
        may_have_arrived: false,
    } = delivery
    else {
        panic!("{delivery:?}");
    };
    assert!(
        reply.contains("cannot be reached") && reply.contains("mail.port"),
        "{reply}"
    );
}

#[tokio::test]
async fn an_address_beyond_ascii_needs_smtputf8() {
    let delivery = {
        let server = Server::with(&[]).await;
        send(&server.relay(Tls::None), "élodie@acme.example").await
    };
    assert!(
        matches!(delivery, Delivery::RefusedRecipient { .. }),
        "{delivery:?}"
    );
    let server = Server::with(&[("EHLO", "250-relay.test\r\n250-SMTPUTF8\r\n250 AUTH LOGIN PLAIN")]).await;
    let delivery = send(&server.relay(Tls::None), "élodie@acme.example").await;
    assert!(matches!(delivery, Delivery::Accepted { .. }), "{delivery:?}");
    assert_eq!(server.count("MAIL FROM:<it@acme.example> SMTPUTF8"), 1);
}

#[test]
fn a_delivery_can_be_spawned() {
    fn assert_send(_: impl Send) {}
    let relay = Relay::open(&Smtp {
        host: "localhost".to_owned(),
        port: 25,
        tls: Tls::None,
        login: None,
        ca_file: None,
    });
    assert_send(send(&relay.unwrap(), "ana@acme.example"));
}

#[test]
fn no_protection_is_for_loopback_only() {
    let open = |host: &str| {
        Relay::open(&Smtp {
            host: host.to_owned(),
            port: 25,
            tls: Tls::None,
            login: None,
            ca_file: None,
        })
    };
    for host in ["localhost", "127.0.0.1", "127.8.8.8", "::1", "[::1]"] {
        assert!(open(host).is_ok(), "{host}");
    }
    for host in ["smtp.acme.example", "10.0.0.1", "localhost.acme.example", ""] {
        assert!(matches!(open(host), Err(OpenError::Unprotected { .. })), "{host}");
    }
}

#[test]
fn a_ca_file_must_hold_a_certificate() {
    let folder = tempfile::tempdir().unwrap();
    let open = |name: &str, pem: Option<&str>| {
        let path = folder.path().join(name);
        if let Some(pem) = pem {
            fs::write(&path, pem).unwrap();
        }
        Relay::open(&Smtp {
            host: "smtp.acme.example".to_owned(),
            port: 587,
            tls: Tls::StartTls,
            login: None,
            ca_file: Some(path),
        })
    };
    let good = rcgen::generate_simple_self_signed(vec!["smtp.acme.example".to_owned()]).unwrap();
    assert!(open("good.pem", Some(&good.cert.pem())).is_ok());
    assert!(matches!(open("none.pem", None), Err(OpenError::CaFile { .. })));
    for (name, pem) in [
        ("empty.pem", ""),
        ("text.pem", "hello"),
        (
            "broken.pem",
            "-----BEGIN CERTIFICATE-----\nQUJD\n-----END CERTIFICATE-----\n",
        ),
    ] {
        let error = open(name, Some(pem)).unwrap_err();
        assert!(error.to_string().contains(name), "{error}");
    }
}

#[test]
fn nothing_secret_is_in_the_debug_text() {
    let relay = Relay::open(&Smtp {
        host: "localhost".to_owned(),
        port: 25,
        tls: Tls::None,
        login: Some(("steward".to_owned(), "hunter2".into())),
        ca_file: None,
    });
    assert!(!format!("{relay:?}").contains("hunter2"));
}
