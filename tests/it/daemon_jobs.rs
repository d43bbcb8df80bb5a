//! `daemon` with several jobs, in this process, on a clock that is moved to the time of their ticks.

use onelogin_sandbox::{BodyShape, Fault, FaultId, FaultKind, RecordedRequest, Role};

use crate::support::company::{company, open_relay, three_people};
use crate::support::daemon::{daemon_at, row_of, rows, status_of, wait_until};
use crate::support::smtp::{Act, SmtpServer, Step, When};
use crate::support::world::World;

/// A moment before eight o'clock in Berlin, when both jobs are scheduled.
const BEFORE_EIGHT: &str = "2026-11-23T06:59:59Z";

/// Eight o'clock there.
const EIGHT: &str = "2026-11-23T07:00:00Z";

/// Ana is to be in the role, and Bo stays.
const ROLES: &str = "[[role]]\nid = 10\nmembers = [\"ana@acme.example\", \"bo@acme.example\"]\n";

const ROLE_SYNC: &str = "[role_sync]\nenabled = true\nschedule = \"0 8 * * *\"\nmode = \"apply\"\nprotected = [\"cleo@acme.example\"]\n";

async fn world() -> World {
    let mut tenant = company(three_people());
    tenant.add_role(Role::new(10, "Sales").with_members([2]));
    let world = World::new(tenant).await;
    world.home.write("roles.toml", ROLES);
    world.configure(ROLE_SYNC);
    world.set_now(BEFORE_EIGHT);
    world
}

/// Whether each job has a run, and none is going on.
fn both_ended(world: &World) -> bool {
    let ended = |job| status_of(world, job).is_some_and(|status| status != "running");
    ended("password-expiry") && ended("role-sync")
}

fn members(world: &World) -> Vec<i64> {
    world
        .control
        .with_tenant(|tenant| tenant.roles[&10].members.keys().copied().collect())
}

/// Which job reads here: the needed fields tell it, and what only one of them asks for.
fn reader(request: &RecordedRequest) -> Option<char> {
    let has = |word: &str| {
        request
            .query
            .iter()
            .any(|(key, value)| key == word || value.contains(word))
    };
    match request.path.as_str() {
        // The look at what changed, between two mails, is no part of the reading.
        "/api/2/users" if has("updated_since") => None,
        "/api/2/users" if has("password_changed_at") => Some('P'),
        "/api/2/policies" | "/api/2/groups" => Some('P'),
        "/api/2/users" | "/api/2/roles" => Some('R'),
        _ => None,
    }
}

#[tokio::test]
async fn two_jobs_of_the_same_minute_both_run_and_read_one_after_the_other() {
    let world = world().await;
    // Whoever comes first waits for its first page, which is when the other one would slip in.
    let late = Fault::on("GET /api/2/users", FaultKind::LateAnswer { ms: 700 }).nth(1);
    world.control.add_fault(late);
    daemon_at(&world, EIGHT, async || wait_until(|| both_ended(&world)).await).await;
    for (job, trigger, status, summary) in rows(&world) {
        assert_eq!(
            (trigger.as_str(), status.as_str()),
            ("schedule", "succeeded"),
            "{job}: {summary}"
        );
    }
    assert_eq!(rows(&world).len(), 2);
    assert_eq!((world.mails(), members(&world)), (3, vec![1, 2]));
    let mut readers: Vec<char> = world.control.requests().iter().filter_map(reader).collect();
    // What an applied plan reads again is its own.
    readers.dedup();
    assert!(readers == ['P', 'R'] || readers == ['R', 'P'], "{readers:?}");
}

#[tokio::test]
async fn while_mail_leaves_the_other_job_reads_and_writes() {
    let server = SmtpServer::builder().start();
    let world = world().await;
    let later = "[password_expiry]\nschedule = \"0 9 * * *\"\n";
    world.configure_mail(&open_relay(&server), &format!("{ROLE_SYNC}{later}"));
    // A quarter of an hour before, a run by hand leaves a notice over: the daemon begins with it.
    world.set_now("2026-11-23T06:44:57Z");
    let bo = When::Recipient("bo@acme.example");
    server.on(Step::Rcpt, bo, Act::Reply("451 4.3.0 later"));
    world.run_expecting(3).await;
    server.behave();
    server.on(Step::Data, When::Always, Act::Hang);
    world.set_now(BEFORE_EIGHT);
    daemon_at(&world, EIGHT, async || {
        wait_until(|| status_of(&world, "role-sync").as_deref() == Some("succeeded")).await;
    })
    .await;
    let (_, trigger, status, _) = row_of(&world, "password-expiry").unwrap();
    assert_eq!((trigger.as_str(), status.as_str()), ("retry", "running"));
    assert_eq!(members(&world), [1, 2]);
}

