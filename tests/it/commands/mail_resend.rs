//! `mail resend`: a notice once more, while it is true.

use std::collections::BTreeSet;

use onelogin_sandbox::Tenant;
use rustix::process::Signal;

use crate::support::company::{EVERY_DAY, company, expiring, recipients};
use crate::support::home::Output;
use crate::support::mailbox::{Mail, mails_below};
use crate::support::smtp::{Act, SmtpServer, Step, When};
use crate::support::world::World;

const ANA: &str = "ana@acme.example";
const NO_SUCH_USER: &str = "550 5.1.1 no such user";

/// Ana's notice of 7 days, refused for good, and a server that would take it now.
async fn refused() -> (World, SmtpServer) {
    refused_with(7).await
}

/// The same for a password that expires in so many days.
async fn refused_with(days: i64) -> (World, SmtpServer) {
    let server = SmtpServer::builder().start();
    let world = World::new(company([expiring(1, ANA, days)])).await;
    world.mail_to(&server, "");
    server.on(Step::Rcpt, When::Always, Act::Reply(NO_SUCH_USER));
    world.run_expecting(3).await;
    server.behave();
    (world, server)
}

impl World {
    /// Asks for the newest notice in this state once more.
    async fn resend(&self, state: &str) -> Output {
        let list = self
            .json(&["mail", "list", "--state", state, "--limit", "1"])
            .await;
        self.steward(&["mail", "resend", &list[0]["notice_id"].to_string()])
            .await
    }

    fn change(&self, change: impl FnOnce(&mut Tenant)) {
        self.control.with_tenant(change);
    }

    /// Asks for the refused notice, which is not sent for this reason.
    async fn assert_not_resent(&self, server: &SmtpServer, code: i32, why: &str) {
        let rows = self.json(&["mail", "list"]).await;
        let mails = server.received().len();
        let asked = self.resend("failed").await;
        assert_eq!(asked.code, code, "{why}: {asked:?}");
        let said = format!("{}{}", asked.stdout, asked.stderr);
        assert!(said.contains(why), "{why:?} in {said}");
        assert_eq!(server.received().len(), mails, "{why}");
        assert_eq!(
            self.json(&["mail", "list"]).await,
            rows,
            "{why}: nothing was staged"
        );
    }
}

#[tokio::test]
async fn a_refused_notice_goes_out_under_a_message_id_of_its_own_and_as_a_run() {
    let (world, server) = refused().await;
    world.set_now("2026-11-25T10:00:00Z");
    let asked = world.resend("failed").await;
    assert_eq!(asked.code, 0, "{asked:?}");
    assert!(
        asked.stdout.contains("succeeded") && asked.stdout.contains("once more"),
        "{asked:?}"
    );
    let mail = Mail::from(&server.received()[0]);
    assert_eq!(recipients(&server), [ANA]);
    assert!(
        mail.text.contains("in 5 days"),
        "the text is of today: {}",
        mail.text
    );

    let run = world.last_run().await;
    assert_eq!(
        (&run["job"], &run["trigger"]),
        (&"password-expiry".into(), &"manual".into())
    );
    let notices = run["notices"].as_array().unwrap();
    assert_eq!(notices.len(), 1, "{run:#}");
    assert_eq!(notices[0]["resend"], 1);
    assert_eq!(
        (&notices[0]["state"], &notices[0]["threshold"]),
        (&"sent".into(), &7.into())
    );
    assert_eq!(notices[0]["message_id"], mail.header("Message-ID").unwrap());
    let failed = world.json(&["mail", "list", "--state", "failed"]).await;
    assert_ne!(failed[0]["message_id"], notices[0]["message_id"]);
    assert_eq!(
        failed[0]["server_reply"], NO_SUCH_USER,
        "the old row stays as it was"
    );
    let about_ana = world.json(&["history", "--user", ANA]).await;
    assert_eq!(about_ana.as_array().unwrap().len(), 2);

    world.run_expecting(0).await;
    assert_eq!(server.received().len(), 1, "the next run has nothing left to do");
    let shown = world.steward(&["history", "show", "2"]).await;
    assert!(shown.stdout.contains("resend 1"), "{}", shown.stdout);
    let explained = world.json(&["expiry", "explain", ANA]).await;
    assert!(
        explained["thresholds"]
            .as_array()
            .unwrap()
            .iter()
            .any(|threshold| { threshold["threshold"] == 7 && threshold["standing"] == "sent" }),
        "{explained:#}"
    );
}

