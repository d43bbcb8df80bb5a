//! `mail list`: the ledger as people see it.

use serde_json::Value;

use crate::support::company::{company, expiring, three_people};
use crate::support::smtp::{Act, SmtpServer, Step, When};
use crate::support::world::World;

/// A run in which Ana is mailed, Bo is refused for good and Cleo for now.
async fn one_of_each() -> (World, SmtpServer) {
    let server = SmtpServer::builder().start();
    let world = World::new(company(three_people())).await;
    world.mail_to(&server, "");
    for (address, reply) in [
        ("bo@acme.example", "550 5.1.1 no such user"),
        ("cleo@acme.example", "451 4.3.0 \u{1b}[31mlater"),
    ] {
        server.on(Step::Rcpt, When::Recipient(address), Act::Reply(reply));
    }
    world.run_expecting(3).await;
    (world, server)
}

/// Who is listed, in the order of the list.
async fn listed(world: &World, filters: &[&str]) -> Vec<String> {
    let notices = world.json(&[&["mail", "list"], filters].concat()).await;
    let name = |notice: &Value| {
        let address = notice["address"].as_str().unwrap();
        format!(
            "{} {}",
            address.trim_end_matches("@acme.example"),
            notice["threshold"]
        )
    };
    notices.as_array().unwrap().iter().map(name).collect()
}

#[tokio::test]
async fn each_notice_has_the_promised_fields_and_the_words_of_the_server() {
    let (world, _server) = one_of_each().await;
    let failed = world.json(&["mail", "list", "--state", "failed"]).await;
    let bo = &failed[0];
    assert_eq!(failed.as_array().unwrap().len(), 1, "{failed:#}");
    assert!(bo["notice_id"].is_i64(), "{bo}");
    assert!(
        bo["message_id"].as_str().unwrap().ends_with("@acme.example>"),
        "{bo}"
    );
    for (field, value) in [
        ("user_id", Value::from(2)),
        ("address", "bo@acme.example".into()),
        ("occasion", "password".into()),
        ("threshold", 3.into()),
        ("state", "failed".into()),
        ("attempts", 1.into()),
        ("server_reply", "550 5.1.1 no such user".into()),
        ("resend", 0.into()),
        ("rehearsal", false.into()),
    ] {
        assert_eq!(bo[field], value, "{field} of {bo}");
    }
    let superseded = world.json(&["mail", "list", "--state", "superseded"]).await;
    assert_eq!(superseded[0]["server_reply"], Value::Null, "never tried");
}

#[tokio::test]
async fn the_last_staged_comes_first_and_the_filters_leave_out() {
    let (world, _server) = one_of_each().await;
    let all = listed(&world, &[]).await;
    assert_eq!(all.len(), 2 + 3 + 4, "{all:?}");
    assert!(all[0].starts_with("cleo") && all[8].starts_with("ana"), "{all:?}");
    for (filters, expected) in [
        (&["--state", "sent"][..], &["ana 7"][..]),
        (&["--state", "retry"], &["cleo 1"]),
        (&["--state", "cancelled"], &[]),
        (&["--user", "bo@acme.example"], &["bo 3", "bo 7", "bo 14"]),
        (&["--user", "BO@Acme.example", "--limit", "1"], &["bo 3"]),
        (&["--user", "id:1", "--state", "superseded"], &["ana 14"]),
        (&["--user", "zoe"], &[]),
        (&["--limit", "0"], &[]),
    ] {
        let mut found = listed(&world, filters).await;
        found.sort_by_key(String::len);
        assert_eq!(found, expected, "{filters:?}");
    }
}

#[tokio::test]
async fn the_table_fits_80_columns_and_shows_no_control_character() {
    let (world, _server) = one_of_each().await;
    for arguments in [&["mail", "list"][..], &["history", "show", "1"]] {
        let shown = world.steward(arguments).await;
        assert_eq!(shown.code, 0, "{}", shown.stderr);
        let text = &shown.stdout;
        for words in [
            "NOTICE",
            "failed",
            "550 5.1.1 no such user",
            "about bo",
            "superseded",
            "later",
        ] {
            assert!(text.contains(words), "{words} in\n{text}");
        }
        let widest = text.lines().map(|line| line.chars().count()).max().unwrap();
        assert!(widest <= 80, "{widest} columns:\n{text}");
        assert!(!text.contains('\u{1b}'), "{text}");
    }
}

#[tokio::test]
async fn without_a_store_the_list_is_empty_and_none_is_made() {
    let world = World::new(company([])).await;
    assert_eq!(listed(&world, &[]).await, [""; 0]);
    let text = world.steward(&["mail", "list"]).await;
    assert_eq!((text.code, text.stdout.as_str()), (0, "no notices\n"));
    assert!(!world.home.path("steward.db").exists());
}

#[tokio::test]
async fn a_state_that_there_is_not_is_wrong_usage_and_the_states_are_named() {
    let world = World::new(company([])).await;
    let wrong = world.steward(&["mail", "list", "--state", "lost"]).await;
    assert_eq!(wrong.code, 2);
    for state in [
        "staged",
        "sending",
        "sent",
        "retry",
        "failed",
        "superseded",
        "cancelled",
        "rehearsed",
    ] {
        assert!(wrong.stderr.contains(state), "{state} in {}", wrong.stderr);
    }
    assert_eq!(
        world
            .steward(&["mail", "list", "--user", "external:7"])
            .await
            .code,
        2
    );
}

#[tokio::test]
async fn a_notice_that_a_later_run_settled_tells_why() {
    let server = SmtpServer::builder().start();
    let people = [
        expiring(1, "ana@acme.example", 7),
        expiring(2, "bo@acme.example", 14),
    ];
    let world = World::new(company(people)).await;
    world.mail_to(&server, "");
    server.on(Step::Rcpt, When::Always, Act::Reply("451 4.3.0 later"));
    world.run_expecting(1).await;
    server.behave();
    world.control.with_tenant(|tenant| {
        tenant.users.get_mut(&1).unwrap().password_changed_at = Some("2026-11-23T07:00:00Z".parse().unwrap());
    });
    world.set_now("2026-11-30T07:00:00Z");
    world.run_expecting(0).await;
    let first = world.json(&["history", "show", "1"]).await;
    let of_bo_and_ana: Vec<_> = first["notices"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|notice| notice["attempts"] != 0)
        .map(|notice| {
            (
                notice["state"].as_str().unwrap(),
                notice["server_reply"].as_str().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        of_bo_and_ana,
        [
            ("cancelled", "the password or its age has changed"),
            ("superseded", "a more urgent notice took its place")
        ]
    );
    let text = world.steward(&["history", "show", "1"]).await.stdout;
    assert!(text.contains("the password or its age has changed"), "{text}");
}
