//! `run JOB`: one run, now.

mod housekeeping;
mod notices;
mod roles;

#[cfg(feature = "demo")]
pub(super) use self::housekeeping::plan as plan_housekeeping;
pub(super) use self::roles::{plan_now as plan_roles, run_now as run_roles, show_plan as show_role_plan};
use super::args::{JobName, Run};
use super::exit::{Exit, Failure};
use super::session::Session;
use crate::app::App;
use crate::domain::run::RunId;
use crate::jobs::Outcome;
use crate::report::escape::plain;
use crate::report::history::run_to_json;

pub(super) async fn run(session: &mut Session<'_>, arguments: Run) -> Result<Exit, Failure> {
    match arguments.job {
        JobName::PasswordExpiry => notices::run(session, arguments).await,
        JobName::RoleSync => roles::run(session, arguments).await,
        JobName::Housekeeping => housekeeping::run(session, arguments).await,
    }
}

/// Shows how a run ended, and gives its exit code.
pub(super) async fn shown(
    session: &mut Session<'_>,
    app: &App,
    (id, outcome): (RunId, Outcome),
    json: bool,
) -> Result<Exit, Failure> {
    if json {
        let run = match app.existing_store()? {
            Some(store) => store.find_run(id).await?,
            None => None,
        };
        session.print_json(&run.as_ref().map(run_to_json).unwrap_or_default())?;
    } else {
        let summary = plain(&outcome.summary);
        session.print(&format!("run {id} {}: {summary}\n", outcome.status))?;
    }
    Ok(Exit::of_outcome(&outcome))
}
