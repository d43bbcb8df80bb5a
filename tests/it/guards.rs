//! Guards hold a run back until a person has looked, and are released for one run.

use jiff::SignedDuration;
use onelogin_steward::clock::Clock as _;

use crate::support::staff::staff;
use crate::support::world::World;

const CAPS: &str = "[password_expiry]\nmax_notices_per_run = 4\nmax_notices_per_run_percent = 30\n";
const REASON: [&str; 2] = ["--reason", "looked at it"];

impl World {
    fn keep_users_up_to(&self, last: i64) {
        self.control
            .with_tenant(|tenant| tenant.users.retain(|id, _| *id <= last));
    }
}

#[tokio::test]
async fn a_user_list_that_shrank_too_much_holds_the_run_and_its_plan() {
    let world = World::new(staff(10)).await;
    world.run_expiry(&[]).await.assert_succeeded(10);
    world.keep_users_up_to(6);
    for _ in 0..2 {
        let (code, plan, _) = world.plan_expiry(&[]).await;
        assert_eq!(
            (code, &plan["held"]["guard"]),
            (4, &"max_user_drop_percent".into())
        );
        let run = world.run_expiry(&[]).await;
        run.assert_idle("refused", 4);
        run.assert_tells(&[
            "6 users",
            "10 in the last run",
            "30 %",
            "--accept-user-count --reason",
        ]);
    }
}

#[tokio::test]
async fn a_user_list_that_shrank_by_the_limit_is_not_held() {
    let world = World::new(staff(10)).await;
    world.run_expiry(&[]).await.assert_succeeded(10);
    world.keep_users_up_to(7);
    world.run_expiry(&[]).await.assert_succeeded(0);
}

#[tokio::test]
async fn an_accepted_user_count_is_accepted_for_that_run_only() {
    let world = World::new(staff(10)).await;
    world.run_expiry(&[]).await.assert_succeeded(10);
    world.keep_users_up_to(6);
    let release = ["--accept-user-count", REASON[0], REASON[1]];
    world.run_expiry(&release).await.assert_succeeded(0);
    let history = world.json(&["history"]).await;
    assert_eq!(history[0]["reason"], "looked at it");
    // The smaller list is the measure now, and the next loss is held again.
    world.run_expiry(&[]).await.assert_succeeded(0);
    world.keep_users_up_to(3);
    world.run_expiry(&[]).await.assert_idle("refused", 4);
}

#[tokio::test]
async fn an_accepted_user_count_releases_no_cap() {
    let world = World::new(staff(10)).await;
    world.configure(CAPS);
    let release = ["--accept-user-count", REASON[0], REASON[1]];
    world.run_expiry(&release).await.assert_idle("refused", 4);
}

#[tokio::test]
async fn a_release_without_a_reason_is_wrong_usage_and_no_run() {
    let world = World::new(staff(2)).await;
    let cases: [&[&str]; 4] = [
        &["--accept-user-count"],
        &["--max-notices", "3"],
        &["--accept-user-count", "--reason", ""],
        &["--max-notices", "3", "--plan"],
    ];
    for releases in cases {
        let arguments = [&["run", "password-expiry"], releases].concat();
        let output = world.steward(&arguments).await;
        assert_eq!(output.code, 2, "{releases:?}: {output:?}");
        assert!(output.stderr.contains("--reason"), "{releases:?}: {output:?}");
    }
    assert_eq!(world.control.requests(), []);
    assert!(!world.home.path("steward.db").exists());
}

#[tokio::test]
async fn too_many_notices_hold_the_run_and_its_plan_alike() {
    let world = World::new(staff(10)).await;
    world.configure(CAPS);
    let (code, plan, _) = world.plan_expiry(&[]).await;
    assert_eq!((code, &plan["held"]["guard"]), (4, &"max_notices_per_run".into()));
    assert_eq!(
        (&plan["held"]["measured"], &plan["held"]["limit"]),
        (&10.into(), &4.into())
    );
    assert_eq!(plan["notices"].as_array().unwrap().len(), 10);
    assert!(!world.home.path("steward.db").exists(), "a plan leaves no store");
    for _ in 0..2 {
        let run = world.run_expiry(&[]).await;
        run.assert_idle("refused", 4);
        run.assert_tells(&[
            "10 notices are due",
            "max_notices_per_run (4)",
            "30 %",
            "--max-notices 10 --reason",
        ]);
        assert!(run.output.stdout.contains("refused"), "{run:?}");
    }
    assert_eq!(world.mails(), 0);
}

