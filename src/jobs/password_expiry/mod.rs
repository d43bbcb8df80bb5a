//! The job `password-expiry`: mails people before their password expires.

mod load;
mod memory;
mod owed;
mod reading;
mod recheck;
mod resend;
mod trouble;

use jiff::Timestamp;
use tokio_util::sync::CancellationToken;

pub use self::load::read_tenant;
pub use self::memory::Memory;
pub use self::reading::Reading;
use super::alert::Desk;
pub use super::delivery::MAIL_PATIENCE;
use super::record::{Opening, Seen, record};
use super::{Outcome, Stop, Turn};
use crate::clock::Clock;
use crate::config::settings::Settings;
use crate::domain::alert::Reach;
use crate::domain::due::Book;
use crate::domain::guard::{Hold, Release, hold_on_notices, hold_on_user_drop};
use crate::domain::notice::NoticeKey;
use crate::domain::plan::{NoticePlan, plan_notices};
use crate::domain::policy::PolicyKnowledge;
use crate::domain::run::{Job, RunId, RunStatus, Trigger};
use crate::domain::truth::{Doubt, doubts};
use crate::domain::warned::count_warned;
use crate::mail::{Mailer, Templates};
use crate::onelogin::Client;
use crate::pace::Patience;
use crate::report;
use crate::store::{BookOf, FileLock, NoticeId, Store};

/// What a run works with.
#[derive(Debug)]
pub struct Tools<'a> {
    /// The settings in force.
    pub settings: &'a Settings,
    /// The clock; a run takes its decisions at one reading of it.
    pub clock: &'a dyn Clock,
    /// The tenant.
    pub client: &'a Client,
    /// Ledger and history.
    pub store: &'a Store,
    /// The way out for mail.
    pub mailer: &'a Mailer,
    /// What the mails say.
    pub templates: &'a Templates,
    /// How long a mail server that takes nothing, or not yet, is tried in one run.
    pub mail_patience: Patience,
    /// The turn to read the tenant.
    pub turn: &'a Turn,
    /// Cancelled when the process is to stop: the mails in flight are finished, no new one begins.
    pub stop: &'a CancellationToken,
}

/// Why and how a run was asked for.
#[derive(Debug, Clone)]
pub struct Order {
    /// What started it.
    pub trigger: Trigger,
    /// What the run is for.
    pub task: Task,
    /// The person's reason.
    pub reason: Option<String>,
}

/// What a run is for.
#[derive(Debug, Clone)]
pub enum Task {
    /// Every notice that is due. The guards that a person released are released for this run only.
    AllDue(Release),
    /// This notice of the ledger, once more.
    Resend(NoticeId, NoticeKey),
}

/// What a run would do, from what it has read.
#[derive(Debug)]
pub struct Decision {
    /// The tenant as it was found.
    pub reading: Reading,
    /// What is due.
    pub plan: NoticePlan,
    /// The guard that holds it back, if one tripped.
    pub hold: Option<Hold>,
    /// The ages that look wrong; the notes of the reading tell them too.
    pub doubts: Vec<Doubt>,
}

/// Reads the tenant and decides. Sends, writes and learns nothing.
pub async fn decide(
    client: &Client,
    settings: &Settings,
    memory: &Memory,
    now: Timestamp,
    release: Release,
) -> Result<Decision, Stop> {
    let expiry = &settings.password_expiry;
    let mut reading = read_tenant(client, expiry, memory, now).await?;
    let book = Book {
        ledger: &memory.ledger,
        rehearsal: settings.mail.is_rehearsal(),
    };
    let plan = plan_notices(&reading.facts, &expiry.terms, now, book);
    let users = reading.facts.users.len() as u64;
    let hold = hold_on_user_drop(users, memory.users, expiry.limits, release)
        .or_else(|| hold_on_notices(plan.flood(), expiry.limits, release))
        .map(|hold| hold.with(&reading.notes));
    let doubts = doubts(&reading.facts, &expiry.terms, now);
    reading.notes.extend(doubts.iter().map(Doubt::text));
    let early = plan.expired_early.len();
    if doubts.is_empty() && early > 0 {
        let note = format!("{early} expired in OneLogin before the date computed here: is their age right?");
        reading.notes.push(note);
    }
    Ok(Decision {
        reading,
        plan,
        hold,
        doubts,
    })
}

