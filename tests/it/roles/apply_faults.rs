//! Answers that say nothing, or not the truth: what a re-read shows counts.

use std::time::Duration;

use onelogin_sandbox::{BodyShape, Fault, FaultKind};
use onelogin_steward::domain::role::change::{ChangeState, Direction};
use onelogin_steward::domain::run::RunStatus;
use onelogin_steward::jobs::role_sync::{Fate, Halt};

use super::scene::{Scene, Wanted, fate, fates, people, status};

const POST: &str = "POST /api/2/roles/10/users";
const DELETE: &str = "DELETE /api/2/roles/10/users";
const GET: &str = "GET /api/2/roles/10/users";

/// A role of 1 to 50 that is to hold 51 to 100: one call each way.
async fn swap() -> (Scene, Wanted) {
    swap_under(&status(500)).await
}

/// The same, with a short time for answers where this fault gives none.
async fn swap_under(kind: &FaultKind) -> (Scene, Wanted) {
    let timeout = if *kind == FaultKind::Timeout { "2s" } else { "30s" };
    let scene = Scene::with_timeout(100, &[(10, people(1, 50))], timeout).await;
    (scene, Wanted::from([(10, people(51, 100))]))
}

fn success(code: u16) -> FaultKind {
    FaultKind::Status {
        code,
        body: BodyShape::Empty,
        headers: [].into(),
    }
}

fn calls(scene: &Scene, method: &str) -> usize {
    scene.writes().iter().filter(|call| call.0 == method).count()
}

#[tokio::test]
async fn a7_half_a_batch_and_a_500_leaves_the_other_half_to_one_more_call() {
    for (route, method, half) in [
        (POST, "POST", people(76, 100)),
        (DELETE, "DELETE", people(26, 50)),
    ] {
        let (scene, wanted) = swap().await;
        let fault = Fault::on(route, FaultKind::HalfBatch { code: 500 }).nth(1);
        let fault = scene.control().add_fault(fault);
        let report = scene.sync(&wanted).await;
        assert_eq!(scene.control().fault_fired(fault), 1);
        assert_eq!(report.status(), RunStatus::Succeeded, "{report:?}");
        let writes: Vec<_> = scene
            .writes()
            .into_iter()
            .filter(|call| call.0 == method)
            .collect();
        assert_eq!(writes.len(), 2);
        assert_eq!(writes[1].2, half, "what took effect is not sent again");
        scene.assert_converges(&wanted).await;
    }
}

#[tokio::test]
async fn n9_a_lost_call_that_took_effect_is_not_made_again() {
    let kinds = [
        status(500),
        status(502),
        FaultKind::Timeout,
        FaultKind::ConnectionReset,
    ];
    for kind in kinds {
        for (route, method) in [(POST, "POST"), (DELETE, "DELETE")] {
            let (scene, wanted) = swap_under(&kind).await;
            let fault = Fault::on(route, kind.clone()).nth(1).after_effect();
            let fault = scene.control().add_fault(fault);
            let report = scene.sync(&wanted).await;
            assert_eq!(scene.control().fault_fired(fault), 1);
            assert_eq!(report.status(), RunStatus::Succeeded, "{kind:?} {report:?}");
            assert_eq!(calls(&scene, method), 1, "{kind:?} on {route}");
            scene.assert_converges(&wanted).await;
        }
    }
}

#[tokio::test]
async fn n9_a_lost_call_is_made_again_only_after_a_look() {
    for kind in [status(500), FaultKind::Timeout] {
        for route in [POST, DELETE] {
            let (scene, wanted) = swap_under(&kind).await;
            scene.control().add_fault(Fault::on(route, kind.clone()).nth(1));
            let plan = scene.plan(&wanted).await;
            scene.control().clear_requests();
            let report = scene.apply(plan).await;
            assert_eq!(report.status(), RunStatus::Succeeded);
            let requests = scene.control().requests();
            let methods: Vec<&str> = requests.iter().map(|call| call.method.as_str()).collect();
            let again: Vec<usize> = (0..methods.len())
                .filter(|i| route.starts_with(methods[*i]))
                .collect();
            assert_eq!(again.len(), 2, "{methods:?}");
            assert!(methods[again[0]..again[1]].contains(&"GET"), "{methods:?}");
            scene.assert_converges(&wanted).await;
        }
    }
}

