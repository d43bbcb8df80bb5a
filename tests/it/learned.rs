//! What a run learns about the user list, and what the next one makes of it.

use std::collections::BTreeMap;

use onelogin_sandbox::{BodyShape, Fault, FaultKind, ListFields, Tenant};

use crate::support::admins::{assert_says, subjects};
use crate::support::runs::USERS;
use crate::support::staff::{DEFAULT_POLICY, person, staff};
use crate::support::world::World;

const USERS_V1: &str = "/api/1/users";
const RATE_LIMIT: &str = "/auth/rate_limit";
const RULE: &str =
    "[[password_expiry.rule]]\nname = \"sales\"\nmatch = { department = [\"Sales\"] }\nnotify = \"none\"\n";

/// A tenant whose v2 list has its default fields only, so that v1 has to be read.
fn only_defaults(mut tenant: Tenant) -> Tenant {
    tenant.knobs.list_fields = ListFields::DefaultsOnly;
    tenant
}

/// As many people as fill three pages of v1, none of whom is due.
fn three_pages() -> Tenant {
    let mut tenant = staff(0);
    assert!(tenant.policies.contains_key(&DEFAULT_POLICY));
    (1..=120).for_each(|id| tenant.add_user(person(id, 10)));
    only_defaults(tenant)
}

fn status(code: u16) -> FaultKind {
    FaultKind::Status {
        code,
        body: BodyShape::Envelope("no".to_owned()),
        headers: BTreeMap::new(),
    }
}

impl World {
    /// How often each of both lists was asked since the last time.
    fn lists_asked(&self) -> (usize, usize) {
        let mut v2 = self.calls_of(USERS);
        // What is asked right before the first mail is for the changes alone.
        v2.retain(|call| !call.query.iter().any(|(key, _)| key == "updated_since"));
        let asked = (v2.len(), self.calls_of(USERS_V1).len());
        self.control.clear_requests();
        asked
    }
}

#[tokio::test]
async fn the_list_that_had_the_fields_is_asked_first_from_then_on() {
    let world = World::new(only_defaults(staff(5))).await;
    world.run_expiry(&[]).await.assert_succeeded(5);
    assert_eq!(world.lists_asked(), (1, 1));
    for _ in 0..2 {
        world.run_expiry(&[]).await.assert_succeeded(0);
        assert_eq!(world.lists_asked(), (0, 1));
    }
    assert_eq!(world.plan_expiry(&[]).await.0, 0);
    assert_eq!(world.lists_asked(), (0, 1), "a plan goes by it too");
}

#[tokio::test]
async fn a_plan_learns_nothing() {
    let world = World::new(only_defaults(staff(5))).await;
    for _ in 0..2 {
        assert_eq!(world.plan_expiry(&[]).await.0, 0);
        assert_eq!(world.lists_asked(), (1, 1));
    }
    assert!(!world.home.path("steward.db").exists());
    // Nor does it where there is a store that knows of v2.
    world
        .control
        .with_tenant(|tenant| tenant.knobs.list_fields = ListFields::Any);
    world.run_expiry(&[]).await.assert_succeeded(5);
    let shrink = |tenant: &mut Tenant| tenant.knobs.list_fields = ListFields::DefaultsOnly;
    world.control.with_tenant(shrink);
    world.lists_asked();
    for _ in 0..2 {
        assert_eq!(world.plan_expiry(&[]).await.0, 0);
        assert_eq!(world.lists_asked(), (1, 1));
    }
}

#[tokio::test]
async fn other_needed_fields_are_learned_anew() {
    let world = World::new(only_defaults(staff(5))).await;
    world.run_expiry(&[]).await.assert_succeeded(5);
    world
        .control
        .with_tenant(|tenant| tenant.knobs.list_fields = ListFields::Any);
    world.configure(RULE);
    world.lists_asked();
    for _ in 0..2 {
        assert_eq!(world.run_expiry(&[]).await.status, "succeeded");
        assert_eq!(world.lists_asked(), (1, 0));
    }
}

#[tokio::test]
async fn a_v1_list_that_is_refused_from_now_on_is_unlearned() {
    for code in [401, 403, 404] {
        let world = World::new(only_defaults(staff(5))).await;
        world.run_expiry(&[]).await.assert_succeeded(5);
        world
            .control
            .add_fault(Fault::on(format!("GET {USERS_V1}"), status(code)));
        // While v2 lacks the fields too, nobody is mailed on a guess.
        let run = world.run_expiry(&[]).await;
        run.assert_idle("refused", 4);
        run.assert_tells(&["trusted_idp_id"]);

        world
            .control
            .with_tenant(|tenant| tenant.knobs.list_fields = ListFields::Any);
        world.run_expiry(&[]).await.assert_succeeded(0);
        world.lists_asked();
        world.run_expiry(&[]).await.assert_succeeded(0);
        assert_eq!(world.lists_asked(), (1, 0), "{code}");
    }
}

#[tokio::test]
async fn a_run_for_which_the_quota_is_too_small_is_put_off() {
    let world = World::new(three_pages()).await;
    world.configure_admin("");
    world.run_expiry(&[]).await.assert_succeeded(0);
    // Three of five are spent, and the next run needs three.
    world
        .control
        .with_tenant(|tenant| tenant.knobs.v1_hourly_limit = 5);
    world.lists_asked();
    let words = ["about 3 calls", "2 of the account's 5", "renewed in 60 minutes"];
    let run = world.run_expiry(&[]).await;
    run.assert_idle("skipped", 75);
    run.assert_tells(&words);
    let told = world.files_to_admin();
    assert_eq!(
        subjects(&told),
        ["[onelogin-steward] password-expiry: put off, the API quota is spent"]
    );
    assert_says(&told[0], &words);
    let (code, _, told) = world.plan_expiry(&[]).await;
    assert_eq!(code, 75, "{told}");
    for word in words {
        assert!(told.contains(word), "{told}");
    }
    assert_eq!(world.lists_asked(), (0, 0));

    // Just enough is enough.
    world
        .control
        .with_tenant(|tenant| tenant.knobs.v1_hourly_limit = 6);
    world.run_expiry(&[]).await.assert_succeeded(0);
    world.run_expiry(&[]).await.assert_idle("skipped", 75);
    world.set_now("2026-11-23T08:00:00Z");
    world.run_expiry(&[]).await.assert_succeeded(0);
}

#[tokio::test]
async fn a_quota_that_cannot_be_asked_for_stops_nothing() {
    for kind in [status(404), status(500), FaultKind::WrongBody] {
        let world = World::new(three_pages()).await;
        world.run_expiry(&[]).await.assert_succeeded(0);
        let fault = Fault::on(format!("GET {RATE_LIMIT}"), kind);
        let fault = world.control.add_fault(fault);
        world.run_expiry(&[]).await.assert_succeeded(0);
        assert!(world.control.fault_fired(fault) > 0);
    }
}

#[tokio::test]
async fn where_v2_has_everything_the_quota_is_not_asked_for() {
    let mut tenant = three_pages();
    tenant.knobs.list_fields = ListFields::Any;
    tenant.knobs.v1_hourly_limit = 0;
    let world = World::new(tenant).await;
    for _ in 0..2 {
        world.run_expiry(&[]).await.assert_succeeded(0);
    }
    assert_eq!(world.calls_of(RATE_LIMIT), []);
}
