//! The program as a process of its own: killed, stopped, kept out, and left without a disk.

use std::collections::BTreeSet;
use std::sync::Arc;

use onelogin_sandbox::{Fault, FaultId, FaultKind, RecordedRequest};
use onelogin_steward::clock::{Clock as _, SystemClock};
use onelogin_steward::domain::role::change::ChangeState;
use rusqlite::Connection;
use rustix::process::Signal;

use super::company::{ADDS, BOARD, Company, REMOVES, SALES, SUPPORT, UNDISTURBED, role, the_file};
use crate::support::home::Output;
use crate::support::process::Running;

/// Anything at all.
const EVERY_CALL: &str = "* /*";

/// Three roles, each of which lacks somebody and has somebody too many.
async fn three_roles() -> Arc<Company> {
    let company = Company::new().await;
    company.given_file(&(the_file() + &role("Board", [2])));
    company.control().follow_system_clock();
    Arc::new(company)
}

/// Both clocks stand at the time of the machine, so that runs in this process can follow.
fn stop_clocks(company: &Company) {
    company.world.set_now(&SystemClock.now().to_string());
}

async fn until_struck(company: &Company, fault: FaultId) {
    while company.control().fault_fired(fault) == 0 {
        tokio::task::yield_now().await;
    }
}

fn start(company: &Company, arguments: &[&str]) -> Running {
    company
        .world
        .home
        .spawn(&[&["run", "role-sync"], arguments].concat())
}

