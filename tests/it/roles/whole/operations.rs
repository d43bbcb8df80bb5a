//! What is left of a run: records, exit codes, screens.

use std::collections::BTreeSet;

use onelogin_sandbox::{Actor, Membership, PageLimits, Role};
use serde_json::Value;

use super::company::{BOARD, Company, SALES, UNDISTURBED, reads_of, role, sales, support, the_file};
use crate::roles::scene::status;
use crate::support::staff::person;

#[tokio::test]
async fn o2_every_change_has_a_row_that_says_who_what_why_and_what_came_of_it() {
    let company = Company::new().await;
    company
        .run_with(&["--reason", "TICKET-12"])
        .await
        .assert_did(0, "succeeded", &UNDISTURBED);
    let run = company.world.json(&["history", "show", "1"]).await;
    assert_eq!(run["trigger"], "manual");
    assert_eq!(run["reason"], "TICKET-12");
    let changes = run["changes"].as_array().unwrap();
    let told: BTreeSet<(String, i64, i64, String, String)> = changes
        .iter()
        .map(|change| {
            let text = |key: &str| change[key].as_str().unwrap().to_owned();
            let number = |key: &str| change[key].as_i64().unwrap();
            assert!(
                change["request_id"].is_string() && change["server_reply"].is_string(),
                "{change}"
            );
            assert!(
                change["intended_at"].is_string() && change["settled_at"].is_string(),
                "{change}"
            );
            let account = format!("p{}", number("user_id"));
            assert_eq!(change["account"], account);
            (
                text("direction"),
                number("role_id"),
                number("user_id"),
                change["cause"].to_string(),
                text("state"),
            )
        })
        .collect();
    assert_eq!(told.len(), UNDISTURBED.len());
    for (sign, role, user) in UNDISTURBED {
        let direction = if sign == '+' { "add" } else { "remove" };
        let row = told.iter().find(|row| (row.1, row.2) == (role, user)).unwrap();
        assert_eq!((row.0.as_str(), row.4.as_str()), (direction, "done"));
    }
    // What was refused and what was the case already have rows too: a4, a6, a9, a12.
}

#[tokio::test]
async fn o8_each_way_a_run_ends_has_its_own_exit_code() {
    let company = Company::new().await;
    let code = async |company: &Company| company.run().await.output.code;
    // 78: the file; 2: wrong usage.
    company.given_file("[[role]]\n");
    assert_eq!(code(&company).await, 78);
    assert_eq!(
        company
            .run_with(&["--max-notices", "1", "--reason", "x"])
            .await
            .output
            .code,
        2
    );
    company.given_file(&the_file());
    // 1: nothing done.
    company.given_fault("GET /api/2/users", status(500));
    assert_eq!(code(&company).await, 1);
    company.control().clear_faults();
    // 4: held; 3: a role unreadable; and held beside that counts more.
    company.configure("protected = [\"never@acme.example\"]", "");
    assert_eq!(company.run().await.output.code, 4);
    company.given_fault(&reads_of(SALES), status(500));
    assert_eq!(code(&company).await, 4);
    company.configure("", "");
    assert_eq!(code(&company).await, 3);
    company.control().clear_faults();
    // 0: done, and nothing to do. 75 is with C4 and N3.
    assert_eq!(code(&company).await, 0);
    company.converges().await;
}

#[tokio::test]
async fn o9_a_file_for_another_tenant_writes_nothing() {
    let company = Company::new().await;
    for pin in ["acme", "7"] {
        company.given_file(&format!("tenant = {pin:?}\n{}", the_file()));
        let ran = company.run().await;
        assert!([4, 78].contains(&ran.output.code), "{ran:?}");
        assert_eq!(ran.written, []);
        let told = format!("{}{}", ran.summary, ran.output.stderr);
        assert!(told.contains("tenant"), "{ran:?}");
    }
    company.given_file(&the_file());
    company.converges().await;
    // The same store, and the credential of another account.
    company.tenant(|tenant| tenant.account_id += 1);
    company.given_file(&(role("Sales", [1, 2, 3, 4, 5, 6, 7, 10]) + &support()));
    let ran = company.run().await;
    ran.assert_did(4, "refused", &[]);
    ran.assert_tells(&["the store belongs to the OneLogin account"]);
}

#[tokio::test]
async fn o10_a_plan_of_ten_thousand_steps_is_a_screen_for_people_and_whole_for_programs() {
    let company = Company::with(|tenant| {
        for id in 1000..11_000 {
            tenant.add_user(person(id, 10));
        }
        tenant.add_role(Role::new(BOARD, "Board"));
        tenant.knobs.users_pages = PageLimits::new(1000, 1000);
    })
    .await;
    company.given_file(&(the_file() + &role("Board", 1000..11_000)));
    let screen = company
        .world
        .steward(&["run", "role-sync", "--plan"])
        .await
        .stdout;
    let lines: Vec<&str> = screen.lines().collect();
    assert!(lines.len() < 40, "{}", lines.len());
    assert!(
        lines[0].ends_with("10002 held") || lines[0].contains("to add"),
        "{}",
        lines[0]
    );
    for word in ["Board", "Sales", "Support", "10000"] {
        assert!(screen.contains(word), "{screen}");
    }
    let (code, plan) = company.plan().await;
    // Twenty times as many as additions_per_run.
    assert_eq!(code, 4);
    let board = plan["roles"].as_array().unwrap();
    let board = board.iter().find(|role| role["role_id"] == BOARD).unwrap();
    assert_eq!(board["add"].as_array().unwrap().len(), 10_000);
    assert_eq!(plan["totals"]["held"], 10_002);
}

#[tokio::test]
async fn drift_says_who_added_a_person_and_when_where_onelogin_does() {
    let company = Company::with(|tenant| {
        let role = tenant.roles.get_mut(&SALES).unwrap();
        let by_hand = Membership {
            added_by: Some(Actor {
                id: 20,
                name: "Robin Example20".to_owned(),
            }),
            added_at: Some("2026-11-20T10:00:00Z".parse().unwrap()),
            is_mapped: false,
        };
        role.members.insert(8, by_hand);
    })
    .await;
    let (_, plan) = company.plan().await;
    let drift = &plan["roles"][0]["drift"][0];
    assert_eq!(drift["added_by"], "Robin Example20", "{plan}");
    assert_eq!(drift["added_at"], "2026-11-20T10:00:00Z", "{plan}");
}

#[tokio::test]
async fn the_run_of_a_program_is_one_document_with_the_fixed_names() {
    let company = Company::new().await;
    let run: Value = company.world.json(&["run", "role-sync"]).await;
    for key in [
        "run_id",
        "job",
        "trigger",
        "status",
        "started_at",
        "finished_at",
        "summary",
    ] {
        assert!(!run[key].is_null(), "{key}: {run}");
    }
    assert_eq!(run["job"], "role-sync");
    company.given_file(&(sales() + &support()));
    company.converges().await;
}
