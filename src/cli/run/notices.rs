//! `run password-expiry`: one run, now.

use super::shown;
use crate::app::App;
use crate::cli::args::Run;
use crate::cli::engine::run_now;
use crate::cli::exit::{Exit, Failure};
use crate::cli::pause::mention as mention_pause;
use crate::cli::session::Session;
use crate::domain::guard::Release;
use crate::domain::run::{Job, RunStatus, Trigger};
use crate::jobs::password_expiry::{self, Memory, Order, Task};
use crate::report::plan::{Extent, PlanReport};

pub(super) async fn run(session: &mut Session<'_>, arguments: Run) -> Result<Exit, Failure> {
    let release = Release {
        max_notices: arguments.max_notices,
        accept_user_count: arguments.accept_user_count,
    };
    let app = session.app()?;
    if arguments.plan {
        return plan(session, &app, release, arguments.json.json).await;
    }
    mention_pause(session, &app, Job::PasswordExpiry).await?;
    let order = Order {
        trigger: Trigger::Manual,
        task: Task::AllDue(release),
        reason: arguments.reason,
    };
    let ended = run_now(&app, Session::client(&app)?, order, arguments.wait).await?;
    shown(session, &app, ended, arguments.json.json).await
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
