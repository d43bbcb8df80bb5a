//! The care of the store, shown on the one that the demo has filled.

use std::sync::Arc;
use std::time::Duration;

use crate::app::App;
use crate::cli::engine::run_now;
use crate::cli::exit::Failure;
use crate::cli::run::plan_housekeeping;
use crate::cli::session::Session;
use crate::domain::run::{RunStatus, Trigger};
use crate::jobs::housekeeping::Order;

/// Shows what would be done, and does it.
pub(super) async fn look_after_the_store(session: &mut Session<'_>, app: &Arc<App>) -> Result<(), Failure> {
    session.print("5. Check the store, back it up, prune what is old:  run housekeeping --plan\n\n")?;
    plan_housekeeping(session, app, false).await?;
    let order = Order {
        trigger: Trigger::Manual,
        reason: None,
    };
    let (run, outcome) = run_now(app, app.client()?, order, Duration::ZERO).await?;
    if outcome.status == RunStatus::Interrupted {
        return Err(anyhow::anyhow!("the demo was stopped").into());
    }
    session.print(&format!("\nrun {run} {}\n\n", outcome.status))?;
    Ok(())
}
