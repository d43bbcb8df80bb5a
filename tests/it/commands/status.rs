//! `status`: one screen, without a call to anybody.

use onelogin_sandbox::{Fault, FaultKind, Role};
use serde_json::Value;

use crate::support::company::{company, open_relay, three_people};
use crate::support::smtp::{Act, SmtpServer, Step, When};
use crate::support::world::World;

const ROLE_SYNC: &str = "[role_sync]\nenabled = true\nprotected = [\"cleo@acme.example\"]\n";

/// Ana is missing from the role, and Bo and Cleo are in it.
async fn world(roles: &str, more: &str) -> World {
    let mut tenant = company(three_people());
    tenant.add_role(Role::new(10, "Sales").with_members([2, 3]));
    let world = World::new(tenant).await;
    world.home.write("roles.toml", roles);
    world.configure(&format!("{ROLE_SYNC}{more}"));
    world
}

const ANA_TOO: &str = "[[role]]\nid = 10\nmembers = [\"id:1\", \"id:2\", \"id:3\"]\n";
const WITHOUT_BO: &str = "[[role]]\nid = 10\nmembers = [\"id:1\", \"id:3\"]\n";

/// The screen: 80 columns, and nobody is asked.
async fn screen(world: &World) -> String {
    world.control.clear_requests();
    let output = world.steward(&["status"]).await;
    assert_eq!(output.code, 0, "{output:?}");
    assert_eq!(world.control.requests(), []);
    for line in output.stdout.lines() {
        assert!(line.chars().count() <= 80, "{line:?}");
        assert_eq!(line, line.trim_end(), "{line:?}");
    }
    output.stdout
}

fn job<'a>(status: &'a Value, name: &str) -> &'a Value {
    let jobs = status["jobs"].as_array().unwrap();
    jobs.iter().find(|job| job["job"] == name).unwrap()
}

#[tokio::test]
async fn before_the_first_run_it_tells_the_schedules_and_makes_no_store() {
    let world = world(ANA_TOO, "").await;
    let screen = screen(&world).await;
    assert!(!world.home.path("steward.db").exists());
    assert!(screen.starts_with("REHEARSAL: "), "{screen}");
    assert!(
        screen.contains("password-expiry  next run 2026-11-24 08:00 (0 8 * * *)"),
        "{screen}"
    );
    assert!(
        screen.contains("role-sync        next run 2026-11-23 08:30 (*/30 * * * *)"),
        "{screen}"
    );
    assert!(
        screen.contains("housekeeping     next run 2026-11-24 03:30 (30 3 * * *)"),
        "{screen}"
    );
    assert_eq!(screen.matches("nothing has run yet").count(), 3, "{screen}");
    assert!(screen.contains("notices waiting  none"), "{screen}");
    let status = world.json(&["status"]).await;
    assert_eq!(job(&status, "role-sync")["last_run"], Value::Null);
    assert_eq!(status["role_drift"], Value::Null);
}

#[tokio::test]
async fn pauses_come_first_and_then_what_is_held() {
    let world = world(WITHOUT_BO, "mode = \"apply\"\n").await;
    let run = world.steward(&["run", "role-sync"]).await;
    assert_eq!(run.code, 4, "{run:?}");
    world
        .steward(&[
            "pause",
            "password-expiry",
            "--reason",
            "a very long reason, ".repeat(12).trim_end(),
        ])
        .await;
    let screen = screen(&world).await;
    let at = |words: &str| screen.find(words).unwrap_or_else(|| panic!("{words}: {screen}"));
    assert!(
        at("PAUSED    password-expiry since 2026-11-23 08:00") < at("HELD      role-sync kept"),
        "{screen}"
    );
    assert!(at("HELD") < at("password-expiry  next run"), "{screen}");
    assert_eq!(screen.matches("HELD").count(), 1, "{screen}");
    assert!(screen.contains("1 held"), "{screen}");
}

#[tokio::test]
async fn the_last_run_of_each_job_is_told_with_the_drift_that_it_found() {
    let world = world(ANA_TOO, "mode = \"report\"\n").await;
    assert_eq!(world.steward(&["run", "role-sync"]).await.code, 0);
    world.run_expiry(&[]).await.assert_succeeded(3);
    let screen = screen(&world).await;
    assert!(
        screen.contains("last run 1 of 2026-11-23 08:00, manual, succeeded: REPORT"),
        "{screen}"
    );
    assert!(
        screen.contains("last run 2 of 2026-11-23 08:00, manual, succeeded"),
        "{screen}"
    );
    assert!(
        screen.contains("role drift       run 1 found 1 to add, 0 to remove, 0 held"),
        "{screen}"
    );
    let status = world.json(&["status"]).await;
    assert_eq!(status["role_drift"]["add"], 1, "{status:#}");
    assert_eq!(job(&status, "password-expiry")["last_run"]["run_id"], 2);
}

#[tokio::test]
async fn a_failed_run_stands_before_all_jobs() {
    let world = world(ANA_TOO, "").await;
    let fault = world
        .control
        .add_fault(Fault::on("GET /api/2/users", FaultKind::WrongBody));
    assert_eq!(world.steward(&["run", "password-expiry"]).await.code, 1);
    assert!(world.control.fault_fired(fault) > 0);
    let screen = screen(&world).await;
    let failed = screen.find("FAILED    password-expiry in run 1: ");
    assert!(
        failed < screen.find("password-expiry  next run") && failed.is_some(),
        "{screen}"
    );
}

#[tokio::test]
async fn notices_that_wait_are_counted() {
    let server = SmtpServer::builder().start();
    let world = world(ANA_TOO, "").await;
    world.configure_mail(&open_relay(&server), "");
    let bo = When::Recipient("bo@acme.example");
    server.on(Step::Rcpt, bo, Act::Reply("451 4.3.0 later"));
    world.run_expecting(3).await;
    let screen = screen(&world).await;
    assert!(!screen.contains("REHEARSAL"), "{screen}");
    assert!(
        screen.contains("notices waiting  0 not tried yet, 1 to be tried again"),
        "{screen}"
    );
    assert!(screen.contains("role-sync        not enabled"), "{screen}");
    let status = world.json(&["status"]).await;
    assert_eq!(status["notices_waiting"]["retry"], 1);
}
