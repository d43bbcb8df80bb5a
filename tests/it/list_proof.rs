//! A user list counts when nothing can be missing from it: otherwise it is read once more, and after
//! that the run fails.

use onelogin_sandbox::{Fault, FaultKind, FieldVariant};

use crate::support::runs::USERS;
use crate::support::staff::staff;
use crate::support::world::World;

/// 250 people: three pages.
const PEOPLE: usize = 250;
const PAGES: usize = 3;

async fn world() -> World {
    World::new(staff(i64::try_from(PEOPLE).unwrap())).await
}

fn on_users(kind: FaultKind) -> Fault {
    Fault::on(format!("GET {USERS}"), kind)
}

#[tokio::test]
async fn a_list_that_does_not_add_up_once_is_read_again() {
    let cases = [
        ("too high a count", FaultKind::WrongTotalCount(1), 3),
        ("too low a count", FaultKind::WrongTotalCount(-1), 3),
        ("an empty page", FaultKind::EmptyPage, 2),
        (
            "a row that joined ahead of a page",
            FaultKind::ShiftingPage(-1),
            2,
        ),
        ("a row that left ahead of a page", FaultKind::ShiftingPage(1), 2),
        // The count of the last page agrees with the rows then, and one person is missing all the same.
        (
            "a row that left ahead of the last page",
            FaultKind::ShiftingPage(1),
            3,
        ),
    ];
    for (name, kind, page) in cases {
        let world = world().await;
        let fault = world.control.add_fault(on_users(kind).nth(page));
        let (code, plan, told) = world.plan_expiry(&[]).await;
        assert_eq!(world.control.fault_fired(fault), 1, "{name}");
        assert_eq!(code, 0, "{name}: {told}");
        assert_eq!(plan["notices"].as_array().unwrap().len(), PEOPLE, "{name}");
        assert_eq!(world.calls_of(USERS).len(), 2 * PAGES, "{name}");
    }
}

#[tokio::test]
async fn a_list_that_never_adds_up_fails_the_run_after_two_walks() {
    let cases = [
        (
            FaultKind::WrongTotalCount(1),
            "Total-Count says 251 and 250 rows came",
        ),
        (
            FaultKind::WrongTotalCount(-1),
            "Total-Count says 249 and 250 rows came",
        ),
        (FaultKind::NoTotalCount, "it sends no Total-Count"),
    ];
    for (kind, words) in cases {
        let world = world().await;
        let walks = if kind == FaultKind::NoTotalCount { 1 } else { 2 };
        let fault = world.control.add_fault(on_users(kind));
        let run = world.run_expiry(&[]).await;
        assert!(world.control.fault_fired(fault) > 0);
        run.assert_idle("failed", 1);
        run.assert_tells(&[USERS, words, "is not complete", "again later"]);
        assert_eq!(world.calls_of(USERS).len(), walks * PAGES, "{words}");
        assert_eq!(world.mails(), 0);
    }
}

#[tokio::test]
async fn a_list_that_shifts_in_both_walks_fails_the_run() {
    for (rows, words) in [(1, "became shorter while it was read"), (-1, "rows came twice")] {
        let world = world().await;
        let shift = || on_users(FaultKind::ShiftingPage(rows));
        let first = world.control.add_fault(shift().nth(3));
        let second = world.control.add_fault(shift().nth(6));
        let run = world.run_expiry(&[]).await;
        assert_eq!(world.control.fault_fired(first), 1);
        assert_eq!(world.control.fault_fired(second), 1);
        run.assert_idle("failed", 1);
        run.assert_tells(&[words]);
    }
}

#[tokio::test]
async fn a_cursor_that_comes_back_ends_the_walk() {
    for page in 1..=3 {
        let world = world().await;
        let stuck = on_users(FaultKind::RepeatedCursor).starting_at(page);
        let fault = world.control.add_fault(stuck);
        let run = world.run_expiry(&[]).await;
        assert!(world.control.fault_fired(fault) > 0);
        run.assert_idle("failed", 1);
        run.assert_tells(&["pagination is not advancing"]);
        let calls = world.calls_of(USERS).len();
        assert!(calls <= PAGES + 2, "{calls} requests, stuck at page {page}");
    }
}

#[tokio::test]
async fn a_row_without_an_id_fails_the_run() {
    for variant in [
        FieldVariant::Absent,
        FieldVariant::Null,
        FieldVariant::EmptyString,
    ] {
        let world = world().await;
        let kind = FaultKind::FieldVariant {
            field: "id".to_owned(),
            variant,
        };
        let fault = world.control.add_fault(on_users(kind).nth(1));
        let run = world.run_expiry(&[]).await;
        assert_eq!(world.control.fault_fired(fault), 1);
        run.assert_idle("failed", 1);
        run.assert_tells(&["GET /api/2/users", "a row has no `id`"]);
    }
}

#[tokio::test]
async fn a_deciding_value_of_a_kind_that_it_never_has_is_as_unknown_as_none() {
    for field in ["group_id", "status", "password_changed_at"] {
        let world = world().await;
        let odd = FieldVariant::Value("soon".into());
        world
            .control
            .with_tenant(|tenant| tenant.knobs.field_variants.insert(field.to_owned(), odd));
        let run = world.run_expiry(&[]).await;
        run.assert_idle("refused", 4);
        run.assert_tells(&[field, "An unknown field is never taken for an empty one"]);
    }
}

#[tokio::test]
async fn numbers_as_text_are_numbers() {
    let world = world().await;
    for field in ["id", "status", "state", "group_id"] {
        let kind = FaultKind::FieldVariant {
            field: field.to_owned(),
            variant: FieldVariant::AsString,
        };
        world.control.clear_faults();
        let fault = world.control.add_fault(on_users(kind));
        let (code, plan, told) = world.plan_expiry(&[]).await;
        assert!(world.control.fault_fired(fault) > 0);
        assert_eq!(code, 0, "{field}: {told}");
        assert_eq!(plan["notices"].as_array().unwrap().len(), PEOPLE, "{field}");
    }
}