#[tokio::test]
async fn n9_a_lost_call_is_not_made_again_where_the_look_proves_nothing() {
    for kind in [FaultKind::WrongTotalCount(3), status(500)] {
        let (scene, wanted) = swap().await;
        let plan = scene.plan(&wanted).await;
        scene.control().add_fault(Fault::on(POST, status(500)));
        scene.control().add_fault(Fault::on(GET, kind));
        let report = scene.apply(plan).await;
        assert_eq!(calls(&scene, "POST"), 1);
        assert_eq!(fate(&report, 10, 51), Fate::Journalled(ChangeState::Unverified));
        assert_eq!(scene.members(10).intersection(&people(51, 100)).count(), 0);
        scene.assert_converges(&wanted).await;
    }
}

#[tokio::test]
async fn a9_a_success_that_is_none_ends_as_unverified() {
    for (route, code, direction) in [(POST, 200, Direction::Add), (DELETE, 204, Direction::Remove)] {
        let (scene, wanted) = swap().await;
        scene.control().add_fault(Fault::on(route, success(code)));
        let report = scene.sync(&wanted).await;
        assert_eq!(report.status(), RunStatus::Partial);
        let lied: Vec<_> = report
            .steps
            .iter()
            .filter(|step| step.direction == direction)
            .collect();
        assert_eq!(lied.len(), 50);
        for step in lied {
            assert_eq!(step.fate, Fate::Journalled(ChangeState::Unverified));
            assert!(step.words.as_deref().unwrap().contains("do not show it"));
        }
        assert_eq!(scene.writes().len(), 2, "no second call for a yes");
        scene.assert_converges(&wanted).await;
    }
}

#[tokio::test]
async fn a9_a_change_that_shows_late_is_waited_for() {
    let (mut scene, wanted) = swap().await;
    scene.bounds.rereads.most = 8;
    scene
        .control()
        .with_tenant(|tenant| tenant.knobs.role_writes_show_after = 4);
    let report = scene.sync(&wanted).await;
    assert_eq!(report.status(), RunStatus::Succeeded, "{report:?}");
    assert_eq!(scene.writes().len(), 2);
    scene.assert_converges(&wanted).await;
}

#[tokio::test]
async fn a9_a_change_that_shows_after_the_bound_is_not_made_twice() {
    let scene = Scene::new(10, &[(10, people(1, 0))]).await;
    scene
        .control()
        .with_tenant(|tenant| tenant.knobs.role_writes_show_after = 6);
    let wanted = Wanted::from([(10, people(1, 5))]);
    let report = scene.sync(&wanted).await;
    assert_eq!(fates(&report), [("unverified".to_owned(), 5)].into());
    while scene.members(10).is_empty() {
        scene.read(10).await;
    }
    assert_eq!(scene.plan(&wanted).await, [], "the next run finds it done");
    assert_eq!(scene.writes().len(), 1);
}

#[tokio::test]
async fn a9_an_addition_that_is_not_seen_withholds_the_removal_of_the_person() {
    let scene = Scene::new(5, &[(10, people(5, 5)), (20, people(1, 2))]).await;
    scene.control().add_fault(Fault::on(POST, success(200)));
    let wanted = Wanted::from([(10, people(1, 1)), (20, people(3, 3))]);
    let report = scene.sync(&wanted).await;
    assert_eq!(fate(&report, 20, 1), Fate::Withheld);
    assert_eq!(fate(&report, 20, 2), Fate::Journalled(ChangeState::Done));
    assert!(scene.members(20).contains(&1), "in neither role at no instant");
    scene.assert_converges(&wanted).await;
}

#[tokio::test]
async fn a12_a_role_that_fails_stops_no_other() {
    for kind in [status(500), status(403), status(418)] {
        let roles: Vec<_> = (1..=10).map(|role| (role * 10, people(1, 2))).collect();
        let scene = Scene::new(5, &roles).await;
        let wanted: Wanted = (1..=10).map(|role| (role * 10, people(2, 3))).collect();
        scene
            .control()
            .add_fault(Fault::on("* /api/2/roles/30/users", kind.clone()).starting_at(2));
        let report = scene.sync(&wanted).await;
        assert_eq!(report.status(), RunStatus::Partial);
        assert_eq!(report.halt, None);
        for role in (1..=10).map(|role| role * 10) {
            let expected = if role == 30 { people(1, 2) } else { people(2, 3) };
            assert_eq!(scene.members(role), expected, "{kind:?} {role}");
        }
        let failed = report.steps.iter().filter(|step| step.role.0 == 30);
        assert!(
            failed.clone().count() == 2 && failed.clone().all(|step| step.words.is_some()),
            "{report:?}"
        );
        scene.assert_converges(&wanted).await;
    }
}