/// One run, recorded from its beginning to its end. The lock says that no other one is going on.
pub async fn run(tools: &Tools<'_>, order: Order, _lock: &FileLock) -> anyhow::Result<(RunId, Outcome)> {
    let desk = Desk {
        settings: tools.settings,
        store: tools.store,
        mailer: tools.mailer,
    };
    let Order {
        trigger,
        task,
        reason,
    } = order;
    let opening = Opening {
        job: Job::PasswordExpiry,
        trigger,
        reason,
    };
    record(&desk, tools.clock, opening, async |run, now, seen| {
        attempt(tools, run, now, &task, seen).await
    })
    .await
}

async fn attempt(
    tools: &Tools<'_>,
    run: RunId,
    now: Timestamp,
    task: &Task,
    seen: &mut Seen,
) -> Result<Outcome, Stop> {
    match task {
        Task::AllDue(release) => send_all_due(tools, run, now, *release, seen).await,
        Task::Resend(id, key) => resend::resend(tools, run, now, *id, key).await,
    }
}

async fn send_all_due(
    tools: &Tools<'_>,
    run: RunId,
    now: Timestamp,
    release: Release,
    seen: &mut Seen,
) -> Result<Outcome, Stop> {
    let Tools {
        settings,
        client,
        store,
        turn,
        stop,
        ..
    } = tools;
    let Some(turn) = turn.take(stop).await else {
        return Ok(stopped_early());
    };
    let memory = Memory::load(store).await?;
    // Reads may be dropped at any point: nothing was done yet.
    let decision = tokio::select! {
        () = stop.cancelled() => return Ok(stopped_early()),
        decision = decide(client, settings, &memory, now, release) => decision?,
    };
    drop(turn);
    let Decision {
        mut reading,
        plan,
        hold,
        doubts,
    } = decision;
    seen.reach = Reach::Read;
    seen.users = Some(reading.facts.users.len() as u64);
    let terms = &settings.password_expiry.terms;
    let warned = count_warned(&memory.ledger, &reading.facts, terms, now);
    seen.warned = Some(warned);
    seen.troubles.extend(doubts.iter().map(Doubt::trouble));
    for note in &reading.notes {
        tracing::warn!(run = run.0, "{note}");
    }
    store.record_account_id(reading.account_id, now).await?;
    store
        .record_learned(Job::PasswordExpiry, &reading.learned, now)
        .await?;
    let read = match &reading.facts.policies {
        PolicyKnowledge::Read(book) => Some(book),
        _ => None,
    };
    if let Some(book) = read {
        store.record_policies(BookOf::LastRead, book, now).await?;
    }
    if let Some(hold) = hold {
        return Err(Stop::Held(hold));
    }
    seen.reach = Reach::Decided;
    if let Some(book) = read {
        store.record_policies(BookOf::LastAccepted, book, now).await?;
    }
    let mut people = memory.ledger.people();
    people.extend(plan.due.iter().map(|due| due.key.user_id));
    let passwords = people
        .into_iter()
        .filter_map(|id| Some((id, reading.facts.users.get(&id)?.password_changed_at)));
    store.record_passwords(passwords.collect(), now).await?;
    let mails = plan.due.iter().map(|due| (due.key.user_id, &due.recipient));
    tokio::select! {
        () = stop.cancelled() => return Ok(stopped_early()),
        () = reading.complete_mails(client, mails) => {}
    }
    let tally = owed::send(tools, run, now, &reading, &plan).await?;
    trouble::note_sending(seen, &tally, &plan.refused, run, store).await;
    let rehearsal = settings.mail.is_rehearsal();
    let summary = report::summary::of_notices(&plan, &tally, warned, rehearsal, &reading.notes);
    Ok(Outcome {
        status: tally.status(),
        summary,
        has_effect: tally.has_effect(),
        is_held: false,
    })
}

fn stopped_early() -> Outcome {
    Outcome {
        status: RunStatus::Interrupted,
        summary: "stopped while OneLogin was read; nobody was mailed".to_owned(),
        has_effect: false,
        is_held: false,
    }
}
