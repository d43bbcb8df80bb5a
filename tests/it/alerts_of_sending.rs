//! What admins are told of mails that did not leave.

use onelogin_sandbox::{Fault, FaultKind};

use crate::support::admins::{ADMIN, assert_says, subjects, told_to};
use crate::support::company::{company, crowd, three_people};
use crate::support::runs::USERS;
use crate::support::smtp::{Act, SmtpServer, Step, When};
use crate::support::world::World;

#[tokio::test]
async fn recipients_refused_for_good_are_named() {
    let server = SmtpServer::builder().start();
    let world = World::new(company(three_people())).await;
    world.mail_and_tell(&server, &[ADMIN], "");
    let bo = When::Recipient("bo@acme.example");
    server.on(Step::Rcpt, bo, Act::Reply("550 5.1.1 no such user"));
    world.run_expecting(3).await;
    let told = told_to(&server, ADMIN);
    assert_eq!(
        subjects(&told),
        ["[onelogin-steward] password-expiry: recipients are refused for good"]
    );
    assert_says(
        &told[0],
        &[
            "1 notice refused for good",
            "bo@acme.example (550 5.1.1 no such user)",
        ],
    );
}

#[tokio::test]
async fn a_refused_recipient_is_over_once_the_person_is_reached_and_not_by_itself() {
    let server = SmtpServer::builder().start();
    let world = World::new(company(three_people())).await;
    world.mail_and_tell(&server, &[ADMIN], "");
    let ana = When::Recipient("ana@acme.example");
    server.on(Step::Rcpt, ana, Act::Reply("550 5.1.1 no such user"));
    world.run_expecting(3).await;
    let refused = "[onelogin-steward] password-expiry: recipients are refused for good";
    server.behave();
    // Nothing is tried again, and Ana knows as little as before; on a Saturday too, when nothing is due.
    world.run_expecting(0).await;
    assert_eq!(subjects(&told_to(&server, ADMIN)), [refused], "once a day");
    world.set_now("2026-11-28T07:00:00Z");
    world.run_expecting(0).await;
    let told = told_to(&server, ADMIN);
    assert_eq!(subjects(&told), [refused, refused]);
    assert_says(&told[1], &["ana@acme.example", "not warned", "(run 1)"]);
    world.change_email(1, "ana.new@acme.example");
    world.run_expecting(0).await;
    let told = told_to(&server, ADMIN);
    assert_eq!(told.len(), 3);
    assert!(told[2].subject.contains("over: "), "{:?}", told[2].subject);
}

#[tokio::test]
async fn where_onelogin_cannot_be_asked_again_nobody_is_sent_to_the_mail_server() {
    let server = SmtpServer::builder().start();
    let world = World::new(company(three_people())).await;
    world.mail_and_tell(&server, &[ADMIN], "");
    world
        .control
        .add_fault(Fault::on(format!("GET {USERS}"), FaultKind::WrongTotalCount(3)).starting_at(2));
    world.run_expecting(1).await;
    let told = told_to(&server, ADMIN);
    assert_eq!(
        subjects(&told),
        ["[onelogin-steward] password-expiry: stopped before every mail had left"]
    );
    assert_says(
        &told[0],
        &["OneLogin cannot be asked", "check --online", "owed still"],
    );
    world.control.clear_faults();
    world.run_expecting(0).await;
    let told = told_to(&server, ADMIN);
    assert!(told[1].subject.contains("over: "), "{:?}", told[1].subject);
}

#[tokio::test]
async fn an_admin_whom_a_refused_sender_could_not_tell_counts_as_untold() {
    let server = SmtpServer::builder().start();
    let world = World::new(company(crowd(6))).await;
    world.mail_and_tell(&server, &[ADMIN], "");
    server.on(Step::Rcpt, When::Always, Act::Reply("550 relay not permitted"));
    world.run_expecting(1).await;
    server.behave();
    world.run_expecting(0).await;
    let nothing: [&str; 0] = [];
    assert_eq!(
        subjects(&told_to(&server, ADMIN)),
        nothing,
        "no end of what they never heard of"
    );
}

#[tokio::test]
async fn one_person_put_off_for_a_while_is_no_news() {
    let server = SmtpServer::builder().start();
    let world = World::new(company(three_people())).await;
    world.mail_and_tell(&server, &[ADMIN], "");
    let bo = When::Recipient("bo@acme.example");
    server.on(Step::Rcpt, bo, Act::Reply("451 4.7.1 greylisted"));
    world.run_expecting(3).await;
    assert_eq!(told_to(&server, ADMIN).len(), 0);
}
