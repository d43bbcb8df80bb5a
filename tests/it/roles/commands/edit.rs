//! `roles grant` and `roles revoke`.

use super::{says, world};

const FILE: &str = "# kept\n[[role]]\nname = \"Role 10\"\nmembers = [\n  \"p2@acme.example\",   # the lead\n  \"p1@acme.example\",\n]\n\n\
                    [[role]]\nname = \"Role 20\"\ninclude = [\"Role 10\"]\n";

#[tokio::test]
async fn grant_edits_the_file_and_touches_nothing_else() {
    let world = world(3, &[(10, &[1])]).await;
    world.home.write("roles.toml", FILE);
    let grant = [
        "grant",
        "p3@acme.example",
        "Role 10",
        "--until",
        "2026-12-31",
        "--reason",
        "TICKET-1",
        "--yes",
    ];
    let told = world.roles(&grant, 0).await;
    let line = "  { user = \"p3@acme.example\", until = \"2026-12-31\", reason = \"TICKET-1\" },";
    assert!(told.stdout.contains(&format!("\n+{line}\n")), "{told:?}");
    let expected = FILE.replace(
        "  \"p1@acme.example\",\n",
        &format!("  \"p1@acme.example\",\n{line}\n"),
    );
    assert_eq!(world.file(), expected);
    says(&world.roles(&grant, 0).await, &["nothing to change"]);
    assert_eq!(world.file(), expected);
    assert_eq!(world.control.requests().len(), 0);
    assert!(!world.home.path("steward.db").exists());
}

#[tokio::test]
async fn revoke_excludes_whom_an_include_would_bring_back() {
    let world = world(3, &[(10, &[1])]).await;
    world.home.write("roles.toml", FILE);
    let told = world
        .roles(
            &[
                "revoke",
                "p1@acme.example",
                "Role 20",
                "--reason",
                "left the team",
                "--yes",
            ],
            0,
        )
        .await;
    says(&told, &["note:", "exclude"]);
    assert!(world.file().contains("exclude = ["), "{}", world.file());
    world
        .roles(
            &["revoke", "p1@acme.example", "Role 10", "--reason", "x", "--yes"],
            0,
        )
        .await;
    assert!(
        world.file().contains("\"p2@acme.example\",   # the lead\n]"),
        "{}",
        world.file()
    );
    assert_eq!(world.control.requests().len(), 0);
}

#[tokio::test]
async fn what_cannot_be_edited_is_left_as_it_is() {
    let world = world(3, &[(10, &[1])]).await;
    world.home.write("roles.toml", FILE);
    for (arguments, words) in [
        (["grant", "p3@acme.example", "Role 11"], "no [[role]]"),
        (["revoke", "p3@acme.example", "Role 10"], "not among the members"),
        (["grant", "id:x", "Role 10"], "not a person"),
    ] {
        let all = [&arguments[..], &["--reason", "x", "--yes"]].concat();
        says(&world.roles(&all, 1).await, &[words]);
        assert_eq!(world.file(), FILE);
    }
    world
        .roles(&["grant", "p3@acme.example", "Role 10", "--yes"], 2)
        .await;
    let broken = FILE.replace("members", "memers");
    world.home.write("roles.toml", &broken);
    let told = world
        .roles(
            &["grant", "p3@acme.example", "Role 10", "--reason", "x", "--yes"],
            78,
        )
        .await;
    says(&told, &["roles.toml:4:1"]);
    assert_eq!(world.file(), broken);
}

#[tokio::test]
async fn an_edit_needs_neither_the_secret_nor_the_store() {
    let world = world(3, &[(10, &[1])]).await;
    world.home.write("roles.toml", FILE);
    std::fs::remove_file(world.home.path("client-secret")).unwrap();
    world.home.write("steward.db", "not a store");
    world
        .roles(
            &["grant", "p3@acme.example", "Role 10", "--reason", "x", "--yes"],
            0,
        )
        .await;
    assert!(world.file().contains("p3@acme.example"));
}
