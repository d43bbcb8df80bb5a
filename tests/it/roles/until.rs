//! People are told that their temporary access ends.

use std::time::Duration;

use onelogin_sandbox::{Role, Tenant};
use onelogin_steward::store::{FileLock, LockName};
use serde_json::Value;

use crate::support::admins::{ADMIN, assert_says, told_to};
use crate::support::company::open_relay;
use crate::support::mailbox::Mail;
use crate::support::smtp::{Act, SmtpServer, Step, When};
use crate::support::staff::staff;
use crate::support::world::World;

const APPLY: &str = "[role_sync]\nmode = \"apply\"\n";

/// Persons 1 to 3 in a role of three; the access of the first ends on that day, of the second ten days
/// later.
fn file(until: &str) -> String {
    format!(
        "[[role]]\nname = \"Sales Tools\"\nmembers = [\n  {{ user = \"p1@acme.example\", until = \"{until}\" }},\n  \
         {{ user = \"p2@acme.example\", until = \"2026-12-10\" }},\n  \"p3@acme.example\",\n]\n"
    )
}

fn tenant() -> Tenant {
    let mut tenant = staff(3);
    tenant.add_role(Role::new(7, "Sales Tools").with_members([1, 2, 3]));
    tenant.users.get_mut(&1).unwrap().firstname = Some("Ana".to_owned());
    tenant
}

async fn world(server: &SmtpServer, until: &str) -> World {
    let world = World::new(tenant()).await;
    let mail = format!(
        "{}\nadmins = [\"{ADMIN}\"]\nreply_to = \"it@acme.example\"",
        open_relay(server)
    );
    world.configure_mail(&mail, APPLY);
    world.home.write("roles.toml", &file(until));
    world
}

async fn sync(world: &World, code: i32) -> String {
    let run = world.steward(&["run", "role-sync"]).await;
    assert_eq!(run.code, code, "{}{}", run.stdout, run.stderr);
    run.stdout
}

fn told(server: &SmtpServer, address: &str) -> Vec<Mail> {
    told_to(server, address)
}

/// Address, occasion, threshold and state of each notice, the oldest first.
async fn ledger(world: &World) -> Vec<(String, String, i64, String)> {
    let notices = world.json(&["mail", "list"]).await;
    let text = |notice: &Value, field: &str| notice[field].as_str().unwrap().to_owned();
    let mut rows: Vec<_> = notices
        .as_array()
        .unwrap()
        .iter()
        .map(|notice| {
            (
                text(notice, "address"),
                text(notice, "occasion"),
                notice["threshold"].as_i64().unwrap(),
                text(notice, "state"),
            )
        })
        .collect();
    rows.reverse();
    rows
}

fn row(threshold: i64, state: &str) -> (String, String, i64, String) {
    let own = str::to_owned;
    (own("p1@acme.example"), own("access-end"), threshold, own(state))
}

#[tokio::test]
async fn a_person_is_told_once_at_each_threshold_and_goes_after_the_last_day() {
    let server = SmtpServer::builder().start();
    let world = world(&server, "2026-11-30").await;
    for (now, mails) in [
        ("2026-11-22T07:00:00Z", 0),
        ("2026-11-23T07:00:00Z", 1),
        ("2026-11-23T08:00:00Z", 1),
        ("2026-11-28T07:00:00Z", 1),
        ("2026-11-29T07:00:00Z", 2),
        ("2026-11-30T22:30:00Z", 2),
    ] {
        world.set_now(now);
        sync(&world, 0).await;
        assert_eq!(told(&server, "p1@acme.example").len(), mails, "{now}");
        assert!(
            world
                .control
                .with_tenant(|tenant| tenant.roles[&7].members.contains_key(&1))
        );
    }
    let mails = told(&server, "p1@acme.example");
    assert_eq!(mails[0].subject, "Your access to Sales Tools ends soon");
    assert_says(
        &mails[0],
        &[
            "Hello Ana,",
            "Your access to Sales Tools ends in 7 days:",
            "Monday, 30 November 2026 (last day included)",
            "Write to it@acme.example before that day",
        ],
    );
    assert_says(&mails[1], &["ends tomorrow:"]);
    for mail in &mails {
        assert!(
            !mail.text.contains("http") && !mail.html.contains("<a "),
            "{}",
            mail.text
        );
        assert!(
            !mail.text.contains("Europe/Berlin"),
            "a day has no time: {}",
            mail.text
        );
    }
    world.set_now("2026-11-30T23:30:00Z");
    sync(&world, 0).await;
    assert!(
        !world
            .control
            .with_tenant(|tenant| tenant.roles[&7].members.contains_key(&1))
    );
    assert_eq!(ledger(&world).await, [row(7, "sent"), row(1, "sent")]);
    assert!(told(&server, "p2@acme.example").is_empty());
    assert!(told(&server, ADMIN).is_empty());
}

