//! What goes wrong between us and OneLogin: passed over when it passes, told when it stays.

use std::collections::BTreeMap;

use onelogin_sandbox::{BodyShape, Fault, FaultKind, Sandbox, Tenant};
use onelogin_steward::config::Environment;

use crate::support::runs::{TOKEN, USERS};
use crate::support::staff::staff;
use crate::support::world::World;

/// Tries of one request.
const TRIES: u64 = 5;

fn status(code: u16) -> FaultKind {
    FaultKind::Status {
        code,
        body: BodyShape::Html,
        headers: BTreeMap::new(),
    }
}

/// Name, fault, what a person reads when it stays.
fn troubles() -> Vec<(&'static str, FaultKind, &'static [&'static str])> {
    vec![
        ("502", status(502), &["502", "again later"]),
        ("503", status(503), &["503", "again later"]),
        (
            "reset",
            FaultKind::ConnectionReset,
            &["no answer from 127.0.0.1:", "Check onelogin.url"],
        ),
        ("half", FaultKind::TruncatedJson, &["cannot be read", "line 1"]),
        (
            "a web page",
            FaultKind::WrongBody,
            &["cannot be read", "line 1", "onelogin.url", "proxy"],
        ),
        (
            "429 without Retry-After",
            FaultKind::TooManyRequests { retry_after: None },
            &["429", "quota", "later"],
        ),
        (
            "429 with Retry-After",
            FaultKind::TooManyRequests { retry_after: Some(0) },
            &["429", "quota", "later"],
        ),
    ]
}

/// A second is enough for the sandbox, and short for a test.
fn impatient() -> Environment {
    Environment::from_pairs([("ONELOGIN_STEWARD__ONELOGIN__TIMEOUT", "1s")])
}

#[tokio::test]
async fn a_trouble_that_passes_is_passed_over() {
    for (name, kind, _) in troubles() {
        // The second page, and the token.
        for (route, first) in [(format!("GET {USERS}"), 2), (format!("POST {TOKEN}"), 1)] {
            let world = World::new(staff(150)).await;
            let burst = Fault::on(&route, kind.clone()).between(first, first + TRIES - 2);
            let fault = world.control.add_fault(burst);
            let run = world.run_expiry(&[]).await;
            assert_eq!(world.control.fault_fired(fault), TRIES - 1, "{name} on {route}");
            assert_eq!(run.notices, 150, "{name} on {route}: {run:?}");
            run.assert_succeeded(150);
        }
    }
}

#[tokio::test]
async fn e10_a_trouble_that_stays_fails_the_run_and_mails_nobody() {
    for (name, kind, words) in troubles() {
        for (route, first) in [(format!("GET {USERS}"), 2), (format!("POST {TOKEN}"), 1)] {
            let world = World::new(staff(150)).await;
            let fault = Fault::on(&route, kind.clone()).starting_at(first);
            let fault = world.control.add_fault(fault);
            let run = world.run_expiry(&[]).await;
            assert_eq!(world.control.fault_fired(fault), TRIES, "{name} on {route}");
            run.assert_idle("failed", 1);
            run.assert_tells(words);
            run.assert_tells(&[&route]);
            assert_eq!(world.mails(), 0, "{name} on {route}");
            world.control.clear_faults();
            world.run_expiry(&[]).await.assert_succeeded(150);
        }
    }
}

#[tokio::test]
async fn a_quota_is_waited_for_as_long_as_it_says() {
    let world = World::new(staff(2)).await;
    let busy = FaultKind::TooManyRequests { retry_after: Some(1) };
    let fault = world
        .control
        .add_fault(Fault::on(format!("GET {USERS}"), busy).nth(1));
    world.run_expiry(&[]).await.assert_succeeded(2);
    assert_eq!(world.control.fault_fired(fault), 1);
}

#[tokio::test]
async fn a_quota_that_is_far_from_renewed_is_told_at_once() {
    let world = World::new(staff(2)).await;
    let busy = FaultKind::TooManyRequests {
        retry_after: Some(832),
    };
    let fault = world.control.add_fault(Fault::on(format!("GET {USERS}"), busy));
    let run = world.run_expiry(&[]).await;
    assert_eq!(world.control.fault_fired(fault), 1);
    run.assert_idle("failed", 1);
    run.assert_tells(&["429", "832 seconds"]);
}

#[tokio::test]
async fn an_answer_that_never_comes_is_asked_for_again() {
    let world = World::new(staff(150)).await;
    let silent = Fault::on(format!("GET {USERS}"), FaultKind::Timeout).nth(2);
    let fault = world.control.add_fault(silent);
    let run = world.run_expiry_in(&[], impatient()).await;
    assert_eq!(world.control.fault_fired(fault), 1);
    run.assert_succeeded(150);
}

#[tokio::test]
async fn a_tenant_that_never_answers_fails_the_run() {
    let world = World::new(staff(2)).await;
    let silent = Fault::on(format!("GET {USERS}"), FaultKind::Timeout);
    let fault = world.control.add_fault(silent);
    let run = world.run_expiry_in(&[], impatient()).await;
    assert_eq!(world.control.fault_fired(fault), TRIES);
    run.assert_idle("failed", 1);
    run.assert_tells(&[
        "no answer from 127.0.0.1:",
        "the time was up (onelogin.timeout)",
        "Check onelogin.url",
    ]);
}

#[tokio::test]
async fn a_body_without_end_is_not_read_to_its_end() {
    let world = World::new(staff(2)).await;
    let huge = FaultKind::HugeBody { bytes: 40 << 20 };
    let fault = world.control.add_fault(Fault::on(format!("GET {USERS}"), huge));
    let run = world.run_expiry(&[]).await;
    assert!(world.control.fault_fired(fault) > 0);
    run.assert_idle("failed", 1);
    run.assert_tells(&["GET /api/2/users", "larger than 32 MiB"]);
}

#[tokio::test]
async fn a_redirect_is_told_and_the_credential_never_follows_it() {
    let other = Sandbox::start(Tenant::empty()).await.unwrap();
    for (route, code) in [
        (format!("GET {USERS}"), 302),
        (format!("GET {USERS}"), 307),
        (format!("POST {TOKEN}"), 301),
        (format!("POST {TOKEN}"), 308),
    ] {
        let world = World::new(staff(2)).await;
        let away = FaultKind::Redirect {
            to: format!("{}{USERS}", other.url()),
            code,
        };
        let fault = world.control.add_fault(Fault::on(&route, away));
        let run = world.run_expiry(&[]).await;
        assert!(world.control.fault_fired(fault) > 0, "{route}");
        run.assert_idle("failed", 1);
        run.assert_tells(&[&route, &code.to_string(), &other.url(), "set onelogin.url"]);
    }
    assert_eq!(other.control().requests(), [], "nothing may reach the other host");
}
