//! Guards hold a run back until a person has looked, and are released for one run.

use jiff::{SignedDuration, Timestamp};
use onelogin_steward::clock::Clock as _;

use crate::support::admins::{assert_says, subjects};
use crate::support::staff::{DEFAULT_POLICY, person, staff};
use crate::support::world::{MONDAY, World};

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
async fn e11_a_user_count_40_percent_lower_is_refused_told_to_the_admins_and_released_by_a_person() {
    let world = World::new(staff(10)).await;
    world.configure_admin("");
    world.run_expiry(&[]).await.assert_succeeded(10);
    world.keep_users_up_to(6);
    for _ in 0..2 {
        world.run_expiry(&[]).await.assert_idle("refused", 4);
        let told = world.files_to_admin();
        assert_eq!(
            subjects(&told),
            ["[onelogin-steward] password-expiry: held, the user list has shrunk"]
        );
        assert_says(
            &told[0],
            &[
                "OneLogin lists 6 users, and 10 in the last run: a loss of more than 30 %",
                "This run sent and changed nothing;",
                "onelogin-steward run password-expiry --accept-user-count --reason \"...\"",
                "2 of 2026-11-23 08:00, refused, started by manual",
            ],
        );
    }
    let release = ["--accept-user-count", REASON[0], REASON[1]];
    world.run_expiry(&release).await.assert_succeeded(0);
    let told = world.files_to_admin();
    assert_eq!(told.len(), 2);
    assert_eq!(
        told[0].subject,
        "[onelogin-steward] over: password-expiry: held, the user list has shrunk"
    );
    assert_says(&told[0], &["It is over", "looked at it"]);
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
async fn e12_a_policy_changed_from_180_to_90_days_is_held_told_with_its_numbers_and_released() {
    let mut tenant = staff(0);
    // At 90 days, one expires tomorrow, the others in a week; at 180 nobody is due.
    let an_hour_short = MONDAY.parse::<Timestamp>().unwrap() - SignedDuration::from_hours(24 * 89 + 1);
    tenant.add_user(person(1, 89).with_password_changed_at(an_hour_short));
    (2..=10).for_each(|id| tenant.add_user(person(id, 83)));
    let expires_after = |days| {
        move |tenant: &mut onelogin_sandbox::Tenant| {
            let policy = tenant.policies.get_mut(&DEFAULT_POLICY).unwrap();
            policy.password_expiration_days = Some(days);
        }
    };
    expires_after(180)(&mut tenant);
    let world = World::new(tenant).await;
    world.configure_admin(CAPS);
    world.run_expiry(&[]).await.assert_succeeded(0);
    world.control.with_tenant(expires_after(90));
    world.run_expiry(&[]).await.assert_idle("refused", 4);
    let told = world.files_to_admin();
    assert_eq!(
        subjects(&told),
        ["[onelogin-steward] password-expiry: held, too many notices at once"]
    );
    let release = "onelogin-steward run password-expiry --max-notices 10 --reason \"...\"";
    assert_says(
        &told[0],
        &[
            "10 notices are due at once, more than max_notices_per_run (4)",
            "30 % of the 10 people whose password can expire",
            "1 of them expire before the next send day",
            "10 passed an earlier one without a notice",
            "the policy \"Default\" changed from 180 days to 90 days",
            release,
            "onelogin-steward run password-expiry --plan",
        ],
    );
    assert!(
        told[0].text.lines().any(|line| line.trim() == release),
        "a command stands whole on its line:\n{}",
        told[0].text
    );

    // A release that is too small is the same trouble, and no news.
    let small = ["--max-notices", "9", REASON[0], REASON[1]];
    world.run_expiry(&small).await.assert_idle("refused", 4);
    assert_eq!(world.files_to_admin().len(), 1);
    let enough = ["--max-notices", "10", REASON[0], REASON[1]];
    world.run_expiry(&enough).await.assert_succeeded(10);
    assert!(world.files_to_admin()[0].subject.contains("over: "));
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
async fn e7_clocks_more_than_ten_minutes_apart_hold_every_command() {
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
async fn e7_a_clock_ten_years_ahead_is_refused_and_the_admins_are_told() {
    let world = World::new(staff(2)).await;
    world.configure_admin("");
    world.clock.set("2036-11-23T07:00:00Z".parse().unwrap());
    world.run_expiry(&[]).await.assert_idle("refused", 4);
    let told = world.files_to_admin();
    assert_eq!(
        subjects(&told),
        ["[onelogin-steward] password-expiry: refused, the clocks differ"]
    );
    assert_says(
        &told[0],
        &[
            "2036-11-23T07:00:00Z",
            "2026-11-23T07:00",
            "Set the clock",
            "timedatectl",
        ],
    );
    world.clock.set(world.control.now());
    world.run_expiry(&[]).await.assert_succeeded(2);
    assert!(world.files_to_admin()[0].subject.contains("over: "));
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
