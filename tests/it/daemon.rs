//! `daemon`, as the built program on the machine's own clock.

use std::time::Duration;

use jiff::tz::TimeZone;
use onelogin_sandbox::{Fault, FaultKind, Role};
use onelogin_steward::store::{FileLock, LockName};
use rustix::process::Signal;

use crate::support::company::{EVERY_DAY, recipients};
use crate::support::daemon::turn_ends_back;
use crate::support::process::Running;
use crate::support::smtp::{Act, SmtpServer, Step, When};
use crate::support::world::World;

const PEOPLE: [&str; 2] = ["ana@acme.example", "bo@acme.example"];

/// Two people who are due and of whom one is missing from a role, and a daemon that looks every minute, since
/// a reload told it to.
async fn every_minute(server: &SmtpServer, stop_timeout: &str) -> (World, Running) {
    let world = World::of_today(&PEOPLE).await;
    world
        .control
        .with_tenant(|tenant| tenant.add_role(Role::new(10, "Sales").with_members([1])));
    world.home.write(
        "roles.toml",
        "[[role]]\nid = 10\nmembers = [\"id:1\", \"id:2\"]\n",
    );
    let more = format!(
        "{EVERY_DAY}schedule = \"* * * * *\"\n[daemon]\nstop_timeout = \"{stop_timeout}\"\n\
         [role_sync]\nenabled = true\nschedule = \"* * * * *\"\nmode = \"apply\"\nprotected = [\"id:1\"]\n"
    );
    world.mail_to(server, &more.replace("* * * * *", "0 0 1 1 *"));
    let mut daemon = Running::start(&mut logging(&world, &["daemon"]));
    daemon.wait_for_line("daemon ready");
    world.mail_to(server, &more);
    daemon.signal(Signal::HUP);
    daemon.wait_for_line("configuration reloaded");
    (world, daemon)
}

fn logging(world: &World, arguments: &[&str]) -> std::process::Command {
    let mut command = world.home.command(arguments);
    // At half past three housekeeping would come between, whatever a test waits for.
    command.env("ONELOGIN_STEWARD__HOUSEKEEPING__ENABLED", "false");
    command.env("ONELOGIN_STEWARD__LOG__LEVEL", "info");
    command
}

/// One test for both, as each has to wait for a full minute.
#[tokio::test(flavor = "multi_thread")]
async fn the_schedule_brings_a_run_and_a_stop_in_the_middle_of_it_loses_nothing() {
    let server = SmtpServer::builder().start();
    let hanging = SmtpServer::builder().start();
    hanging.on(Step::Data, When::Always, Act::Hang);

    // Side by side, so that they wait for the same minute.
    let ((world, mut daemon), (cut, mut stopped)) =
        tokio::join!(every_minute(&server, "30s"), every_minute(&hanging, "1s"));

    // No answer to the first write of role sync, as long as the test lasts.
    let write = Fault::on("POST /api/2/roles/10/users", FaultKind::Timeout);
    let write = cut.control.add_fault(write);

    daemon.wait_longer_for_line("run started", Duration::from_secs(60));
    for _ in 0..2 {
        daemon.wait_for_line("succeeded");
    }
    daemon.signal(Signal::TERM);
    assert_eq!(daemon.wait(), 0, "{:?}", daemon.lines());
    assert_eq!(recipients(&server), PEOPLE);
    let scheduled = || ("schedule", "succeeded");
    assert_eq!(
        triggers_and_statuses(&world).await,
        history([scheduled(), scheduled()])
    );
    assert_eq!(members(&world), [1, 2]);

    hanging.wait_for_hangs(2);
    while cut.control.fault_fired(write) == 0 {
        tokio::task::yield_now().await;
    }
    stopped.signal(Signal::TERM);
    assert_eq!(stopped.wait(), 0, "{:?}", stopped.lines());
    assert!(hanging.received().is_empty());
    let server = SmtpServer::builder().start();
    let writes = "[role_sync]\nmode = \"apply\"\nprotected = [\"id:1\"]\n";
    cut.mail_to(&server, &format!("{EVERY_DAY}{writes}"));
    let cut_off = || ("schedule", "interrupted");
    assert_eq!(triggers_and_statuses(&cut).await, history([cut_off(), cut_off()]));
    cut.run_expecting(0).await;
    assert_eq!(recipients(&server), PEOPLE);
    cut.control.clear_faults();
    let ended = cut.steward(&["run", "role-sync"]).await;
    assert_eq!(ended.code, 0, "{ended:?}");
    assert_eq!(members(&cut), [1, 2]);
}

