//! The process dies: what it left open is found out by reading, and the end is the same.

use std::collections::{BTreeMap, BTreeSet};

use onelogin_sandbox::{Fault, FaultId, FaultKind};
use onelogin_steward::domain::role::change::{ChangeState, Direction};
use onelogin_steward::domain::run::RunStatus;

use super::scene::{Scene, Wanted, people, status};

const EVERY_CALL: &str = "* /api/2/roles/:id/users";

/// Three roles: one that grows by more than a call takes, one that swaps, one that loses people to
/// the others.
async fn three_roles() -> (Scene, Wanted) {
    let roles = [(10, people(1, 5)), (20, people(6, 10)), (30, people(11, 20))];
    let scene = Scene::new(90, &roles).await;
    let mut moved = people(11, 14);
    moved.extend(people(21, 80));
    let wanted = Wanted::from([(10, moved), (20, people(8, 15)), (30, people(16, 20))]);
    (scene, wanted)
}

/// The process dies when this fault has struck: nothing of it goes on.
async fn die_at(scene: &Scene, wanted: &Wanted, fault: FaultId) -> bool {
    let plan = scene.plan(wanted).await;
    let struck = async {
        while scene.control().fault_fired(fault) == 0 {
            tokio::task::yield_now().await;
        }
    };
    tokio::select! {
        biased;
        () = struck => true,
        _ = scene.apply(plan) => false,
    }
}

/// Calls of an application that nothing disturbs, without the reads of its plan.
async fn calls_of_an_undisturbed_run() -> (u64, u64) {
    let (scene, wanted) = three_roles().await;
    scene.plan(&wanted).await;
    let reads = scene.control().requests().len() as u64;
    scene.control().clear_requests();
    scene.sync(&wanted).await;
    let all = scene.control().requests().len() as u64;
    assert_eq!(scene.all_members(&wanted), wanted);
    // The token came with the first plan.
    (reads - 1, all - (reads - 1))
}

#[tokio::test]
async fn c1_a_process_that_dies_at_any_call_leaves_nothing_lost_and_nothing_doubled() {
    let (reads, calls) = calls_of_an_undisturbed_run().await;
    assert!(calls >= 10, "{calls}");
    for call in 1..=calls {
        // The request came and was not carried out, or it was and its answer never came.
        for takes_effect in [false, true] {
            let what = format!("call {call} of {calls}, carried out: {takes_effect}");
            let (scene, wanted) = three_roles().await;
            let mut fault = Fault::on(EVERY_CALL, FaultKind::Timeout).nth(reads + call);
            fault.takes_effect = takes_effect;
            let fault = scene.control().add_fault(fault);
            assert!(die_at(&scene, &wanted, fault).await, "{what}");
            scene.control().clear_faults();

            // The journal knows of every call, before anything else is asked.
            scene.assert_journal_is_log().await;
            let calls_before = scene.writes().len();
            let open = scene.people_in(ChangeState::Intended).await;
            let resumed = scene.resume().await;
            assert_eq!(
                scene.writes().len(),
                calls_before,
                "{what}: nothing is called again blindly"
            );
            assert_eq!(
                scene.people_in(ChangeState::Intended).await,
                BTreeSet::new(),
                "{what}"
            );
            assert!(resumed.done + resumed.abandoned >= open.len() as u64, "{what}");

            let report = scene.sync(&wanted).await;
            assert_eq!(report.status(), RunStatus::Succeeded, "{what}");
            assert_eq!(scene.all_members(&wanted), wanted, "{what}");
            assert_eq!(scene.plan(&wanted).await, [], "{what}");
            scene.assert_journal_is_log().await;
            assert_each_change_is_done_once(&scene, &what).await;
        }
    }
}

/// Every membership that changed has one row that says `done`, also where it took two runs.
async fn assert_each_change_is_done_once(scene: &Scene, what: &str) {
    let mut done: BTreeMap<(i64, i64, Direction), usize> = BTreeMap::new();
    for (role, person, direction, state, _) in scene.journal().await {
        let is_done = usize::from(state == ChangeState::Done);
        *done.entry((role, person, direction)).or_default() += is_done;
    }
    let others: Vec<_> = done.iter().filter(|(_, count)| **count != 1).collect();
    assert!(others.is_empty(), "{what}: {others:?}");
    assert_eq!(done.len(), 4 + 60 + 5 + 5 + 2 + 5, "{what}");
}

#[tokio::test]
async fn c1_no_person_is_in_neither_role_at_any_cut() {
    let (reads, calls) = calls_of_an_undisturbed_run().await;
    for call in 1..=calls {
        let (scene, wanted) = three_roles().await;
        let fault = Fault::on(EVERY_CALL, FaultKind::Timeout)
            .nth(reads + call)
            .after_effect();
        let fault = scene.control().add_fault(fault);
        die_at(&scene, &wanted, fault).await;
        let somewhere: BTreeSet<i64> = [10, 20, 30]
            .iter()
            .flat_map(|role| scene.members(*role))
            .collect();
        assert!(people(11, 15).is_subset(&somewhere), "call {call}");
    }
}

#[tokio::test]
async fn what_cannot_be_read_stays_open_until_it_can() {
    let (scene, wanted) = three_roles().await;
    let fault = Fault::on("POST /api/2/roles/10/users", FaultKind::Timeout)
        .nth(1)
        .after_effect();
    let fault = scene.control().add_fault(fault);
    assert!(die_at(&scene, &wanted, fault).await);
    for kind in [status(500), FaultKind::NoTotalCount] {
        scene.control().clear_faults();
        scene
            .control()
            .add_fault(Fault::on("GET /api/2/roles/10/users", kind.clone()));
        if kind == FaultKind::NoTotalCount {
            // Who is seen is in, so these are done all the same; a person who is not seen stays open.
            scene
                .control()
                .with_tenant(|tenant| tenant.roles.get_mut(&10).unwrap().members.remove(&11));
        }
        let resumed = scene.resume().await;
        let roles: Vec<i64> = resumed.unresolved.keys().map(|role| role.0).collect();
        assert_eq!(roles, [10], "{kind:?}");
        let expected = if kind == FaultKind::NoTotalCount { 49 } else { 0 };
        assert_eq!((resumed.done, resumed.abandoned), (expected, 0), "{kind:?}");
    }
    scene.control().clear_faults();
    let resumed = scene.resume().await;
    assert_eq!((resumed.done, resumed.abandoned), (0, 1));
    scene.assert_converges(&wanted).await;
}

#[tokio::test]
async fn what_was_open_for_a_role_that_is_gone_is_abandoned() {
    let (scene, wanted) = three_roles().await;
    let fault = Fault::on("POST /api/2/roles/10/users", FaultKind::Timeout).nth(1);
    let fault = scene.control().add_fault(fault);
    assert!(die_at(&scene, &wanted, fault).await);
    scene.control().clear_faults();
    scene.control().with_tenant(|tenant| tenant.roles.remove(&10));
    let resumed = scene.resume().await;
    assert_eq!((resumed.done, resumed.abandoned), (0, 50));
    assert_eq!(resumed.unresolved, BTreeMap::new());
}
