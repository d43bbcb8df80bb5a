//! Days pass between the runs.

use serde_json::Value;

use crate::support::company::{company, expiring, recipients, told};
use crate::support::mailbox::Mail;
use crate::support::smtp::{Act, SmtpServer, Step, When};
use crate::support::world::{MONDAY, World};

/// Threshold and state of each notice of the newest run.
async fn thresholds(world: &World) -> Vec<(i64, String)> {
    let run = world.last_run().await;
    let notices = run["notices"].as_array().unwrap();
    let pair = |notice: &Value| {
        let state = notice["state"].as_str().unwrap().to_owned();
        (notice["threshold"].as_i64().unwrap(), state)
    };
    let mut pairs: Vec<_> = notices.iter().map(pair).collect();
    pairs.sort();
    pairs
}

fn owned<const N: usize>(pairs: [(i64, &str); N]) -> Vec<(i64, String)> {
    pairs
        .map(|(threshold, state)| (threshold, state.to_owned()))
        .to_vec()
}

#[tokio::test]
async fn e4_after_ten_days_without_a_run_only_the_most_urgent_notice_goes_out() {
    let server = SmtpServer::builder().start();
    let world = World::new(company([expiring(1, "ana@acme.example", 11)])).await;
    world.mail_to(&server, "");
    // 15 days before, and nothing is due. Then the host is down until there is one day left.
    world.set_now("2026-11-19T07:00:00Z");
    world.run_expecting(0).await;
    assert!(server.received().is_empty());
    world.set_now("2026-12-03T07:00:00Z");
    world.run_expecting(0).await;
    assert_eq!(
        thresholds(&world).await,
        owned([
            (1, "sent"),
            (3, "superseded"),
            (7, "superseded"),
            (14, "superseded")
        ])
    );
    assert_eq!(recipients(&server), ["ana@acme.example"]);
    let mail = Mail::from(&server.received()[0]);
    assert!(
        mail.text.contains("tomorrow") || mail.text.contains("in 1 day"),
        "{}",
        mail.text
    );
    assert!(mail.text.contains("4 December 2026"), "{}", mail.text);
    world.run_expecting(0).await;
    assert_eq!(recipients(&server).len(), 1, "the wider ones never follow");
}

#[tokio::test]
async fn e4_ten_days_without_onelogin_or_without_a_mail_server_end_in_one_mail_too() {
    let server = SmtpServer::builder().start();
    let people = [
        expiring(1, "ana@acme.example", 11),
        expiring(2, "bo@acme.example", 14),
    ];
    let world = World::new(company(people)).await;
    world.mail_to(&server, "");
    server.on(Step::Greeting, When::Always, Act::Close);
    for day in ["11-23", "11-27", "11-30", "12-01"] {
        world.set_now(&format!("2026-{day}T07:00:00Z"));
        world.run_expecting(1).await;
    }
    server.behave();
    world.set_now("2026-12-03T07:00:00Z");
    world.run_expecting(0).await;
    assert_eq!(recipients(&server), ["ana@acme.example", "bo@acme.example"]);
    let sent = world.json(&["mail", "list", "--state", "sent"]).await;
    let sent = sent.as_array().unwrap().iter();
    let mut sent: Vec<_> = sent
        .map(|row| (row["user_id"].as_i64(), row["threshold"].as_i64()))
        .collect();
    sent.sort_unstable();
    assert_eq!(sent, [(Some(1), Some(1)), (Some(2), Some(7))]);
    let owed = ["staged", "sending", "retry", "failed", "cancelled"];
    for state in owed {
        let left = world.json(&["mail", "list", "--state", state]).await;
        assert_eq!(left, serde_json::json!([]), "{state}");
    }
}

#[tokio::test]
async fn a_notice_that_could_not_leave_gives_way_to_the_more_urgent_one() {
    let server = SmtpServer::builder().start();
    let world = World::new(company([expiring(1, "ana@acme.example", 14)])).await;
    world.mail_to(&server, "");
    server.on(Step::Greeting, When::Always, Act::Close);
    world.run_expecting(1).await;
    assert_eq!(thresholds(&world).await, owned([(14, "retry")]));

    server.behave();
    world.set_now("2026-12-01T07:00:00Z");
    world.run_expecting(0).await;
    assert_eq!(recipients(&server), ["ana@acme.example"]);
    let first = world.json(&["history", "show", "1"]).await;
    assert_eq!(first["notices"][0]["state"], "superseded", "{first:#}");
    assert_eq!(thresholds(&world).await, owned([(7, "sent")]));
}