#[tokio::test]
async fn a_notice_that_was_sent_may_be_asked_for_again_and_each_time_anew() {
    let (world, server) = refused().await;
    for state in ["failed", "sent", "sent"] {
        assert_eq!(world.resend(state).await.code, 0);
    }
    let mails = server.received();
    let ids = mails
        .iter()
        .map(|mail| Mail::from(mail).header("Message-ID").map(str::to_owned));
    assert_eq!(ids.collect::<BTreeSet<_>>().len(), 3);
    world.assert_not_resent(&server, 1, "once more already").await;
}

#[tokio::test]
async fn a_notice_that_is_not_true_any_more_is_not_sent_and_it_says_why() {
    let set = |change: fn(&mut onelogin_sandbox::User)| {
        move |tenant: &mut Tenant| change(tenant.users.get_mut(&1).unwrap())
    };
    let (world, server) = refused().await;
    world.change(set(|ana| ana.email = Some("ana.new@acme.example".to_owned())));
    world.assert_not_resent(&server, 1, "another address").await;
    world.run_expecting(0).await;
    assert_eq!(
        recipients(&server),
        ["ana.new@acme.example"],
        "which a normal run mails"
    );

    let (world, server) = refused().await;
    world.change(set(|ana| ana.status = 2));
    world.assert_not_resent(&server, 1, "suspended").await;
    world.change(set(|ana| ana.status = 1));
    world.set_now("2026-11-26T07:00:00Z");
    assert_eq!(world.resend("failed").await.code, 0, "true again");
}

#[tokio::test]
async fn a_changed_password_a_passed_date_and_a_departure_end_it() {
    let (world, server) = refused().await;
    let now = world.control.now();
    world.set_now("2026-11-27T07:00:00Z");
    world.assert_not_resent(&server, 1, "more urgent").await;
    world.set_now("2026-11-30T11:00:00Z");
    world.assert_not_resent(&server, 1, "has expired").await;
    world.change(|tenant| tenant.users.get_mut(&1).unwrap().password_changed_at = Some(now));
    world.assert_not_resent(&server, 1, "has changed").await;
    world.change(|tenant| {
        tenant.users.remove(&1);
        tenant.add_user(expiring(2, "bo@acme.example", 60));
    });
    world.assert_not_resent(&server, 1, "gone").await;
}

#[tokio::test]
async fn what_is_still_owed_is_left_to_the_next_run() {
    let (world, server) = refused().await;
    server.on(Step::Rcpt, When::Always, Act::Reply("451 4.3.0 later"));
    assert_eq!(world.resend("failed").await.code, 1, "nothing was done yet");
    let owed = world.resend("retry").await;
    assert_eq!(owed.code, 1);
    assert!(owed.stdout.contains("still owed"), "{owed:?}");
    let asked_for = world.json(&["mail", "list", "--state", "retry"]).await;
    server.behave();
    world.run_expecting(0).await;
    world.run_expecting(0).await;
    let mails: Vec<Mail> = server.received().iter().map(Mail::from).collect();
    assert_eq!(mails.len(), 1);
    assert_eq!(asked_for[0]["message_id"], mails[0].header("Message-ID").unwrap());
}

#[tokio::test]
async fn a_second_refusal_for_good_ends_with_3_and_the_words_of_the_server() {
    let (world, server) = refused().await;
    server.on(Step::Rcpt, When::Always, Act::Reply(NO_SUCH_USER));
    let asked = world.resend("failed").await;
    assert_eq!(asked.code, 3, "{asked:?}");
    assert!(asked.stdout.contains(NO_SUCH_USER), "{asked:?}");
    server.behave();
    assert_eq!(world.resend("failed").await.code, 0, "and may be asked for again");
}

