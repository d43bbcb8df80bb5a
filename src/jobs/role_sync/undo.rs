//! Undoing a run: what it changed is put back, as far as it still stands, and those roles are paused
//! until their entry in the file changes.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::apply::apply;
use super::file::FileInForce;
use super::load::{Memory, RoleReading, Which, read_members_of, terms_of};
use super::report::Report;
use super::steps::{RoleSteps, Step};
use super::{Tools, applier, stopped_early, trouble};
use crate::config::settings::Settings;
use crate::domain::actor::Actor;
use crate::domain::role::RoleId;
use crate::domain::role::change::{Cause, ChangeState, Direction};
use crate::domain::role::undo::{Made, Undo, UndoStep, undo};
use crate::domain::run::{Job, RunId, RunStatus};
use crate::domain::user::UserId;
use crate::jobs::record::Seen;
use crate::jobs::{Outcome, Stop};
use crate::onelogin::Client;
use crate::store::{Change, Pause, Paused};

/// An undoing that a person has seen and wants.
#[derive(Debug)]
pub struct Undoing {
    /// The run that is undone.
    pub run: RunId,
    /// What was shown; nothing else is done.
    pub shown: Undo,
    /// Who wants it.
    pub actor: Actor,
}

/// Reads the roles that a run changed, and says what undoing it comes to. Writes nothing.
pub async fn plan_undo(
    client: &Client,
    settings: &Settings,
    (file, memory): (&FileInForce, &Memory),
    changes: &[Change],
    now: Timestamp,
) -> Result<(RoleReading, Undo), Stop> {
    let done = changes.iter().filter(|change| change.state == ChangeState::Done);
    let made: Vec<Made> = done
        .map(|change| Made {
            role: change.role_id,
            role_name: change.role_name.clone(),
            user: change.user_id,
            account: change.account.clone(),
            direction: change.direction,
        })
        .collect();
    let which = Which::These(made.iter().map(|made| made.role).collect());
    let reading = read_members_of(client, settings, &file.state, memory, &which).await?;
    let terms = terms_of(settings);
    let undo = undo(&made, &file.state, &reading.facts(), &terms, &memory.roles, now);
    Ok((reading, undo))
}

pub(super) async fn attempt(
    tools: &Tools<'_>,
    run: RunId,
    now: Timestamp,
    undoing: &Undoing,
    (file, memory): (&FileInForce, &Memory),
    seen: &mut Seen,
) -> Result<Outcome, Stop> {
    let Tools {
        settings,
        client,
        store,
        stop,
        ..
    } = tools;
    let changes = store.list_changes_of(undoing.run).await?;
    let planned = tokio::select! {
        () = stop.cancelled() => return Ok(stopped_early()),
        planned = plan_undo(client, settings, (file, memory), &changes, now) => planned?,
    };
    // How far this run came says nothing of the troubles of the others, so `seen.reach` stays.
    let (reading, undo) = planned;
    seen.users = Some(reading.users.len() as u64);
    store.record_account_id(reading.account_id, now).await?;
    store.record_learned(Job::RoleSync, &reading.learned, now).await?;
    let steps = agreed(&undoing.shown, &undo);
    // Before anything is written: a process that dies here must not see the daemon redo the run.
    let written: BTreeSet<RoleId> = steps.iter().map(|step| step.role).collect();
    for (role, entry) in undo.entries.iter().filter(|(role, _)| written.contains(role)) {
        let pause = Pause {
            of: Paused::Role(*role),
            reason: format!(
                "run {} is undone, until its entry in the file changes",
                undoing.run
            ),
            actor: undoing.actor,
            since: now,
            until: None,
            while_entry: Some(entry.clone()),
        };
        store.pause(pause).await?;
    }
    let is_whole = steps.len() == undoing.shown.steps.len() && !undo.is_partial();
    let report = apply(&applier(tools), run, by_role(&steps)).await;
    trouble::note_report(seen, &report);
    remember(tools, run, memory, &report).await?;
    let left = undo.left.len() + (undoing.shown.steps.len() - steps.len());
    let mut summary = format!("run {} undone", undoing.run);
    if left > 0 {
        summary.push_str(&format!(", {left} changes left as they are"));
    }
    summary.push_str(&report.in_words());
    let status = match report.status() {
        RunStatus::Succeeded if !is_whole => RunStatus::Partial,
        status => status,
    };
    Ok(Outcome {
        status,
        summary,
        has_effect: report.has_effect(),
        is_held: false,
    })
}

/// The steps of now that were shown, without the removals of people who would come into a role by a
/// step that was not: a move never leaves a person with neither role.
fn agreed<'a>(shown: &Undo, now: &'a Undo) -> Vec<&'a UndoStep> {
    let is_shown = |step: &&UndoStep| shown.steps.iter().any(|shown| shown.is_same(step));
    let (agreed, others): (Vec<&UndoStep>, Vec<&UndoStep>) = now.steps.iter().partition(is_shown);
    let awaited = others.iter().filter(|step| step.direction == Direction::Add);
    let awaited: BTreeSet<UserId> = awaited.map(|step| step.user).collect();
    let stays = |step: &UndoStep| step.direction == Direction::Remove && awaited.contains(&step.user);
    agreed.into_iter().filter(|step| !stays(step)).collect()
}

/// Keeps how many members the roles have now: what we emptied ourselves is not read as empty.
async fn remember(tools: &Tools<'_>, run: RunId, memory: &Memory, report: &Report) -> Result<(), Stop> {
    let seen = report.members().into_iter().filter_map(|(role, members)| {
        let mut seen = *memory.roles.roles.get(&role)?;
        seen.members = members.len() as u64;
        seen.empty_reads = 0;
        Some((role, seen))
    });
    Ok(tools.store.record_roles(run, seen.collect()).await?)
}

fn by_role(steps: &[&UndoStep]) -> Vec<RoleSteps> {
    let mut roles: BTreeMap<RoleId, RoleSteps> = BTreeMap::new();
    for step in steps {
        let role = roles.entry(step.role).or_insert_with(|| RoleSteps {
            role: step.role,
            name: step.role_name.clone(),
            add: Vec::new(),
            remove: Vec::new(),
        });
        let list = match step.direction {
            Direction::Add => &mut role.add,
            Direction::Remove => &mut role.remove,
        };
        list.push(Step {
            user: step.user,
            account: step.account.clone(),
            cause: Cause::Undone,
            approval: None,
            // A person has seen each of them.
            exempt: true,
        });
    }
    roles.into_values().collect()
}
