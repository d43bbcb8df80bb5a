//! SIGHUP: other settings, once they are found good.

use std::sync::Arc;

use super::super::check::look_at_desired_state;
use super::super::exit::Failure;
use super::super::session::Session;
use super::catch_up;
use super::service::Service;
use crate::config::Loaded;
use crate::config::settings::Settings;
use crate::domain::run::Job;
use crate::domain::timetable::Timetable;
use crate::lifecycle;

/// Reads configuration, templates and desired state again. Where all is good, it is in force for the runs to
/// come; where anything is not, the log tells what, and everything stays as it was.
pub(super) async fn reload(service: &mut Service, session: &Session<'_>) {
    lifecycle::tell_reloading();
    match try_reload(service, session).await {
        Ok(()) => {
            service.reload_was_rejected = false;
            tracing::info!("configuration reloaded");
            service.look_at_the_clock(service.engine.app.clock.now()).await;
            service.tell_when();
        }
        Err(failure) => {
            service.reload_was_rejected = true;
            for line in failure.to_lines() {
                tracing::error!("{line}");
            }
            tracing::error!("reload rejected, the settings stay as they were");
        }
    }
    lifecycle::tell_ready(&service.status());
}

async fn try_reload(service: &mut Service, session: &Session<'_>) -> Result<(), Failure> {
    let Loaded { settings, warnings } = session.reread().map_err(Failure::Config)?;
    refuse_other_store(&service.engine.app.settings, &settings)?;
    let problems = look_at_desired_state(&settings).await;
    if problems.has_errors() {
        return Err(Failure::Config(problems));
    }
    let engine = service.engine.with_settings_of(session.app_with(settings))?;
    // The last that may fail, and it fails as a whole. From here on nothing is rejected any more, or it would
    // be half in force.
    session.restart_log(&engine.app.settings.log)?;
    for problem in &warnings {
        tracing::warn!("{}", problem.to_line());
    }
    service.engine = Arc::new(engine);
    take_over_schedules(service).await;
    Ok(())
}

/// Runs that are going on hold the locks of the store that they were begun with.
fn refuse_other_store(old: &Settings, new: &Settings) -> anyhow::Result<()> {
    let changed = [
        ("state_directory", old.state_directory != new.state_directory),
        ("store.path", old.store_path != new.store_path),
    ];
    for (key, is_changed) in changed {
        if is_changed {
            anyhow::bail!("{key} has changed, which a reload cannot follow: restart the service");
        }
    }
    Ok(())
}

/// A schedule that is another one now begins anew: nothing of it was missed. What the one before it asked for
/// up to now is answered, unless the job has none any more. One that is the same goes on.
async fn take_over_schedules(service: &mut Service) {
    let now = service.engine.app.clock.now();
    let engine = Arc::clone(&service.engine);
    let is_enabled = |job: &Job| engine.app.settings.schedule_of(*job).is_some();
    service.timetables.retain(|job, _| is_enabled(job));
    service.look_at_the_clock(now).await;
    for job in Job::ALL {
        if let Err(error) = catch_up::record_schedule(&service.engine, *job, now).await {
            tracing::error!(%job, "the schedule could not be recorded: {error:#}");
        }
        let settings = &service.engine.app.settings;
        let zone = settings.time_zone();
        let Some(schedule) = settings.schedule_of(*job) else {
            continue;
        };
        let is_same = |timetable: &Timetable| timetable.is_of(schedule, zone);
        if !service.timetables.get(job).is_some_and(is_same) {
            let timetable = Timetable::new(schedule.clone(), zone.clone(), now);
            service.timetables.insert(*job, timetable);
        }
    }
}
