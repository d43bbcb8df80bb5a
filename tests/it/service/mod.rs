//! `daemon` as a service: what systemd is told, reloads, signs of life, stops. The built program.

mod reload;

use std::process::Command;
use std::time::Duration;

use jiff::tz::TimeZone;
use onelogin_sandbox::{Fault, FaultKind};
use onelogin_steward::store::{FileLock, LockName};
use rustix::process::Signal;

use crate::support::company::{EVERY_DAY, recipients};
use crate::support::daemon::turn_ends_back;
use crate::support::process::Running;
use crate::support::smtp::{Act, SmtpServer, Step, When};
use crate::support::systemd::Systemd;
use crate::support::world::World;

const PEOPLE: [&str; 2] = ["ana@acme.example", "bo@acme.example"];

/// Half a day from now, so that no run comes in between, whatever the time of day.
fn far_away(world: &World) -> String {
    let hour = world.control.now().to_zoned(TimeZone::UTC).hour();
    format!("{EVERY_DAY}schedule = \"30 {} * * *\"\n", (hour + 12) % 24)
}

/// config.toml without its log level, which the command line of these tests sets, and with this on top.
fn configure(world: &World, more: &str) {
    world.configure(&format!("{more}[housekeeping]\nenabled = false\n"));
    let text = std::fs::read_to_string(world.home.path("config.toml")).unwrap();
    world
        .home
        .config(&text.replace("level = \"off\"", "level = \"info\""));
}

fn daemon(world: &World, systemd: &Systemd, watchdog: Option<u32>) -> Running {
    let mut command: Command = world.home.command(&["daemon"]);
    systemd.serve(&mut command, watchdog);
    let mut daemon = Running::start(&mut command);
    daemon.wait_for_line("daemon ready");
    let ready = systemd.told();
    assert!(
        ready.starts_with("READY=1\nSTATUS=next: password-expiry "),
        "{ready}"
    );
    daemon
}

async fn world_far_from_a_run() -> World {
    let world = World::of_today(&PEOPLE).await;
    configure(&world, &far_away(&world));
    world
}

fn stop(daemon: &mut Running) {
    daemon.signal(Signal::TERM);
    assert_eq!(daemon.wait(), 0, "{:?}", daemon.lines());
}

