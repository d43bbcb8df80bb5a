//! `daemon`: jobs on their schedules, until SIGTERM.

use std::future::Future;
use std::pin::pin;
use std::time::Duration;

use anyhow::Context as _;
use tokio_util::sync::CancellationToken;

use super::exit::{Exit, Failure};
use super::session::Session;
use crate::app::App;
use crate::domain::guard::Release;
use crate::domain::run::{Job, Trigger};
use crate::jobs::password_expiry::{self, Order, Tools};
use crate::lifecycle::{self, Signals};
use crate::report::time;
use crate::scheduler::{Tick, Timers};
use crate::store::{FileLock, Holder, LockName};

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
        stop: &stop,
    };
    let mut signals = Signals::listen()?;
    let mut timers = Timers::start().await?;
    let first = next_tick(&app, app.clock.now());
    if let Some(tick) = first {
        timers.arm(tick, app.clock.now()).await?;
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
        finish(serving, app.settings.daemon.stop_timeout).await?;
    }
    tracing::info!("stopped");
    Ok(Exit::Done)
}

/// Runs a job at each tick, one at a time. Returns once it was told to stop and no run is going on.
async fn serve(app: &App, tools: &Tools<'_>, timers: &mut Timers) -> anyhow::Result<()> {
    loop {
        let tick = tokio::select! {
            biased;
            () = tools.stop.cancelled() => return Ok(()),
            tick = timers.next() => tick.context("the timers have ended")?,
        };
        rearm(app, timers, tick).await?;
        let mut running = pin!(scheduled_run(app, tools));
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
                    let late = late.context("the timers have ended")?;
                    rearm(app, timers, late).await?;
                    skip(tools, "the run before it was still going on").await?;
                }
            }
        }
    }
}

/// Sets the timer for the time after `tick`. Times that went by meanwhile, as in a suspended
/// machine, are not made up for one by one.
async fn rearm(app: &App, timers: &Timers, tick: Tick) -> anyhow::Result<()> {
    let now = app.clock.now();
    if let Some(next) = next_tick(app, tick.scheduled_at.max(now)) {
        timers.arm(next, now).await?;
    }
    Ok(())
}

fn next_tick(app: &App, after: jiff::Timestamp) -> Option<Tick> {
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

async fn scheduled_run(app: &App, tools: &Tools<'_>) -> anyhow::Result<()> {
    let held = FileLock::acquire(&app.settings.store_path, LockName::Mail, "daemon", Duration::ZERO).await?;
    match held {
        Ok(lock) => {
            let order = Order {
                trigger: Trigger::Schedule,
                release: Release::default(),
                reason: None,
            };
            password_expiry::run(tools, order, &lock).await?;
            Ok(())
        }
        Err(Holder(holder)) => skip(tools, &format!("{holder} held the lock on mail")).await,
    }
}

async fn skip(tools: &Tools<'_>, why: &str) -> anyhow::Result<()> {
    tracing::warn!(job = %Job::PasswordExpiry, "skipped: {why}");
    let at = tools.clock.now();
    tools
        .store
        .record_skipped(Job::PasswordExpiry, Trigger::Schedule, at, why.to_owned())
        .await?;
    Ok(())
}

/// Waits for the run under way, but not longer than the service manager would.
async fn finish(serving: impl Future<Output = anyhow::Result<()>>, limit: Duration) -> anyhow::Result<()> {
    if let Ok(result) = tokio::time::timeout(limit, serving).await {
        return result;
    }
    tracing::warn!("the run did not end within daemon.stop_timeout; the next run takes up what it left");
    Ok(())
}
