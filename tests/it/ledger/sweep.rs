//! The process is killed at every step of a run, one step a time: around each commit, each answer of
//! the mail server and each answer of OneLogin. Needs the feature `cut-points`.

use std::collections::{BTreeMap, BTreeSet};
use std::os::unix::process::ExitStatusExt as _;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use rustix::process::Signal;
use serde_json::Value;
use tokio::runtime::Builder;

use crate::support::company::EVERY_DAY;
use crate::support::mailbox::Mail;
use crate::support::process::Running;
use crate::support::smtp::{Act, SmtpServer, Step, When};
use crate::support::world::World;

/// Worlds that are tried at the same time.
const AT_ONCE: usize = 3;
/// Enough for more than 200 steps.
const PEOPLE: usize = 12;
/// Mails that may be under way when the process dies.
const IN_FLIGHT: usize = 4;

/// A row of the ledger.
#[derive(Debug, Clone)]
struct Row {
    address: String,
    state: String,
    attempts: u64,
    message_id: String,
    resend: u64,
}

async fn ledger(world: &World) -> Vec<Row> {
    let rows = world.json(&["mail", "list"]).await;
    let row = |row: &Value| Row {
        address: row["address"].as_str().unwrap().to_owned(),
        state: row["state"].as_str().unwrap().to_owned(),
        attempts: row["attempts"].as_u64().unwrap(),
        message_id: row["message_id"].as_str().unwrap().to_owned(),
        resend: row["resend"].as_u64().unwrap(),
    };
    let rows = rows.as_array().unwrap().iter().map(row);
    rows.filter(|row| row.state != "superseded").collect()
}

/// How many copies of each mail the server took, by Message-ID, and for whom.
fn received(server: &SmtpServer) -> BTreeMap<String, (String, u64)> {
    let mut copies = BTreeMap::new();
    for mail in server.received().iter().map(Mail::from) {
        let id = mail.header("Message-ID").unwrap().to_owned();
        let (to, count) = copies.entry(id).or_insert((mail.to[0].clone(), 0));
        assert_eq!(*to, mail.to[0], "one Message-ID, two people");
        *count += 1;
    }
    copies
}

/// Runs the command up to the step with this number; tells which one it was, or `None` where the
/// command came to its end before it.
pub(crate) fn cut_at(world: &World, number: u64, arguments: &[&str]) -> Option<String> {
    let mut command = world.home.command(arguments);
    let mut run = Running::start(command.env("CUT_AT", number.to_string()));
    let status = run.wait_for_end();
    if status.success() {
        return None;
    }
    assert_eq!(status.signal(), Some(Signal::KILL.as_raw()), "{:?}", run.lines());
    let told = run.lines().iter().find_map(|line| line.strip_prefix("cut "));
    Some(told.expect("a cut tells its name").to_owned())
}

/// The ledger right after the crash: what stands as sent was received, and what was received stands
/// as sent, or as under way for the few that were.
fn tells_the_truth(rows: &[Row], copies: &BTreeMap<String, (String, u64)>, place: &str) {
    for row in rows {
        let taken = copies.get(&row.message_id).map_or(0, |(_, count)| *count);
        let truth = match row.state.as_str() {
            "sent" => taken == 1,
            "sending" => taken <= 1,
            "staged" => taken == 0 && row.attempts == 0,
            "failed" => taken == 0,
            _ => false,
        };
        assert!(truth, "{place}: {taken} copies of {row:?}");
    }
    let known: BTreeSet<&String> = rows.iter().map(|row| &row.message_id).collect();
    assert!(
        copies.keys().all(|id| known.contains(id)),
        "{place}: a mail without a row"
    );
    let under_way = rows.iter().filter(|row| row.state == "sending").count();
    assert!(under_way <= IN_FLIGHT, "{place}: {under_way} under way");
}