#[tokio::test(flavor = "multi_thread")]
async fn systemd_is_told_when_the_service_is_up_and_when_it_goes_down() {
    let world = world_far_from_a_run().await;
    let systemd = Systemd::listen(&world);
    let mut daemon = daemon(&world, &systemd, None);
    daemon.signal(Signal::TERM);
    systemd.told_with("STOPPING=1");
    assert_eq!(daemon.wait(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_cannot_start_is_never_ready() {
    let world = world_far_from_a_run().await;
    let systemd = Systemd::listen(&world);
    world
        .home
        .write("templates/password-expiry/body.txt.j2", "{{ nmae }}");
    let mut command = world.home.command(&["daemon"]);
    systemd.serve(&mut command, None);
    let ended = Running::start(&mut command).wait();
    assert_eq!(ended, 78);
    std::fs::remove_file(world.home.path("templates/password-expiry/body.txt.j2")).unwrap();
    // The first thing that it told is of a good start.
    let mut good = daemon(&world, &systemd, None);
    stop(&mut good);
}

#[tokio::test(flavor = "multi_thread")]
async fn signs_of_life_come_while_nothing_happens_while_a_run_waits_and_while_it_stops() {
    let server = SmtpServer::builder().start();
    let world = World::of_today(&PEOPLE).await;
    world.mail_to(&server, &far_away(&world));
    server.on(Step::Rcpt, When::Always, Act::Reply("451 4.3.0 later"));
    world.run_expecting(1).await;
    server.behave();
    let systemd = Systemd::listen(&world);
    let watched = |world: &World| {
        let mut command = world.home.command(&["daemon"]);
        command.env("ONELOGIN_STEWARD__HOUSEKEEPING__ENABLED", "false");
        systemd.serve(&mut command, Some(150_000));
        Running::start(&mut command)
    };
    let lives = || {
        for _ in 0..5 {
            systemd.told_with("WATCHDOG=1");
        }
    };
    let mut idle = watched(&world);
    lives();
    stop(&mut idle);
    turn_ends_back(&world, 16);
    server.on(Step::Data, When::Always, Act::Hang);
    let mut busy = watched(&world);
    server.wait_for_hangs(1);
    systemd.told_with("STATUS=running: password-expiry");
    lives();
    busy.signal(Signal::TERM);
    systemd.told_with("STOPPING=1");
    lives();
    // A second signal ends it where it is.
    busy.signal(Signal::TERM);
    assert_eq!(busy.wait(), 0, "{:?}", busy.lines());
    let runs = world.json(&["history", "--limit", "1"]).await;
    assert_eq!(runs[0]["status"], "interrupted");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_daemon_on_the_same_store_does_not_start() {
    let world = world_far_from_a_run().await;
    let not_running = world.steward(&["status"]).await.stdout;
    assert!(not_running.contains("not running"), "{not_running}");
    let systemd = Systemd::listen(&world);
    let mut first = daemon(&world, &systemd, None);
    let second = world.home.steward(&["daemon"]);
    assert_eq!(second.code, 75, "{second:?}");
    assert!(
        second.stderr.contains("(daemon) serves this store already"),
        "{second:?}"
    );
    let status = world.json(&["status"]).await;
    let process = format!("process {} (daemon)", first.id());
    assert_eq!(status["daemon"]["process"], process);
    first.signal(Signal::KILL);
    first.wait_for_end();
    let status = world.json(&["status"]).await;
    assert_eq!(status["daemon"]["running"], false);
}

/// The daemon's process waits for the lock of another one: everything before is done.
fn wait_at_the_lock(daemon: &Running) {
    let files = format!("/proc/{}/fd", daemon.id().as_raw_nonzero());
    let has_it = || {
        let files = std::fs::read_dir(&files).unwrap();
        let mut targets = files.filter_map(|file| std::fs::read_link(file.ok()?.path()).ok());
        targets.any(|target| target.ends_with("steward.db.daemon.lock"))
    };
    while !has_it() {
        std::thread::yield_now();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_that_comes_while_the_daemon_starts_lets_no_run_begin() {
    let world = World::of_today(&PEOPLE).await;
    // A run by hand, and a schedule whose time passes each minute: every start makes up for one.
    configure(&world, &format!("{EVERY_DAY}schedule = \"* * * * *\"\n"));
    world.run_expecting(0).await;
    let store = rusqlite::Connection::open(world.home.path("steward.db")).unwrap();
    let hour = 3_600_000;
    let earlier = "UPDATE run SET started_at = started_at - ?1, finished_at = finished_at - ?1";
    store.execute(earlier, [hour]).unwrap();
    let store = world.home.path("steward.db");
    let lock = FileLock::acquire(&store, LockName::Daemon, "a test", Duration::ZERO);
    let lock = lock.await.unwrap().unwrap();
    let mut command: Command = world.home.command(&["daemon"]);
    let mut daemon = Running::start(&mut command);
    wait_at_the_lock(&daemon);
    daemon.signal(Signal::TERM);
    drop(lock);
    assert_eq!(daemon.wait(), 0, "{:?}", daemon.lines());
    let runs = world.json(&["history"]).await;
    assert_eq!(runs.as_array().unwrap().len(), 1, "{runs:#}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_was_told_to_stop_three_times_is_made_up_for_a_fourth_time() {
    let world = world_far_from_a_run().await;
    world.run_expecting(0).await;
    let store = rusqlite::Connection::open(world.home.path("steward.db")).unwrap();
    let cut_off = "UPDATE run SET trigger = 'schedule', status = 'interrupted'";
    store.execute(cut_off, []).unwrap();
    let hung = Fault::on("GET /api/2/policies", FaultKind::Timeout);
    let hung = world.control.add_fault(hung);
    for times in 1..=4 {
        let mut daemon = Running::start(&mut world.home.command(&["daemon"]));
        daemon.wait_for_line("run started");
        while world.control.fault_fired(hung) < times {
            tokio::task::yield_now().await;
        }
        stop(&mut daemon);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lock_that_cannot_be_opened_is_named() {
    let world = world_far_from_a_run().await;
    let lock = world.home.path("steward.db.daemon.lock");
    std::fs::create_dir(&lock).unwrap();
    let ended = world.home.steward(&["daemon"]);
    assert_eq!(ended.code, 1);
    let named = format!("the lock {}: ", lock.display());
    assert!(ended.stderr.contains(&named), "{}", ended.stderr);
}
