//! Admins are told of trouble: at once, once a day, and once more when it is over.

use std::collections::BTreeMap;

use onelogin_sandbox::{BodyShape, Fault, FaultKind};

use crate::support::admins::{ADMIN, assert_says, subjects, told_to};
use crate::support::company::{EVERY_DAY, company, crowd, expiring, recipients};
use crate::support::mailbox::Mail;
use crate::support::runs::{TOKEN, USERS};
use crate::support::smtp::{Act, SmtpServer, Step, When};
use crate::support::staff::staff;
use crate::support::world::World;

const HELD: &str = "[onelogin-steward] password-expiry: held, too many notices at once";
const CAPS: &str = "[password_expiry]\nmax_notices_per_run = 4\n";
const RELEASE: [&str; 4] = ["--max-notices", "10", "--reason", "looked at it"];

fn down() -> FaultKind {
    FaultKind::Status {
        code: 503,
        body: BodyShape::Html,
        headers: BTreeMap::new(),
    }
}

/// Ten people who are due at once, which is held, and a server for the mails.
async fn held() -> (SmtpServer, World) {
    let server = SmtpServer::builder().start();
    let world = World::new(staff(10)).await;
    world.mail_and_tell(&server, &[ADMIN], CAPS);
    (server, world)
}

#[tokio::test]
async fn the_same_cause_is_told_once_a_day_and_once_more_when_it_is_over() {
    let (server, world) = held().await;
    // A day is one of the configured zone: it begins at 23:00 UTC in Berlin.
    for (now, told) in [
        ("2026-11-23T07:00:00Z", 1),
        ("2026-11-23T22:59:00Z", 1),
        ("2026-11-23T23:01:00Z", 2),
        ("2026-11-24T07:00:00Z", 2),
    ] {
        world.set_now(now);
        world.run_expiry(&[]).await.assert_idle("refused", 4);
        assert_eq!(subjects(&told_to(&server, ADMIN)), vec![HELD; told], "{now}");
    }
    for _ in 0..2 {
        world.run_expiry(&RELEASE).await;
        let told = told_to(&server, ADMIN);
        assert_eq!(told.len(), 3);
        assert_eq!(
            told[2].subject,
            HELD.replace("password-expiry", "over: password-expiry")
        );
        assert_says(
            &told[2],
            &[
                "It is over: run 5 of 2026-11-24 08:00 went without",
                "10 sent",
                "looked at it",
                "2026-11-23 08:00 (run 1)",
            ],
        );
    }
    let ids: std::collections::BTreeSet<String> = told_to(&server, ADMIN)
        .iter()
        .map(|mail| mail.header("Message-ID").unwrap().to_owned())
        .collect();
    assert_eq!(ids.len(), 3, "each day's mail is another one");
}

#[tokio::test]
async fn a_cause_that_comes_and_goes_makes_no_storm() {
    let server = SmtpServer::builder().start();
    let world = World::new(staff(2)).await;
    world.mail_and_tell(&server, &[ADMIN], "");
    let told = || told_to(&server, ADMIN).len();
    for (told_of_trouble, told_of_end) in [(1, 2), (2, 2), (2, 2)] {
        world.control.add_fault(Fault::on(format!("GET {USERS}"), down()));
        world.run_expecting(1).await;
        assert_eq!(told(), told_of_trouble);
        world.control.clear_faults();
        world.run_expecting(0).await;
        assert_eq!(told(), told_of_end);
    }
    world.set_now("2026-11-24T07:00:00Z");
    world.control.add_fault(Fault::on(format!("GET {USERS}"), down()));
    world.run_expecting(1).await;
    let last = told_to(&server, ADMIN).pop().unwrap();
    assert_eq!(last.subject, "[onelogin-steward] password-expiry: failed");
    assert_says(&last, &["Since 2026-11-24 08:00 (run 7)"]);
}

#[tokio::test]
async fn a_run_that_did_not_come_so_far_says_of_nothing_that_it_is_over() {
    let (server, world) = held().await;
    world.run_expiry(&[]).await.assert_idle("refused", 4);
    world.control.add_fault(Fault::on(format!("GET {USERS}"), down()));
    world.run_expiry(&[]).await.assert_idle("failed", 1);
    let failed = "[onelogin-steward] password-expiry: failed";
    assert_eq!(subjects(&told_to(&server, ADMIN)), [HELD, failed]);
    world.control.clear_faults();
    world.run_expiry(&[]).await.assert_idle("refused", 4);
    let over = "[onelogin-steward] over: password-expiry: failed";
    assert_eq!(subjects(&told_to(&server, ADMIN)), [HELD, failed, over]);
}

