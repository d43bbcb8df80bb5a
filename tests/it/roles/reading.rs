//! How members of roles are read: proven, not proven with both numbers, or not at all.

use std::collections::BTreeSet;

use onelogin_sandbox::{Actor, Fault, FaultKind, FieldVariant, Mapping, Membership, PageLimits};
use onelogin_steward::domain::role::RoleId;
use onelogin_steward::domain::role::actual::Reading;
use onelogin_steward::domain::user::UserId;
use serde_json::json;

use super::scene::{Scene, people, status};

const USERS: &str = "GET /api/2/roles/10/users";

async fn scene(members: i64) -> Scene {
    Scene::new(members, &[(10, people(1, members)), (20, people(1, 3))]).await
}

fn ids(reading: &Reading) -> BTreeSet<i64> {
    reading.seen().unwrap().ids.iter().map(|user| user.0).collect()
}

/// Why a reading is worth less than proof.
#[track_caller]
fn doubt(reading: &Reading) -> &str {
    match reading {
        Reading::Unproven(_, why) | Reading::Unreadable(why) => why,
        Reading::Proven(_) => panic!("proven: {reading:?}"),
    }
}

fn is_proven(reading: &Reading) -> bool {
    reading.proven().is_some()
}

#[tokio::test]
async fn r1_a_page_that_stays_broken_makes_the_role_unreadable_and_no_other() {
    let cases = [
        (status(500), "500"),
        (FaultKind::ConnectionReset, "no answer"),
        (FaultKind::Timeout, "the time was up"),
        (FaultKind::TruncatedJson, "cannot be read"),
        (FaultKind::WrongBody, "cannot be read"),
    ];
    for (kind, words) in cases {
        let timeout = if kind == FaultKind::Timeout { "2s" } else { "30s" };
        let roles = [(10, people(1, 250)), (20, people(1, 3))];
        let scene = Scene::with_timeout(250, &roles, timeout).await;
        let fault = Fault::on(USERS, kind).starting_at(2);
        let fault = scene.world.control.add_fault(fault);
        let reading = scene.read(10).await;
        assert!(matches!(reading, Reading::Unreadable(_)), "{reading:?}");
        assert!(doubt(&reading).contains(words), "{reading:?}");
        assert_eq!(scene.world.control.fault_fired(fault), 3, "bounded: {words}");
        assert!(is_proven(&scene.read(20).await), "{words}");
        scene.world.control.clear_faults();
        assert_eq!(ids(&scene.read(10).await).len(), 250);
    }
}

#[tokio::test]
async fn r1_a_page_that_breaks_once_is_read_again() {
    let scene = scene(250).await;
    let fault = Fault::on(USERS, status(502)).nth(2);
    scene.world.control.add_fault(fault);
    let reading = scene.read(10).await;
    assert!(is_proven(&reading));
    assert_eq!(ids(&reading), people(1, 250));
}

#[tokio::test]
async fn r3_a_count_that_does_not_fit_is_told_with_both_numbers() {
    for (by, words) in [
        (2, "Total-Count says 102 and 100 rows came"),
        (-2, "Total-Count says 98 and 100 rows came"),
    ] {
        let scene = scene(100).await;
        scene
            .world
            .control
            .add_fault(Fault::on(USERS, FaultKind::WrongTotalCount(by)));
        let reading = scene.read(10).await;
        assert!(matches!(reading, Reading::Unproven(..)), "{reading:?}");
        assert!(doubt(&reading).contains(words), "{reading:?}");
        assert_eq!(ids(&reading), people(1, 100), "who was seen is a member");
        assert_eq!(
            scene.world.calls_of("/api/2/roles/10/users").len(),
            2,
            "two walks"
        );
    }
}

#[tokio::test]
async fn r4_no_count_is_no_proof() {
    for kind in [
        FaultKind::NoTotalCount,
        FaultKind::TotalCountText("many".to_owned()),
    ] {
        let scene = scene(250).await;
        scene.world.control.add_fault(Fault::on(USERS, kind));
        let reading = scene.read(10).await;
        assert!(doubt(&reading).contains("no Total-Count"), "{reading:?}");
        assert_eq!(ids(&reading), people(1, 250));
    }
}

#[tokio::test]
async fn r5_cursors_that_lead_nowhere_end_the_walk() {
    for kind in [
        FaultKind::RepeatedCursor,
        FaultKind::CursorCycle,
        FaultKind::EndlessCursor,
    ] {
        let scene = scene(250).await;
        scene.world.control.add_fault(Fault::on(USERS, kind));
        let reading = scene.read(10).await;
        assert!(matches!(reading, Reading::Unreadable(_)), "{reading:?}");
        assert!(doubt(&reading).contains("pagination"), "{reading:?}");
        let calls = scene.world.calls_of("/api/2/roles/10/users").len();
        assert!(calls <= 10, "{calls}");
    }
}

