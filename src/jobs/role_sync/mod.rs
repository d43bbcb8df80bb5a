//! The job `role-sync`: brings memberships in line with the desired state.

mod access;
mod apply;
mod batch;
mod file;
mod held;
mod load;
mod queue;
mod report;
mod resume;
mod steps;
mod trouble;
mod undo;
mod verify;

use std::collections::BTreeSet;

use jiff::Timestamp;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

pub use self::apply::{Applier, Bounds, Rereads, apply};
pub use self::file::FileInForce;
pub use self::load::{Memory, RoleReading, Which, list_roles, read_members_of, read_roles, terms_of};
pub use self::report::{Fate, Halt, Report, StepReport};
pub use self::resume::{Resumed, resume};
pub use self::steps::{RoleSteps, Step};
pub use self::undo::{Undoing, plan_undo};
use super::alert::Desk;
use super::record::{Opening, Seen, record};
use super::{Outcome, Stop, Turn};
use crate::clock::Clock;
use crate::config::settings::{RoleSyncMode, Settings};
use crate::domain::alert::{Kind, Reach};
use crate::domain::role::decide::plan_roles;
use crate::domain::role::learn::Learnings;
use crate::domain::role::plan::RolePlan;
use crate::domain::role::saved::SavedPlan;
use crate::domain::run::{Job, RunId, RunStatus, Trigger};
use crate::mail::{Mailer, Templates};
use crate::onelogin::{Client, RoleWriter};
use crate::store::{FileLock, Paused, Store};

/// What a run works with.
#[derive(Debug)]
pub struct Tools<'a> {
    /// The settings in force.
    pub settings: &'a Settings,
    /// The clock; a run takes its decisions at one reading of it.
    pub clock: &'a dyn Clock,
    /// The tenant.
    pub client: &'a Client,
    /// Journal and history.
    pub store: &'a Store,
    /// The way out for mail.
    pub mailer: &'a Mailer,
    /// What the mails to people say.
    pub templates: &'a Templates,
    /// How long trouble with writes is waited out.
    pub bounds: Bounds,
    /// The turn to read the tenant.
    pub turn: &'a Turn,
    /// Cancelled when the process is to stop: the call under way is finished, no new one begins.
    pub stop: &'a CancellationToken,
}

/// Why and how a run was asked for.
#[derive(Debug)]
pub struct Order {
    /// What started it.
    pub trigger: Trigger,
    /// What the run is for.
    pub task: Task,
    /// The person's reason.
    pub reason: Option<String>,
}

/// What a run is for.
#[derive(Debug)]
pub enum Task {
    /// What `role_sync.mode` says.
    AsConfigured,
    /// To write, whatever the mode.
    Apply,
    /// To write what a saved plan holds and the plan of now still says.
    ApplySaved(SavedPlan),
    /// To put back what a run changed.
    Undo(Undoing),
}

/// What a run would do, from what it has read.
#[derive(Debug)]
pub struct Decision {
    /// The tenant as it was found.
    pub reading: RoleReading,
    /// What would be done.
    pub plan: RolePlan,
}