#[tokio::test]
async fn a_plan_tells_nobody_and_leaves_nothing() {
    let (server, world) = held().await;
    assert_eq!(world.plan_expiry(&[]).await.0, 4);
    assert_eq!(server.count(Step::Greeting), 0);
    assert!(!world.home.path("steward.db").exists());
}

#[tokio::test]
async fn one_bad_address_stops_no_other_admin_and_is_not_tried_again_that_day() {
    let (server, world) = held().await;
    world.mail_and_tell(&server, &["gone@acme.example", ADMIN, "desk@acme.example"], CAPS);
    let gone = When::Recipient("gone@acme.example");
    server.on(Step::Rcpt, gone, Act::Reply("550 5.1.1 no such user"));
    for _ in 0..2 {
        world.run_expiry(&[]).await.assert_idle("refused", 4);
        assert_eq!(recipients(&server), ["desk@acme.example", ADMIN]);
        assert_eq!(server.count(Step::Rcpt), 3);
    }
}

#[tokio::test]
async fn who_could_not_be_told_is_told_after_the_next_run_and_the_others_are_not_told_twice() {
    let (server, world) = held().await;
    world.mail_and_tell(&server, &[ADMIN, "desk@acme.example"], CAPS);
    let desk = When::Recipient("desk@acme.example");
    server.on(Step::Rcpt, desk, Act::Reply("451 4.3.0 later"));
    world.run_expiry(&[]).await.assert_idle("refused", 4);
    assert_eq!(recipients(&server), [ADMIN]);
    server.behave();
    world.run_expiry(&[]).await.assert_idle("refused", 4);
    assert_eq!(recipients(&server), ["desk@acme.example", ADMIN]);
}

#[tokio::test]
async fn a_copy_whose_answer_was_lost_carries_the_same_message_id() {
    let (server, world) = held().await;
    // Taken, and the connection ends before the answer.
    server.on(Step::EndOfData, When::Always, Act::Close);
    world.run_expiry(&[]).await.assert_idle("refused", 4);
    server.behave();
    world.run_expiry(&[]).await.assert_idle("refused", 4);
    let told = told_to(&server, ADMIN);
    let id = |mail: &Mail| mail.header("Message-ID").map(str::to_owned);
    assert_eq!(told.len(), 2);
    assert_eq!(id(&told[0]), id(&told[1]));
}

#[tokio::test]
async fn a_mail_server_that_takes_nothing_is_told_of_once_it_does_and_never_changes_a_run() {
    let server = SmtpServer::builder().start();
    let world = World::new(company(crowd(6))).await;
    world.mail_and_tell(&server, &[ADMIN], "");
    server.on(Step::Greeting, When::Always, Act::Reply("554 5.3.2 closed"));
    world.run_expecting(1).await;
    assert!(server.received().is_empty());
    let run = world.last_run().await;
    assert_eq!(run["status"], "failed", "{run:#}");

    // The admin's mail is taken, those to the people are not.
    server.behave();
    server.on(Step::Mail, When::Nth(1), Act::Reply("550 5.7.1 not from here"));
    assert_ne!(world.run_expiry(&[]).await.output.code, 0);
    let told = told_to(&server, ADMIN);
    assert_eq!(
        subjects(&told),
        ["[onelogin-steward] password-expiry: the mail server takes no mail"]
    );
    assert_says(
        &told[0],
        &["550 5.7.1 not from here", "owed still", "mail test", "(run 1)"],
    );

    server.behave();
    world.run_expecting(0).await;
    let told = told_to(&server, ADMIN);
    assert_eq!(told.len(), 2);
    assert!(told[1].subject.contains("over: "), "{:?}", told[1].subject);
}

#[tokio::test]
async fn every_other_reason_to_mail_nobody_is_told_with_what_to_do() {
    type Break = fn(&World);
    let cases: [(Break, &str, &[&str]); 5] = [
        (
            |world| world.control.with_tenant(|tenant| tenant.account_id = 42),
            "refused, another OneLogin account",
            &["189185", "42", "onelogin.url"],
        ),
        (
            |world| world.control.with_tenant(|tenant| tenant.users.clear()),
            "refused, the user list tells too little",
            &["no users at all"],
        ),
        (
            |world| {
                world
                    .control
                    .add_fault(Fault::on(format!("GET {USERS}"), FaultKind::WrongTotalCount(3)));
            },
            "failed",
            &["nobody is mailed on half of it"],
        ),
        (
            |world| {
                world.control.add_fault(Fault::on(
                    format!("POST {TOKEN}"),
                    FaultKind::Status {
                        code: 401,
                        body: BodyShape::Html,
                        headers: BTreeMap::new(),
                    },
                ));
            },
            "failed, OneLogin refuses the credential",
            &["onelogin.client_id", "check --online"],
        ),
        (
            |world| {
                world.configure_admin("[[password_expiry.rule]]\nname = \"x\"\nmatch = { role = [\"None\"] }\nmax_age_days = 9\n");
            },
            "refused, a rule names what is not there",
            &["the role \"None\""],
        ),
    ];
    for (break_it, what, words) in cases {
        let world = World::new(staff(2)).await;
        world.configure_admin("");
        world.run_expiry(&[]).await.assert_succeeded(2);
        break_it(&world);
        let run = world.run_expiry(&[]).await;
        assert_ne!(run.output.code, 0, "{what}");
        let told = world.files_to_admin();
        assert_eq!(
            subjects(&told),
            [format!("[onelogin-steward] password-expiry: {what}")],
            "{run:?}"
        );
        assert_says(&told[0], words);
        assert_says(
            &told[0],
            &[
                "This run sent and changed nothing;",
                "onelogin-steward run password-expiry",
                "http://127.0.0.1",
            ],
        );
    }
}

