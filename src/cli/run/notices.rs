//! `run password-expiry`: one run, now.

use std::time::Duration;

use anyhow::Context as _;
use tokio_util::sync::CancellationToken;

use super::shown;
use crate::app::App;
use crate::cli::args::Run;
use crate::cli::exit::{Exit, Failure};
use crate::cli::session::Session;
use crate::domain::guard::Release;
use crate::domain::run::{Job, RunId, RunStatus, Trigger};
use crate::jobs::Outcome;
use crate::jobs::password_expiry::{self, Memory, Order, Task, Tools};
use crate::lifecycle::until_signal;
use crate::report::plan::{Extent, PlanReport};
use crate::store::{FileLock, Holder, LockName, RunFilter};

pub(super) async fn run(session: &mut Session<'_>, arguments: Run) -> Result<Exit, Failure> {
    let release = Release {
        max_notices: arguments.max_notices,
        accept_user_count: arguments.accept_user_count,
    };
    let app = session.app()?;
    if arguments.plan {
        return plan(session, &app, release, arguments.json.json).await;
    }
    let order = Order {
        trigger: Trigger::Manual,
        task: Task::AllDue(release),
        reason: arguments.reason,
    };
    let ended = run_now(&app, order, arguments.wait).await?;
    shown(session, &app, ended, arguments.json.json).await
}

/// One recorded run of `password-expiry`, which a signal brings to an early end.
pub(in crate::cli) async fn run_now(
    app: &App,
    order: Order,
    wait: Duration,
) -> Result<(RunId, Outcome), Failure> {
    let (templates, mailer) = Session::mail(app)?;
    let client = Session::client(app)?;
    // Opened before the lock is taken: only the owner may leave files beside the store.
    let store = app.store()?;
    let holder = format!("run {}", Job::PasswordExpiry);
    let lock = FileLock::acquire(&app.settings.store_path, LockName::Mail, &holder, wait)
        .await?
        .map_err(|Holder(holder)| {
            Failure::Busy(format!("{holder} holds the lock on mail; try again later"))
        })?;
    let stop = CancellationToken::new();
    let tools = Tools {
        settings: &app.settings,
        clock: app.clock.as_ref(),
        client: &client,
        store: &store,
        mailer: &mailer,
        templates: &templates,
        mail_patience: app.mail_patience,
        stop: &stop,
    };
    if let Some(ended) = until_signal(&stop, password_expiry::run(&tools, order, &lock)).await? {
        return Ok(ended?);
    }
    // Cut off by a second signal, and the lock is still ours.
    store.interrupt_runs(Job::PasswordExpiry, app.clock.now()).await?;
    let newest = store
        .list_runs(RunFilter {
            limit: Some(1),
            ..RunFilter::default()
        })
        .await?;
    let run = newest
        .into_iter()
        .next()
        .context("the run was stopped before it began")?;
    let tried = store
        .list_notices_of(run.run_id)
        .await?
        .iter()
        .any(|notice| notice.attempts > 0);
    Ok((
        run.run_id,
        Outcome {
            status: run.status,
            summary: run.summary,
            has_effect: tried,
            is_held: false,
        },
    ))
}

async fn plan(session: &mut Session<'_>, app: &App, release: Release, json: bool) -> Result<Exit, Failure> {
    let store = app.existing_store()?;
    let memory = Memory::load_existing(store.as_ref()).await?;
    drop(store);
    let client = Session::client(app)?;
    let decision = password_expiry::decide(&client, &app.settings, &memory, app.clock.now(), release).await?;
    let report = PlanReport {
        plan: &decision.plan,
        facts: &decision.reading.facts,
        hold: decision.hold.as_ref(),
        notes: &decision.reading.notes,
        zone: &app.settings.password_expiry.terms.calendar.time_zone,
        rehearsal: app.settings.mail.is_rehearsal(),
    };
    if json {
        session.print_json(&report.to_json())?;
    } else {
        session.print(&report.to_text(Extent::All))?;
    }
    Ok(if decision.hold.is_some() {
        Exit::of_run(RunStatus::Refused, false)
    } else {
        Exit::Done
    })
}