#[tokio::test]
async fn limits_on_batches_do_not_hold_one_mail_and_it_teaches_them_nothing() {
    let (world, server) = refused().await;
    world.change(|tenant| {
        for id in 2..=9 {
            tenant.add_user(expiring(id, &format!("p{id}@acme.example"), 60));
        }
    });
    world.run_expecting(0).await;
    world.change(|tenant| tenant.users.retain(|id, _| *id == 1));
    let asked = world.resend("failed").await;
    assert_eq!((asked.code, recipients(&server).len()), (0, 1), "{asked:?}");
    world.run_expecting(4).await;
}

#[tokio::test]
async fn what_makes_every_date_doubtful_refuses_it() {
    let (world, server) = refused().await;
    let right = world.control.now();
    world.control.set_now("2026-11-23T09:00:00Z".parse().unwrap());
    world.assert_not_resent(&server, 4, "10 minutes").await;
    world.control.set_now(right);
    world.change(|tenant| tenant.account_id += 1);
    world
        .assert_not_resent(&server, 4, "belongs to the OneLogin account")
        .await;
}

#[tokio::test]
async fn a_number_that_no_notice_has_is_told_and_leaves_nothing_behind() {
    let world = World::new(company([expiring(1, ANA, 7)])).await;
    for place in ["no store", "a store"] {
        let asked = world.steward(&["mail", "resend", "99"]).await;
        assert_eq!((asked.code, asked.stdout.as_str()), (1, ""), "{place}");
        assert!(asked.stderr.contains("no notice 99"), "{place}: {}", asked.stderr);
        if place == "no store" {
            assert!(!world.home.path("steward.db").exists());
            world.run_expecting(0).await;
        }
    }
    assert_eq!(
        world.json(&["history"]).await.as_array().unwrap().len(),
        1,
        "no run of it"
    );
    assert_eq!(world.steward(&["mail", "resend", "x"]).await.code, 2);
}

#[tokio::test]
async fn a_rehearsed_notice_is_rehearsed_once_more_and_never_becomes_real() {
    let world = World::new(company([expiring(1, ANA, 7)])).await;
    world.run_expecting(0).await;
    let asked = world.resend("rehearsed").await;
    assert_eq!(asked.code, 0, "{asked:?}");
    assert!(asked.stdout.contains("REHEARSAL"), "{asked:?}");
    assert_eq!(mails_below(&world.home.path("outbox")).len(), 2);

    let server = SmtpServer::builder().start();
    world.mail_to(&server, "");
    let asked = world.resend("rehearsed").await;
    assert_eq!(asked.code, 1, "{asked:?}");
    assert!(asked.stdout.contains("mail is real now"), "{asked:?}");
    world.run_expecting(0).await;
    assert_eq!(recipients(&server), [ANA]);
}

#[tokio::test(flavor = "multi_thread")]
async fn while_a_run_holds_the_lock_it_ends_with_75_and_leaves_no_run() {
    let server = SmtpServer::builder().start();
    let world = World::of_today(&[ANA, "bo@acme.example"]).await;
    world.mail_to(&server, EVERY_DAY);
    server.on(Step::Rcpt, When::Recipient(ANA), Act::Reply(NO_SUCH_USER));
    server.on(Step::Rcpt, When::Recipient("bo@acme.example"), Act::Hang);
    let run = world.home.spawn(&["run", "password-expiry"]);
    server.wait_for_hangs(1);
    let list = world.json(&["mail", "list", "--user", ANA, "--limit", "1"]).await;
    let id = list[0]["notice_id"].to_string();
    let asked = world.home.steward(&["mail", "resend", &id, "--wait", "0"]);
    assert_eq!(asked.code, 75, "{asked:?}");
    assert!(asked.stderr.contains("holds the lock"), "{asked:?}");
    assert_eq!(world.json(&["history"]).await.as_array().unwrap().len(), 1);
    run.signal(Signal::KILL);
}

#[tokio::test]
async fn a_person_may_ask_on_a_day_on_which_nothing_leaves_by_itself() {
    let (world, server) = refused_with(14).await;
    // A Saturday.
    world.set_now("2026-11-28T10:00:00Z");
    let asked = world.resend("failed").await;
    assert_eq!(asked.code, 0, "{asked:?}");
    assert_eq!(recipients(&server), [ANA]);
}
