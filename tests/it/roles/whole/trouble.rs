//! Quota, credentials and a network that fails in the middle of the writes.

use std::collections::BTreeMap;

use onelogin_sandbox::{BodyShape, Fault, FaultKind, ListFields, RetryAfter};
use onelogin_steward::domain::role::change::ChangeState;

use super::company::{ADDS, Company, REMOVES, SALES, UNDISTURBED, role, support};
use crate::roles::scene::status;
use crate::support::runs::TOKEN;
use crate::support::staff::person;

fn throttled(retry_after: RetryAfter) -> FaultKind {
    FaultKind::Throttled {
        code: 429,
        retry_after,
    }
}

#[tokio::test]
async fn n1_a_429_among_the_writes_is_waited_out_and_nothing_is_lost() {
    for retry_after in [
        RetryAfter::Absent,
        RetryAfter::Seconds(1),
        RetryAfter::HttpDate(1),
        RetryAfter::Seconds(-5),
        RetryAfter::Text("soon".to_owned()),
    ] {
        let company = Company::new().await;
        let fault = Fault::on(ADDS, throttled(retry_after)).nth(2);
        company.control().add_fault(fault);
        let ran = company.run().await;
        // The throttled call is made once more, and is the only one that is.
        ran.assert_did(0, "succeeded", &[&UNDISTURBED[..], &UNDISTURBED[1..2]].concat());
        company.converges().await;
    }
}

#[tokio::test]
async fn n1_an_absurd_wait_ends_the_run_with_the_reason() {
    for retry_after in [RetryAfter::Absurd, RetryAfter::Seconds(1_000_000_000)] {
        let company = Company::new().await;
        let fault = Fault::on(ADDS, throttled(retry_after)).starting_at(2);
        company.control().add_fault(fault);
        let ran = company.run().await;
        ran.assert_did(3, "partial", &UNDISTURBED[..2]);
        ran.assert_tells(&["429"]);
        company.converges().await;
    }
}

#[tokio::test]
async fn n2_a_429_for_ever_is_given_up_and_the_next_run_goes_on() {
    for (calls_before, code, ended) in [(1, 1, "failed"), (2, 3, "partial")] {
        let company = Company::new().await;
        let fault = FaultKind::TooManyRequests { retry_after: None };
        company
            .control()
            .add_fault(Fault::on(ADDS, fault).starting_at(calls_before));
        let ran = company.run().await;
        ran.assert_did_status(code, ended);
        assert!(ran.written.iter().all(|one| one.0 == '+'), "{ran:?}");
        company.converges().await;
    }
}

#[tokio::test]
async fn n3_a_quota_that_does_not_suffice_puts_the_run_off_and_says_until_when() {
    let company = Company::with(|tenant| {
        tenant.knobs.list_fields = ListFields::DefaultsOnly;
        for id in [9, 10] {
            tenant.users.get_mut(&id).unwrap().title = Some(format!("Seller {id}"));
        }
        for id in 300..500 {
            tenant.add_user(person(id, 10));
        }
    })
    .await;
    // Only v1 tells titles here, and only v1 counts against a quota: five pages of people.
    let file =
        |title: &str| role("Sales", 1..=7) + &format!("match = {{ title = {title:?} }}\n") + &support();
    company.given_file(&file("Seller 9"));
    company.run().await.assert_did(0, "succeeded", &UNDISTURBED);
    company.given_file(&file("Seller 10"));
    let calls = company.world.calls_of("/api/1/users").len() as u64;
    assert_eq!(calls, 5);
    company.tenant(|tenant| tenant.knobs.v1_hourly_limit = calls + 4);
    let ran = company.run().await;
    ran.assert_did(75, "skipped", &[]);
    ran.assert_tells(&["they are renewed in"]);
    assert_eq!(company.plan().await.0, 75);
    company.tenant(|tenant| tenant.knobs.v1_hourly_limit = 5000);
    let swapped = [('+', SALES, 10), ('-', SALES, 9)];
    company.run().await.assert_did(0, "succeeded", &swapped);
    company.is_in_line().await;
}

