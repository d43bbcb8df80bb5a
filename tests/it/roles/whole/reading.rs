//! What OneLogin says of its roles, and what a run makes of it.

use std::collections::BTreeMap;

use onelogin_sandbox::{BodyShape, Fault, FaultKind, FieldVariant, Role};
use serde_json::json;

use super::company::{BOARD, Company, Ran, SALES, SUPPORT, UNDISTURBED, reads_of, the_file};
use crate::roles::scene::{people, status};

/// Sales is left alone, and Support is brought in line.
#[track_caller]
fn assert_only_support(ran: &Ran, words: &str) {
    ran.assert_did(3, "partial", &[('+', SUPPORT, 15), ('-', SUPPORT, 14)]);
    ran.assert_tells(&["Sales", words]);
}

#[tokio::test]
async fn an_undisturbed_run_writes_what_the_file_asks_for_and_the_next_one_nothing() {
    let company = Company::new().await;
    let ran = company.run().await;
    ran.assert_did(0, "succeeded", &UNDISTURBED);
    // Additions of all roles come first.
    assert_eq!(ran.written, UNDISTURBED);
    company.converges().await;
}

#[tokio::test]
async fn r1_a_page_of_members_that_stays_broken_leaves_that_role_alone_and_names_it() {
    let kinds = [
        status(500),
        FaultKind::ConnectionReset,
        FaultKind::TruncatedJson,
        FaultKind::WrongBody,
        FaultKind::WrongJson(json!({ "users": [] })),
    ];
    for kind in kinds {
        let company = Company::new().await;
        // The first page comes, the second never does.
        let fault = Fault::on(reads_of(SALES), kind.clone()).starting_at(2);
        let fault = company.control().add_fault(fault);
        let ran = company.run().await;
        assert_only_support(&ran, "could not be read");
        let tries = company.control().fault_fired(fault);
        assert!((1..=10).contains(&tries), "{kind:?}: {tries}");
        company.converges().await;
    }
}

#[tokio::test]
async fn r3_a_count_that_does_not_fit_withholds_removals_and_lets_additions_through() {
    for off in [2, -2] {
        let company = Company::new().await;
        company.given_fault(&reads_of(SALES), FaultKind::WrongTotalCount(off));
        let ran = company.run().await;
        assert_eq!(ran.output.code, 4, "{ran:?}");
        assert_eq!(ran.status, "partial");
        assert_eq!(
            ran.written,
            [('+', SALES, 9), ('+', SUPPORT, 15), ('-', SUPPORT, 14)]
        );
        let (code, plan) = company.plan().await;
        assert_eq!(code, 4, "{plan}");
        let held = plan["roles"][0]["held"].to_string();
        assert!(
            held.contains("proof") && held.contains('9') && held.contains(&(9 + off).to_string()),
            "{held}"
        );
        company.converges().await;
    }
}

#[tokio::test]
async fn r4_no_count_or_one_that_is_no_number_withholds_removals() {
    for kind in [
        FaultKind::NoTotalCount,
        FaultKind::TotalCountText("many".to_owned()),
    ] {
        let company = Company::new().await;
        company.given_fault(&reads_of(SALES), kind);
        let ran = company.run().await;
        ran.assert_did(
            4,
            "partial",
            &[('+', SALES, 9), ('+', SUPPORT, 15), ('-', SUPPORT, 14)],
        );
        company.converges().await;
    }
}

#[tokio::test]
async fn r5_cursors_that_lead_nowhere_cost_a_bounded_number_of_reads() {
    for kind in [
        FaultKind::RepeatedCursor,
        FaultKind::CursorCycle,
        FaultKind::EndlessCursor,
    ] {
        let company = Company::new().await;
        company.given_fault(&reads_of(SALES), kind.clone());
        let ran = company.run().await;
        assert!(ran.written.iter().all(|one| *one != ('-', SALES, 8)), "{ran:?}");
        assert!([3, 4].contains(&ran.output.code), "{ran:?}");
        let reads = company.world.calls_of(&format!("/api/2/roles/{SALES}/users"));
        assert!(reads.len() < 60, "{kind:?}: {}", reads.len());
        assert!(!company.members(SUPPORT).contains(&14), "{kind:?}");
        company.converges().await;
    }
}

#[tokio::test]
async fn r6_no_request_of_a_run_has_a_cursor_and_a_limit() {
    let company = Company::new().await;
    company.run().await;
    let requests = company.control().requests();
    let with_cursor: Vec<_> = requests
        .iter()
        .filter(|call| call.param("cursor").is_some())
        .collect();
    assert!(with_cursor.len() >= 3);
    assert!(with_cursor.iter().all(|call| call.query.len() == 1));
}

#[tokio::test]
async fn r8_rows_that_do_not_say_who_is_in_make_the_role_unreadable_or_unproven() {
    let variant = |field: &str, variant| FaultKind::FieldVariant {
        field: field.to_owned(),
        variant,
    };
    // Nobody is said to be in: no proof, so nobody goes.
    let company = Company::new().await;
    company.given_fault(
        &reads_of(SALES),
        variant("assigned", FieldVariant::Value(json!(false))),
    );
    let ran = company.run().await;
    assert!(
        ran.written
            .iter()
            .all(|(sign, role, _)| (*sign, *role) != ('-', SALES)),
        "{ran:?}"
    );
    assert!([3, 4].contains(&ran.output.code), "{ran:?}");
    company.converges().await;
    // Rows about nobody.
    for strange in [FieldVariant::Absent, FieldVariant::Null] {
        let company = Company::new().await;
        company.given_fault(&reads_of(SALES), variant("id", strange));
        assert_only_support(&company.run().await, "could not be read");
        company.converges().await;
    }
    // Numbers as text are numbers.
    let company = Company::new().await;
    company.given_fault(&reads_of(SALES), variant("id", FieldVariant::AsString));
    company.run().await.assert_did(0, "succeeded", &UNDISTURBED);
    company.converges().await;
}

