//! How OneLogin is read: which requests are made, with which token, and when a list counts.

use onelogin_sandbox::{Credential, Fault, FaultKind, OverLimit, PageLimits, Scope};
use onelogin_steward::clock::Clock as _;

use onelogin_steward::domain::field::FieldNeeds;
use onelogin_steward::domain::user::UserSource;

use crate::support::runs::{TOKEN, USERS};
use crate::support::staff::staff;
use crate::support::world::World;

/// Later by a second than the token lives.
const AFTER_TOKEN: &str = "2026-11-23T17:00:01Z";

fn users_once(kind: FaultKind) -> Fault {
    Fault::on("GET /api/2/users", kind)
}

/// No field beside the one that every list has.
fn nothing_more() -> FieldNeeds {
    FieldNeeds {
        deciding: ["email".to_owned()].into(),
        welcome: [].into(),
    }
}

#[tokio::test]
async fn a_list_costs_one_request_a_page_and_one_token() {
    for (people, pages) in [(1, 1), (100, 1), (101, 2), (250, 3)] {
        let world = World::new(staff(people)).await;
        let (code, plan, _) = world.plan_expiry(&[]).await;
        assert_eq!((code, plan["users"].as_i64()), (0, Some(people)));
        assert_eq!(world.calls_of(USERS).len(), pages, "{people} people");
        assert_eq!(world.calls_of(TOKEN).len(), 1, "{people} people");
        // Policies and groups are one page each.
        assert_eq!(world.control.requests().len(), pages + 3, "{people} people");
    }
}

#[tokio::test]
async fn the_first_page_asks_for_the_most_and_a_cursor_stands_without_limit_and_page() {
    let world = World::new(staff(250)).await;
    world.plan_expiry(&[]).await;
    let calls = world.calls_of(USERS);
    let fields = calls[0].param("fields").unwrap();
    assert!(
        fields.split(',').any(|field| field == "trusted_idp_id"),
        "{fields}"
    );
    for (page, call) in calls.iter().enumerate() {
        let limit = (page == 0).then_some("1000");
        assert_eq!(call.param("limit"), limit, "page {page}");
        assert_eq!(call.param("cursor").is_some(), page > 0, "page {page}");
        assert_eq!(call.param("page"), None);
        assert_eq!(call.param("fields"), Some(fields), "page {page}");
        assert_eq!(call.status, Some(200));
    }
}

#[tokio::test]
async fn a_refused_page_size_is_tried_again_smaller() {
    let cases = [(1000, "1000"), (100, "1000 100"), (50, "1000 100 50")];
    for (max, asked) in cases {
        let mut tenant = staff(60);
        tenant.knobs.users_pages = PageLimits {
            default: 20,
            max,
            over: OverLimit::Refuse,
        };
        let world = World::new(tenant).await;
        let (code, plan, _) = world.plan_expiry(&[]).await;
        assert_eq!((code, plan["users"].as_u64()), (0, Some(60)), "{max}");
        let calls = world.calls_of(USERS);
        let limits: Vec<_> = calls.iter().filter_map(|call| call.param("limit")).collect();
        assert_eq!(limits.join(" "), asked, "{max}");
    }
}

#[tokio::test]
async fn a_list_that_refuses_every_page_size_fails_the_run() {
    let mut tenant = staff(3);
    tenant.knobs.users_pages = PageLimits {
        default: 10,
        max: 10,
        over: OverLimit::Refuse,
    };
    let world = World::new(tenant).await;
    let run = world.run_expiry(&[]).await;
    run.assert_idle("failed", 1);
    run.assert_tells(&["GET /api/2/users", "400", "limit must be at most 10"]);
    assert_eq!(world.calls_of(USERS).len(), 3);
}

#[tokio::test]
async fn a_token_serves_every_call_while_it_lives_and_a_new_one_is_fetched_after_that() {
    let world = World::new(staff(150)).await;
    let client = world.client();
    let none = nothing_more();
    let count = async || {
        let list = client.list_users(&none, UserSource::V2).await;
        list.unwrap().users.len()
    };
    for _ in 0..2 {
        assert_eq!(count().await, 150);
    }
    assert_eq!(world.calls_of(TOKEN).len(), 1);
    world.set_now(AFTER_TOKEN);
    assert_eq!(count().await, 150);
    assert_eq!(world.calls_of(TOKEN).len(), 2);
    assert!(world.calls_of(USERS).iter().all(|call| call.status == Some(200)));
}

