//! A run from its row in the store to its end there, whatever happens in between.

use std::panic::AssertUnwindSafe;

use futures_util::FutureExt as _;
use jiff::Timestamp;

use super::alert::{Desk, Ended, tell_admins};
use super::{Outcome, Stop};
use crate::clock::Clock;
use crate::domain::alert::{Reach, Trouble};
use crate::domain::run::{Job, RunId, RunStatus, Trigger};
use crate::domain::warned::Warned;
use crate::mail::redact::redact_in;
use crate::store::Ending;

/// What is known of a run when it begins.
#[derive(Debug)]
pub(super) struct Opening {
    /// What runs.
    pub(super) job: Job,
    /// What started it.
    pub(super) trigger: Trigger,
    /// A person's reason.
    pub(super) reason: Option<String>,
}

/// What a run saw on its way, for its row and for the admins.
#[derive(Debug, Default)]
pub(super) struct Seen {
    /// How far it came.
    pub(super) reach: Reach,
    /// The size of the proven user list.
    pub(super) users: Option<u64>,
    /// What came of earlier warnings.
    pub(super) warned: Option<Warned>,
    /// What admins must know.
    pub(super) troubles: Vec<Trouble>,
}

/// Runs `attempt` with a row in the store around it, and tells the admins what it met. A panic in it
/// is a failed run.
pub(super) async fn record(
    desk: &Desk<'_>,
    clock: &dyn Clock,
    opening: Opening,
    attempt: impl AsyncFnOnce(RunId, Timestamp, &mut Seen) -> Result<Outcome, Stop>,
) -> anyhow::Result<(RunId, Outcome)> {
    let Opening { job, trigger, reason } = opening;
    let now = clock.now();
    let run = desk.store.begin_run(job, trigger, now, reason.clone()).await?;
    tracing::info!(run = run.0, job = %job, trigger = %trigger, "run started");
    let mut seen = Seen::default();
    let outcome = match AssertUnwindSafe(attempt(run, now, &mut seen))
        .catch_unwind()
        .await
    {
        Ok(Ok(outcome)) => outcome,
        Ok(Err(stop)) => {
            seen.troubles.push(stop.trouble(job));
            stop.into()
        }
        Err(_panic) => {
            let failure = Stop::Failed(anyhow::anyhow!(
                "an internal error stopped the run; the log has the place. Please report it"
            ));
            seen.troubles.push(failure.trouble(job));
            Outcome {
                has_effect: true,
                ..failure.into()
            }
        }
    };
    let ending = Ending {
        status: outcome.status,
        summary: outcome.summary.clone(),
        users: seen.users,
        warned: seen.warned,
    };
    desk.store.finish_run(run, clock.now(), ending).await?;
    // A server's words may name the recipient.
    let summary = redact_in(&outcome.summary);
    match outcome.status {
        RunStatus::Succeeded => tracing::info!(run = run.0, status = %outcome.status, "{summary}"),
        RunStatus::Failed => tracing::error!(run = run.0, status = %outcome.status, "{summary}"),
        _ => tracing::warn!(run = run.0, status = %outcome.status, "{summary}"),
    }
    let ended = Ended {
        run,
        job,
        trigger,
        now,
        reason: reason.as_deref(),
        outcome: &outcome,
        reach: seen.reach,
        troubles: seen.troubles,
    };
    Box::pin(tell_admins(desk, ended)).await;
    Ok((run, outcome))
}
