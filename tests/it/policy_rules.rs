//! Rules on groups, policies and roles, and what a held run remembers and says.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use onelogin_sandbox::{BodyShape, Fault, FaultKind, Group, Role, Tenant, User};

use crate::support::staff::{DEFAULT_POLICY, person, staff};
use crate::support::world::{MONDAY, World};

/// At 83 days a password has 2 days left by 85, 7 days by OneLogin's 90.
const DEFAULT_AGE: &str = "default_max_age_days = 85\n";
const CAPS: &str = "max_notices_per_run = 1\n";

fn section(keys: &[&str]) -> String {
    format!("[password_expiry]\n{}", keys.concat())
}

fn days_left(plan: &serde_json::Value) -> Vec<i64> {
    let notices = plan["notices"].as_array().unwrap();
    notices
        .iter()
        .map(|notice| notice["days_left"].as_i64().unwrap())
        .collect()
}

#[tokio::test]
async fn a_held_run_remembers_the_policies_and_the_default_age_never_takes_their_place() {
    let world = World::new(staff(3)).await;
    world.configure(&section(&[CAPS, DEFAULT_AGE]));
    world.run_expiry(&[]).await.assert_idle("refused", 4);
    let refused = FaultKind::Status {
        code: 403,
        body: BodyShape::Named("no".to_owned()),
        headers: BTreeMap::new(),
    };
    world.control.add_fault(Fault::on("GET /api/2/policies", refused));
    world.configure(&section(&[DEFAULT_AGE]));
    let (code, plan, told) = world.plan_expiry(&[]).await;
    assert_eq!(code, 0, "{told}");
    assert_eq!(days_left(&plan), [7, 7, 7], "by OneLogin's 90 days");
    let run = world.run_expiry(&[]).await;
    run.assert_succeeded(3);
    run.assert_tells(&["cannot be read", "serve"]);
}

#[tokio::test]
async fn ages_from_the_configuration_hold_beside_a_rule_on_a_policy() {
    let rule = "[[password_expiry.rule]]\nname = \"d\"\nmatch = { onelogin_policy = [\"Default\"] }\n";
    let ages = [
        ("max_age_days = 85\n", "", 2),
        ("notify = \"user\"\n", DEFAULT_AGE, 2),
        ("max_age_days = 86\n", DEFAULT_AGE, 3),
    ];
    for (of_rule, default, expected) in ages {
        let world = World::new(staff(2)).await;
        let section = section(&["age_source = \"config\"\n", default]);
        world.configure(&format!("{section}{rule}{of_rule}"));
        let (code, plan, told) = world.plan_expiry(&[]).await;
        assert_eq!(code, 0, "{told}");
        assert_eq!(days_left(&plan), [expected; 2], "{of_rule}{default}");
    }
}

#[tokio::test]
async fn a_rule_that_names_what_onelogin_does_not_list_refuses_the_run_and_says_which() {
    let mut tenant = staff(2);
    tenant.add_group(Group::new(10, "Finance"));
    tenant.add_role(Role::new(5, "Admins").with_members([1]));
    for (key, right, wrong) in [
        ("group", "Finance", "Finanz"),
        ("onelogin_policy", "Default", "Defualt"),
        ("role", "Admins", "Admin"),
    ] {
        let world = World::new(tenant.clone()).await;
        let rule = |name| {
            format!(
                "[[password_expiry.rule]]\nname = \"r\"\nmatch = {{ {key} = [\"{name}\"] }}\nmax_age_days = 90\n"
            )
        };
        world.configure(&rule(wrong));
        let (code, _, told) = world.plan_expiry(&[]).await;
        assert_eq!(code, 4, "{key}: {told}");
        let run = world.run_expiry(&[]).await;
        run.assert_idle("refused", 4);
        run.assert_tells(&[key, wrong, "[[password_expiry.rule]]"]);
        world.configure(&rule(right));
        world.run_expiry(&[]).await.assert_succeeded(2);
    }
}

#[tokio::test]
async fn a_hold_tells_how_many_expire_before_the_next_send_day_and_which_policy_changed() {
    let mut tenant = staff(0);
    (1..=3).for_each(|id| tenant.add_user(person(id, 40)));
    let monday: Timestamp = MONDAY.parse().unwrap();
    for id in 4..=5 {
        // By 45 days this one expires tonight.
        let changed_at = monday - SignedDuration::from_hours(24 * 45 - 12);
        tenant.add_user(User::new(id, format!("p{id}@acme.example")).with_password_changed_at(changed_at));
    }
    let world = World::new(tenant).await;
    world.run_expiry(&[]).await.assert_succeeded(0);
    world.control.with_tenant(|tenant: &mut Tenant| {
        let policy = tenant.policies.get_mut(&DEFAULT_POLICY).unwrap();
        policy.password_expiration_days = Some(45);
    });
    world.configure(&section(&[CAPS]));
    let run = world.run_expiry(&[]).await;
    run.assert_idle("refused", 4);
    run.assert_tells(&[
        "5 notices are due",
        "2 of them expire before the next send day",
        "the policy \"Default\" changed from 90 days to 45 days",
    ]);
}