#[tokio::test]
async fn an_alert_is_a_machines_mail_and_a_rehearsed_one_goes_where_rehearsals_go() {
    let server = SmtpServer::builder().start();
    let world = World::new(staff(10)).await;
    world.mail_and_tell(&server, &[ADMIN], CAPS);
    let redirect = crate::support::company::open_relay(&server)
        + &format!("\nadmins = [\"{ADMIN}\"]\nredirect_to = \"rehearsal@acme.example\"");
    world.configure_mail(&redirect, CAPS);
    world.run_expiry(&[]).await.assert_idle("refused", 4);
    let rehearsed = told_to(&server, "rehearsal@acme.example");
    assert_eq!(subjects(&rehearsed), [HELD]);
    assert_says(
        &rehearsed[0],
        &["REHEARSAL: this mail was meant for identity@acme.example"],
    );
    assert_eq!(rehearsed[0].header("Auto-Submitted"), Some("auto-generated"));

    // A rehearsal told nobody: the real one is told on the same day.
    world.mail_and_tell(&server, &[ADMIN], CAPS);
    world.run_expiry(&[]).await.assert_idle("refused", 4);
    assert_eq!(subjects(&told_to(&server, ADMIN)), [HELD]);
}

#[tokio::test]
async fn what_the_tenant_calls_things_cannot_break_out_of_a_mail() {
    let mut tenant = staff(10);
    let name = "Evil\r\nBcc: z@acme.example\r\n\r\n<script>\u{202e}";
    tenant.policies.get_mut(&1).unwrap().name = name.to_owned();
    tenant.policies.get_mut(&1).unwrap().password_expiration_days = Some(180);
    let server = SmtpServer::builder().start();
    let world = World::new(tenant).await;
    world.mail_and_tell(&server, &[ADMIN], CAPS);
    world.run_expecting(0).await;
    let shorten = |tenant: &mut onelogin_sandbox::Tenant| {
        tenant.policies.get_mut(&1).unwrap().password_expiration_days = Some(90);
    };
    world.control.with_tenant(shorten);
    world.run_expecting(4).await;
    let told = told_to(&server, ADMIN);
    assert_eq!(told[0].header("Bcc"), None);
    assert_says(
        &told[0],
        &["the policy \"Evil Bcc: z@acme.example <script>\" changed from 180 days to 90 days"],
    );
    assert!(
        !told[0].html.contains("<script>") && !told[0].text.contains('\u{202e}'),
        "{told:?}"
    );
}

#[tokio::test]
async fn of_those_who_were_warned_the_run_tells_who_changed_and_whose_password_expired() {
    let server = SmtpServer::builder().start();
    let people = [
        expiring(1, "ana@acme.example", 3),
        expiring(2, "bo@acme.example", 3),
        expiring(3, "cleo@acme.example", 7),
    ];
    let world = World::new(company(people)).await;
    world.mail_to(&server, EVERY_DAY);
    world.run_expecting(0).await;
    let first = world.last_run().await;
    assert_eq!(
        first["warned"],
        serde_json::json!({ "people": 0, "changed": 0, "expired": 0 })
    );

    world.set_now("2026-11-25T07:00:00Z");
    let now = world.control.now();
    world.control.with_tenant(|tenant| {
        tenant.users.get_mut(&1).unwrap().password_changed_at = Some(now);
    });
    world.set_now("2026-11-27T07:00:00Z");
    let said = world.run_expecting(0).await;
    assert!(
        said.contains("of 3 warned 1 changed in time, 1 expired"),
        "{said}"
    );
    let run = world.last_run().await;
    assert_eq!(
        run["warned"],
        serde_json::json!({ "people": 3, "changed": 1, "expired": 1 })
    );
}