#[tokio::test]
async fn n5_a_token_that_dies_and_is_refused_ends_the_run_and_the_journal_says_what_is_done() {
    let company = Company::new().await;
    company
        .control()
        .add_fault(Fault::on(ADDS, FaultKind::TokenRevoked).nth(2));
    company
        .control()
        .add_fault(Fault::on(format!("POST {TOKEN}"), status(401)).starting_at(2));
    let ran = company.run().await;
    ran.assert_did(3, "partial", &UNDISTURBED[..1]);
    ran.assert_tells(&["token"]);
    // 9 was added before; whether it shows could not be looked at any more.
    let journal = company.journal().await;
    let states: Vec<_> = journal
        .iter()
        .map(|change| (change.user_id.0, change.state))
        .collect();
    assert_eq!(states, [(9, ChangeState::Intended), (15, ChangeState::Failed)]);
    company.converges().await;
}

#[tokio::test]
async fn n6_many_roles_and_one_dead_token_cost_one_more_token() {
    let company = Company::new().await;
    company
        .control()
        .add_fault(Fault::on("GET /api/2/roles", FaultKind::TokenRevoked).nth(1));
    company.run().await.assert_did(0, "succeeded", &UNDISTURBED);
    assert_eq!(company.world.calls_of(TOKEN).len(), 2);
}

#[tokio::test]
async fn n9_a_5xx_on_a_write_is_looked_at_before_it_is_made_again() {
    for (route, sign) in [(ADDS, '+'), (REMOVES, '-')] {
        for takes_effect in [true, false] {
            let company = Company::new().await;
            let mut fault = Fault::on(route, status(502)).nth(1);
            fault.takes_effect = takes_effect;
            let fault = company.control().add_fault(fault);
            let ran = company.run().await;
            let mut written = UNDISTURBED.to_vec();
            if !takes_effect {
                written.push(if sign == '+' {
                    UNDISTURBED[0]
                } else {
                    UNDISTURBED[2]
                });
            }
            ran.assert_did(0, "succeeded", &written);
            let requests = company.control().requests();
            let lost = requests
                .iter()
                .position(|call| call.fault == Some(fault))
                .unwrap();
            assert_eq!(requests[lost + 1].method, "GET", "looked at first");
            company.converges().await;
        }
    }
}

#[tokio::test]
async fn n10_no_secret_shows_in_a_trace_a_plan_a_journal_or_the_words_of_a_server() {
    let company = Company::new().await;
    // A proxy that repeats what it was sent.
    let echo = FaultKind::Status {
        code: 403,
        body: BodyShape::Named("refused: client sandbox-client with sandbox-secret".to_owned()),
        headers: BTreeMap::new(),
    };
    company.given_fault(&format!("POST /api/2/roles/{SALES}/users"), echo);
    let config = std::fs::read_to_string(company.world.home.path("config.toml")).unwrap();
    company
        .world
        .home
        .config(&config.replace("level = \"off\"", "level = \"trace\""));
    company.control().follow_system_clock();
    let (home, control) = (company.world.home.path(""), company.control().clone());
    let outputs = tokio::task::spawn_blocking(move || {
        (
            company
                .world
                .home
                .steward(&["run", "role-sync", "--plan", "--json"]),
            company.world.home.steward(&["run", "role-sync"]),
            company,
        )
    })
    .await
    .unwrap();
    let (plan, run, _company) = outputs;
    assert_eq!((plan.code, run.code), (0, 3), "{plan:?}{run:?}");
    assert!(
        run.stderr.contains("TRACE") || run.stderr.contains("DEBUG"),
        "{run:?}"
    );
    assert_eq!(control.mutations().len(), 4);
    let mut all = format!("{plan:?}{run:?}").into_bytes();
    for name in ["steward.db", "steward.db-wal"] {
        all.extend(std::fs::read(home.join(name)).unwrap_or_default());
    }
    let all = String::from_utf8_lossy(&all);
    for word in ["sandbox-secret", "Bearer", "bearer"] {
        assert!(!all.contains(word), "{word}");
    }
}
