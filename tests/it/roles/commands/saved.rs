//! `roles plan --out` and `roles apply FILE`.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use onelogin_sandbox::Role;
use serde_json::Value;

use super::{says, world};
use crate::support::world::World;

/// Saves the plan; gives the path.
async fn save(world: &World) -> String {
    let path = world.home.path("plan.json").to_str().unwrap().to_owned();
    world.roles(&["plan", "--out", &path], 0).await;
    path
}

#[tokio::test]
async fn a_saved_plan_is_for_its_owner_alone_and_is_applied_as_it_was_shown() {
    let world = world(4, &[(10, &[1, 2])]).await;
    world.wants(&[(10, &[2, 3])]);
    let path = save(&world).await;
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(
        fs::read_dir(world.home.path(".")).unwrap().count(),
        4,
        "nothing is left beside it"
    );
    says(
        &world.roles(&["plan", "--out", &path], 1).await,
        &["is there already"],
    );
    world.roles(&["apply", &path, "--yes"], 0).await;
    assert_eq!(world.members(10), [2, 3].into());
}

#[tokio::test]
async fn a1_a_role_that_somebody_changed_by_hand_is_stale_and_the_others_apply() {
    let world = world(5, &[(10, &[1]), (20, &[1])]).await;
    world.wants(&[(10, &[1, 2]), (20, &[1, 3])]);
    let path = save(&world).await;
    world.control.with_tenant(|tenant| {
        tenant
            .roles
            .get_mut(&10)
            .unwrap()
            .members
            .insert(5, onelogin_sandbox::Membership::default());
    });
    let told = world.roles(&["apply", &path, "--yes"], 3).await;
    says(&told, &["Role 10 is stale", "members have changed"]);
    assert_eq!(
        (world.members(10), world.members(20)),
        ([1, 5].into(), [1, 3].into())
    );
    // A new plan does the rest.
    world.roles(&["apply", "--yes"], 0).await;
    assert_eq!(world.members(10), [1, 2].into());
    assert_eq!(world.plan().await["totals"]["add"], 0);
}

#[tokio::test]
async fn a1_who_moves_into_a_stale_role_stays_in_the_old_one() {
    let world = world(5, &[(10, &[1]), (20, &[1, 2, 3])]).await;
    world.wants(&[(10, &[1, 2]), (20, &[1])]);
    let path = save(&world).await;
    world.control.with_tenant(|tenant| {
        let members = &mut tenant.roles.get_mut(&10).unwrap().members;
        members.insert(5, onelogin_sandbox::Membership::default());
    });
    world.roles(&["apply", &path, "--yes"], 3).await;
    // 3 goes as planned; 2 did not come into role 10, and goes out of nothing.
    assert_eq!(
        (world.members(10), world.members(20)),
        ([1, 5].into(), [1, 2].into())
    );
}

#[tokio::test]
async fn a2_an_edited_an_old_and_a_foreign_plan_are_rejected_before_any_call() {
    let world = world(4, &[(10, &[1])]).await;
    world.wants(&[(10, &[1, 2])]);
    let path = save(&world).await;
    let text = fs::read_to_string(&path).unwrap();
    let plan: Value = serde_json::from_str(&text).unwrap();
    let with = |key: &str, value: Value| {
        let mut plan = plan.clone();
        plan[key] = value;
        fs::write(&path, plan.to_string()).unwrap();
    };
    world.control.clear_requests();
    with("plan_id", "0000000000000000".into());
    says(
        &world.roles(&["apply", &path, "--yes"], 1).await,
        &["changed since it was saved"],
    );
    with("version", 7.into());
    says(&world.roles(&["apply", &path, "--yes"], 1).await, &["format 7"]);
    with("tenant", "424242".into());
    says(
        &world.roles(&["apply", &path, "--yes"], 1).await,
        &["changed since it was saved"],
    );
    fs::write(&path, "{}").unwrap();
    says(
        &world.roles(&["apply", &path, "--yes"], 1).await,
        &["no saved plan"],
    );
    fs::write(&path, &text).unwrap();
    world.set_now("2026-11-24T07:00:01Z");
    says(
        &world.roles(&["apply", &path, "--yes"], 1).await,
        &["last 24 hours"],
    );
    world.roles(&["apply", "nowhere.json", "--yes"], 1).await;
    assert_eq!(world.control.requests().len(), 0);
    assert!(!world.home.path("steward.db").exists());
}

#[tokio::test]
async fn a2_a_plan_of_another_tenant_is_rejected_before_any_role_is_read() {
    let world = world(4, &[(10, &[1])]).await;
    world.wants(&[(10, &[1, 2])]);
    let path = save(&world).await;
    let account = world
        .control
        .with_tenant(|tenant| std::mem::replace(&mut tenant.account_id, 424_242));
    world.control.clear_requests();
    let words = [format!("for tenant {account}"), "this is 424242".to_owned()];
    let told = world.roles(&["apply", &path, "--yes"], 1).await;
    says(&told, &[&words[0], &words[1]]);
    let asked = world.control.requests();
    assert!(
        asked.iter().all(|call| call.path.contains("/oauth2/")),
        "{asked:?}"
    );
    // Once a run has left the number of the account, no token is asked for either.
    world.roles(&["apply", "--yes"], 0).await;
    world.control.clear_requests();
    world.roles(&["apply", &path, "--yes"], 1).await;
    assert_eq!(world.control.requests().len(), 0);
}

#[tokio::test]
async fn a3_a_renamed_role_is_stale_by_name_and_goes_on_by_id() {
    let world = world(4, &[(10, &[1]), (20, &[1])]).await;
    world.home.write(
        "roles.toml",
        "[[role]]\nname = \"Role 10\"\nmembers = [\"p1@acme.example\", \"p2@acme.example\"]\n\
         [[role]]\nid = 20\nmembers = [\"p1@acme.example\", \"p2@acme.example\"]\n",
    );
    let path = save(&world).await;
    world.control.with_tenant(|tenant| {
        for role in tenant.roles.values_mut() {
            role.name = format!("Was {}", role.name);
        }
    });
    let told = world.roles(&["apply", &path, "--yes"], 3).await;
    says(&told, &["Role 10 is stale"]);
    assert_eq!(
        (world.members(10), world.members(20)),
        ([1].into(), [1, 2].into())
    );
}

#[tokio::test]
async fn a3_a_deleted_role_and_its_successor_of_the_same_name_are_left_alone() {
    let world = world(4, &[(10, &[1])]).await;
    world.wants(&[(10, &[1, 2])]);
    let path = save(&world).await;
    world.control.with_tenant(|tenant| {
        tenant.roles.remove(&10);
        tenant.add_role(Role::new(30, "Other"));
    });
    world.roles(&["apply", &path, "--yes"], 3).await;
    world.control.with_tenant(|tenant| {
        tenant.add_role(Role::new(11, "Role 10").with_members([1]));
    });
    let told = world.roles(&["apply", &path, "--yes"], 3).await;
    says(&told, &["belongs to another role now"]);
    assert_eq!(world.members(11), [1].into());
    assert_eq!(world.writes(), 0);
}
