//! Where ages come from: OneLogin's policies, and what happens where they cannot be had.

use std::collections::BTreeMap;

use onelogin_sandbox::{
    BodyShape, Credential, Fault, FaultKind, FieldVariant, Group, Policy, Scope, ScopeRefusal, Tenant,
};

use crate::support::staff::{DEFAULT_POLICY, person, staff};
use crate::support::world::World;

/// A configured age that differs from OneLogin's, so that it shows where it is used: at 83 days a
/// password has 2 days left instead of 7.
const DEFAULT_AGE: &str = "[password_expiry]\ndefault_max_age_days = 85\n";

fn status(code: u16) -> FaultKind {
    FaultKind::Status {
        code,
        body: BodyShape::Named("no".to_owned()),
        headers: BTreeMap::new(),
    }
}

/// Days that are left for the first notice of a plan.
fn days_left(plan: &serde_json::Value) -> i64 {
    plan["notices"][0]["days_left"].as_i64().unwrap()
}

/// How policies are not there for us.
fn not_offered() -> Vec<(&'static str, Tenant)> {
    let mut no_policies = staff(3);
    no_policies.knobs.policies_offered = false;
    let mut no_groups = staff(3);
    no_groups.knobs.groups_v2_offered = false;
    let scoped = |refusal| {
        let mut tenant = staff(3);
        tenant.knobs.v2_scope_refusal = refusal;
        tenant.credentials = vec![Credential {
            client_id: "sandbox-client".to_owned(),
            client_secret: "sandbox-secret".to_owned(),
            scope: Scope::ReadUsers,
        }];
        tenant
    };
    vec![
        ("404 on policies", no_policies),
        ("404 on groups", no_groups),
        ("401", scoped(ScopeRefusal::Unauthorized)),
        ("403", scoped(ScopeRefusal::Forbidden)),
    ]
}

#[tokio::test]
async fn where_policies_are_not_offered_the_configured_age_counts_and_the_run_says_so() {
    for (name, tenant) in not_offered() {
        let world = World::new(tenant).await;
        world.configure(DEFAULT_AGE);
        let (code, plan, told) = world.plan_expiry(&[]).await;
        assert_eq!(code, 0, "{name}: {told}");
        assert_eq!(days_left(&plan), 2, "{name}");
        let note = plan["notes"][0].as_str().unwrap();
        assert!(note.contains("no password policies here"), "{name}: {note}");
        let run = world.run_expiry(&[]).await;
        run.assert_succeeded(3);
        run.assert_tells(&["only the ages of the configuration count"]);
    }
}

#[tokio::test]
async fn where_policies_are_not_offered_and_no_age_is_configured_the_run_fails_and_names_the_key() {
    for (_, tenant) in not_offered() {
        let world = World::new(tenant).await;
        let run = world.run_expiry(&[]).await;
        run.assert_idle("failed", 1);
        run.assert_tells(&["password_expiry.default_max_age_days", "Read All"]);
    }
}

#[tokio::test]
async fn policies_that_fail_and_were_never_read_refuse_the_run() {
    let kinds = [
        status(500),
        FaultKind::WrongBody,
        FaultKind::TooManyRequests { retry_after: None },
    ];
    for route in ["GET /api/2/policies", "GET /api/2/groups"] {
        for kind in kinds.clone() {
            let world = World::new(staff(3)).await;
            world.configure(DEFAULT_AGE);
            let fault = world.control.add_fault(Fault::on(route, kind));
            let run = world.run_expiry(&[]).await;
            assert_eq!(world.control.fault_fired(fault), 5);
            run.assert_idle("refused", 4);
            run.assert_tells(&["cannot be read", "never read before", route]);
        }
    }
}

