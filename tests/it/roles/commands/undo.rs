//! `roles undo`.

use onelogin_sandbox::Membership;
use onelogin_steward::domain::run::RunStatus;

use super::super::scheduled::as_the_daemon;
use super::{FREE, says, steps, world};
use crate::support::world::World;

/// Role 10 was 1 and 2, role 20 was 1; a run made them 2 and 3, and 2.
async fn ran() -> (World, String) {
    let world = world(5, &[(10, &[1, 2]), (20, &[1])]).await;
    world.wants(&[(10, &[2, 3]), (20, &[2])]);
    world.roles(&["apply", "--yes"], 0).await;
    assert_eq!(
        (world.members(10), world.members(20)),
        ([2, 3].into(), [2].into())
    );
    let run = world.newest_run().await;
    (world, run)
}

#[tokio::test]
async fn without_apply_it_shows_what_it_would_do_and_the_patch_and_changes_nothing() {
    let (world, run) = ran().await;
    let (writes, file) = (world.writes(), world.file());
    let told = world.roles(&["undo", &run], 0).await;
    says(
        &told,
        &[
            "Undo of run 1: 2 to add, 2 to remove, 0 left",
            "Role 10 (id 10) + p1@acme.example - p3@acme.example",
            "--apply",
        ],
    );
    assert!(
        told.stdout.contains("\n-  \"p3@acme.example\",\n"),
        "{}",
        told.stdout
    );
    assert!(
        told.stdout
            .contains("p1@acme.example\", reason = \"undo of run 1\""),
        "{}",
        told.stdout
    );
    assert_eq!((world.writes(), world.file()), (writes, file));
    assert_eq!(world.json(&["history"]).await.as_array().unwrap().len(), 1);
    assert_eq!(steps(&world.plan().await), [""; 0]);
}

#[tokio::test]
async fn applied_it_puts_back_the_old_state_and_pauses_the_roles_until_the_file_changes() {
    let (world, run) = ran().await;
    let told = world.roles(&["undo", &run, "--apply", "--yes"], 0).await;
    says(&told, &["run 2 succeeded: run 1 undone; 2 added, 2 removed"]);
    assert_eq!(
        (world.members(10), world.members(20)),
        ([1, 2].into(), [1].into())
    );
    let undone = world.json(&["history", "show", "2"]).await;
    assert_eq!(
        (&undone["job"], &undone["trigger"]),
        (&"role-sync".into(), &"manual".into())
    );
    assert_eq!(undone["changes"][0]["cause"], "undone");
    // The file still says what was undone, and nothing does it again.
    assert_eq!(
        steps(&world.plan().await),
        ["+10:3 held", "-10:1 held", "+20:2 held", "-20:1 held"]
    );
    world.roles(&["apply", "--yes"], 4).await;
    assert_eq!(world.members(10), [1, 2].into());
    // Moved and laid out anew, an entry says the same.
    let file = world
        .file()
        .replace("members = [\n", "members = [   # a comment\n");
    world.home.write("roles.toml", &format!("# moved\n\n{file}"));
    assert_eq!(world.plan().await["totals"]["held"], 4);
    // One entry changes: its pause is over, and the other role's is not.
    world.wants(&[(10, &[1, 2, 4]), (20, &[2])]);
    let plan = world.plan().await;
    assert_eq!(steps(&plan), ["+10:4", "+20:2 held", "-20:1 held"]);
    says(
        &world.roles(&["plan"], 0).await,
        &["the pause of Role 10 is over (run 1 is undone, until its entry in the file changes)"],
    );
    world.roles(&["apply", "--yes"], 4).await;
    assert_eq!(
        (world.members(10), world.members(20)),
        ([1, 2, 4].into(), [1].into())
    );
    // It is over for good, also where the file says the old thing again.
    world.wants(&[(10, &[2, 3]), (20, &[2])]);
    assert_eq!(steps(&world.plan().await)[..2], ["+10:3", "-10:1"]);
}

#[tokio::test]
async fn the_patch_ends_the_pause_and_leaves_nothing_to_do() {
    let (world, run) = ran().await;
    world.roles(&["undo", &run, "--apply", "--yes"], 0).await;
    world.wants(&[(10, &[1, 2]), (20, &[1])]);
    assert_eq!(steps(&world.plan().await), [""; 0]);
    world.roles(&["apply", "--yes"], 0).await;
    says(&world.roles(&["resume", "id:10"], 0).await, &["was not paused"]);
}