#[tokio::test]
async fn a3_a_role_that_is_gone_fails_alone_and_nothing_is_made_in_its_place() {
    let scene = Scene::new(60, &[(10, people(1, 50)), (20, people(1, 1))]).await;
    let wanted = Wanted::from([(10, people(51, 60)), (20, people(2, 2))]);
    let plan = scene.plan(&wanted).await;
    scene.control().with_tenant(|tenant| tenant.roles.remove(&10));
    let report = scene.apply(plan).await;
    assert_eq!(report.status(), RunStatus::Partial);
    assert_eq!(scene.members(20), people(2, 2));
    let to_it = scene.writes().into_iter().filter(|call| call.1 == 10).count();
    assert!(
        to_it <= 2,
        "a list is not taken apart for a role that is gone: {to_it}"
    );
    scene.assert_converges(&Wanted::from([(20, people(2, 2))])).await;
}

#[tokio::test]
async fn three_calls_in_a_row_that_come_to_nothing_end_the_writing() {
    let lie = Fault::on("POST /api/2/roles/:id/users", success(200));
    for fault in [Fault::on("POST /api/2/roles/:id/users", status(500)), lie] {
        let roles: Vec<_> = (1..=10).map(|role| (role * 10, people(1, 2))).collect();
        let scene = Scene::new(200, &roles).await;
        let wanted: Wanted = (1..=10).map(|role| (role * 10, people(1, 120))).collect();
        scene.control().add_fault(fault);
        let report = scene.sync(&wanted).await;
        assert!(
            matches!(report.halt, Some(Halt::Failures(_))),
            "{:?}",
            report.halt
        );
        assert!(scene.writes().len() <= 9, "{} calls", scene.writes().len());
        assert!(fates(&report)["left"] >= 7 * 118, "{:?}", fates(&report));
        scene.assert_converges(&wanted).await;
    }
}

#[tokio::test]
async fn a_role_that_refuses_one_after_the_other_is_left_after_a_few() {
    let scene = Scene::new(60, &[(10, people(1, 0)), (20, people(1, 0))]).await;
    let refuse = FaultKind::Status {
        code: 422,
        body: BodyShape::Named("Validation failed".to_owned()),
        headers: [].into(),
    };
    scene.control().add_fault(Fault::on(POST, refuse));
    let wanted = Wanted::from([(10, people(1, 60)), (20, people(1, 60))]);
    let report = scene.sync(&wanted).await;
    let to_it = scene.writes().into_iter().filter(|call| call.1 == 10).count();
    assert!(to_it < 20, "{to_it} calls");
    let step = report.steps.iter().find(|step| step.role.0 == 10).unwrap();
    assert!(
        step.words.as_deref().unwrap().contains("Validation failed"),
        "{step:?}"
    );
    assert_eq!(scene.members(20), people(1, 60));
    scene.assert_converges(&wanted).await;
}

#[tokio::test]
async fn a_removal_counts_as_done_only_on_a_proven_list() {
    let (scene, wanted) = swap().await;
    let plan = scene.plan(&wanted).await;
    scene.control().add_fault(Fault::on(GET, FaultKind::NoTotalCount));
    let report = scene.apply(plan).await;
    assert_eq!(
        fate(&report, 10, 51),
        Fate::Journalled(ChangeState::Done),
        "who is seen is in"
    );
    assert_eq!(fate(&report, 10, 1), Fate::Journalled(ChangeState::Unverified));
    let step = report.steps.iter().find(|step| step.user.0 == 1).unwrap();
    assert!(
        step.words.as_deref().unwrap().contains("no Total-Count"),
        "{step:?}"
    );
    scene.assert_converges(&wanted).await;
}

#[test]
fn the_usual_patience_outlasts_twenty_seconds() {
    let rereads = onelogin_steward::jobs::role_sync::Rereads::default();
    let total: Duration = (0..rereads.most)
        .map(|n| rereads.first_pause * 2_u32.pow(n))
        .sum();
    assert!(
        total >= Duration::from_secs(20) && total <= Duration::from_secs(60),
        "{total:?}"
    );
}
