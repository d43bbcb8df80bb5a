//! Throttling, tokens, the end of time and of the process, and a journal that cannot be written.

use std::time::Duration;

use onelogin_sandbox::{BodyShape, Fault, FaultKind, RetryAfter};
use onelogin_steward::domain::role::change::ChangeState;
use onelogin_steward::domain::run::{RunId, RunStatus};
use onelogin_steward::jobs::role_sync::{Fate, Halt, Report};
use onelogin_steward::store::Store;
use rusqlite::Connection;

use super::scene::{Scene, Wanted, fates, people, status};

const WRITES: &str = "* /api/2/roles/:id/users";
const POST: &str = "POST /api/2/roles/10/users";
const TOKEN: &str = "/auth/oauth2/v2/token";

/// 120 people for a role: three calls.
async fn three_calls() -> (Scene, Wanted) {
    let scene = Scene::new(120, &[(10, people(1, 0))]).await;
    (scene, Wanted::from([(10, people(1, 120))]))
}

fn throttled(retry_after: RetryAfter) -> FaultKind {
    FaultKind::Throttled {
        code: 429,
        retry_after,
    }
}

#[tokio::test]
async fn n1_a_429_in_the_middle_is_waited_out_and_nothing_is_lost_or_doubled() {
    for retry_after in [
        RetryAfter::Seconds(0),
        RetryAfter::Seconds(1),
        RetryAfter::HttpDate(1),
        RetryAfter::HttpDate(-30),
        RetryAfter::Absent,
        RetryAfter::Seconds(-5),
        RetryAfter::Text("soon".to_owned()),
    ] {
        let (scene, wanted) = three_calls().await;
        let fault = Fault::on(POST, throttled(retry_after.clone())).nth(2);
        let fault = scene.control().add_fault(fault);
        let report = scene.sync(&wanted).await;
        assert_eq!(scene.control().fault_fired(fault), 1);
        assert_eq!(
            report.status(),
            RunStatus::Succeeded,
            "{retry_after:?} {report:?}"
        );
        let writes = scene.writes();
        assert_eq!(writes.len(), 4, "{retry_after:?}");
        assert_eq!(writes[1], writes[2], "the same call again");
        scene.assert_converges(&wanted).await;
    }
}

#[tokio::test]
async fn n1_an_absurd_wait_ends_the_writing_with_the_reason() {
    for retry_after in [
        RetryAfter::Absurd,
        RetryAfter::Seconds(1_000_000_000),
        RetryAfter::HttpDate(3600),
    ] {
        let (scene, wanted) = three_calls().await;
        let fault = Fault::on(POST, throttled(retry_after.clone())).nth(2);
        scene.control().add_fault(fault);
        let report = scene.sync(&wanted).await;
        let Some(Halt::Throttled(why)) = &report.halt else {
            panic!("{:?}", report.halt);
        };
        assert!(why.contains("429") && why.contains("seconds"), "{why}");
        assert_eq!(report.status(), RunStatus::Partial);
        assert_eq!(scene.people_in(ChangeState::Done).await, people(1, 50));
        assert_eq!(
            scene.people_in(ChangeState::Failed).await,
            people(51, 100),
            "not carried out"
        );
        assert_eq!(fates(&report)["left"], 20);
        scene.assert_converges(&wanted).await;
    }
}

#[tokio::test]
async fn n2_a_429_for_ever_is_given_up_and_the_next_run_goes_on() {
    let (scene, wanted) = three_calls().await;
    scene
        .control()
        .add_fault(Fault::on(POST, throttled(RetryAfter::Absent)).starting_at(2));
    let report = scene.sync(&wanted).await;
    assert!(
        matches!(report.halt, Some(Halt::Throttled(_))),
        "{:?}",
        report.halt
    );
    assert_eq!(scene.writes().len(), 4, "one call, and three tries of the second");
    assert_eq!(scene.people_in(ChangeState::Done).await, people(1, 50));
    scene.assert_converges(&wanted).await;
}