#[tokio::test]
async fn each_threshold_brings_one_mail_and_the_last_one_after_the_expiry() {
    let server = SmtpServer::builder().start();
    let world = World::new(company([expiring(1, "ana@acme.example", 14)])).await;
    world.mail_to(&server, "");
    let monday: jiff::Timestamp = MONDAY.parse().unwrap();
    let mut mailed = Vec::new();
    for day in 0..30 {
        let now = monday + jiff::SignedDuration::from_hours(24 * day);
        world.set_now(&now.to_string());
        let before = server.received().len();
        world.run_expecting(0).await;
        if server.received().len() > before {
            mailed.push(day);
        }
    }
    // Thursday the 3rd is 4 days before Monday the 7th, and on Friday the weekend is looked over.
    assert_eq!(mailed, [0, 7, 11, 15]);
    assert_eq!(server.received().len(), 4);
}

#[tokio::test]
async fn e5_a_password_changed_between_two_runs_cancels_the_mail_that_was_owed() {
    let server = SmtpServer::builder().start();
    let people = [
        expiring(1, "ana@acme.example", 7),
        expiring(2, "bo@acme.example", 7),
    ];
    let world = World::new(company(people)).await;
    world.mail_to(&server, "");
    server.on(Step::Rcpt, When::Always, Act::Reply("451 4.3.0 later"));
    world.run_expecting(1).await;
    assert_eq!(
        world.last_states().await,
        told([("ana", "retry"), ("bo", "retry")])
    );

    server.behave();
    let now = world.control.now();
    world.control.with_tenant(|tenant| {
        tenant.users.get_mut(&1).unwrap().password_changed_at = Some(now);
    });
    world.run_expecting(0).await;
    assert_eq!(recipients(&server), ["bo@acme.example"]);
    let first = world.json(&["history", "show", "1"]).await;
    assert_eq!(
        crate::support::company::states(&first),
        told([("ana", "cancelled"), ("bo", "sent")])
    );
}

#[tokio::test]
async fn e7_a_clock_that_goes_back_an_hour_sends_no_second_mail() {
    let server = SmtpServer::builder().start();
    let world = World::new(company([expiring(1, "ana@acme.example", 7)])).await;
    world.mail_to(&server, "");
    world.run_expecting(0).await;
    world.set_now("2026-11-23T06:00:00Z");
    world.run_expecting(0).await;
    assert_eq!(recipients(&server).len(), 1);
}

#[tokio::test]
async fn e7_a_clock_that_jumps_ten_years_ahead_mails_nobody_and_costs_nobody_the_mail() {
    let server = SmtpServer::builder().start();
    let world = World::new(company([expiring(1, "ana@acme.example", 7)])).await;
    world.mail_to(&server, "");
    // Ours alone, and then OneLogin's as well: everybody's password is long gone.
    world.clock.set("2036-11-24T07:00:00Z".parse().unwrap());
    let said = world.run_expecting(4).await;
    assert!(said.contains("10 minutes apart"), "{said}");
    world.set_now("2036-11-24T07:00:00Z");
    world.run_expecting(0).await;
    assert!(server.received().is_empty());
    world.set_now(MONDAY);
    world.run_expecting(0).await;
    assert_eq!(recipients(&server), ["ana@acme.example"]);
}

#[tokio::test]
async fn e7_a_clock_that_jumps_to_where_everybody_is_due_is_held_by_the_caps() {
    let server = SmtpServer::builder().start();
    let everybody = (1..=20).map(|id| expiring(id, &format!("p{id}@acme.example"), 60));
    let world = World::new(company(everybody)).await;
    world.mail_to(&server, "[password_expiry]\nmax_notices_per_run = 5\n");
    world.run_expecting(0).await;
    world.set_now("2027-01-21T08:00:00Z");
    let said = world.run_expecting(4).await;
    assert!(said.contains("20 notices are due at once"), "{said}");
    assert!(server.received().is_empty());
}

#[tokio::test]
async fn e13_who_expires_over_the_weekend_or_on_a_holiday_hears_of_it_on_the_friday_before() {
    let server = SmtpServer::builder().start();
    // Saturday, Sunday, the holiday on Monday, and Tuesday.
    let people = (1..).zip([5, 6, 7, 8]);
    let people = people.map(|(id, days)| expiring(id, &format!("p{id}@acme.example"), days));
    let world = World::new(company(people)).await;
    world.mail_to(
        &server,
        "[password_expiry]\nnotice_days = [1]\nholidays = [2026-11-30]\n",
    );
    for day in ["23", "24", "25", "26"] {
        world.set_now(&format!("2026-11-{day}T07:00:00Z"));
        world.run_expecting(0).await;
        assert!(server.received().is_empty(), "{day} November");
    }
    world.set_now("2026-11-27T07:00:00Z");
    world.run_expecting(0).await;
    let mails: Vec<Mail> = server.received().iter().map(Mail::from).collect();
    assert_eq!(mails.len(), 4);
    for (nth, days) in ["in 1 day", "in 2 days", "in 3 days", "in 4 days"]
        .iter()
        .enumerate()
    {
        let to = format!("p{}@acme.example", nth + 1);
        let mail = mails.iter().find(|mail| mail.to == [to.as_str()]).unwrap();
        let told = mail.text.contains(days) || (nth == 0 && mail.text.contains("tomorrow"));
        assert!(told, "{to}: {}", mail.text);
    }
}