#[tokio::test]
async fn nobody_is_told_where_roles_are_only_reported_or_the_role_stays() {
    let server = SmtpServer::builder().start();
    let world = world(&server, "2026-11-24").await;
    world.mail_and_tell(&server, &[], "");
    sync(&world, 0).await;
    world.mail_and_tell(&server, &[], &format!("{APPLY}until_notice_days = []\n"));
    sync(&world, 0).await;
    world.mail_and_tell(
        &server,
        &[],
        &format!("{APPLY}protected = [\"p1@acme.example\"]\n"),
    );
    sync(&world, 0).await;
    assert_eq!(server.received().len(), 0);
    assert_eq!(ledger(&world).await, []);
}

#[tokio::test]
async fn each_is_told_in_their_own_language() {
    let server = SmtpServer::builder().start();
    let world = world(&server, "2026-11-24").await;
    for (locale, words) in [
        ("de", ["endet morgen", "Dienstag, 24. November 2026"]),
        ("fr", ["prend fin demain", "24 novembre 2026"]),
        ("es", ["termina mañana", "24 de noviembre de 2026"]),
        ("ja", ["明日で終了します", "2026年11月24日"]),
    ] {
        world.control.with_tenant(|tenant| {
            tenant.users.get_mut(&1).unwrap().preferred_locale_code = Some(locale.to_owned());
            // Another address is another notice.
            tenant.users.get_mut(&1).unwrap().email = Some(format!("{locale}@acme.example"));
        });
        let text = file("2026-11-24").replace("p1@acme.example", "id:1");
        world.home.write("roles.toml", &text);
        sync(&world, 0).await;
        let mails = told(&server, &format!("{locale}@acme.example"));
        assert_eq!(mails.len(), 1, "{locale}");
        assert_says(&mails[0], &words);
        assert_eq!(mails[0].header("Content-Language"), Some(locale));
    }
}

#[tokio::test]
async fn a_later_last_day_cancels_what_is_owed_and_is_a_notice_of_its_own() {
    let server = SmtpServer::builder().start();
    let world = world(&server, "2026-11-30").await;
    server.on(
        Step::Rcpt,
        When::Recipient("p1@acme.example"),
        Act::Reply("451 4.2.0 later"),
    );
    let said = sync(&world, 0).await;
    assert!(
        said.contains("notices of ending access: 1 left to the next run"),
        "{said}"
    );
    assert_eq!(ledger(&world).await, [row(7, "retry")]);
    server.behave();
    world.home.write("roles.toml", &file("2027-01-31"));
    let said = sync(&world, 0).await;
    assert!(said.contains("1 of earlier runs no longer true"), "{said}");
    assert_eq!(ledger(&world).await, [row(7, "cancelled")]);
    world.set_now("2027-01-30T07:00:00Z");
    world.home.write(
        "roles.toml",
        &file("2027-01-31").replace("2026-12-10", "2028-12-10"),
    );
    sync(&world, 0).await;
    let all = [row(7, "cancelled"), row(7, "superseded"), row(1, "sent")];
    assert_eq!(ledger(&world).await, all);
}

#[tokio::test]
async fn while_another_process_sends_mail_notices_wait_for_the_next_run_and_leave_once() {
    let server = SmtpServer::builder().start();
    let world = world(&server, "2026-11-24").await;
    let store = world.home.path("steward.db");
    let held = FileLock::acquire(&store, LockName::Mail, "a test", Duration::ZERO).await;
    let held = held.unwrap().unwrap();
    let said = sync(&world, 0).await;
    assert!(
        said.contains("1 left to the next run, since another process sends mail"),
        "{said}"
    );
    assert_eq!(ledger(&world).await, [row(7, "superseded"), row(1, "staged")]);
    drop(held);
    for _ in 0..2 {
        sync(&world, 0).await;
        assert_eq!(told(&server, "p1@acme.example").len(), 1);
    }
    assert_eq!(ledger(&world).await, [row(7, "superseded"), row(1, "sent")]);
}

