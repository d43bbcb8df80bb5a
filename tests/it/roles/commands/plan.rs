//! `roles plan` and `roles apply`.

use std::time::Duration;

use onelogin_sandbox::{Fault, FaultKind};
use onelogin_steward::store::{FileLock, LockName};

use super::{says, steps, world};

#[tokio::test]
async fn a_plan_shows_what_is_pending_and_leaves_nothing_behind() {
    let world = world(4, &[(10, &[1, 2])]).await;
    world.wants(&[(10, &[2, 3])]);
    let told = world.roles(&["plan"], 0).await;
    says(
        &told,
        &[
            "1 to add, 1 to remove, 0 held",
            "+ p3@acme.example",
            "- p1@acme.example",
        ],
    );
    world.roles(&["plan", "--exit-code"], 5).await;
    assert_eq!(steps(&world.plan().await), ["+10:3", "-10:1"]);
    assert_eq!(world.writes(), 0);
    assert!(!world.home.path("steward.db").exists());
    assert_eq!(world.json(&["history"]).await, serde_json::json!([]));
    world.wants(&[(10, &[1, 2])]);
    let told = world.roles(&["plan", "--exit-code"], 0).await;
    says(&told, &["in line with the file"]);
}

#[tokio::test]
async fn a_plan_with_held_steps_ends_with_4_only_where_it_is_asked_for() {
    let world = world(30, &[(10, &(1..=20).collect::<Vec<_>>())]).await;
    world.wants(&[(10, &[1])]);
    world.roles(&["plan"], 0).await;
    let told = world.roles(&["plan", "--exit-code"], 4).await;
    says(
        &told,
        &["19 held", "removals held by removals_per_role", "roles approve"],
    );
}

#[tokio::test]
async fn a_role_that_onelogin_lacks_is_a_problem_and_the_others_are_planned() {
    let world = world(3, &[(10, &[1])]).await;
    world.wants(&[(10, &[1, 2]), (77, &[1])]);
    for arguments in [&["plan"][..], &["plan", "--exit-code"]] {
        let told = world.roles(arguments, 3).await;
        says(&told, &["ERROR Role 77", "+ p2@acme.example"]);
    }
    world.roles(&["apply", "--yes"], 3).await;
    assert_eq!(world.members(10), [1, 2].into());
}

#[tokio::test]
async fn a_broken_file_is_78_and_a_file_of_another_tenant_is_refused() {
    let world = world(3, &[(10, &[1])]).await;
    world.home.write("roles.toml", "[[role]]\nnam = \"Role 10\"\n");
    for arguments in [&["plan"][..], &["apply", "--yes"], &["explain", "id:1", "id:10"]] {
        says(&world.roles(arguments, 78).await, &["roles.toml:2:1", "nam"]);
    }
    world.home.write(
        "roles.toml",
        "tenant = 424242\n[[role]]\nname = \"Role 10\"\nmembers = [\"p2@acme.example\"]\n",
    );
    let out = world.home.path("plan.json");
    let told = world.roles(&["plan", "--out", out.to_str().unwrap()], 4).await;
    says(&told, &["REFUSED", "424242", "not saved"]);
    assert!(!out.exists());
    world.roles(&["apply", "--yes"], 4).await;
    assert_eq!(world.writes(), 0);
}

#[tokio::test]
async fn apply_writes_in_report_mode_too_and_then_has_nothing_to_do() {
    let world = world(4, &[(10, &[1, 2]), (20, &[])]).await;
    world.wants(&[(10, &[2, 3]), (20, &[4])]);
    let told = world.roles(&["apply", "--yes"], 0).await;
    says(&told, &["succeeded", "2 added, 1 removed"]);
    assert_eq!(
        (world.members(10), world.members(20)),
        ([2, 3].into(), [4].into())
    );
    let writes = world.writes();
    let told = world.roles(&["apply", "--yes", "--json"], 0).await;
    let run: serde_json::Value = serde_json::from_str(&told.stdout).unwrap();
    assert_eq!(
        (&run["job"], &run["trigger"]),
        (&"role-sync".into(), &"manual".into())
    );
    assert_eq!(world.writes(), writes);
}

#[tokio::test]
async fn without_a_terminal_and_without_yes_nothing_is_asked_of_onelogin() {
    let world = world(4, &[(10, &[1])]).await;
    world.wants(&[(10, &[2])]);
    for arguments in [
        &["roles", "apply"][..],
        &["roles", "undo", "1", "--apply"],
        &["roles", "approve", "0", "--reason", "x"],
        &["roles", "grant", "p3@acme.example", "Role 10", "--reason", "x"],
    ] {
        // The built program, since it has no terminal wherever the tests run.
        let ended = world.home.steward(arguments);
        assert_eq!(ended.code, 2, "{ended:?}");
        assert!(ended.stderr.contains("say --yes"), "{ended:?}");
    }
    assert_eq!(world.control.requests().len(), 0);
    assert!(!world.home.path("steward.db").exists());
}

#[tokio::test]
async fn apply_waits_for_the_lock_and_then_names_its_holder_and_leaves_no_run() {
    let world = world(4, &[(10, &[1])]).await;
    world.wants(&[(10, &[2])]);
    let store = world.home.path("steward.db");
    let _lock = FileLock::acquire(&store, LockName::Roles, "somebody else", Duration::ZERO)
        .await
        .unwrap()
        .unwrap();
    let told = world.roles(&["apply", "--yes", "--wait", "0"], 75).await;
    says(&told, &["somebody else"]);
    assert_eq!(world.json(&["history"]).await, serde_json::json!([]));
    let plan = world.plan().await["plan_id"].as_str().unwrap().to_owned();
    world
        .roles(&["approve", &plan, "--reason", "x", "--yes", "--wait", "0"], 75)
        .await;
    assert_eq!(world.writes(), 0);
}

#[tokio::test]
async fn an_unreadable_role_is_told_and_the_others_are_done() {
    let world = world(4, &[(10, &[1]), (20, &[1])]).await;
    world.wants(&[(10, &[1, 2]), (20, &[1, 2])]);
    let gone = FaultKind::Status {
        code: 500,
        body: onelogin_sandbox::BodyShape::Html,
        headers: std::collections::BTreeMap::new(),
    };
    world.control.add_fault(Fault::on("/api/2/roles/10/users", gone));
    says(
        &world.roles(&["plan"], 3).await,
        &["ERROR Role 10", "could not be read"],
    );
    world.roles(&["apply", "--yes"], 3).await;
    assert_eq!(
        (world.members(10), world.members(20)),
        ([1].into(), [1, 2].into())
    );
}