#[tokio::test]
async fn r6_a_cursor_stands_alone() {
    let scene = scene(250).await;
    scene.read(10).await;
    let calls = scene.world.calls_of("/api/2/roles/10/users");
    assert_eq!(calls.len(), 3);
    for call in &calls[1..] {
        assert!(call.param("cursor").is_some());
        assert_eq!((call.param("limit"), call.param("page")), (None, None));
    }
}

#[tokio::test]
async fn r8_who_is_not_assigned_is_no_member_and_spoils_the_proof() {
    for value in [json!(false), json!(null), json!("no"), json!(0)] {
        let scene = scene(3).await;
        let kind = FaultKind::FieldVariant {
            field: "assigned".to_owned(),
            variant: FieldVariant::Value(value.clone()),
        };
        scene.world.control.add_fault(Fault::on(USERS, kind));
        let reading = scene.read(10).await;
        assert_eq!(ids(&reading), people(1, 0), "{value}");
        assert!(doubt(&reading).contains("3 of 3 rows"), "{reading:?}");
    }
}

#[tokio::test]
async fn r8_a_missing_assigned_is_a_member_and_numbers_may_be_text() {
    for (field, variant) in [
        ("assigned", FieldVariant::Absent),
        ("id", FieldVariant::AsString),
        ("added_at", FieldVariant::Value(json!("last week"))),
        ("added_by", FieldVariant::Value(json!(7))),
        ("added_by", FieldVariant::Value(json!([]))),
        ("name", FieldVariant::Value(json!({}))),
    ] {
        let scene = scene(3).await;
        let kind = FaultKind::FieldVariant {
            field: field.to_owned(),
            variant,
        };
        scene.world.control.add_fault(Fault::on(USERS, kind));
        let reading = scene.read(10).await;
        assert!(is_proven(&reading), "{field}: {reading:?}");
        assert_eq!(ids(&reading), people(1, 3), "{field}");
    }
}

#[tokio::test]
async fn r8_a_row_without_an_id_makes_the_role_unreadable() {
    for variant in [
        FieldVariant::Absent,
        FieldVariant::Null,
        FieldVariant::Value(json!("abc")),
    ] {
        let scene = scene(3).await;
        let kind = FaultKind::FieldVariant {
            field: "id".to_owned(),
            variant,
        };
        scene.world.control.add_fault(Fault::on(USERS, kind));
        let reading = scene.read(10).await;
        assert!(matches!(reading, Reading::Unreadable(_)), "{reading:?}");
        assert!(doubt(&reading).contains("id"), "{reading:?}");
    }
}

#[tokio::test]
async fn r8_a_large_id_is_an_id() {
    let scene = scene(3).await;
    let large = 5_000_000_000;
    let rows = json!([{"id": large}]);
    scene
        .world
        .control
        .add_fault(Fault::on(USERS, FaultKind::WrongJson(rows)));
    assert_eq!(ids(&scene.read(10).await), BTreeSet::from([large]));
}

#[tokio::test]
async fn r10_a_page_without_rows_that_counts_some_is_no_empty_role() {
    let scene = scene(90).await;
    scene
        .world
        .control
        .add_fault(Fault::on(USERS, FaultKind::EmptyPage));
    let reading = scene.read(10).await;
    assert!(doubt(&reading).contains("says 90 and 0 rows"), "{reading:?}");
}

#[tokio::test]
async fn r14_a_token_that_dies_in_the_middle_is_fetched_once_more() {
    let scene = scene(250).await;
    let fault = Fault::on(USERS, FaultKind::TokenRevoked).nth(2);
    scene.world.control.add_fault(fault);
    let reading = scene.read(10).await;
    assert!(is_proven(&reading));
    assert_eq!(ids(&reading).len(), 250);
    assert_eq!(scene.world.calls_of("/auth/oauth2/v2/token").len(), 2);
}

#[tokio::test]
async fn r15_a_role_that_may_not_be_read_says_so_and_others_are_read() {
    for code in [401, 403] {
        let scene = scene(3).await;
        scene.world.control.add_fault(Fault::on(USERS, status(code)));
        let reading = scene.read(10).await;
        assert!(matches!(reading, Reading::Unreadable(_)));
        assert!(doubt(&reading).contains("does not allow"), "{reading:?}");
        assert!(doubt(&reading).contains("scope"), "{reading:?}");
        assert!(is_proven(&scene.read(20).await));
    }
}