#[tokio::test]
async fn the_age_of_a_token_counts_from_when_it_was_made() {
    // Another process asked for it 9 h 59 m 50 s ago, and `expires_in` still says 10 hours.
    let mut tenant = staff(3);
    tenant.knobs.first_token_age_seconds = 35_990;
    let world = World::new(tenant).await;
    let client = world.client();
    client.account_id().await.unwrap();
    let later = world.clock.now() + jiff::SignedDuration::from_secs(11);
    world.set_now(&later.to_string());
    client.list_users(&nothing_more(), UserSource::V2).await.unwrap();
    assert_eq!(world.calls_of(TOKEN).len(), 2);
    let calls = world.calls_of(USERS);
    assert_eq!(calls.len(), 1, "no call was wasted on the dead token");
    assert_eq!(calls[0].status, Some(200));
}

#[tokio::test]
async fn a_token_that_dies_by_onelogins_clock_alone_is_fetched_anew() {
    let mut tenant = staff(3);
    tenant.knobs.first_token_age_seconds = 35_990;
    let world = World::new(tenant).await;
    let client = world.client();
    client.account_id().await.unwrap();
    let ahead = world.clock.now() + jiff::SignedDuration::from_secs(11);
    world.control.set_now(ahead);
    let list = client.list_users(&nothing_more(), UserSource::V2).await;
    assert_eq!(list.unwrap().users.len(), 3);
    assert_eq!(world.calls_of(TOKEN).len(), 2);
    let statuses: Vec<_> = world.calls_of(USERS).iter().map(|call| call.status).collect();
    assert_eq!(statuses, [Some(401), Some(200)]);
}

#[tokio::test]
async fn a_token_that_dies_in_the_middle_of_a_walk_costs_one_refresh_and_one_replay() {
    let world = World::new(staff(250)).await;
    let revoked = world
        .control
        .add_fault(users_once(FaultKind::TokenRevoked).nth(2));
    let run = world.run_expiry(&[]).await;
    run.assert_succeeded(250);
    assert_eq!(world.control.fault_fired(revoked), 1);
    assert_eq!(world.calls_of(TOKEN).len(), 2);
    let statuses: Vec<_> = world.calls_of(USERS).iter().map(|call| call.status).collect();
    assert_eq!(statuses[..4], [Some(200), Some(401), Some(200), Some(200)]);
    let cursors: Vec<_> = world.calls_of(USERS)[1..3]
        .iter()
        .map(|call| call.param("cursor").map(str::to_owned))
        .collect();
    assert_eq!(cursors[0], cursors[1], "the very page is asked for again");
}

#[tokio::test]
async fn a_second_refusal_is_told_as_the_scope_and_not_tried_for_ever() {
    let mut tenant = staff(3);
    tenant.credentials = vec![Credential {
        client_id: "sandbox-client".to_owned(),
        client_secret: "sandbox-secret".to_owned(),
        scope: Scope::AuthenticationOnly,
    }];
    let world = World::new(tenant).await;
    let run = world.run_expiry(&[]).await;
    run.assert_idle("failed", 1);
    run.assert_tells(&["GET /api/2/users", "401", "scope Read Users"]);
    assert_eq!(world.calls_of(USERS).len(), 2);
    assert_eq!(world.calls_of(TOKEN).len(), 2);
}

#[tokio::test]
async fn a_token_that_is_revoked_over_and_over_ends_the_run() {
    let world = World::new(staff(3)).await;
    let revoked = world.control.add_fault(users_once(FaultKind::TokenRevoked));
    world.run_expiry(&[]).await.assert_idle("failed", 1);
    assert_eq!(world.control.fault_fired(revoked), 2);
}

#[tokio::test]
async fn a_token_endpoint_that_fails_in_the_middle_of_a_walk_is_asked_five_times() {
    let world = World::new(staff(250)).await;
    world
        .control
        .add_fault(users_once(FaultKind::TokenRevoked).nth(2));
    let broken = Fault::on(format!("POST {TOKEN}"), FaultKind::WrongBody).starting_at(2);
    let broken = world.control.add_fault(broken);
    world.run_expiry(&[]).await.assert_idle("failed", 1);
    assert_eq!(world.control.fault_fired(broken), 5);
}