#[tokio::test]
async fn policies_once_read_serve_while_they_are_young_and_never_the_default_age() {
    for kind in [status(500), status(404), status(401)] {
        let world = World::new(staff(3)).await;
        world.configure(DEFAULT_AGE);
        world.run_expiry(&[]).await.assert_succeeded(3);
        let fault = world.control.add_fault(Fault::on("GET /api/2/policies", kind));

        // policies_keep is 7 days: seven days later, to the second, they still serve.
        world.control.with_tenant(|tenant| tenant.add_user(person(9, 83)));
        world.set_now("2026-11-30T07:00:00Z");
        let (code, plan, told) = world.plan_expiry(&[]).await;
        assert_eq!(code, 0, "{told}");
        assert_eq!(days_left(&plan), 0, "by 90 days, not by 85: {plan:#}");
        let run = world.run_expiry(&[]).await;
        assert_eq!(run.status, "succeeded", "{run:?}");
        run.assert_tells(&["cannot be read", "serve"]);

        world.set_now("2026-11-30T07:00:01Z");
        let run = world.run_expiry(&[]).await;
        run.assert_idle("refused", 4);
        run.assert_tells(&["older than policies_keep", "2026-11-23"]);
        assert!(world.control.fault_fired(fault) > 0);
    }
}

#[tokio::test]
async fn groups_whose_list_lacks_the_policy_are_read_one_by_one() {
    let mut tenant = staff(2);
    tenant.knobs.group_list_has_policy_id = false;
    tenant.add_policy(Policy::user(2, "Strict", 85));
    tenant.add_group(Group::new(10, "Finance").with_policy(2));
    tenant.add_group(Group::new(11, "Others"));
    tenant.users.get_mut(&2).unwrap().group_id = Some(10);
    let world = World::new(tenant).await;
    let (code, plan, told) = world.plan_expiry(&[]).await;
    assert_eq!(code, 0, "{told}");
    let left: Vec<_> = plan["notices"].as_array().unwrap().iter().collect();
    let mut left: Vec<_> = left
        .iter()
        .map(|due| (&due["user_id"], &due["days_left"]))
        .collect();
    left.sort_by_key(|(user, _)| user.as_i64());
    assert_eq!(serde_json::json!(left), serde_json::json!([[1, 7], [2, 2]]));
    for id in [10, 11] {
        assert_eq!(world.calls_of(&format!("/api/2/groups/{id}")).len(), 1);
    }
}

#[tokio::test]
async fn a_policy_row_without_an_age_is_read_by_its_id_and_else_unknown() {
    // The list drops the field, the single read has it.
    let world = World::new(staff(2)).await;
    let short = FaultKind::FieldVariant {
        field: "password_expiration_days".to_owned(),
        variant: FieldVariant::Absent,
    };
    let fault = Fault::on("GET /api/2/policies", short.clone());
    let fault = world.control.add_fault(fault);
    let (code, plan, _) = world.plan_expiry(&[]).await;
    assert_eq!((code, days_left(&plan)), (0, 7));
    assert!(world.control.fault_fired(fault) > 0);

    // Neither has it: nobody is mailed on a guess, not even on the default age.
    world.configure(DEFAULT_AGE);
    let fault = world
        .control
        .add_fault(Fault::on("GET /api/2/policies/:id", short));
    let (code, plan, _) = world.plan_expiry(&[]).await;
    assert!(world.control.fault_fired(fault) > 0);
    assert_eq!((code, World::skipped(&plan, "age-unknown")), (0, 2), "{plan:#}");
}

#[tokio::test]
async fn what_a_group_says_of_its_policy_decides() {
    // The group's policy_id, and the days left; None: the age is unknown and nobody is mailed.
    let cases = [
        ("a policy", Some(2), Some(2)),
        ("null", None, Some(7)),
        ("0, cleared", Some(0), Some(7)),
        ("a policy that is gone", Some(99), None),
        ("a policy for apps", Some(3), None),
    ];
    for (name, policy_id, expected) in cases {
        let mut tenant = staff(1);
        tenant.add_policy(Policy::user(2, "Strict", 85));
        tenant.add_policy(Policy::app(3, "Apps"));
        let mut group = Group::new(10, "Finance");
        group.policy_id = policy_id;
        tenant.add_group(group);
        tenant.users.get_mut(&1).unwrap().group_id = Some(10);
        let world = World::new(tenant).await;
        let (code, plan, told) = world.plan_expiry(&[]).await;
        assert_eq!(code, 0, "{name}: {told}");
        match expected {
            Some(days) => assert_eq!(days_left(&plan), days, "{name}"),
            None => assert_eq!(World::skipped(&plan, "age-unknown"), 1, "{name}: {plan:#}"),
        }
    }
}

