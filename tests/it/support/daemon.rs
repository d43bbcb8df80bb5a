//! The daemon in this process, on a clock that is moved by hand, and the history that it leaves.

use onelogin_steward::domain::run::Job;
use rusqlite::Connection;

use super::PATIENCE;
use super::world::World;

/// A run as the history has it: job, trigger, status, summary.
pub(crate) type Row = (String, String, String, String);

/// The history, the oldest first. Nothing as long as there is no store.
pub(crate) fn rows(world: &World) -> Vec<Row> {
    let query = "SELECT job, trigger, status, summary FROM run ORDER BY run_id";
    read(world, query, |row| {
        Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
    })
}

/// The newest run of a job.
pub(crate) fn row_of(world: &World, job: &str) -> Option<Row> {
    rows(world).into_iter().rfind(|(name, ..)| name == job)
}

/// How the newest run of a job stands.
pub(crate) fn status_of(world: &World, job: &str) -> Option<String> {
    row_of(world, job).map(|(_, _, status, _)| status)
}

/// Trigger and status of every run of a job, the oldest first.
pub(crate) fn runs_of(world: &World, job: &str) -> Vec<(String, String)> {
    let of_job = rows(world).into_iter().filter(|(name, ..)| name == job);
    of_job.map(|(_, trigger, status, _)| (trigger, status)).collect()
}

/// Runs the daemon until something holds, and then drops it where it is, as kill -9 does.
///
/// # Panics
/// Where the daemon ends by itself, or it takes too long.
pub(crate) async fn daemon_until(world: &World, holds: impl AsyncFnOnce()) {
    let waiting = tokio::time::timeout(PATIENCE, holds());
    tokio::select! {
        ended = world.steward(&["daemon"]) => panic!("the daemon ended: {ended:?}"),
        waited = waiting => assert!(waited.is_ok(), "waited in vain; {:#?}", rows(world)),
    }
}

/// The same on a store that no daemon has served, with the clock moved to `time` once this one waits for
/// its ticks.
pub(crate) async fn daemon_at(world: &World, time: &str, holds: impl AsyncFnOnce()) {
    daemon_until(world, async || {
        let is_served = || read(world, "SELECT job FROM schedule", |row| row.get::<_, String>(0));
        wait_until(|| is_served().len() == Job::ALL.len()).await;
        world.set_now(time);
        holds().await;
    })
    .await;
}

/// Waits for something that the daemon does meanwhile.
pub(crate) async fn wait_until(holds: impl Fn() -> bool) {
    while !holds() {
        tokio::task::yield_now().await;
    }
}

/// Turns the end of every run back by so many minutes.
pub(crate) fn turn_ends_back(world: &World, minutes: i64) {
    let store = Connection::open(world.home.path("steward.db")).unwrap();
    let earlier = "UPDATE run SET finished_at = finished_at - ?1";
    store.execute(earlier, [minutes * 60_000]).unwrap();
}

fn read<T>(world: &World, query: &str, row: impl Fn(&rusqlite::Row<'_>) -> rusqlite::Result<T>) -> Vec<T> {
    let Ok(store) = Connection::open(world.home.path("steward.db")) else {
        return Vec::new();
    };
    let Ok(mut statement) = store.prepare(query) else {
        return Vec::new();
    };
    statement
        .query_map([], row)
        .and_then(Iterator::collect)
        .unwrap_or_default()
}