#[tokio::test]
async fn n2_a_wait_ends_with_the_time_of_the_run() {
    let (mut scene, wanted) = three_calls().await;
    scene.time = Duration::from_secs(2);
    scene
        .control()
        .add_fault(Fault::on(POST, throttled(RetryAfter::Seconds(50))).nth(2));
    let report = scene.sync(&wanted).await;
    assert_eq!(report.halt, Some(Halt::Deadline));
    assert_eq!(report.status(), RunStatus::Partial);
    assert_eq!(scene.writes().len(), 2);
    scene.time = Duration::from_secs(60);
    scene.assert_converges(&wanted).await;
}

#[tokio::test]
async fn n5_a_token_that_dies_is_fetched_once_more_and_the_call_made_again() {
    let (scene, wanted) = three_calls().await;
    scene
        .control()
        .add_fault(Fault::on(POST, FaultKind::TokenRevoked).nth(2));
    let report = scene.sync(&wanted).await;
    assert_eq!(report.status(), RunStatus::Succeeded, "{report:?}");
    assert_eq!(scene.control().mutations().len(), 4, "the second one twice");
    assert_eq!(scene.world.calls_of(TOKEN).len(), 2);
    scene.assert_converges(&wanted).await;
}

#[tokio::test]
async fn n5_a_refused_refresh_stops_at_once_and_the_journal_tells_what_is_open() {
    let (scene, wanted) = three_calls().await;
    let plan = scene.plan(&wanted).await;
    scene.control().clear_requests();
    scene
        .control()
        .add_fault(Fault::on(POST, FaultKind::TokenRevoked).nth(2));
    let refused = FaultKind::Status {
        code: 401,
        body: BodyShape::Envelope("Authentication Failure".to_owned()),
        headers: [].into(),
    };
    scene
        .control()
        .add_fault(Fault::on(format!("POST {TOKEN}"), refused));
    let report = scene.apply(plan).await;
    assert!(
        matches!(report.halt, Some(Halt::Credential(_))),
        "{:?}",
        report.halt
    );
    let requests = scene.control().requests();
    let paths: Vec<(&str, &str)> = requests
        .iter()
        .map(|call| (call.method.as_str(), call.path.as_str()))
        .collect();
    let role = "/api/2/roles/10/users";
    assert_eq!(
        paths,
        [("POST", role), ("POST", role), ("POST", TOKEN)],
        "nothing after the refusal"
    );
    // The first call said yes and was not looked at; the second one was not carried out.
    assert_eq!(scene.people_in(ChangeState::Intended).await, people(1, 50));
    assert_eq!(scene.people_in(ChangeState::Failed).await, people(51, 100));
    assert_eq!(fates(&report)["left"], 20);
    assert!(!format!("{report:?}").contains("sandbox-secret"));
    scene.control().clear_faults();
    assert_eq!(scene.resume().await.done, 50);
    let report = scene.sync(&wanted).await;
    assert_eq!(report.status(), RunStatus::Succeeded);
    assert_eq!(scene.members(10), people(1, 120));
    assert_eq!(scene.plan(&wanted).await, []);
}

#[tokio::test]
async fn a_scope_that_only_reads_changes_nothing_and_says_so() {
    let (scene, wanted) = three_calls().await;
    scene.control().add_fault(Fault::on(POST, status(401)));
    let report = scene.sync(&wanted).await;
    assert_eq!(report.status(), RunStatus::Failed);
    let first = &report.steps[0];
    assert_eq!(first.fate, Fate::Journalled(ChangeState::Failed));
    assert!(first.words.as_deref().unwrap().starts_with("401"), "{first:?}");
    assert_eq!(
        scene.control().mutations().len(),
        2,
        "once, and once with a fresh token"
    );
    assert_eq!(scene.members(10), people(1, 0));
}

#[tokio::test]
async fn c6_a_stop_finishes_the_call_under_way_and_begins_no_other() {
    let (scene, wanted) = three_calls().await;
    let plan = scene.plan(&wanted).await;
    scene
        .control()
        .add_fault(Fault::on(POST, FaultKind::LateAnswer { ms: 300 }).nth(2));
    let seen = async {
        while scene.writes().len() < 2 {
            tokio::task::yield_now().await;
        }
        scene.stop.cancel();
    };
    let (report, ()): (Report, ()) = tokio::join!(scene.apply(plan), seen);
    assert_eq!(report.halt, Some(Halt::Stopped));
    assert_eq!(report.status(), RunStatus::Interrupted);
    assert_eq!(scene.writes().len(), 2);
    assert_eq!(scene.people_in(ChangeState::Done).await, people(1, 100));
    assert_eq!(fates(&report)["left"], 20);
}