/// After the next run everything that was owed is sent, and a copy was taken only of what was under
/// way and had arrived.
async fn all_is_sent(world: &World, server: &SmtpServer, before: &[Row], place: &str) {
    let arrived = received(server);
    world.run_expecting(0).await;
    let rows = ledger(world).await;
    let copies = received(server);
    for row in rows.iter().filter(|row| row.state != "failed") {
        let old = before.iter().find(|old| old.message_id == row.message_id);
        let was_sending = old.is_some_and(|old| old.state == "sending");
        let twice = was_sending && arrived.contains_key(&row.message_id);
        let taken = copies
            .get(&row.message_id)
            .map(|(to, count)| (to.as_str(), *count));
        let expected = Some((row.address.as_str(), 1 + u64::from(twice)));
        assert_eq!(taken, expected, "{place}: {row:?}");
        assert_eq!(
            (row.state.as_str(), row.attempts),
            ("sent", 1 + u64::from(was_sending)),
            "{place}: {row:?}"
        );
    }
    for old in before {
        assert!(
            rows.iter().any(|row| row.message_id == old.message_id),
            "{place}: {old:?} is gone"
        );
    }
    let runs = world.json(&["history"]).await;
    let runs = runs.as_array().unwrap();
    assert!(
        runs.iter().all(|run| run["status"] != "running"),
        "{place}: {runs:#?}"
    );
    assert_eq!(runs[0]["status"], "succeeded", "{place}");

    let so_far = server.received().len();
    world.run_expecting(0).await;
    assert_eq!(
        server.received().len(),
        so_far,
        "{place}: one run more mails nobody"
    );
}

/// Tries step after step until there are no more; gives the names of all that were tried.
fn sweep<F: Future<Output = Option<String>>>(cut: impl Fn(u64) -> F + Sync) -> Vec<String> {
    let (next, tried) = (AtomicU64::new(1), Mutex::new(Vec::new()));
    thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                // A thread for the tenant beside the one that waits for the process.
                let runtime = Builder::new_multi_thread()
                    .worker_threads(1)
                    .enable_all()
                    .build()
                    .unwrap();
                while let Some(point) = runtime.block_on(cut(next.fetch_add(1, Ordering::SeqCst))) {
                    tried.lock().unwrap().push(point);
                }
            });
        }
    });
    tried.into_inner().unwrap()
}

#[test]
fn e2_a_run_killed_at_any_step_forgets_nobody_and_its_ledger_is_what_the_server_received() {
    let people: Vec<String> = (1..=PEOPLE).map(|nth| format!("p{nth}@acme.example")).collect();
    let people: Vec<&str> = people.iter().map(String::as_str).collect();
    let tried = sweep(|number| {
        let people = &people;
        async move {
            let server = SmtpServer::builder().start();
            let world = World::of_today(people).await;
            world.mail_to(&server, EVERY_DAY);
            let point = cut_at(&world, number, &["run", "password-expiry"]);
            let place = format!("cut {number}, {point:?}");
            let rows = ledger(&world).await;
            tells_the_truth(&rows, &received(&server), &place);
            all_is_sent(&world, &server, &rows, &place).await;
            let told: BTreeSet<String> = received(&server).into_values().map(|(to, _)| to).collect();
            assert_eq!(told.len(), PEOPLE, "{place}: somebody was forgotten");
            assert_eq!(
                received(&server).len(),
                PEOPLE,
                "{place}: two Message-IDs for one notice"
            );
            point
        }
    });
    assert!(tried.len() >= 200, "only {} steps", tried.len());
    let kinds: BTreeSet<&str> = tried.iter().map(String::as_str).collect();
    let expected = ["OneLogin", "the mail server", "the store"];
    let expected = expected
        .iter()
        .flat_map(|what| [format!("before {what}"), format!("after {what}")]);
    assert_eq!(
        kinds,
        expected
            .collect::<BTreeSet<_>>()
            .iter()
            .map(String::as_str)
            .collect()
    );
}

#[test]
fn e2_a_resend_killed_at_any_step_is_either_owed_under_its_message_id_or_was_never_asked_for() {
    let tried = sweep(|number| async move {
        let server = SmtpServer::builder().start();
        let world = World::of_today(&["p1@acme.example"]).await;
        world.mail_to(&server, EVERY_DAY);
        server.on(Step::Rcpt, When::Always, Act::Reply("550 5.1.1 no such user"));
        world.run_expecting(3).await;
        server.behave();
        let refused = ledger(&world).await;
        let id = world.json(&["mail", "list", "--state", "failed"]).await[0]["notice_id"].to_string();
        let point = cut_at(&world, number, &["mail", "resend", &id]);
        let place = format!("cut {number}, {point:?}");
        let rows = ledger(&world).await;
        tells_the_truth(&rows, &received(&server), &place);
        all_is_sent(&world, &server, &rows, &place).await;
        let asked = rows.iter().filter(|row| row.resend == 1).count();
        assert_eq!(received(&server).len(), asked, "{place}");
        assert!(!received(&server).contains_key(&refused[0].message_id), "{place}");
        point
    });
    assert!(tried.len() >= 40, "only {} steps", tried.len());
}