#[tokio::test]
async fn what_is_not_as_the_run_left_it_is_left_alone() {
    let (world, run) = ran().await;
    world.control.with_tenant(|tenant| {
        let role = tenant.roles.get_mut(&10).unwrap();
        role.members.remove(&3);
        role.members.insert(1, Membership::default());
    });
    let told = world.roles(&["undo", &run, "--apply", "--yes"], 0).await;
    says(
        &told,
        &[
            "2 memberships are as they were before the run already",
            "1 added, 1 removed",
        ],
    );
    assert_eq!(
        (world.members(10), world.members(20)),
        ([1, 2].into(), [1].into())
    );
}

#[tokio::test]
async fn the_protected_stay_and_those_out_of_standing_are_not_added() {
    let (world, run) = ran().await;
    world.configure(&format!(
        "{FREE}\n[role_sync]\nprotected = [\"p3@acme.example\"]\n"
    ));
    world
        .control
        .with_tenant(|tenant| tenant.users.get_mut(&1).unwrap().status = 2);
    let told = world.roles(&["undo", &run, "--apply", "--yes"], 3).await;
    says(
        &told,
        &[
            "p3@acme.example in Role 10: protected, so never removed",
            "p1@acme.example in Role 10: gone, or not in good standing",
        ],
    );
    assert_eq!((world.members(10), world.members(20)), ([2, 3].into(), [].into()));
}

#[tokio::test]
async fn nobody_who_was_moved_is_left_with_neither_role() {
    let world = world(3, &[(10, &[1]), (20, &[])]).await;
    world.wants(&[(10, &[]), (20, &[1])]);
    world.roles(&["apply", "--yes"], 0).await;
    let run = world.newest_run().await;
    world
        .control
        .with_tenant(|tenant| tenant.users.get_mut(&1).unwrap().status = 2);
    let told = world.roles(&["undo", &run, "--apply", "--yes"], 3).await;
    says(&told, &["nobody is left with neither"]);
    assert_eq!((world.members(10), world.members(20)), ([].into(), [1].into()));
}

#[tokio::test]
async fn an_undoing_can_be_undone_and_a_role_that_we_emptied_is_no_riddle() {
    let world = world(3, &[(10, &[])]).await;
    world.wants(&[(10, &[1, 2])]);
    world.roles(&["apply", "--yes"], 0).await;
    world.roles(&["undo", "1", "--apply", "--yes"], 0).await;
    assert_eq!(world.members(10), [].into());
    let plan = world.plan().await;
    assert_eq!(plan["roles"][0]["held"][0]["guard"], "paused");
    assert_eq!(plan["roles"][0]["held"].as_array().unwrap().len(), 1, "{plan}");
    world.roles(&["undo", "2", "--apply", "--yes"], 0).await;
    assert_eq!(world.members(10), [1, 2].into());
}

#[tokio::test]
async fn a_run_that_is_not_there_is_an_error_and_one_that_changed_nothing_is_none() {
    let world = world(3, &[(10, &[1])]).await;
    world.wants(&[(10, &[1])]);
    world.roles(&["undo", "1"], 1).await;
    assert!(!world.home.path("steward.db").exists());
    world.roles(&["apply", "--yes"], 0).await;
    says(
        &world.roles(&["undo", "1", "--apply", "--yes"], 0).await,
        &["nothing to undo"],
    );
    says(
        &world.roles(&["undo", "7", "--apply", "--yes"], 1).await,
        &["there is no run 7"],
    );
    assert_eq!(world.writes(), 0);
}

#[tokio::test]
async fn a_pause_outlives_a_file_that_is_broken_for_a_while() {
    let people: Vec<i64> = (1..=10).collect();
    let world = world(11, &[(10, &people)]).await;
    world.configure(&format!("{FREE}\n[role_sync]\nmode = \"apply\"\n"));
    world.wants(&[(10, &people)]);
    world.roles(&["apply", "--yes"], 0).await;
    // It asks for so much less that its removals are held, and it is not the accepted file.
    let wanted = [1, 2, 3, 4, 5, 11];
    world.wants(&[(10, &wanted)]);
    world.roles(&["apply", "--yes"], 4).await;
    world.roles(&["undo", "2", "--apply", "--yes"], 0).await;
    assert_eq!(world.members(10), (1..=10).collect());
    let file = world.file();
    let held = steps(&world.plan().await);
    assert!(held.contains(&"+10:11 held".to_owned()), "{held:?}");
    // The accepted file says something else of the role, and nobody has changed the entry.
    world.home.write("roles.toml", "[[role]]\n");
    assert_eq!(as_the_daemon(&world).await, RunStatus::Partial);
    world.home.write("roles.toml", &file);
    assert_eq!(steps(&world.plan().await), held);
}
