//! `run housekeeping`: one run, now.

use super::shown;
use crate::app::App;
use crate::cli::args::Run;
use crate::cli::engine::run_now;
use crate::cli::exit::{Exit, Failure};
use crate::cli::pause::mention as mention_pause;
use crate::cli::session::Session;
use crate::domain::run::{Job, Trigger};
use crate::jobs::housekeeping::{Order, look};
use crate::report::housekeeping::HousekeepingPlan;

pub(super) async fn run(session: &mut Session<'_>, arguments: Run) -> Result<Exit, Failure> {
    if arguments.max_notices.is_some() || arguments.accept_user_count {
        let which =
            "--max-notices and --accept-user-count release guards of password-expiry; housekeeping has none";
        return Err(Failure::Usage(which.to_owned()));
    }
    let app = session.app()?;
    if arguments.plan {
        return plan(session, &app, arguments.json.json).await;
    }
    mention_pause(session, &app, Job::Housekeeping).await?;
    let order = Order {
        trigger: Trigger::Manual,
        reason: arguments.reason,
    };
    let ended = run_now(&app, app.client()?, order, arguments.wait).await?;
    shown(session, &app, ended, arguments.json.json).await
}

/// Shows what a run would do now.
pub(in crate::cli) async fn plan(session: &mut Session<'_>, app: &App, json: bool) -> Result<Exit, Failure> {
    let Some(store) = app.existing_store()? else {
        let nothing = format!("there is no store yet at {}", app.settings.store_path.display());
        if json {
            session.print_json(&serde_json::Value::Null)?;
        } else {
            session.print(&format!("{nothing}: nothing to look after\n"))?;
        }
        return Ok(Exit::Done);
    };
    let outlook = look(&app.settings, &store, app.clock.now()).await?;
    let report = HousekeepingPlan {
        zone: app.settings.time_zone(),
        store: &app.settings.store_path,
        damage: &outlook.damage,
        backup: outlook.backup.as_ref(),
        retention: &outlook.retention,
        rows: &outlook.rows,
    };
    if json {
        session.print_json(&report.to_json())?;
    } else {
        session.print(&report.to_text())?;
    }
    Ok(match (outlook.damage.is_empty(), &outlook.backup) {
        (false, _) => Exit::Failed,
        (true, Some(Err(_))) => Exit::Partly,
        (true, _) => Exit::Done,
    })
}
