//! How many connections there are, and for how long.

use futures_util::future::join_all;

use super::server::Server;
use super::*;

#[tokio::test]
async fn one_bad_address_costs_neither_the_connection_nor_the_next_mail() {
    let server = Server::with(&[]).await;
    let relay = server.relay(Tls::None);
    for _ in 0..3 {
        assert!(matches!(
            send(&relay, "ana@acme.example").await,
            Delivery::Accepted { .. }
        ));
    }
    assert_eq!(
        (server.count("EHLO"), server.count("AUTH"), server.count("RSET")),
        (1, 1, 2)
    );
    relay.hang_up().await;
    assert_eq!(server.count("QUIT"), 1);

    let refusing = Server::with(&[("RCPT", "550 5.1.1 no such user")]).await;
    let relay = refusing.relay(Tls::None);
    for _ in 0..3 {
        assert!(matches!(
            send(&relay, "bob@acme.example").await,
            Delivery::RefusedRecipient { .. }
        ));
    }
    assert_eq!((refusing.count("EHLO"), refusing.count("RCPT")), (1, 3));
}

/// Four mails at the same time.
async fn send_four(relay: &Relay) -> Vec<Delivery> {
    join_all((0..4).map(|_| send(relay, "ana@acme.example"))).await
}

#[tokio::test]
async fn a_refused_login_is_tried_once_until_the_goodbye() {
    let server = Server::with(&[("AUTH", "535 5.7.8 bad credentials")]).await;
    let relay = server.relay(Tls::None);
    for _ in 0..2 {
        for delivery in send_four(&relay).await {
            assert!(matches!(delivery, Delivery::RefusedSender { .. }), "{delivery:?}");
        }
        assert_eq!(server.count("AUTH"), 1);
    }
    relay.hang_up().await;
    send_four(&relay).await;
    assert_eq!(server.count("AUTH"), 2);
}

#[tokio::test]
async fn who_waits_for_the_first_connection_shares_its_failure_and_others_try_again() {
    let server = Server::with(&[("AUTH", "454 4.7.0 later")]).await;
    let relay = server.relay(Tls::None);
    for tried in 1..=2 {
        for delivery in send_four(&relay).await {
            assert!(matches!(delivery, Delivery::NotServed { .. }), "{delivery:?}");
        }
        assert_eq!(server.count("AUTH"), tried);
    }
}

#[tokio::test]
async fn a_connection_is_renewed_after_ten_mails() {
    let server = Server::with(&[]).await;
    let relay = server.relay(Tls::None);
    for _ in 0..25 {
        assert!(matches!(
            send(&relay, "ana@acme.example").await,
            Delivery::Accepted { .. }
        ));
    }
    assert_eq!((server.count("EHLO"), server.count("QUIT")), (3, 2));
}

#[tokio::test]
async fn an_idle_connection_that_died_is_replaced() {
    let server = Server::with(&[("RSET", "close")]).await;
    let relay = server.relay(Tls::None);
    for _ in 0..3 {
        assert!(matches!(
            send(&relay, "ana@acme.example").await,
            Delivery::Accepted { .. }
        ));
    }
    assert_eq!(server.count("EHLO"), 3);
}
