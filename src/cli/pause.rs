//! `pause JOB` and `resume JOB`.

use jiff::SignedDuration;

use super::args::{Pause, Resume};
use super::exit::{Exit, Failure};
use super::person::actor;
use super::session::Session;
use crate::app::App;
use crate::domain::run::Job;
use crate::report::status::pause_in_words;
use crate::report::time;
use crate::store::{self, Paused};

pub(super) async fn pause(session: &mut Session<'_>, arguments: Pause) -> Result<Exit, Failure> {
    let app = session.app()?;
    let job = Job::from(arguments.job);
    let since = app.clock.now();
    let until = arguments.duration.map(|duration| {
        let duration = SignedDuration::try_from(duration).ok();
        duration.and_then(|duration| since.checked_add(duration).ok())
    });
    let Some(until) = until.map_or(Some(None), |until| until.map(Some)) else {
        let why = "--for lies beyond the calendar; leave it out to pause until `resume`";
        return Err(Failure::Usage(why.to_owned()));
    };
    let pause = store::Pause {
        of: Paused::Job(job),
        reason: arguments.reason,
        actor: actor(&session.host.environment),
        since,
        until,
        while_entry: None,
    };
    let end = until.map_or(format!("`onelogin-steward resume {job}`"), |until| {
        time::minute(until, app.settings.time_zone())
    });
    app.store()?.pause(pause).await?;
    session.print(&format!(
        "{job} is paused until {end}: its ticks are recorded as skipped. A run that is going on goes on, and\n\
         `onelogin-steward run {job}` still runs it by hand.\n"
    ))?;
    Ok(Exit::Done)
}

pub(super) async fn resume(session: &mut Session<'_>, arguments: &Resume) -> Result<Exit, Failure> {
    let app = session.app()?;
    let job = Job::from(arguments.job);
    // A store that is not there yet holds no pause, and is not made for that.
    let was_paused = match app.existing_store()? {
        Some(_) => app.store()?.resume(Paused::Job(job), app.clock.now()).await?,
        None => false,
    };
    let next = app.settings.next_run(job, app.clock.now());
    let next = next.map_or(
        "the daemon does not run it (it is not enabled)".to_owned(),
        |at| format!("next run {}", time::minute(at, app.settings.time_zone())),
    );
    session.print(&if was_paused {
        format!("{job} is no longer paused; {next}\n")
    } else {
        format!("{job} was not paused; {next}\n")
    })?;
    Ok(Exit::Done)
}

/// Says that a job is paused which a person runs by hand all the same.
pub(super) async fn mention(session: &mut Session<'_>, app: &App, job: Job) -> Result<(), Failure> {
    // A store that cannot be read as it is: the run that follows mends it, or says why it cannot.
    let Ok(Some(store)) = app.existing_store() else {
        return Ok(());
    };
    let pause = store.find_pause(Paused::Job(job), app.clock.now()).await?;
    if let Some(pause) = pause {
        let zone = app.settings.time_zone();
        let words = pause_in_words(&pause.reason, pause.actor, pause.until, zone);
        session.say(&format!(
            "note: {job} is {words}. That holds its schedule only; this run by hand goes on\n"
        ))?;
    }
    Ok(())
}
