//! `run role-sync`: one run, now.

use std::sync::Arc;
use std::time::Duration;

use super::shown;
use crate::app::App;
use crate::cli::args::Run;
use crate::cli::engine;
use crate::cli::exit::{Exit, Failure};
use crate::cli::pause::mention as mention_pause;
use crate::cli::session::Session;
use crate::domain::role::plan::Outlook;
use crate::domain::run::{Job, RunId, Trigger};
use crate::jobs::Outcome;
use crate::jobs::role_sync::{self, Decision, FileInForce, Memory, Order, Task};
use crate::onelogin::Client;
use crate::report::paint::Colour;
use crate::report::role_plan::RolePlanReport;

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
    mention_pause(session, &app, Job::RoleSync).await?;
    let order = Order {
        trigger: Trigger::Manual,
        task: Task::AsConfigured,
        reason: arguments.reason,
    };
    let ended = run_now(&app, Session::client(&app)?, order, arguments.wait).await?;
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
    app: &Arc<App>,
    client: Client,
    order: Order,
    wait: Duration,
) -> Result<(RunId, Outcome), Failure> {
    // A file with mistakes is told with all of them, and leaves no run.
    FileInForce::load(&app.settings.role_sync.desired_state)
        .await
        .map_err(Failure::Config)?;
    engine::run_now(app, client, order, wait).await
}