fn members(world: &World) -> Vec<i64> {
    world
        .control
        .with_tenant(|tenant| tenant.roles[&10].members.keys().copied().collect())
}

/// A world in which a run by hand left Bo's notice over, as if it had ended so many minutes ago. Gives
/// the zone in which it is about noon, so that no midnight lies in between.
async fn left_over(server: &SmtpServer, minutes_ago: i64) -> (World, String) {
    let world = World::of_today(&PEOPLE).await;
    // Half a day from now, so that no scheduled run comes in between.
    let hour = world.control.now().to_zoned(TimeZone::UTC).hour();
    let schedule = format!("schedule = \"0 {} * * *\"\n", (hour + 12) % 24);
    world.mail_to(server, &(EVERY_DAY.to_owned() + &schedule));
    server.on(
        Step::Rcpt,
        When::Recipient("bo@acme.example"),
        Act::Reply("451 4.3.0 later"),
    );
    world.run_expecting(3).await;
    assert_eq!(recipients(server), PEOPLE[..1]);
    server.behave();
    turn_ends_back(&world, minutes_ago);
    // The signs of these zones are the other way round.
    let zone = if hour < 12 {
        format!("Etc/GMT-{}", 12 - hour)
    } else {
        format!("Etc/GMT+{}", hour - 12)
    };
    (world, zone)
}

fn daemon_in(world: &World, zone: &str) -> Running {
    let mut command = logging(world, &["daemon"]);
    Running::start(command.env("ONELOGIN_STEWARD__TIME_ZONE", zone))
}

async fn triggers_and_statuses(world: &World) -> Vec<(String, String)> {
    let runs = world.json(&["history"]).await;
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    let runs = runs.as_array().unwrap().iter();
    runs.map(|run| (text(&run["trigger"]), text(&run["status"])))
        .collect()
}