#[tokio::test]
async fn the_password_job_neither_sends_nor_cancels_notices_of_ending_access() {
    let server = SmtpServer::builder().start();
    let world = world(&server, "2026-11-24").await;
    server.on(
        Step::Rcpt,
        When::Recipient("p1@acme.example"),
        Act::Reply("451 4.2.0 later"),
    );
    sync(&world, 0).await;
    server.behave();
    world.run_expecting(0).await;
    let rows = ledger(&world).await;
    assert_eq!(rows[..2], [row(7, "superseded"), row(1, "retry")]);
    let passwords = rows[2..]
        .iter()
        .filter(|row| row.1 == "password" && row.3 == "sent");
    assert_eq!(passwords.count(), 3, "{rows:?}");
    // Nothing of the password job is left over, so nothing brings it again.
    let store = onelogin_steward::store::Store::open(&world.home.path("steward.db")).unwrap();
    let left = |job| store.leftover(job, false);
    assert_eq!(
        left(onelogin_steward::domain::run::Job::PasswordExpiry)
            .await
            .unwrap(),
        None
    );
    assert!(
        left(onelogin_steward::domain::run::Job::RoleSync)
            .await
            .unwrap()
            .is_some()
    );
}

#[tokio::test]
async fn o1_a_mail_server_that_is_down_fails_no_sync() {
    let server = SmtpServer::builder().start();
    let world = world(&server, "2026-11-24").await;
    let more = file("2026-11-24").replace("\"p3@acme.example\",", "");
    world.home.write("roles.toml", &more);
    let config = format!("{APPLY}limits = {{ first_removals = \"allow\", file_shrink_percent = 100 }}\n");
    world.mail_and_tell(&server, &[ADMIN], &config);
    server.on(Step::Greeting, When::Always, Act::Reply("554 5.3.2 closed"));
    sync(&world, 0).await;
    let members = world
        .control
        .with_tenant(|tenant| tenant.roles[&7].members.keys().copied().collect::<Vec<_>>());
    assert_eq!(members, [1, 2]);
    let history = world.json(&["history", "--limit", "1"]).await;
    assert_eq!(history[0]["status"], "succeeded", "{history:#}");
    assert!(server.received().is_empty());
    server.behave();
    // The admin hears nothing: what was in the way is over, and nobody was told that it was there.
    sync(&world, 0).await;
    assert_eq!(told(&server, "p1@acme.example").len(), 1);
    assert!(told(&server, ADMIN).is_empty());
}

#[tokio::test]
async fn a_refused_address_is_told_to_the_admins_until_it_is_another_one() {
    let server = SmtpServer::builder().start();
    let world = world(&server, "2026-11-24").await;
    server.on(
        Step::Rcpt,
        When::Recipient("p1@acme.example"),
        Act::Reply("550 5.1.1 no such user"),
    );
    for _ in 0..2 {
        sync(&world, 0).await;
        assert_eq!(told(&server, ADMIN).len(), 1);
    }
    assert_says(
        &told(&server, ADMIN)[0],
        &[
            "refuses for good: 1; these people are not told",
            "onelogin-steward mail list --state failed",
        ],
    );
    world.control.with_tenant(|tenant| {
        tenant.users.get_mut(&1).unwrap().email = Some("ana@acme.example".to_owned());
    });
    sync(&world, 0).await;
    assert_eq!(told(&server, "ana@acme.example").len(), 1);
    assert_eq!(told(&server, ADMIN).len(), 2, "it is over");
}

#[tokio::test]
async fn a_notice_of_ending_access_is_not_sent_once_more_and_says_why() {
    let server = SmtpServer::builder().start();
    let world = world(&server, "2026-11-30").await;
    sync(&world, 0).await;
    let resend = world.steward(&["mail", "resend", "1"]).await;
    assert_eq!(resend.code, 2, "{}", resend.stderr);
    assert!(
        resend.stderr.contains("only notices about passwords"),
        "{}",
        resend.stderr
    );
    let list = world.steward(&["mail", "list"]).await.stdout;
    assert!(list.contains("about p1, access-end"), "{list}");
}
