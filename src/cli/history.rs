//! `history`: what was run, and what was done about a person.

use anyhow::Context as _;
use jiff::Timestamp;
use jiff::ToSpan as _;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde_json::json;

use super::args::{History, HistoryCommand};
use super::exit::{Exit, Failure};
use super::session::Session;
use crate::app::open_existing_store;
use crate::domain::notice::NoticeState;
use crate::domain::run::{Job, RunId};
use crate::report::history::{changes_to_text, run_to_json, run_to_text, runs_to_json, runs_to_text};
use crate::report::notices::{self, Line};
use crate::store::{Change, Notice, RunFilter};

pub(super) async fn run(session: &mut Session<'_>, arguments: History) -> Result<Exit, Failure> {
    if let Some(HistoryCommand::Show { run, json }) = arguments.show {
        return show(session, RunId(run), json.json).await;
    }
    refuse_external(arguments.user.as_deref())?;
    let local = session.local()?;
    let start_of = |day: Date| start_of(day, &local.time_zone);
    let after = |day: Date| {
        day.checked_add(1.day())
            .context("--until lies beyond the calendar")
    };
    let filter = RunFilter {
        job: arguments.job.map(Job::from),
        user: arguments.user,
        role: arguments.role,
        since: arguments.since.map(start_of).transpose()?,
        until: arguments
            .until
            .map(after)
            .transpose()?
            .map(start_of)
            .transpose()?,
        limit: arguments.limit,
    };
    let runs = match open_existing_store(&local.state_directory, &local.store_path)? {
        Some(store) => store.list_runs(filter).await?,
        None => Vec::new(),
    };
    if arguments.json.json {
        session.print_json(&runs_to_json(&runs))?;
    } else {
        session.print(&runs_to_text(&runs, &local.time_zone))?;
    }
    Ok(Exit::Done)
}

/// The store does not keep external ids.
pub(super) fn refuse_external(user: Option<&str>) -> Result<(), Failure> {
    if user.is_some_and(|user| user.starts_with("external:")) {
        let known = "the store knows people by email, username or id:123; `expiry explain` finds the id";
        return Err(Failure::Usage(known.to_owned()));
    }
    Ok(())
}

fn start_of(day: Date, zone: &TimeZone) -> anyhow::Result<Timestamp> {
    let start = day
        .to_zoned(zone.clone())
        .with_context(|| format!("{day} does not begin in this time zone"))?;
    Ok(start.timestamp())
}

async fn show(session: &mut Session<'_>, id: RunId, json: bool) -> Result<Exit, Failure> {
    let local = session.local()?;
    let store = open_existing_store(&local.state_directory, &local.store_path)?;
    let found = match &store {
        Some(store) => store.find_run(id).await?.map(|run| (store, run)),
        None => None,
    };
    let (store, run) = found.with_context(|| format!("there is no run {id}; `history` lists them"))?;
    let rows = store.list_notices_of(id).await?;
    let changes = store.list_changes_of(id).await?;
    if json {
        let mut document = run_to_json(&run);
        if let Some(fields) = document.as_object_mut() {
            fields.insert("notices".to_owned(), json!(rows));
            fields.insert("changes".to_owned(), json!(changes));
        }
        session.print_json(&document)?;
        return Ok(Exit::Done);
    }
    session.print(&run_to_text(&run, &local.time_zone))?;
    if !rows.is_empty() {
        // Those that never went out come last: they explain, they do not report.
        let (superseded, others): (Vec<_>, Vec<_>) = rows
            .iter()
            .partition(|notice| notice.state == NoticeState::Superseded);
        let shown = others.into_iter().chain(superseded).map(line);
        session.print(&format!("\n{}", notices::to_text(shown, &local.time_zone)))?;
    }
    if !changes.is_empty() {
        session.print(&format!("\n{}", changes_to_text(changes.iter().map(change_row))))?;
    }
    Ok(Exit::Done)
}

fn change_row(change: &Change) -> [String; 7] {
    [
        change.state.to_string(),
        change.attempts.to_string(),
        change.direction.to_string(),
        change.account.clone(),
        change.role_name.clone(),
        change.cause.to_string(),
        change.server_reply.clone().unwrap_or_default(),
    ]
}

/// A row of the ledger as it is shown.
pub(super) fn line(notice: &Notice) -> Line<'_> {
    Line {
        id: notice.notice_id.0,
        state: notice.state,
        attempts: notice.attempts,
        occasion: &notice.occasion,
        threshold: notice.threshold,
        address: &notice.address,
        account: &notice.account,
        changed_at: notice.changed_at,
        resend: notice.resend,
        reply: notice.server_reply.as_deref(),
    }
}