#[tokio::test]
async fn r15_a_credential_that_is_refused_is_no_trouble_of_one_role() {
    let scene = scene(3).await;
    scene
        .world
        .control
        .with_tenant(|tenant| tenant.credentials.clear());
    let error = scene.client.read_role_members(RoleId(10)).await.unwrap_err();
    assert!(
        error.to_string().contains("refuses the API credential"),
        "{error}"
    );
}

#[tokio::test]
async fn r16_an_empty_role_is_proven_empty() {
    let scene = scene(0).await;
    let reading = scene.read(10).await;
    assert!(is_proven(&reading));
    assert_eq!(ids(&reading), people(1, 0));
}

#[tokio::test]
async fn r17_fifty_thousand_members_cost_their_pages() {
    let scene = scene(50_000).await;
    let pages = PageLimits::new(50, 1000);
    scene
        .world
        .control
        .with_tenant(|tenant| tenant.knobs.role_users_pages = pages);
    let reading = scene.read(10).await;
    assert!(is_proven(&reading));
    assert_eq!(ids(&reading).len(), 50_000);
    assert_eq!(scene.world.calls_of("/api/2/roles/10/users").len(), 50);
}

#[tokio::test]
async fn r18_who_added_a_member_and_when_is_kept() {
    let scene = scene(2).await;
    scene.world.control.with_tenant(|tenant| {
        let role = tenant.roles.get_mut(&10).unwrap();
        let by = Membership {
            added_by: Some(Actor {
                id: 7,
                name: "Cleo".to_owned(),
            }),
            added_at: Some("2026-11-01T08:00:00Z".parse().unwrap()),
            is_mapped: false,
        };
        role.members.insert(2, by);
    });
    let reading = scene.read(10).await;
    let origins = &reading.proven().unwrap().origins;
    assert_eq!(origins.keys().collect::<Vec<_>>(), [&UserId(2)]);
    let origin = &origins[&UserId(2)];
    assert_eq!(origin.added_by.as_deref(), Some("Cleo"));
    assert_eq!(origin.added_at.unwrap().to_string(), "2026-11-01T08:00:00Z");
}

#[tokio::test]
async fn r11_a_role_list_that_does_not_add_up_is_an_error() {
    let scene = scene(2).await;
    let roles = scene.client.list_roles().await.unwrap();
    assert_eq!(roles[&RoleId(20)], "Role 20");
    assert_eq!(roles.len(), 2);
    scene
        .world
        .control
        .add_fault(Fault::on("GET /api/2/roles", FaultKind::EmptyPage));
    let error = scene.client.list_roles().await.unwrap_err();
    assert!(error.to_string().contains("not complete"), "{error}");
}

#[tokio::test]
async fn a_role_and_a_person_that_are_gone_are_told_from_trouble() {
    let scene = scene(2).await;
    let client = &scene.client;
    assert_eq!(
        client.role_name(RoleId(10)).await.unwrap().as_deref(),
        Some("Role 10")
    );
    assert_eq!(client.role_name(RoleId(99)).await.unwrap(), None);
    assert!(client.user_exists(UserId(2)).await.unwrap());
    assert!(!client.user_exists(UserId(99)).await.unwrap());
    scene
        .world
        .control
        .add_fault(Fault::on("GET /api/2/*", status(500)));
    client.role_name(RoleId(99)).await.unwrap_err();
    client.user_exists(UserId(99)).await.unwrap_err();
}

#[tokio::test]
async fn mappings_that_set_roles_are_listed_where_they_are_offered() {
    let scene = scene(2).await;
    scene.world.control.with_tenant(|tenant| {
        tenant.add_mapping(Mapping::new(1, "Sales in").adding_role(10).adding_role(20));
        tenant.add_mapping(Mapping::new(2, "Idle").adding_role(10).disabled());
        tenant.add_mapping(Mapping::new(3, "Nothing"));
    });
    let mappings = scene.client.list_mappings().await.unwrap().unwrap();
    let [mapping] = mappings.as_slice() else {
        panic!("{mappings:?}");
    };
    assert_eq!((mapping.id, mapping.name.as_str()), (1, "Sales in"));
    assert_eq!(mapping.roles, BTreeSet::from([RoleId(10), RoleId(20)]));
    for code in [401, 403, 404] {
        scene.world.control.clear_faults();
        scene
            .world
            .control
            .add_fault(Fault::on("GET /api/2/mappings", status(code)));
        assert_eq!(scene.client.list_mappings().await.unwrap(), None, "{code}");
    }
}