/// What the journal may say at the instant of a crash: everybody whom the tenant was asked about is
/// in it, and nobody is in it as done who was not.
async fn assert_truth(company: &Company, what: &str) {
    let journal = company.journal().await;
    let told: BTreeSet<(i64, i64)> = journal
        .iter()
        .map(|change| (change.role_id.0, change.user_id.0))
        .collect();
    let seen: BTreeSet<(i64, i64)> = company
        .mutations()
        .iter()
        .map(|(_, role, user)| (*role, *user))
        .collect();
    assert!(seen.is_subset(&told), "{what}: {seen:?} {told:?}");
    let done = journal.iter().filter(|change| change.state == ChangeState::Done);
    assert!(
        done.map(|change| (change.role_id.0, change.user_id.0))
            .all(|change| seen.contains(&change)),
        "{what}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn c1_c5_a_process_killed_at_any_request_leaves_what_the_next_run_finishes() {
    let company = three_roles().await;
    stop_clocks(&company);
    assert_eq!(company.run().await.output.code, 0);
    let requests = company.control().requests();
    let calls = requests.len();
    let is_write: Vec<bool> = requests.iter().map(RecordedRequest::is_mutation).collect();
    let first_write = is_write.iter().position(|is_write| *is_write).unwrap();
    assert!(is_write.len() - first_write >= 9, "{requests:?}");
    let wanted = [SALES, SUPPORT, BOARD].map(|role| (role, company.members(role)));
    for (index, is_write) in is_write.into_iter().enumerate() {
        let call = index as u64 + 1;
        for takes_effect in [false, true] {
            // A read has no effect, and before the writes one in three is enough.
            if takes_effect && !is_write || index < first_write && index % 3 != 0 {
                continue;
            }
            let what = format!("request {call} of {calls}, carried out: {takes_effect}");
            let company = three_roles().await;
            let mut fault = Fault::on(EVERY_CALL, FaultKind::Timeout).nth(call);
            fault.takes_effect = takes_effect;
            let fault = company.control().add_fault(fault);
            let mut process = start(&company, &[]);
            until_struck(&company, fault).await;
            process.signal(Signal::KILL);
            process.wait_for_end();
            assert_truth(&company, &what).await;
            company.control().clear_faults();
            stop_clocks(&company);
            let ran = company.run().await;
            assert_eq!(ran.output.code, 0, "{what}: {ran:?}");
            for (role, members) in &wanted {
                assert_eq!(company.members(*role), *members, "{what}");
            }
            let open = company.people_in(ChangeState::Intended).await;
            assert_eq!(open, BTreeSet::new(), "{what}");
            // Called once where the call came through, and once more where it did not.
            let made = company.mutations();
            let most = UNDISTURBED.len() + 2 + usize::from(is_write && !takes_effect);
            assert_eq!(made.len(), most, "{what}: {made:?}");
            company.is_in_line().await;
            // A lock that a dead process left was no hindrance (C5), and its run is told as cut off.
            let runs = company.runs().await;
            assert!(
                runs.iter().any(|(status, _)| status == "interrupted"),
                "{what}: {runs:?}"
            );
        }
    }
}

fn wait_of(mut process: Running) -> Output {
    let code = process.wait();
    Output {
        code,
        stdout: process.lines().join("\n"),
        stderr: String::new(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn c4_a_second_process_is_told_who_holds_the_lock_and_leaves_no_run() {
    let company = three_roles().await;
    let late = Fault::on(ADDS, FaultKind::LateAnswer { ms: 2000 }).nth(1);
    let fault = company.control().add_fault(late);
    let first = start(&company, &[]);
    until_struck(&company, fault).await;
    let second = start(&company, &["--wait", "0"]);
    let second = tokio::task::spawn_blocking(move || wait_of(second))
        .await
        .unwrap();
    assert_eq!(second.code, 75, "{second:?}");
    assert!(second.stdout.contains("run role-sync"), "{second:?}");
    let first = tokio::task::spawn_blocking(move || wait_of(first)).await.unwrap();
    assert_eq!(first.code, 0, "{first:?}");
    assert_eq!(company.runs().await.len(), 1);
    assert_eq!(company.mutations().len(), 6);
}

#[tokio::test(flavor = "multi_thread")]
async fn c6_sigterm_among_the_writes_finishes_the_call_and_begins_no_other() {
    let company = three_roles().await;
    let late = Fault::on(ADDS, FaultKind::LateAnswer { ms: 300 }).nth(2);
    let fault = company.control().add_fault(late);
    let process = start(&company, &[]);
    until_struck(&company, fault).await;
    process.signal(Signal::TERM);
    let ended = tokio::task::spawn_blocking(move || wait_of(process))
        .await
        .unwrap();
    assert_eq!(ended.code, 3, "{ended:?}");
    assert_eq!(company.runs().await[0].0, "interrupted");
    assert_eq!(company.mutations().len(), 2);
    // What was called was looked at once more.
    assert_eq!(company.people_in(ChangeState::Done).await.len(), 2);
    stop_clocks(&company);
    company.run().await.assert_did_status(0, "succeeded");
    assert_eq!(company.mutations().len(), 6);
    company.is_in_line().await;
}

fn disk(company: &Company) -> Connection {
    Connection::open(company.world.home.path("steward.db")).unwrap()
}

#[tokio::test]
async fn c3_what_cannot_be_written_down_is_not_done() {
    let company = Company::new().await;
    company.given_file(&(role("Sales", 1..=8) + &role("Support", 11..=14)));
    company.is_in_line().await;
    company.given_file(&the_file());
    disk(&company)
        .execute_batch(
            "CREATE TRIGGER full BEFORE INSERT ON role_change BEGIN SELECT RAISE(ABORT, 'full'); END",
        )
        .unwrap();
    let ran = company.run().await;
    ran.assert_did(1, "failed", &[]);
    ran.assert_tells(&["could not be recorded"]);
    disk(&company).execute_batch("DROP TRIGGER full").unwrap();
    company.converges().await;
}

#[tokio::test]
async fn c3_a_disk_that_is_full_at_the_end_does_not_hide_what_was_done() {
    let company = Company::new().await;
    company.given_file(&(role("Sales", 1..=8) + &role("Support", 11..=14)));
    company.is_in_line().await;
    company.given_file(&the_file());
    for table in ["role_seen", "identity", "accepted_file"] {
        disk(&company)
            .execute_batch(&format!(
                "CREATE TRIGGER full_{table} BEFORE INSERT ON {table} BEGIN SELECT RAISE(ABORT, 'full'); END"
            ))
            .unwrap();
    }
    let ran = company.run().await;
    ran.assert_did(3, "partial", &UNDISTURBED);
    ran.assert_tells(&["2 added, 2 removed", "full"]);
    let rows: BTreeSet<ChangeState> = company
        .journal()
        .await
        .iter()
        .map(|change| change.state)
        .collect();
    assert_eq!(rows, [ChangeState::Done].into());
    for table in ["role_seen", "identity", "accepted_file"] {
        disk(&company)
            .execute_batch(&format!("DROP TRIGGER full_{table}"))
            .unwrap();
    }
    company.converges().await;
}

#[tokio::test]
async fn c3_a_journal_of_a_newer_version_or_of_something_else_is_not_touched() {
    let company = Company::new().await;
    let path = company.world.home.path("steward.db");
    std::fs::write(&path, "no database\n").unwrap();
    let output = company.world.steward(&["run", "role-sync"]).await;
    assert_eq!(output.code, 1, "{output:?}");
    assert_eq!(std::fs::read(&path).unwrap(), b"no database\n");
    std::fs::remove_file(&path).unwrap();
    Connection::open(&path)
        .unwrap()
        .execute_batch("PRAGMA user_version = 9999")
        .unwrap();
    let output = company.world.steward(&["run", "role-sync"]).await;
    assert_eq!(output.code, 1, "{output:?}");
    assert_eq!(company.control().mutations(), []);
    std::fs::remove_file(&path).unwrap();
    company.converges().await;
}

#[tokio::test]
async fn n2_c8_the_end_of_the_runs_time_leaves_the_rest_to_the_next_run() {
    let company = Company::new().await;
    company.configure_all("", "", "[daemon]\nrun_timeout = \"1s\"\n");
    // OneLogin takes longer than that for one answer among the writes.
    company
        .control()
        .add_fault(Fault::on(REMOVES, FaultKind::LateAnswer { ms: 1500 }).nth(1));
    let ran = company.run().await;
    ran.assert_did_status(3, "partial");
    ran.assert_tells(&["run_timeout"]);
    assert!(!ran.written.contains(&UNDISTURBED[3]), "{ran:?}");
    company.configure("", "");
    company.converges().await;
}