#[tokio::test]
async fn the_tick_of_a_paused_job_is_skipped_with_the_reason_and_the_other_job_runs() {
    let world = world().await;
    let paused = [
        "pause",
        "role-sync",
        "--for",
        "2h",
        "--reason",
        "the tenant is moved",
    ];
    assert_eq!(world.steward(&paused).await.code, 0);
    daemon_at(&world, EIGHT, async || wait_until(|| both_ended(&world)).await).await;
    let (_, trigger, status, summary) = row_of(&world, "role-sync").unwrap();
    assert_eq!((trigger.as_str(), status.as_str()), ("schedule", "skipped"));
    assert!(
        summary.contains("until 2026-11-23 09:59: the tenant is moved"),
        "{summary}"
    );
    assert_eq!(status_of(&world, "password-expiry").as_deref(), Some("succeeded"));
    assert_eq!(members(&world), [2]);
}

#[tokio::test]
async fn a_pause_that_is_over_skips_nothing() {
    let world = world().await;
    world.set_now("2026-11-23T05:00:00Z");
    let paused = [
        "pause",
        "role-sync",
        "--for",
        "1h",
        "--reason",
        "the tenant is moved",
    ];
    assert_eq!(world.steward(&paused).await.code, 0);
    world.set_now(BEFORE_EIGHT);
    daemon_at(&world, EIGHT, async || wait_until(|| both_ended(&world)).await).await;
    assert_eq!(status_of(&world, "role-sync").as_deref(), Some("succeeded"));
}

/// A call that is never answered as long as the test lasts.
fn hang(world: &World, route: &str) -> FaultId {
    world.control.add_fault(Fault::on(route, FaultKind::Timeout))
}

#[tokio::test]
async fn a_tick_while_the_job_still_runs_is_recorded_as_skipped() {
    let world = world().await;
    let more = ROLE_SYNC.replace("0 8 * * *", "* * * * *");
    world.configure(&format!("{more}[password_expiry]\nenabled = false\n"));
    let hung = hang(&world, "GET /api/2/roles");
    // The first tick is on time, and the next one a moment away.
    daemon_at(&world, "2026-11-23T07:00:59Z", async || {
        wait_until(|| rows(&world).len() == 1).await;
        world.set_now("2026-11-23T07:01:00Z");
        wait_until(|| rows(&world).len() == 2).await;
    })
    .await;
    assert_eq!(world.control.fault_fired(hung), 1);
    let [(_, _, first, _), (_, trigger, second, why)] = &rows(&world)[..] else {
        panic!("{:?}", rows(&world));
    };
    assert_eq!(
        (first.as_str(), second.as_str(), trigger.as_str()),
        ("running", "skipped", "schedule")
    );
    assert_eq!(why, "the run before it was still going on");
}

#[tokio::test]
async fn f18_a_file_that_goes_bad_while_the_daemon_runs_leaves_the_accepted_one_in_force() {
    let world = world().await;
    assert_eq!(world.steward(&["run", "role-sync"]).await.code, 0);
    world.control.with_tenant(|tenant| {
        let role = tenant.roles.get_mut(&10).unwrap();
        role.members.remove(&1);
    });
    daemon_at(&world, EIGHT, async || {
        world.home.write("roles.toml", "[[role]]\nid = 10\nmember = []\n");
        wait_until(|| rows(&world).len() == 3 && both_ended(&world)).await;
    })
    .await;
    let (_, trigger, status, summary) = row_of(&world, "role-sync").unwrap();
    assert_eq!(
        (trigger.as_str(), status.as_str()),
        ("schedule", "partial"),
        "{summary}"
    );
    assert_eq!(members(&world), [1, 2], "as the accepted file says");
    // At its start there is a person who can put it right.
    let requests = world.control.requests().len();
    let ended = world.steward(&["daemon"]).await;
    assert_eq!(ended.code, 78, "{ended:?}");
    assert!(ended.stderr.contains("roles.toml:3:1"), "{}", ended.stderr);
    assert_eq!(world.control.requests().len(), requests);
}

#[tokio::test]
async fn a_failing_job_takes_no_other_with_it() {
    let world = world().await;
    let broken = FaultKind::Status {
        code: 500,
        body: BodyShape::Html,
        headers: [].into(),
    };
    world.control.add_fault(Fault::on("GET /api/2/roles", broken));
    daemon_at(&world, EIGHT, async || wait_until(|| both_ended(&world)).await).await;
    assert_eq!(status_of(&world, "role-sync").as_deref(), Some("failed"));
    assert_eq!(status_of(&world, "password-expiry").as_deref(), Some("succeeded"));
}

#[tokio::test]
async fn a_job_that_is_not_enabled_has_no_tick() {
    let world = world().await;
    world.configure(&ROLE_SYNC.replace("enabled = true", "enabled = false"));
    world.home.write("roles.toml", "[[");
    daemon_at(&world, EIGHT, async || {
        let ended = || status_of(&world, "password-expiry").as_deref() == Some("succeeded");
        wait_until(ended).await;
    })
    .await;
    assert_eq!(rows(&world).len(), 1);
}
