//! `roles pause` and `roles resume`.

use super::{says, steps, world};

#[tokio::test]
async fn a_paused_role_is_planned_and_not_written_until_it_is_resumed() {
    let world = world(4, &[(10, &[1]), (20, &[1])]).await;
    world.wants(&[(10, &[1, 2]), (20, &[1, 2])]);
    let told = world
        .roles(&["pause", "Role 10", "--reason", "migration"], 0)
        .await;
    says(&told, &["Role 10 (id 10) is paused:", "roles resume id:10"]);
    assert_eq!(steps(&world.plan().await), ["+10:2 held", "+20:2"]);
    world.roles(&["apply", "--yes"], 4).await;
    assert_eq!(
        (world.members(10), world.members(20)),
        ([1].into(), [1, 2].into())
    );
    says(&world.roles(&["resume", "Role 10"], 0).await, &["is over"]);
    world.roles(&["apply", "--yes"], 0).await;
    assert_eq!(world.members(10), [1, 2].into());
    says(&world.roles(&["resume", "id:10"], 0).await, &["was not paused"]);
}

#[tokio::test]
async fn a_pause_ends_by_itself() {
    let world = world(4, &[(10, &[1])]).await;
    world.wants(&[(10, &[1, 2])]);
    let told = world
        .roles(&["pause", "id:10", "--for", "2h", "--reason", "migration"], 0)
        .await;
    // In Berlin.
    says(&told, &["until 2026-11-23 10:00"]);
    assert_eq!(steps(&world.plan().await), ["+10:2 held"]);
    world.set_now("2026-11-23T09:00:00Z");
    assert_eq!(steps(&world.plan().await), ["+10:2"]);
}

#[tokio::test]
async fn a_pause_needs_a_reason_and_a_role_that_is_there() {
    let world = world(4, &[(10, &[1])]).await;
    world.wants(&[(10, &[1, 2])]);
    world.roles(&["resume", "Role 10"], 0).await;
    assert!(!world.home.path("steward.db").exists());
    world.roles(&["pause", "Role 10"], 2).await;
    world.roles(&["pause", "Role 10", "--reason", ""], 2).await;
    world.roles(&["pause", "role 10", "--reason", "x"], 1).await;
    world.roles(&["pause", "id:11", "--reason", "x"], 1).await;
    assert_eq!(steps(&world.plan().await), ["+10:2"]);
}