#[tokio::test]
async fn r10_a_role_that_is_suddenly_empty_gets_no_writes_until_it_is_so_twice() {
    let company = Company::new().await;
    company.converges().await;
    company.tenant(|tenant| tenant.roles.get_mut(&SALES).unwrap().members.clear());
    let ran = company.run().await;
    ran.assert_did(4, "refused", &[]);
    let (code, plan) = company.plan().await;
    // The run before has read it as empty too.
    assert_eq!(code, 0, "{plan}");
    let ran = company.run().await;
    let again: Vec<_> = [1, 2, 3, 4, 5, 6, 7, 9].map(|person| ('+', SALES, person)).into();
    ran.assert_did(0, "succeeded", &again);
    company.converges().await;
}

#[tokio::test]
async fn r10_a_page_without_rows_that_counts_some_is_never_an_empty_role() {
    let company = Company::new().await;
    company.converges().await;
    company.given_fault(&reads_of(SALES), FaultKind::EmptyPage);
    for _ in 0..3 {
        let ran = company.run().await;
        assert!([3, 4].contains(&ran.output.code), "{ran:?}");
        assert_eq!(ran.written, []);
    }
    company.converges().await;
}

#[tokio::test]
async fn r11_no_users_no_roles_or_nobody_in_any_role_is_no_write_at_all() {
    let nothing = || FaultKind::WrongJson(json!([]));
    for (route, code) in [("GET /api/2/users", [1, 4]), ("GET /api/2/roles", [1, 4])] {
        let company = Company::new().await;
        company.given_fault(route, nothing());
        let ran = company.run().await;
        assert!(code.contains(&ran.output.code), "{ran:?}");
        assert_eq!(ran.written, []);
        company.converges().await;
    }
    // The lists say so with a count.
    let company = Company::new().await;
    let roles = company.tenant(|tenant| std::mem::take(&mut tenant.roles));
    company.run().await.assert_did(4, "refused", &[]);
    company.tenant(|tenant| tenant.roles = roles);
    company.converges().await;
    let users = company.tenant(|tenant| std::mem::take(&mut tenant.users));
    company.run().await.assert_did(4, "refused", &[]);
    company.tenant(|tenant| tenant.users = users);
    company.converges().await;
    company.tenant(|tenant| {
        for role in [SALES, SUPPORT, BOARD] {
            tenant.roles.get_mut(&role).unwrap().members.clear();
        }
    });
    let ran = company.run().await;
    ran.assert_did(4, "refused", &[]);
    ran.assert_tells(&["every role of the file is read as empty"]);
}

#[tokio::test]
async fn r14_a_token_that_dies_in_the_middle_of_a_walk_costs_one_more() {
    let company = Company::new().await;
    let fault = Fault::on(reads_of(SALES), FaultKind::TokenRevoked).nth(2);
    company.control().add_fault(fault);
    company.run().await.assert_did(0, "succeeded", &UNDISTURBED);
    assert_eq!(company.world.calls_of("/auth/oauth2/v2/token").len(), 2);
    company.converges().await;
}

#[tokio::test]
async fn r15_a_role_that_may_not_be_read_is_left_alone_and_the_right_is_named() {
    let company = Company::new().await;
    let forbidden = FaultKind::Status {
        code: 403,
        body: BodyShape::Named("Forbidden".to_owned()),
        headers: BTreeMap::new(),
    };
    company.given_fault(&reads_of(SALES), forbidden);
    let ran = company.run().await;
    assert_only_support(&ran, "403");
    company.converges().await;
}

#[tokio::test]
async fn r16_a_role_that_has_nobody_is_filled() {
    let empty = |tenant: &mut onelogin_sandbox::Tenant| {
        tenant.add_role(Role::new(SALES, "Sales"));
    };
    let company = Company::with(empty).await;
    let ran = company.run().await;
    let mut written: Vec<_> = [1, 2, 3, 4, 5, 6, 7, 9].map(|person| ('+', SALES, person)).into();
    written.extend([('+', SUPPORT, 15), ('-', SUPPORT, 14)]);
    ran.assert_did(0, "succeeded", &written);
    company.converges().await;
}

#[tokio::test]
async fn r18_fields_that_nobody_knows_change_nothing() {
    let company = Company::new().await;
    let more = FaultKind::FieldVariant {
        field: "unheard_of".to_owned(),
        variant: FieldVariant::Value(json!({ "deep": [1, 2] })),
    };
    company.given_fault("GET /api/2/*", more);
    company.given_file(&format!("# the same\n{}", the_file()));
    company.run().await.assert_did(0, "succeeded", &UNDISTURBED);
    assert_eq!(company.members(BOARD), people(1, 1));
    company.converges().await;
}
