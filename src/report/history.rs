//! Runs and their notices.

use jiff::tz::TimeZone;
use serde_json::{Value, json};

use super::escape::{plain, wrap_under};
use super::table::table;
use super::time;
use crate::domain::run::Run;

/// Runs as the interface shapes them, newest first.
pub fn runs_to_json(runs: &[Run]) -> Value {
    runs.iter().map(run_to_json).collect()
}

/// One run in JSON.
pub fn run_to_json(run: &Run) -> Value {
    json!({
        "run_id": run.run_id,
        "job": run.job,
        "trigger": run.trigger,
        "status": run.status,
        "started_at": time::rfc3339(run.started_at),
        "finished_at": run.finished_at.map(time::rfc3339),
        "summary": run.summary,
        "reason": run.reason,
        "warned": run.warned,
    })
}

/// Runs for a terminal: a line of facts, and a line that says what came of it.
pub fn runs_to_text(runs: &[Run], zone: &TimeZone) -> String {
    if runs.is_empty() {
        return "no runs\n".to_owned();
    }
    let facts = table(
        ["RUN", "STARTED", "JOB", "TRIGGER", "STATUS"],
        runs.iter().map(|run| {
            [
                run.run_id.to_string(),
                time::minute(run.started_at, zone),
                run.job.to_string(),
                run.trigger.to_string(),
                run.status.to_string(),
            ]
        }),
    );
    let mut lines = facts.lines();
    let mut text = format!("{}\n", lines.next().unwrap_or_default());
    for (line, run) in lines.zip(runs) {
        text.push_str(&format!("{line}\n     {}\n", wrap_under(&plain(&run.summary), 5)));
    }
    text
}

/// One run for a terminal.
pub fn run_to_text(run: &Run, zone: &TimeZone) -> String {
    let finished = run
        .finished_at
        .map_or("not yet".to_owned(), |at| time::minute(at, zone));
    let reason = run.reason.as_ref().map_or(String::new(), |reason| {
        format!("Reason    {}\n", wrap_under(&plain(reason), 10))
    });
    format!(
        "Run {}\nJob       {}, started by {}\nStarted   {}\nFinished  {finished}\nStatus    {}\n{reason}Summary   {}\n",
        run.run_id,
        run.job,
        run.trigger,
        time::minute(run.started_at, zone),
        run.status,
        wrap_under(&plain(&run.summary), 10)
    )
}

/// The changes of a run for a terminal. Columns: state, tries, direction, account, role, cause, and
/// the server's words.
pub fn changes_to_text(rows: impl IntoIterator<Item = [String; 7]>) -> String {
    let rows = rows.into_iter().map(|row| row.map(|cell| plain(&cell)));
    table(
        ["STATE", "TRIES", "CHANGE", "WHO", "ROLE", "WHY", "SERVER SAID"],
        rows,
    )
}
