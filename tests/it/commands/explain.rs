//! `expiry explain`: why a person is mailed, and each reason why not.

use std::collections::BTreeSet;

use onelogin_sandbox::{Group, Policy, User};
use onelogin_steward::domain::skip::Skip;

use crate::support::company::{company, expiring};
use crate::support::world::World;

/// Passwords that expire in a week, made to be left out in one way each.
fn left_out() -> Vec<(&'static str, User)> {
    let person = |id: i64| expiring(id, &format!("p{id}@acme.example"), 7);
    let with = |id: i64, change: fn(&mut User)| {
        let mut user = person(id);
        change(&mut user);
        user
    };
    vec![
        ("unlicensed", with(1, |user| user.state = 3)),
        ("unlicensed", with(2, |user| user.state = 0)),
        ("directory", with(3, |user| user.directory_id = Some(1))),
        ("trusted-idp", with(4, |user| user.trusted_idp_id = Some(1))),
        ("reset-pending", person(5).with_status(5)),
        ("reset-pending", person(6).with_status(7)),
        ("unactivated", person(7).with_status(0)),
        ("suspended", person(8).with_status(2)),
        ("security-questions-required", person(9).with_status(8)),
        ("unknown-status", person(10).with_status(99)),
        ("status-not-mailed", person(11).with_status(3)),
        (
            "password-never-set",
            with(12, |user| user.password_changed_at = None),
        ),
        ("age-unknown", person(13).in_group(999)),
        ("never-expires", person(14).in_group(2)),
        (
            "notify-none",
            with(15, |user| user.username = Some("svc-x".to_owned())),
        ),
        ("no-address", with(16, |user| user.email = None)),
        (
            "no-manager",
            with(17, |user| user.username = Some("boss".to_owned())),
        ),
        ("not-due", expiring(18, "p18@acme.example", 60)),
        ("long-expired", expiring(19, "p19@acme.example", -9)),
        ("already-notified", person(20)),
    ]
}

const SETTINGS: &str = r#"[password_expiry]
statuses = ["active"]
[[password_expiry.rule]]
name = "services"
match = { username = ["svc-*"] }
notify = "none"
[[password_expiry.rule]]
name = "bosses"
match = { username = ["boss"] }
notify = "manager"
"#;

#[tokio::test]
async fn e14_each_reason_for_no_mail_is_named() {
    let cases = left_out();
    let mut tenant = company(cases.iter().map(|(_, user)| user.clone()));
    tenant.add_policy(Policy::user(2, "Never", 0));
    tenant.add_group(Group::new(2, "Machines").with_policy(2));
    let world = World::new(tenant).await;
    world.configure(SETTINGS);
    let due = world.json(&["expiry", "explain", "id:20"]).await;
    assert_eq!(
        (&due["due_now"], &due["reason"]),
        (&7.into(), &().into()),
        "{due:#}"
    );
    world.run_expecting(0).await;

    let mut seen: BTreeSet<&str> = BTreeSet::new();
    for (reason, user) in &cases {
        let told = world
            .json(&["expiry", "explain", &format!("id:{}", user.id)])
            .await;
        assert_eq!(told["reason"], *reason, "{told:#}");
        assert!(!told["explanation"].as_str().unwrap().is_empty());
        assert!(told["due_now"].is_null(), "{told:#}");
        let text = world
            .steward(&["expiry", "explain", &format!("id:{}", user.id)])
            .await;
        assert!(text.stdout.contains("no mail"), "{}", text.stdout);
        seen.insert(reason);
    }

    // The plan counts the same reasons.
    let plan = world.json(&["run", "password-expiry", "--plan"]).await;
    let counted: BTreeSet<&str> = plan["skipped"]
        .as_array()
        .unwrap()
        .iter()
        .map(|skip| skip["reason"].as_str().unwrap())
        .collect();
    assert_eq!(counted, seen);

    seen.insert("expired");
    let all: BTreeSet<&str> = Skip::ALL.iter().map(|skip| skip.as_str()).collect();
    assert_eq!(seen, all, "a reason without a case here");
}

#[tokio::test]
async fn an_expired_password_is_named_where_no_mail_goes_after_the_expiry() {
    let world = World::new(company([expiring(1, "ana@acme.example", -2)])).await;
    let due = world.json(&["expiry", "explain", "id:1"]).await;
    assert_eq!(due["due_now"], -1, "{due:#}");
    world.configure("[password_expiry]\nnotice_after_expiry = false\n");
    let told = world.json(&["expiry", "explain", "id:1"]).await;
    assert_eq!(told["reason"], "expired", "{told:#}");
}

#[tokio::test]
async fn the_thresholds_tell_what_was_sent_what_comes_and_what_does_not() {
    let world = World::new(company([expiring(1, "ana@acme.example", 7)])).await;
    world.run_expecting(0).await;
    let told = world.json(&["expiry", "explain", "ana@acme.example"]).await;
    let standings: Vec<(i64, &str)> = told["thresholds"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| {
            (
                one["threshold"].as_i64().unwrap(),
                one["standing"].as_str().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        standings,
        [
            (14, "superseded"),
            (7, "rehearsed"),
            (3, "passed"),
            (1, "next"),
            (-1, "next")
        ]
    );
    assert_eq!(told["expires_on"], "2026-11-30");
    assert_eq!(told["expires_at"], "2026-11-30T11:00:00Z");
    assert_eq!(told["recipient"], "ana@acme.example");
    assert_eq!(told["password_changed_at"], "2026-09-01T11:00:00Z");
    // On Friday the weekend is looked over: the notice of 1 day comes then, and the one of 3 never.
    let next: Vec<_> = (3..5)
        .map(|at| told["thresholds"][at]["at"].as_str().unwrap())
        .collect();
    assert_eq!(next, ["2026-11-27T07:00:00Z", "2026-12-01T07:00:00Z"]);
    let text = world
        .steward(&["expiry", "explain", "ana@acme.example"])
        .await
        .stdout;
    assert!(text.contains("not visible to the API"), "{text}");
}
