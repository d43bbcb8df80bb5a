//! `roles explain`.

use super::{says, world};

#[tokio::test]
async fn why_somebody_is_in_a_role_is_told_with_line_and_step() {
    let world = world(4, &[(10, &[1, 4]), (20, &[]), (30, &[2])]).await;
    world.home.write(
        "roles.toml",
        "[[role]]\nname = \"Role 10\"\nmembers = [\"p1@acme.example\"]\n\
         [[role]]\nname = \"Role 20\"\ninclude = [\"Role 10\"]\nexclude = [\"p3@acme.example\"]\n",
    );
    let told = world.roles(&["explain", "p1@acme.example", "Role 20"], 0).await;
    says(
        &told,
        &[
            "Role 10 (roles.toml:1), which wants them in",
            "roles.toml:3 lists",
            "add: included from Role 10",
        ],
    );
    let told = world.roles(&["explain", "id:4", "id:10"], 0).await;
    says(
        &told,
        &["a member", "does not want them in", "remove: not in the file"],
    );
    let told = world
        .roles(&["explain", "p3@acme.example", "Role 20", "--json"], 0)
        .await;
    let json: serde_json::Value = serde_json::from_str(&told.stdout).unwrap();
    assert_eq!((&json["member"], &json["wanted"]), (&false.into(), &false.into()));
    assert_eq!(json["grounds"][0]["kind"], "exclude");
    // A role that the file does not name is looked at all the same.
    let told = world.roles(&["explain", "p2@acme.example", "Role 30"], 0).await;
    says(&told, &["now a member", "does not name this role"]);
    assert_eq!(world.writes(), 0);
    assert!(!world.home.path("steward.db").exists());
}

#[tokio::test]
async fn a_stranger_and_a_role_that_is_not_there_are_errors() {
    let mut people = [1, 2].to_vec();
    people.sort_unstable();
    let world = world(2, &[(10, &people)]).await;
    world.wants(&[(10, &[1, 2])]);
    world.control.with_tenant(|tenant| {
        tenant.add_role(onelogin_sandbox::Role::new(11, "Role 10"));
    });
    world.roles(&["explain", "nobody@acme.example", "id:10"], 1).await;
    says(
        &world.roles(&["explain", "id:1", "Role 99"], 1).await,
        &["OneLogin has no role"],
    );
    says(
        &world.roles(&["explain", "id:1", "id:99"], 1).await,
        &["OneLogin has no role 99"],
    );
    let told = world.roles(&["explain", "id:1", "Role 10"], 1).await;
    says(&told, &["say id:10 or id:11"]);
}
