//! Runs that began and did not come to a good end, or that something kept from beginning.

use super::*;

#[tokio::test]
async fn a_run_that_was_cut_off_is_made_up_for_but_not_for_ever() {
    let world = world_that_ran("").await;
    let hung = world
        .control
        .add_fault(Fault::on("GET /api/2/policies", FaultKind::Timeout));
    world.set_now("2026-11-23T06:59:59Z");
    daemon_at(&world, "2026-11-23T07:00:00Z", async || {
        wait_until(|| world.control.fault_fired(hung) == 1).await;
    })
    .await;
    assert_eq!(triggers(&world), expected(&[BY_HAND, ("schedule", "running")]));
    // Twice more it is what ends the process.
    for times in 2..=3 {
        daemon_until(&world, async || {
            wait_until(|| world.control.fault_fired(hung) == times).await;
        })
        .await;
        assert_eq!(triggers(&world).last().unwrap().0, "catch-up");
    }
    serve_at(&world, "2026-11-23T07:30:00Z").await;
    let cut_off = |trigger| (trigger, "interrupted");
    let four = [
        BY_HAND,
        cut_off("schedule"),
        cut_off("catch-up"),
        cut_off("catch-up"),
    ];
    assert_eq!(triggers(&world), expected(&four));
    assert_eq!(world.control.fault_fired(hung), 3);
    // The next day is another chance.
    world.control.clear_faults();
    serve_at(&world, "2026-11-24T11:00:00Z").await;
    assert_eq!(triggers(&world)[4..], expected(&[CAUGHT_UP]));
}

#[tokio::test]
async fn a_run_by_hand_that_was_cut_off_is_for_whoever_began_it() {
    let world = world_that_ran("").await;
    serve_at(&world, "2026-11-23T07:00:00Z").await;
    let hung = world
        .control
        .add_fault(Fault::on("GET /api/2/users", FaultKind::Timeout));
    tokio::select! {
        ended = world.steward(&["run", JOB]) => panic!("{ended:?}"),
        () = wait_until(|| world.control.fault_fired(hung) == 1) => {}
    }
    world.control.clear_faults();
    serve_at(&world, MONDAY_AT_NOON).await;
    assert_eq!(triggers(&world)[2..], expected(&[("manual", "interrupted")]));
}

#[tokio::test]
async fn a_catch_up_that_finds_the_lock_held_is_recorded_as_skipped() {
    let world = world_that_ran("").await;
    let store = world.home.path("steward.db");
    let held = FileLock::acquire(&store, LockName::Mail, "a test", Duration::ZERO).await;
    let held = held.unwrap().unwrap();
    serve_at(&world, MONDAY_AT_NOON).await;
    drop(held);
    assert_eq!(triggers(&world), expected(&[BY_HAND, ("catch-up", "skipped")]));
    let (.., why) = row_of(&world, JOB).unwrap();
    assert!(why.contains("(a test) held the lock on mail"), "{why}");
}

#[tokio::test]
async fn a_scheduled_run_that_failed_is_tried_again_a_quarter_of_an_hour_later() {
    let world = World::new(company(three_people())).await;
    world.configure(DAILY);
    let broken = FaultKind::Status {
        code: 500,
        body: BodyShape::Html,
        headers: [].into(),
    };
    world.control.add_fault(Fault::on("GET /api/2/users", broken));
    world.set_now("2026-11-23T06:59:59Z");
    let runs_end_at = async |count: usize| {
        let are_over = |runs: &[(String, String)]| runs.iter().all(|(_, status)| status != "running");
        wait_until(|| triggers(&world).len() == count && are_over(&triggers(&world))).await;
    };
    daemon_at(&world, "2026-11-23T07:00:00Z", async || runs_end_at(1).await).await;
    world.set_now("2026-11-23T07:15:00Z");
    daemon_until(&world, async || runs_end_at(2).await).await;
    world.control.clear_faults();
    world.set_now("2026-11-23T07:30:00Z");
    daemon_until(&world, async || runs_end_at(3).await).await;
    let failed = |trigger| (trigger, "failed");
    let three = [failed("schedule"), failed("retry"), ("retry", "succeeded")];
    assert_eq!(triggers(&world), expected(&three));
    assert_eq!(world.mails(), 3);
}

#[tokio::test]
async fn a_failed_run_by_hand_puts_off_the_retry_of_a_scheduled_one_and_does_not_take_it_away() {
    let world = world_with("").await;
    let broken = FaultKind::Status {
        code: 500,
        body: BodyShape::Html,
        headers: [].into(),
    };
    world.control.add_fault(Fault::on("GET /api/2/users", broken));
    world.set_now("2026-11-23T06:59:59Z");
    daemon_at(&world, "2026-11-23T07:00:00Z", async || {
        wait_until(|| triggers(&world) == expected(&[("schedule", "failed")])).await;
    })
    .await;
    world.set_now("2026-11-23T07:10:00Z");
    assert_eq!(world.steward(&["run", JOB]).await.code, 1);
    serve_at(&world, "2026-11-23T07:16:00Z").await;
    world.control.clear_faults();
    serve_at(&world, "2026-11-23T07:25:00Z").await;
    let three = [
        ("schedule", "failed"),
        ("manual", "failed"),
        ("retry", "succeeded"),
    ];
    assert_eq!(triggers(&world), expected(&three));
}

#[tokio::test]
async fn a_run_that_was_cut_off_longer_ago_than_catch_up_is_not_made_up_for() {
    for (now, runs) in [("2026-11-24T05:59:00Z", 2), ("2026-11-24T06:01:00Z", 1)] {
        let world = world_that_ran("schedule = \"0 8 1 1 *\"\n").await;
        let store = Connection::open(world.home.path("steward.db")).unwrap();
        let cut_off = "UPDATE run SET trigger = 'schedule', status = 'interrupted' WHERE job = ?1";
        store.execute(cut_off, [JOB]).unwrap();
        serve_at(&world, now).await;
        assert_eq!(triggers(&world).len(), runs, "{now}");
    }
}

#[tokio::test]
async fn a_tick_that_the_store_or_its_lock_did_not_let_begin_is_made_up_for_soon() {
    let world = world_that_ran("").await;
    let lock = world.home.path("steward.db.mail.lock");
    world.set_now("2026-11-23T06:59:00Z");
    let markers = || runs_of(&world, "role-sync").len();
    daemon_at(&world, "2026-11-23T06:59:59Z", async || {
        std::fs::remove_file(&lock).unwrap();
        std::fs::create_dir(&lock).unwrap();
        let before = markers();
        world.set_now("2026-11-23T07:00:59Z");
        wait_until(|| markers() > before).await;
        std::fs::remove_dir(&lock).unwrap();
        world.set_now("2026-11-23T07:01:59Z");
        wait_until(|| triggers(&world).len() > 1 && triggers(&world)[1].1 != "running").await;
    })
    .await;
    assert_eq!(triggers(&world), expected(&[BY_HAND, CAUGHT_UP]));
}
