//! `roles approve`: what it releases, once, for whom and for how long.

use super::{FREE, says, steps, world};
use crate::support::world::World;

const EVERYBODY: [i64; 20] = [
    1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20,
];

/// Two roles of twenty, of which the file keeps eight: both removals are held.
async fn held() -> World {
    let world = world(21, &[(10, &EVERYBODY), (20, &EVERYBODY)]).await;
    world.wants(&[(10, &EVERYBODY[..8]), (20, &EVERYBODY[..8])]);
    world
}

async fn plan_id(world: &World) -> String {
    world.plan().await["plan_id"].as_str().unwrap().to_owned()
}

async fn approve(world: &World, code: i32, more: &[&str]) -> crate::support::home::Output {
    let id = plan_id(world).await;
    let arguments = [&["approve", &id, "--reason", "TICKET-7", "--yes"][..], more].concat();
    world.roles(&arguments, code).await
}

#[tokio::test]
async fn g9_an_approval_is_good_for_its_role_and_once() {
    let world = held().await;
    let told = approve(&world, 0, &["--role", "Role 10"]).await;
    says(
        &told,
        &[
            "- p9@acme.example",
            "removals held by removals_per_role",
            "Approved by",
            "12 steps",
            "roles apply",
        ],
    );
    assert!(!told.stdout.contains("Role 20"), "{told:?}");
    // The plan shows what is released, and which steps are not.
    let plan = world.plan().await;
    assert_eq!(
        plan["totals"],
        serde_json::json!({ "add": 0, "remove": 12, "held": 12 })
    );
    assert_eq!(plan["roles"][0]["remove"][0]["approval"], 1);
    says(&world.roles(&["plan"], 0).await, &["not in the file, approved"]);
    world.roles(&["apply", "--yes"], 4).await;
    assert_eq!((world.members(10).len(), world.members(20).len()), (8, 20));
    let run = world.newest_run().await;
    let changes = world.json(&["history", "show", &run]).await;
    assert_eq!(changes["changes"][0]["approval_id"], 1);
    // Used: the same people, back in the role, are held again.
    world.control.with_tenant(|tenant| {
        let role = tenant.roles.get_mut(&10).unwrap();
        *role = role.clone().with_members(EVERYBODY);
    });
    assert_eq!(world.plan().await["totals"]["remove"], 0);
    world.roles(&["apply", "--yes"], 4).await;
    assert_eq!(world.members(10).len(), 20);
}

#[tokio::test]
async fn g9_an_approval_expires_after_a_day() {
    let world = held().await;
    approve(&world, 0, &[]).await;
    world.set_now("2026-11-24T07:00:00Z");
    assert_eq!(world.plan().await["totals"]["held"], 24);
    world.roles(&["apply", "--yes"], 4).await;
    assert_eq!(world.writes(), 0);
}

#[tokio::test]
async fn g9_an_approval_is_for_these_people_or_fewer_and_never_for_others() {
    let world = held().await;
    approve(&world, 0, &[]).await;
    // One more than was approved: all of them are held.
    world.wants(&[(10, &EVERYBODY[..7]), (20, &EVERYBODY[..8])]);
    let plan = world.plan().await;
    assert_eq!(
        plan["totals"],
        serde_json::json!({ "add": 0, "remove": 12, "held": 13 })
    );
    // One fewer: still good.
    world.wants(&[(10, &EVERYBODY[..9]), (20, &EVERYBODY[..8])]);
    world.roles(&["apply", "--yes"], 0).await;
    assert_eq!((world.members(10).len(), world.members(20).len()), (9, 8));
}

#[tokio::test]
async fn g10_an_approval_is_for_one_run_and_kept_with_who_and_why() {
    let world = held().await;
    says(&approve(&world, 0, &[]).await, &["Approved by uid"]);
    let store = rusqlite::Connection::open(world.home.path("steward.db")).unwrap();
    let kept: Vec<(i64, String, u32)> = store
        .prepare("SELECT role_id, reason, uid FROM approval ORDER BY role_id")
        .unwrap()
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .unwrap()
        .map(Result::unwrap)
        .collect();
    let uid = rustix::process::getuid().as_raw();
    let reason = "TICKET-7".to_owned();
    assert_eq!(kept, [(10, reason.clone(), uid), (20, reason, uid)]);
}

#[tokio::test]
async fn another_plan_is_not_approved_and_its_id_is_told() {
    let world = held().await;
    let id = plan_id(&world).await;
    world.wants(&[(10, &EVERYBODY[..7]), (20, &EVERYBODY[..8])]);
    let now = plan_id(&world).await;
    let told = world.roles(&["approve", &id, "--reason", "x", "--yes"], 1).await;
    says(&told, &[&format!("the plan is {now} now, not {id}")]);
    assert_eq!(world.plan().await["totals"]["held"], 25);
    let told = world.roles(&["approve", &id, "--yes"], 2).await;
    says(&told, &["--reason"]);
}

#[tokio::test]
async fn what_nobody_may_approve_away_is_told() {
    let world = world(3, &[(10, &[1, 2])]).await;
    world.wants(&[(10, &[1, 2, 3])]);
    says(&approve(&world, 1, &[]).await, &["nothing is held"]);
    world
        .roles(&["pause", "Role 10", "--reason", "migration"], 0)
        .await;
    let told = approve(&world, 1, &[]).await;
    says(&told, &["cannot be approved away", "paused: migration"]);
    says(
        &approve(&world, 1, &["--role", "Role 11"]).await,
        &["OneLogin has no role"],
    );
}

#[tokio::test]
async fn held_additions_are_approved_too() {
    let world = world(9, &[(10, &[1])]).await;
    world.configure(&format!("{FREE}additions_per_run = 2\n"));
    world.wants(&[(10, &[1, 2, 3, 4, 5])]);
    assert_eq!(
        steps(&world.plan().await)
            .iter()
            .filter(|step| step.ends_with("held"))
            .count(),
        4
    );
    approve(&world, 0, &[]).await;
    world.roles(&["apply", "--yes"], 0).await;
    assert_eq!(world.members(10).len(), 5);
}