/// Reads the tenant and decides. Writes and learns nothing.
pub async fn decide(
    client: &Client,
    settings: &Settings,
    file: &FileInForce,
    memory: &Memory,
    now: Timestamp,
) -> Result<Decision, Stop> {
    let reading = read_roles(client, settings, file, memory).await?;
    let terms = terms_of(settings);
    let plan = plan_roles(&file.state, &reading.facts(), &terms, &memory.roles, now);
    Ok(Decision { reading, plan })
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
        job: Job::RoleSync,
        trigger,
        reason,
    };
    record(&desk, tools.clock, opening, async |run, now, seen| {
        Box::pin(attempt(tools, run, now, &task, seen)).await
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
    let resumed = resume(client, store, now).await?;
    trouble::note_resumed(seen, &resumed);
    let file = FileInForce::load_or_accepted(&settings.role_sync.desired_state, store).await?;
    trouble::note_file(seen, &file);
    let mut memory = Memory::load(store, now).await?;
    if file.trouble.is_some() {
        // Another entry in an older file is no change that a person made.
        memory.roles.paused_while.clear();
    }
    if let Task::Undo(undoing) = task {
        return undo::attempt(tools, run, now, undoing, (&file, &memory), seen).await;
    }
    // Reads may be dropped at any point: nothing was done yet.
    let decision = tokio::select! {
        () = stop.cancelled() => return Ok(stopped_early()),
        decision = decide(client, settings, &file, &memory, now) => decision?,
    };
    drop(turn);
    let Decision { reading, plan } = decision;
    seen.reach = Reach::Decided;
    seen.users = Some(reading.users.len() as u64);
    store.record_account_id(reading.account_id, now).await?;
    store.record_learned(Job::RoleSync, &reading.learned, now).await?;
    if let Some(refusal) = &plan.refusal {
        // How often a role was read as empty counts in a refused run too.
        store.record_roles(run, plan.learnings.roles.clone()).await?;
        return Err(Stop::Refused(Kind::Roles, refusal.text.clone()));
    }
    for role in &plan.learnings.ended_pauses {
        store.resume(Paused::Role(*role), now).await?;
    }
    store.record_drift(run, plan.totals(), now).await?;
    trouble::note_plan(seen, &plan, &reading);
    let writes = match task {
        Task::AsConfigured => settings.role_sync.mode == RoleSyncMode::Apply,
        Task::Apply | Task::ApplySaved(_) | Task::Undo(_) => true,
    };
    if !writes {
        trouble::note_drift(seen, reading.report(&plan, settings));
    }
    let mut outcome = Outcome {
        status: RunStatus::Succeeded,
        summary: crate::report::summary::of_roles(&plan, writes),
        has_effect: false,
        is_held: plan.totals().held > 0,
    };
    let mut learnings = plan.learnings.clone();
    let mut troubled = !plan.problems.is_empty() || !resumed.unresolved.is_empty() || file.trouble.is_some();
    if writes {
        let (steps, stale) = steps::of_plan(&plan, task, &reading);
        troubled |= !stale.is_empty();
        outcome.summary.push_str(&report::of_stale(&stale));
        if !steps.is_empty() {
            for approval in approvals_of(&steps) {
                store.use_approval(approval, run, now).await?;
            }
            let report = apply(&applier(tools), run, steps).await;
            seen.reach = Reach::Delivered;
            trouble::note_report(seen, &report);
            learnings = learnings.after(&report.members());
            outcome.summary.push_str(&report.in_words());
            outcome.has_effect = report.has_effect();
            outcome.status = report.status();
        }
    }
    if let Err(error) = learn(store, run, learnings, &file, now).await {
        if !outcome.has_effect {
            return Err(error.into());
        }
        // What was done is told all the same.
        troubled = true;
        outcome.summary.push_str(&format!(
            "; what the run taught could not be kept for the next one: {error:#}"
        ));
        seen.troubles.push(Stop::from(error).trouble(Job::RoleSync));
    }
    // The roles are done, so nothing that goes wrong with mail can undo or fail them.
    let (words, has_mailed) = Box::pin(tell_whose_access_ends(
        tools, run, now, &file, &reading, &memory, seen,
    ))
    .await;
    outcome.summary.push_str(&words);
    outcome.has_effect |= has_mailed;
    outcome.status = overall(outcome.status, troubled, &outcome, &plan);
    Ok(outcome)
}

/// Tells people that their access ends, and gives what the summary says of it, and whether any mail left.
async fn tell_whose_access_ends(
    tools: &Tools<'_>,
    run: RunId,
    now: Timestamp,
    file: &FileInForce,
    reading: &RoleReading,
    memory: &Memory,
    seen: &mut Seen,
) -> (String, bool) {
    match access::tell(tools, run, now, file, reading, memory).await {
        Ok(told) => {
            trouble::note_notices(seen, told.as_ref());
            told.map_or_else(Default::default, |told| (told.in_words(), told.has_mailed()))
        }
        Err(error) => {
            tracing::error!(
                run = run.0,
                "people could not be told that their access ends: {error:#}"
            );
            ("; notices of ending access: none could be sent".to_owned(), false)
        }
    }
}

/// How the run ended: what was written, together with what could not be planned or is held.
fn overall(written: RunStatus, troubled: bool, outcome: &Outcome, plan: &RolePlan) -> RunStatus {
    let totals = plan.totals();
    match written {
        RunStatus::Succeeded if outcome.is_held && totals.add + totals.remove == 0 => RunStatus::Refused,
        RunStatus::Succeeded if outcome.is_held || troubled => RunStatus::Partial,
        other => other,
    }
}

/// The approvals that release one of these steps. Each is used up as a whole.
fn approvals_of(steps: &[RoleSteps]) -> BTreeSet<i64> {
    let steps = steps.iter().flat_map(|role| role.add.iter().chain(&role.remove));
    steps.filter_map(|step| step.approval).collect()
}

fn applier<'a>(tools: &Tools<'a>) -> Applier<'a> {
    Applier {
        writer: RoleWriter::new(tools.client),
        store: tools.store,
        clock: tools.clock,
        stop: tools.stop,
        deadline: Instant::now() + tools.settings.daemon.run_timeout,
        bounds: tools.bounds,
    }
}

/// Keeps what the run teaches.
async fn learn(
    store: &Store,
    run: RunId,
    learnings: Learnings,
    file: &FileInForce,
    now: Timestamp,
) -> anyhow::Result<()> {
    store
        .record_identities(learnings.identities.into_iter().collect(), now)
        .await?;
    store.record_roles(run, learnings.roles).await?;
    if let Some(emails) = learnings.emails {
        store.record_emails(emails, now).await?;
    }
    if let Some(accepted) = learnings.accepted {
        let entries = learnings.entries.into_iter().collect();
        store
            .record_accepted_file(accepted, file.text.clone(), entries, now)
            .await?;
    }
    Ok(())
}

fn stopped_early() -> Outcome {
    Outcome {
        status: RunStatus::Interrupted,
        summary: "stopped while OneLogin was read; nothing was changed".to_owned(),
        has_effect: false,
        is_held: false,
    }
}
