//! `status`: one screen, from the store and the configuration alone.

use super::args::Json;
use super::exit::{Exit, Failure};
use super::session::Session;
use crate::app::App;
use crate::domain::run::Job;
use crate::report::status::{JobLine, PauseLine, StatusReport};
use crate::store::{FileLock, Holder, LockName, Overview, Paused};

pub(super) async fn run(session: &mut Session<'_>, arguments: Json) -> Result<Exit, Failure> {
    let app = session.app()?;
    let overview = match app.existing_store()? {
        Some(store) => {
            let rehearsal = app.settings.mail.is_rehearsal();
            store.overview(app.clock.now(), rehearsal).await?
        }
        None => Overview::default(),
    };
    let daemon = FileLock::holder(&app.settings.store_path, LockName::Daemon)?;
    let report = report(&app, &overview, daemon.as_ref());
    if arguments.json {
        session.print_json(&report.to_json())?;
    } else {
        session.print(&report.to_text())?;
    }
    Ok(Exit::Done)
}

fn report<'a>(app: &'a App, overview: &'a Overview, daemon: Option<&'a Holder>) -> StatusReport<'a> {
    let pauses = overview.pauses.iter().map(|pause| {
        let (job, role) = match pause.of {
            Paused::Job(job) => (Some(job), None),
            Paused::Role(role) => (None, Some(role)),
        };
        PauseLine {
            job,
            role,
            reason: &pause.reason,
            actor: pause.actor,
            since: pause.since,
            until: pause.until,
            while_entry: pause.while_entry.is_some(),
        }
    });
    let jobs = Job::ALL.iter().map(|job| JobLine {
        job: *job,
        schedule: app.settings.schedule_of(*job),
        next_run_at: app.settings.next_run(*job, app.clock.now()),
        last_run: overview.last_runs.iter().find(|run| run.job == *job),
        skipped: overview.skipped.iter().find(|run| run.job == *job),
    });
    StatusReport {
        zone: app.settings.time_zone(),
        rehearsal: app.settings.mail.is_rehearsal(),
        daemon: daemon.map(|Holder(holder)| holder.as_str()),
        pauses: pauses.collect(),
        approvals: &overview.approvals,
        jobs: jobs.collect(),
        staged: overview.waiting.staged,
        retry: overview.waiting.retry,
        drift: overview.drift,
    }
}