#[tokio::test]
async fn c6_a_stop_cuts_a_wait_short() {
    let (scene, wanted) = three_calls().await;
    let plan = scene.plan(&wanted).await;
    scene
        .control()
        .add_fault(Fault::on(POST, throttled(RetryAfter::Seconds(55))).nth(1));
    let seen = async {
        while scene.writes().is_empty() {
            tokio::task::yield_now().await;
        }
        scene.stop.cancel();
    };
    let (report, ()): (Report, ()) = tokio::join!(scene.apply(plan), seen);
    assert_eq!(report.halt, Some(Halt::Stopped));
    assert_eq!(scene.members(10), people(1, 0));
}

#[tokio::test]
async fn c3_what_cannot_be_written_down_is_not_done() {
    let (scene, wanted) = three_calls().await;
    let plan = scene.plan(&wanted).await;
    // A run that the store does not know, and a store that takes no writes.
    let store = scene.store();
    let unknown = scene.apply_in(&store, RunId(999), plan.clone()).await;
    let run = scene.begin(&store).await;
    let path = scene.world.home.path("roles.db");
    let read_only = Store::open_existing(&path).unwrap().unwrap();
    let unwritable = scene.apply_in(&read_only, run, plan).await;
    for report in [unknown, unwritable] {
        assert!(matches!(report.halt, Some(Halt::Journal(_))), "{:?}", report.halt);
        assert_eq!(report.status(), RunStatus::Failed);
        assert_eq!(fates(&report), [("left".to_owned(), 120)].into());
    }
    assert_eq!(scene.control().mutations(), []);
    assert_eq!(scene.journal().await, []);
}

#[tokio::test]
async fn c3_a_journal_that_breaks_later_ends_the_writing_and_leaves_the_truth_open() {
    let roles = [(10, people(1, 0)), (20, people(1, 0))];
    for (what, calls) in [
        ("NEW.server_reply IS NOT NULL", 1),
        ("NEW.state <> 'intended'", 2),
    ] {
        let scene = Scene::new(60, &roles).await;
        let wanted = Wanted::from([(10, people(1, 60)), (20, people(1, 60))]);
        drop(scene.store());
        let path = scene.world.home.path("roles.db");
        let disk = Connection::open(&path).unwrap();
        let trigger = format!(
            "CREATE TRIGGER full BEFORE UPDATE ON role_change WHEN {what} BEGIN SELECT RAISE(ABORT, 'full'); END"
        );
        disk.execute_batch(&trigger).unwrap();
        let report = scene.sync(&wanted).await;
        assert!(matches!(report.halt, Some(Halt::Journal(_))), "{:?}", report.halt);
        assert_eq!(scene.writes().len(), calls, "{what}");
        let called = scene.members(10);
        assert_eq!(scene.people_in(ChangeState::Intended).await, called);
        disk.execute_batch("DROP TRIGGER full").unwrap();
        assert_eq!(scene.resume().await.done, called.len() as u64);
        scene.assert_converges(&wanted).await;
    }
}

#[tokio::test]
async fn no_call_is_made_when_the_time_is_over_or_the_process_stops() {
    for stopped in [true, false] {
        let (mut scene, wanted) = three_calls().await;
        let plan = scene.plan(&wanted).await;
        scene.control().clear_requests();
        if stopped {
            scene.stop.cancel();
        } else {
            scene.time = Duration::ZERO;
        }
        let fault = scene.control().add_fault(Fault::on(WRITES, status(500)));
        let report = scene.apply(plan).await;
        assert_eq!(scene.control().fault_fired(fault), 0);
        assert_eq!(fates(&report), [("left".to_owned(), 120)].into());
        assert_eq!(scene.journal().await, []);
    }
}
