//! `run role-sync`: one run, now.

use std::time::Duration;

use anyhow::Context as _;
use tokio_util::sync::CancellationToken;

use super::shown;
use crate::app::App;
use crate::cli::args::Run;
use crate::cli::exit::{Exit, Failure};
use crate::cli::session::Session;
use crate::domain::role::plan::Outlook;
use crate::domain::run::{Job, RunId, Trigger};
use crate::jobs::Outcome;
use crate::jobs::role_sync::{self, Decision, FileInForce, Memory, Order, Task, Tools};
use crate::lifecycle::until_signal;
use crate::onelogin::Client;
use crate::report::paint::Colour;
use crate::report::role_plan::RolePlanReport;
use crate::store::{FileLock, Holder, LockName, RunFilter};

pub(super) async fn run(session: &mut Session<'_>, arguments: Run) -> Result<Exit, Failure> {
    if arguments.max_notices.is_some() || arguments.accept_user_count {
        let which = "--max-notices and --accept-user-count release guards of password-expiry; held steps of \
                     role-sync are released by `roles approve`";
        return Err(Failure::Usage(which.to_owned()));
    }
    let app = session.app()?;
    if arguments.plan {
        let (decision, _) = plan_now(&app, &Session::client(&app)?).await?;
        show_plan(session, &app, &decision, arguments.json.json)?;
        return Ok(match decision.plan.outlook() {
            Outlook::Refused | Outlook::Held => Exit::Held,
            Outlook::Troubled => Exit::Partly,
            Outlook::Pending | Outlook::InLine => Exit::Done,
        });
    }
    let order = Order {
        trigger: Trigger::Manual,
        task: Task::AsConfigured,
        reason: arguments.reason,
    };
    let ended = run_now(&app, &Session::client(&app)?, order, arguments.wait).await?;
    shown(session, &app, ended, arguments.json.json).await
}

/// The plan of now. Writes nothing, and has nothing that could.
pub(in crate::cli) async fn plan_now(app: &App, client: &Client) -> Result<(Decision, FileInForce), Failure> {
    let file = FileInForce::load(&app.settings.role_sync.desired_state)
        .await
        .map_err(Failure::Config)?;
    let store = app.existing_store()?;
    let now = app.clock.now();
    let memory = Memory::load_existing(store.as_ref(), now).await?;
    drop(store);
    let decision = role_sync::decide(client, &app.settings, &file, &memory, now).await?;
    Ok((decision, file))
}

/// Shows a plan.
pub(in crate::cli) fn show_plan(
    session: &mut Session<'_>,
    app: &App,
    decision: &Decision,
    json: bool,
) -> Result<(), Failure> {
    let report = RolePlanReport {
        plan: &decision.plan,
        users: &decision.reading.users,
        zone: &app.settings.password_expiry.terms.calendar.time_zone,
    };
    if json {
        session.print_json(&report.to_json())?;
    } else {
        let colour = if session.host.colour {
            Colour::Yes
        } else {
            Colour::No
        };
        session.print(&report.to_text(colour))?;
    }
    Ok(())
}

/// One recorded run of `role-sync`, which a signal brings to an early end.
pub(in crate::cli) async fn run_now(
    app: &App,
    client: &Client,
    order: Order,
    wait: Duration,
) -> Result<(RunId, Outcome), Failure> {
    // A file with mistakes is told with all of them, and leaves no run.
    FileInForce::load(&app.settings.role_sync.desired_state)
        .await
        .map_err(Failure::Config)?;
    let (templates, mailer) = Session::mail(app)?;
    // Opened before the lock is taken: only the owner may leave files beside the store.
    let store = app.store()?;
    let holder = format!("run {}", Job::RoleSync);
    let lock = FileLock::acquire(&app.settings.store_path, LockName::Roles, &holder, wait)
        .await?
        .map_err(|Holder(holder)| {
            Failure::Busy(format!("{holder} holds the lock on roles; try again later"))
        })?;
    let stop = CancellationToken::new();
    let tools = Tools {
        settings: &app.settings,
        clock: app.clock.as_ref(),
        client,
        store: &store,
        mailer: &mailer,
        templates: &templates,
        bounds: app.bounds(),
        stop: &stop,
    };
    if let Some(ended) = until_signal(&stop, role_sync::run(&tools, order, &lock)).await? {
        return Ok(ended?);
    }
    // Cut off by a second signal, and the lock is still ours.
    store.interrupt_runs(Job::RoleSync, app.clock.now()).await?;
    let newest = store
        .list_runs(RunFilter {
            job: Some(Job::RoleSync),
            limit: Some(1),
            ..RunFilter::default()
        })
        .await?;
    let run = newest
        .into_iter()
        .next()
        .context("the run was stopped before it began")?;
    let changed = !store.list_changes_of(run.run_id).await?.is_empty();
    Ok((
        run.run_id,
        Outcome {
            status: run.status,
            summary: run.summary,
            has_effect: changed,
            is_held: false,
        },
    ))
}