#[tokio::test]
async fn a_group_that_was_not_among_those_read_leaves_the_age_unknown() {
    let mut tenant = staff(2);
    tenant.users.get_mut(&2).unwrap().group_id = Some(404);
    let world = World::new(tenant).await;
    let (_, plan, _) = world.plan_expiry(&[]).await;
    assert_eq!(World::skipped(&plan, "age-unknown"), 1, "{plan:#}");
    assert_eq!(plan["notices"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_group_or_policy_that_goes_away_while_it_is_read_leaves_the_age_unknown() {
    let mut tenant = staff(2);
    tenant.knobs.group_list_has_policy_id = false;
    tenant.add_group(Group::new(10, "Finance"));
    tenant.users.get_mut(&2).unwrap().group_id = Some(10);
    let world = World::new(tenant).await;
    world.configure(DEFAULT_AGE);
    let gone = Fault::on("GET /api/2/groups/:id", status(404));
    let gone = world.control.add_fault(gone);
    let (_, plan, told) = world.plan_expiry(&[]).await;
    assert_eq!(world.control.fault_fired(gone), 1);
    assert_eq!(World::skipped(&plan, "age-unknown"), 1, "{told}{plan:#}");
    assert_eq!(days_left(&plan), 7, "not by the default age: {plan:#}");

    let short = FaultKind::FieldVariant {
        field: "kind".to_owned(),
        variant: FieldVariant::Absent,
    };
    world.control.add_fault(Fault::on("GET /api/2/policies", short));
    let gone = Fault::on("GET /api/2/policies/:id", status(404));
    let gone = world.control.add_fault(gone);
    let (_, plan, told) = world.plan_expiry(&[]).await;
    assert_eq!(world.control.fault_fired(gone), 1);
    assert_eq!(World::skipped(&plan, "age-unknown"), 2, "{told}{plan:#}");
}

#[tokio::test]
async fn a_policy_list_without_paging_or_without_a_count_is_a_list() {
    for (paged, counted) in [(false, false), (true, false)] {
        let mut tenant = staff(2);
        tenant.knobs.policies_paged = paged;
        tenant.knobs.policies_total_count = counted;
        let world = World::new(tenant).await;
        world.run_expiry(&[]).await.assert_succeeded(2);
    }
}

#[tokio::test]
async fn a_policy_for_apps_is_no_age_and_no_default() {
    let mut tenant = staff(1);
    tenant.policies.clear();
    tenant.add_policy(Policy::app(3, "Apps").as_default());
    let world = World::new(tenant).await;
    let (code, plan, _) = world.plan_expiry(&[]).await;
    assert_eq!(code, 0);
    assert_eq!(World::skipped(&plan, "age-unknown"), 1, "{plan:#}");
}

#[tokio::test]
async fn a_policy_that_changed_is_told_once_and_moves_the_dates() {
    let mut tenant = Tenant::empty();
    tenant.add_policy(Policy::user(DEFAULT_POLICY, "Default", 90).as_default());
    (1..=3).for_each(|id| tenant.add_user(person(id, 40)));
    let world = World::new(tenant).await;
    world.run_expiry(&[]).await.assert_succeeded(0);

    let shorten = |tenant: &mut Tenant| {
        let policy = tenant.policies.get_mut(&DEFAULT_POLICY).unwrap();
        policy.password_expiration_days = Some(45);
    };
    world.control.with_tenant(shorten);
    let change = "the policy \"Default\" changed from 90 days to 45 days";
    let (_, plan, _) = world.plan_expiry(&[]).await;
    assert_eq!(plan["notes"], serde_json::json!([change]));

    // Held, it still says why so many are due, and the change is not forgotten.
    let caps = "[password_expiry]\nmax_notices_per_run = 1\n";
    world.configure(caps);
    for _ in 0..2 {
        let run = world.run_expiry(&[]).await;
        run.assert_idle("refused", 4);
        run.assert_tells(&["3 notices are due", change]);
    }
    let run = world
        .run_expiry(&["--max-notices", "3", "--reason", "new policy"])
        .await;
    run.assert_succeeded(3);
    run.assert_tells(&[change]);
    let run = world.run_expiry(&[]).await;
    run.assert_succeeded(0);
    assert!(!run.summary.contains("changed"), "{run:?}");
}