#[tokio::test]
async fn a_cap_is_met_and_not_exceeded() {
    // Held only above the number and above the share.
    for (notices, percent, code) in [(10, 0, 0), (9, 99, 4), (9, 100, 0), (0, 100, 0), (9, 30, 4)] {
        let world = World::new(staff(10)).await;
        world.configure(&format!(
            "[password_expiry]\nmax_notices_per_run = {notices}\nmax_notices_per_run_percent = {percent}\n"
        ));
        let (actual, plan, told) = world.plan_expiry(&[]).await;
        assert_eq!(actual, code, "{notices} and {percent} %: {told}");
        assert_eq!(plan["held"].is_null(), code == 0, "{plan:#}");
    }
}

#[tokio::test]
async fn a_release_takes_the_place_of_both_caps_for_one_run() {
    let world = World::new(staff(10)).await;
    world.configure(CAPS);
    for number in ["0", "9"] {
        let release = ["--max-notices", number, REASON[0], REASON[1]];
        let run = world.run_expiry(&release).await;
        run.assert_idle("refused", 4);
        run.assert_tells(&["10 notices are due", &format!("released for {number}")]);
        assert_eq!(world.plan_expiry(&release).await.0, 4, "{number}");
    }
    let release = ["--max-notices", "10", REASON[0], REASON[1]];
    assert_eq!(world.plan_expiry(&release).await.0, 0);
    world.run_expiry(&release).await.assert_succeeded(10);

    // The next flood is held again.
    let flood = staff(20).users;
    world.control.with_tenant(|tenant| tenant.users = flood);
    world.run_expiry(&[]).await.assert_idle("refused", 4);
}

#[tokio::test]
async fn clocks_more_than_ten_minutes_apart_hold_every_command() {
    for (minutes, seconds, code) in [(10, 0, 0), (10, 1, 4), (11, 0, 4), (-10, 0, 0), (-11, 0, 4)] {
        let world = World::new(staff(2)).await;
        let apart = SignedDuration::from_mins(minutes) + SignedDuration::from_secs(seconds);
        world.control.set_now(world.clock.now() + apart);
        let (actual, _, told) = world.plan_expiry(&[]).await;
        assert_eq!(actual, code, "{minutes}:{seconds}: {told}");
        let run = world.run_expiry(&[]).await;
        if code == 0 {
            run.assert_succeeded(2);
        } else {
            run.assert_idle("refused", 4);
            run.assert_tells(&["10 minutes apart", "Set the clock"]);
            assert_eq!(world.steward(&["expiry", "forecast"]).await.code, 4);
        }
    }
}

#[tokio::test]
async fn another_account_is_refused_and_both_are_named() {
    let world = World::new(staff(2)).await;
    world.run_expiry(&[]).await.assert_succeeded(2);
    world.control.with_tenant(|tenant| tenant.account_id = 42);
    assert_eq!(world.plan_expiry(&[]).await.0, 4);
    let run = world.run_expiry(&[]).await;
    run.assert_idle("refused", 4);
    run.assert_tells(&["189185", "42", "onelogin.url"]);
}

#[tokio::test]
async fn an_empty_user_list_is_refused_whether_or_not_there_was_one_before() {
    let world = World::new(staff(0)).await;
    let run = world.run_expiry(&[]).await;
    run.assert_idle("refused", 4);
    run.assert_tells(&["no users at all"]);
    let release = ["--accept-user-count", REASON[0], REASON[1]];
    world.run_expiry(&release).await.assert_idle("refused", 4);
}
