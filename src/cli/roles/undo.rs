//! `roles undo`: puts back what a run changed, where it still stands.

use anyhow::anyhow;

use crate::cli::args::Consent;
use crate::cli::exit::{Exit, Failure};
use crate::cli::person::{actor, can_ask, consents};
use crate::cli::run::{run_roles, shown};
use crate::cli::session::Session;
use crate::desired_file::{self, Edit, EditError, RoleArgument};
use crate::domain::role::change::Direction;
use crate::domain::role::desired::RoleName;
use crate::domain::role::undo::{Undo, UndoStep};
use crate::domain::run::{RunId, Trigger};
use crate::jobs::role_sync::{FileInForce, Memory, Order, Task, Undoing, plan_undo};
use crate::report::escape::plain_lines;
use crate::report::role_undo;

pub(super) async fn run(
    session: &mut Session<'_>,
    run: i64,
    apply: bool,
    consent: Consent,
) -> Result<Exit, Failure> {
    if apply {
        can_ask(consent.yes)?;
    }
    let run = RunId(run);
    let app = session.app()?;
    let path = &app.settings.role_sync.desired_state;
    let file = FileInForce::load(path).await.map_err(Failure::Config)?;
    let Some(store) = app.existing_store()? else {
        return Err(anyhow!("there is no run {run}; nothing was ever run here").into());
    };
    if store.find_run(run).await?.is_none() {
        return Err(anyhow!("there is no run {run}; `history --job role-sync` lists them").into());
    }
    let now = app.clock.now();
    let memory = Memory::load(&store, now).await?;
    let changes = store.list_changes_of(run).await?;
    drop(store);
    if changes.is_empty() {
        session.print(&format!("run {run} changed no membership: nothing to undo\n"))?;
        return Ok(Exit::Done);
    }
    let client = Session::client(&app)?;
    let (reading, undo) = plan_undo(&client, &app.settings, (&file, &memory), &changes, now).await?;
    session.print(&role_undo::to_text(run, &undo, &reading.users))?;
    let exit = if undo.is_partial() {
        Exit::Partly
    } else {
        Exit::Done
    };
    if undo.steps.is_empty() {
        return Ok(exit);
    }
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    session.print(&patch(&file.text, &undo, run, &name))?;
    if !apply {
        session.say(&format!(
            "nothing was changed; to do it: onelogin-steward roles undo {run} --apply\n"
        ))?;
        return Ok(exit);
    }
    let question = format!(
        "Change {} memberships back, and pause these roles?",
        undo.steps.len()
    );
    if !consents(session, &question, consent.yes)? {
        session.say("nothing was changed\n")?;
        return Ok(Exit::Failed);
    }
    let undoing = Undoing {
        run,
        shown: undo,
        actor: actor(&session.host.environment),
    };
    let order = Order {
        trigger: Trigger::Manual,
        task: Task::Undo(undoing),
        reason: Some(format!("undo of run {run}")),
    };
    let ended = run_roles(&app, client, order, consent.wait).await?;
    shown(session, &app, ended, false).await
}

/// What the file must say for the roles to stay as they were before the run.
fn patch(text: &str, undo: &Undo, run: RunId, name: &str) -> String {
    let mut edit = Edit {
        before: text.to_owned(),
        after: text.to_owned(),
        notes: Vec::new(),
    };
    for step in &undo.steps {
        match edited(&edit.after, step, run) {
            Some(Ok(next)) => edit.after = next.after,
            Some(Err(why)) => edit
                .notes
                .push(format!("{} in {}: {why}", step.account, step.role_name)),
            None => {}
        }
    }
    let mut told = String::new();
    if edit.changes() {
        told.push_str("\nWhat the file needs for this to last; it is not written:\n");
        told.push_str(&plain_lines(&edit.diff(name)));
    } else if edit.notes.is_empty() {
        told.push_str("\nThe file needs no change for this to last.\n");
    }
    for note in &edit.notes {
        told.push_str(&format!("edit by hand: {}\n", plain_lines(note)));
    }
    told
}

fn edited(text: &str, step: &UndoStep, run: RunId) -> Option<Result<Edit, EditError>> {
    let edit = step.edit.as_ref()?;
    let role = match &edit.role {
        RoleName::Id(id) => RoleArgument::Id(*id),
        RoleName::Name(name) => RoleArgument::Name(name.clone()),
    };
    let reason = format!("undo of run {run}");
    Some(match step.direction {
        Direction::Add => desired_file::grant(text, &edit.person, &role, None, &reason),
        Direction::Remove => desired_file::revoke(text, &edit.person, &role, &reason),
    })
}
