//! `daemon`: jobs on their schedules, until SIGTERM.

use std::pin::pin;
use std::time::Duration;

use jiff::Timestamp;
use tokio_util::sync::CancellationToken;

use super::exit::{Exit, Failure};
use super::session::Session;
use crate::app::App;
use crate::domain::guard::Release;
use crate::domain::retry;
use crate::domain::run::{Job, Trigger};
use crate::jobs::password_expiry::{self, Order, Task, Tools};
use crate::lifecycle::{self, Signals};
use crate::report::time;
use crate::scheduler::{Tick, Timers};
use crate::store::{FileLock, Holder, Leftover, LockName};

/// How often a daemon without work looks whether its timer is still right, and what is still owed.
const LOOK_AT_THE_CLOCK: Duration = Duration::from_secs(60);

pub(super) async fn run(session: &mut Session<'_>) -> Result<Exit, Failure> {
    let app = session.app()?;
    let (templates, mailer) = Session::mail(&app)?;
    let client = app.client()?;
    let store = app.store()?;
    let stop = CancellationToken::new();
    let tools = Tools {
        settings: &app.settings,
        clock: app.clock.as_ref(),
        client: &client,
        store: &store,
        mailer: &mailer,
        templates: &templates,
        mail_patience: app.mail_patience,
        stop: &stop,
    };
    let mut signals = Signals::listen()?;
    let mut timers = Timers::start().await?;
    rearm(&app, &mut timers, None).await?;
    if let Some(tick) = next_tick(&app, app.clock.now()) {
        let zone = &app.settings.password_expiry.terms.calendar.time_zone;
        tracing::info!(job = %tick.job, next = time::minute(tick.scheduled_at, zone), "daemon ready");
    } else {
        tracing::warn!("daemon ready, and no job is enabled");
    }
    lifecycle::tell_ready();

    {
        let mut serving = pin!(serve(&app, &tools, &mut timers));
        tokio::select! {
            result = &mut serving => return result.map(|()| Exit::Failed).map_err(Failure::from),
            () = signals.next() => {}
        }
        tracing::info!("stopping; the mails under way are finished");
        lifecycle::tell_stopping();
        stop.cancel();
        let limit = app.settings.daemon.stop_timeout;
        tokio::select! {
            result = &mut serving => result?,
            () = tokio::time::sleep(limit) => tracing::warn!("the run did not end within daemon.stop_timeout"),
            () = signals.next() => tracing::warn!("stopped at once by a second signal"),
        }
    }
    // A run that was cut off above has an end in the history, and the next run takes up what it left.
    // Where the lock is held, the run that is going on is somebody else's.
    let free = FileLock::acquire(&app.settings.store_path, LockName::Mail, "daemon", Duration::ZERO).await?;
    if free.is_ok() {
        store.interrupt_runs(Job::PasswordExpiry, app.clock.now()).await?;
    }
    tracing::info!("stopped");
    Ok(Exit::Done)
}

/// Runs a job at each tick, and once more where a run left something over, one at a time. Returns
/// once it was told to stop and no run is going on.
async fn serve(app: &App, tools: &Tools<'_>, timers: &mut Timers) -> anyhow::Result<()> {
    let mut look_in = Duration::ZERO;
    loop {
        let trigger = tokio::select! {
            biased;
            () = tools.stop.cancelled() => return Ok(()),
            tick = timers.next() => {
                rearm(app, timers, Some(tick?)).await?;
                Trigger::Schedule
            }
            () = tokio::time::sleep(look_in) => {
                look_in = LOOK_AT_THE_CLOCK;
                // A clock that was set, or a machine that slept, may have moved the next time.
                rearm(app, timers, None).await?;
                match retry_is_due(app, tools).await {
                    Ok(true) => Trigger::Retry,
                    Ok(false) => continue,
                    Err(error) => {
                        tracing::error!("what is still owed could not be looked up: {error:#}");
                        continue;
                    }
                }
            }
        };
        let mut running = pin!(run_once(app, tools, trigger));
        loop {
            tokio::select! {
                result = &mut running => {
                    // One failed run is recorded and logged; the next tick is another chance.
                    if let Err(error) = result {
                        tracing::error!("the run could not be recorded: {error:#}");
                    }
                    break;
                }
                late = timers.next() => {
                    rearm(app, timers, Some(late?)).await?;
                    skip(tools, Trigger::Schedule, "the run before it was still going on").await;
                }
            }
        }
    }
}

/// Whether notices that an earlier run left over bring another run now, be it ours or one by hand. A
/// run whose process is gone gets its end here.
async fn retry_is_due(app: &App, tools: &Tools<'_>) -> anyhow::Result<bool> {
    let expiry = &app.settings.password_expiry;
    if !expiry.enabled {
        return Ok(false);
    }
    let job = Job::PasswordExpiry;
    let leftover = tools
        .store
        .leftover(job, app.settings.mail.is_rehearsal())
        .await?;
    let Some(Leftover {
        status,
        started_at,
        ended_at,
    }) = leftover
    else {
        return Ok(false);
    };
    let now = app.clock.now();
    let Some(ended_at) = ended_at else {
        let free = FileLock::acquire(&app.settings.store_path, LockName::Mail, "daemon", Duration::ZERO);
        if free.await?.is_ok() {
            tools.store.interrupt_runs(job, now).await?;
            tracing::warn!(%job, "a run was cut off; what it left is tried again later");
        }
        return Ok(false);
    };
    let calendar = &expiry.terms.calendar;
    Ok(retry::retry_is_due(status, started_at, ended_at, calendar, now))
}

/// Sets the timer for the next time: the one after `tick`, and after now. Times that went by
/// meanwhile, as in a suspended machine, are not made up for one by one.
async fn rearm(app: &App, timers: &mut Timers, tick: Option<Tick>) -> anyhow::Result<()> {
    let now = app.clock.now();
    let after = tick.map_or(now, |tick| tick.scheduled_at.max(now));
    match next_tick(app, after) {
        Some(next) => timers.arm(next, now).await,
        None => Ok(()),
    }
}

fn next_tick(app: &App, after: Timestamp) -> Option<Tick> {
    let expiry = &app.settings.password_expiry;
    let calendar = &expiry.terms.calendar;
    let scheduled_at = calendar
        .schedule
        .next_after(after, &calendar.time_zone)
        .filter(|_| expiry.enabled)?;
    Some(Tick {
        job: Job::PasswordExpiry,
        scheduled_at,
    })
}

async fn run_once(app: &App, tools: &Tools<'_>, trigger: Trigger) -> anyhow::Result<()> {
    let held = FileLock::acquire(&app.settings.store_path, LockName::Mail, "daemon", Duration::ZERO).await?;
    match held {
        Ok(lock) => {
            let order = Order {
                trigger,
                task: Task::AllDue(Release::default()),
                reason: None,
            };
            password_expiry::run(tools, order, &lock).await?;
        }
        Err(Holder(holder)) => skip(tools, trigger, &format!("{holder} held the lock on mail")).await,
    }
    Ok(())
}

/// Records a tick that did not become a run. A store that cannot take the row ends no run.
async fn skip(tools: &Tools<'_>, trigger: Trigger, why: &str) {
    tracing::warn!(job = %Job::PasswordExpiry, %trigger, "skipped: {why}");
    let at = tools.clock.now();
    let recorded = tools
        .store
        .record_skipped(Job::PasswordExpiry, trigger, at, why.to_owned())
        .await;
    if let Err(error) = recorded {
        tracing::error!("the skipped tick could not be recorded: {error}");
    }
}