fn history<const N: usize>(expected: [(&str, &str); N]) -> Vec<(String, String)> {
    expected
        .map(|(trigger, status)| (trigger.to_owned(), status.to_owned()))
        .to_vec()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_run_by_hand_left_over_is_tried_again_once_by_the_daemon() {
    let server = SmtpServer::builder().start();
    let (world, zone) = left_over(&server, 16).await;
    let mut daemon = daemon_in(&world, &zone);
    daemon.wait_for_line("succeeded");
    assert_eq!(recipients(&server), PEOPLE);
    daemon.signal(Signal::TERM);
    assert_eq!(daemon.wait(), 0, "{:?}", daemon.lines());
    let expected = history([("retry", "succeeded"), ("manual", "partial")]);
    assert_eq!(triggers_and_statuses(&world).await, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_notice_that_was_sent_once_more_does_not_keep_what_is_owed_to_others() {
    let server = SmtpServer::builder().start();
    let (world, zone) = left_over(&server, 16).await;
    let list = world.json(&["mail", "list", "--state", "sent"]).await;
    let id = list[0]["notice_id"].to_string();
    assert_eq!(world.steward(&["mail", "resend", &id]).await.code, 0);
    let mut daemon = daemon_in(&world, &zone);
    daemon.wait_for_line("succeeded");
    daemon.signal(Signal::TERM);
    daemon.wait();
    assert_eq!(recipients(&server), [PEOPLE[0], PEOPLE[0], PEOPLE[1]]);
    let expected = history([
        ("retry", "succeeded"),
        ("manual", "succeeded"),
        ("manual", "partial"),
    ]);
    assert_eq!(triggers_and_statuses(&world).await, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_retry_whose_lock_is_held_is_recorded_as_skipped() {
    let server = SmtpServer::builder().start();
    let (world, zone) = left_over(&server, 16).await;
    let store = world.home.path("steward.db");
    let held = FileLock::acquire(&store, LockName::Mail, "a test", Duration::ZERO).await;
    let held = held.unwrap().unwrap();
    let mut daemon = daemon_in(&world, &zone);
    daemon.wait_for_line("skipped");
    drop(held);
    daemon.signal(Signal::TERM);
    assert_eq!(daemon.wait(), 0, "{:?}", daemon.lines());
    let expected = history([("retry", "skipped"), ("manual", "partial")]);
    assert_eq!(triggers_and_statuses(&world).await, expected);
    assert_eq!(recipients(&server), PEOPLE[..1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_killed_run_left_over_is_tried_again_by_the_daemon() {
    let server = SmtpServer::builder().start();
    let (world, zone) = left_over(&server, 0).await;
    server.on(Step::Data, When::Always, Act::Hang);
    let mut run = world.home.spawn(&["run", "password-expiry"]);
    server.wait_for_hangs(1);
    run.signal(Signal::KILL);
    run.wait_for_end();
    server.behave();

    let mut daemon = daemon_in(&world, &zone);
    daemon.wait_for_line("was cut off");
    daemon.signal(Signal::TERM);
    daemon.wait();
    let expected = [("manual", "interrupted"), ("manual", "partial")];
    assert_eq!(triggers_and_statuses(&world).await, history(expected));

    turn_ends_back(&world, 16);
    let mut daemon = daemon_in(&world, &zone);
    daemon.wait_for_line("succeeded");
    daemon.signal(Signal::TERM);
    daemon.wait();
    assert_eq!(recipients(&server), PEOPLE);
    assert_eq!(
        triggers_and_statuses(&world).await,
        history([("retry", "succeeded"), expected[0], expected[1]])
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_daemon_told_to_stop_while_idle_ends_with_0() {
    for signal in [Signal::TERM, Signal::INT] {
        let world = World::of_today(&PEOPLE).await;
        // Half a day from now, so that no run comes in between, whatever the time of day.
        let hour = world.control.now().to_zoned(TimeZone::UTC).hour();
        let schedule = format!("schedule = \"0 {} * * *\"\n", (hour + 12) % 24);
        world.configure(&(EVERY_DAY.to_owned() + &schedule));
        let mut daemon = Running::start(&mut logging(&world, &["daemon"]));
        daemon.wait_for_line("daemon ready");
        daemon.signal(signal);
        assert_eq!(daemon.wait(), 0, "{:?}", daemon.lines());
        assert!(!world.home.path("outbox").exists());
        let runs = world.json(&["history"]).await;
        assert_eq!(runs.as_array().unwrap().len(), 0, "{runs:#}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_daemon_without_an_enabled_job_says_so_and_waits() {
    let world = World::of_today(&PEOPLE).await;
    world.configure("[password_expiry]\nenabled = false\n[housekeeping]\nenabled = false\n");
    let mut daemon = Running::start(&mut logging(&world, &["daemon"]));
    daemon.wait_for_line("no job is enabled");
    daemon.signal(Signal::TERM);
    assert_eq!(daemon.wait(), 0, "{:?}", daemon.lines());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bad_configuration_ends_the_daemon_with_78() {
    let world = World::of_today(&PEOPLE).await;
    for bad in [
        "[pasword_expiry]\n",
        "[password_expiry]\nschedule = \"61 * * * *\"\n",
        "= =",
    ] {
        world.configure(bad);
        let ended = world.home.steward(&["daemon"]);
        assert_eq!(ended.code, 78, "{bad} {ended:?}");
        assert!(ended.stderr.contains("config.toml"), "{}", ended.stderr);
        assert!(!ended.stderr.contains("panicked"), "{}", ended.stderr);
    }
    world.configure("");
    world
        .home
        .write("templates/password-expiry/subject.txt.j2", "{{ nmae }}");
    let ended = world.home.steward(&["daemon"]);
    assert_eq!(ended.code, 78, "{ended:?}");
    assert!(ended.stderr.contains("subject.txt.j2"), "{}", ended.stderr);
    assert!(!world.home.path("steward.db").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn logs_hold_no_secret_and_no_whole_address() {
    let server = SmtpServer::builder()
        .starttls()
        .auth("steward", "se cret")
        .start();
    let reply = Act::Reply("550 5.1.1 <bo@acme.example>: no such user here");
    server.on(Step::Rcpt, When::Recipient("bo@acme.example"), reply);
    let world = World::of_today(&PEOPLE).await;
    let config = world.mail_safely_to(&server, "starttls", "localhost");
    let text = std::fs::read_to_string(&config).unwrap();
    world.home.config(&(text + EVERY_DAY));
    let mut command = world.home.command(&["run", "password-expiry"]);
    command.env("ONELOGIN_STEWARD__LOG__LEVEL", "trace");
    let ended = command.output().unwrap();
    assert_eq!(ended.status.code(), Some(3));
    let log = String::from_utf8_lossy(&ended.stderr);
    assert!(log.contains("run started"), "{log}");
    assert!(log.contains("b***@acme.example"), "{log}");
    for hidden in ["ana@acme.example", "bo@acme.example", "se cret", "sandbox-secret"] {
        let line = log.lines().find(|line| line.contains(hidden));
        assert_eq!(line, None, "{hidden}");
    }
}
