//! `daemon`: jobs on their schedules, until SIGTERM.

use std::collections::BTreeSet;
use std::pin::pin;
use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use tokio::time::MissedTickBehavior;

use super::check::look_at_desired_state;
use super::engine::{Engine, Order};
use super::exit::{Exit, Failure};
use super::session::Session;
use crate::app::App;
use crate::domain::retry;
use crate::domain::run::{Job, Trigger};
use crate::lifecycle::{self, Signals};
use crate::report::status::pause_in_words;
use crate::report::time;
use crate::scheduler::{Tick, Timers};
use crate::store::{Holder, Leftover, LockName, Paused};

/// How often the daemon looks whether its timers are still right, and what is still owed.
const LOOK_AT_THE_CLOCK: Duration = Duration::from_secs(60);

/// How the daemon names itself where it holds a lock.
const HOLDER: &str = "daemon";

/// The job whose leftovers bring another run. What role sync leaves over, its next tick plans anew.
const RETRIED: Job = Job::PasswordExpiry;

pub(super) async fn run(session: &mut Session<'_>) -> Result<Exit, Failure> {
    let app = session.app()?;
    let problems = look_at_desired_state(&app.settings).await;
    if problems.has_errors() {
        return Err(Failure::Config(problems));
    }
    let client = app.client()?;
    let engine = Engine::new(&app, &client)?;
    let mut signals = Signals::listen()?;
    let mut timers = Timers::start().await?;
    rearm_all(&app, &mut timers).await?;
    tell_when(&app);
    lifecycle::tell_ready();

    {
        let mut serving = pin!(serve(&engine, &mut timers));
        tokio::select! {
            result = &mut serving => return result.map(|()| Exit::Failed).map_err(Failure::from),
            () = signals.next() => {}
        }
        tracing::info!("stopping; what is under way is finished");
        lifecycle::tell_stopping();
        engine.stop.cancel();
        let limit = app.settings.daemon.stop_timeout;
        tokio::select! {
            result = &mut serving => result?,
            () = tokio::time::sleep(limit) => tracing::warn!("not every run ended within daemon.stop_timeout"),
            () = signals.next() => tracing::warn!("stopped at once by a second signal"),
        }
    }
    // A run that was cut off above has an end in the history, and the next run takes up what it left.
    // Where the lock is held, the run that is going on is somebody else's.
    for job in Job::ALL {
        if engine.lock(*job, HOLDER, Duration::ZERO).await?.is_ok() {
            engine.store.interrupt_runs(*job, app.clock.now()).await?;
        }
    }
    tracing::info!("stopped");
    Ok(Exit::Done)
}

/// Says when each job runs next.
fn tell_when(app: &App) {
    let mut is_idle = true;
    for job in Job::ALL {
        if let Some(at) = app.settings.next_run(*job, app.clock.now()) {
            let next = time::minute(at, app.settings.time_zone());
            tracing::info!(%job, next, "scheduled");
            is_idle = false;
        }
    }
    if is_idle {
        tracing::warn!("daemon ready, and no job is enabled");
    } else {
        tracing::info!("daemon ready");
    }
}

/// Runs each job at its ticks, and once more where a run left something over; a job beside the others,
/// but never beside itself. Returns once it was told to stop and no run is going on.
async fn serve(engine: &Engine<'_>, timers: &mut Timers) -> anyhow::Result<()> {
    let mut going = BTreeSet::new();
    let mut runs = FuturesUnordered::new();
    let mut look = tokio::time::interval(LOOK_AT_THE_CLOCK);
    look.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        let (job, trigger) = tokio::select! {
            biased;
            () = engine.stop.cancelled() => break,
            Some(job) = runs.next() => {
                going.remove(&job);
                continue;
            }
            tick = timers.next() => {
                let tick = tick?;
                rearm(engine.app, timers, tick.job, Some(tick)).await?;
                (tick.job, Trigger::Schedule)
            }
            _ = look.tick() => {
                // A clock that was set, or a machine that slept, may have moved the next time.
                rearm_all(engine.app, timers).await?;
                if going.contains(&RETRIED) || !retry_is_due(engine).await {
                    continue;
                }
                (RETRIED, Trigger::Retry)
            }
        };
        if going.insert(job) {
            let run = async move {
                answer(engine, job, trigger).await;
                job
            };
            runs.push(run.boxed_local());
        } else {
            skip(engine, job, trigger, "the run before it was still going on").await;
        }
    }
    while runs.next().await.is_some() {}
    Ok(())
}

/// Answers a tick or a retry with a run, or says why not. One failed run is recorded and logged; the
/// next tick is another chance.
async fn answer(engine: &Engine<'_>, job: Job, trigger: Trigger) {
    if let Err(error) = run_or_skip(engine, job, trigger).await {
        tracing::error!(%job, "the run could not be recorded: {error:#}");
    }
}

async fn run_or_skip(engine: &Engine<'_>, job: Job, trigger: Trigger) -> anyhow::Result<()> {
    let now = engine.app.clock.now();
    if let Some(pause) = engine.store.find_pause(Paused::Job(job), now).await? {
        let zone = engine.app.settings.time_zone();
        let why = pause_in_words(&pause.reason, pause.actor, pause.until, zone);
        skip(engine, job, trigger, &why).await;
        return Ok(());
    }
    match engine.lock(job, HOLDER, Duration::ZERO).await? {
        Ok(lock) => {
            engine.run(Order::of_daemon(job, trigger), &lock).await?;
        }
        Err(Holder(holder)) => {
            skip(
                engine,
                job,
                trigger,
                &format!("{holder} held the lock on {}", LockName::of(job)),
            )
            .await;
        }
    }
    Ok(())
}

/// Records a tick that did not become a run. A store that cannot take the row ends no run.
async fn skip(engine: &Engine<'_>, job: Job, trigger: Trigger, why: &str) {
    tracing::warn!(%job, %trigger, "skipped: {why}");
    let at = engine.app.clock.now();
    let recorded = engine.store.record_skipped(job, trigger, at, why.to_owned());
    if let Err(error) = recorded.await {
        tracing::error!("the skipped tick could not be recorded: {error}");
    }
}

async fn retry_is_due(engine: &Engine<'_>) -> bool {
    look_for_leftovers(engine).await.unwrap_or_else(|error| {
        tracing::error!("what is still owed could not be looked up: {error:#}");
        false
    })
}

/// Whether notices that an earlier run left over bring another run now, be it ours or one by hand. A
/// run whose process is gone gets its end here.
async fn look_for_leftovers(engine: &Engine<'_>) -> anyhow::Result<bool> {
    let settings = &engine.app.settings;
    if settings.schedule_of(RETRIED).is_none() {
        return Ok(false);
    }
    let leftover = engine.store.leftover(RETRIED, settings.mail.is_rehearsal());
    let Some(Leftover {
        status,
        started_at,
        ended_at,
    }) = leftover.await?
    else {
        return Ok(false);
    };
    let now = engine.app.clock.now();
    let Some(ended_at) = ended_at else {
        if engine.lock(RETRIED, HOLDER, Duration::ZERO).await?.is_ok() {
            engine.store.interrupt_runs(RETRIED, now).await?;
            tracing::warn!(job = %RETRIED, "a run was cut off; what it left is tried again later");
        }
        return Ok(false);
    };
    let calendar = &settings.password_expiry.terms.calendar;
    Ok(retry::retry_is_due(status, started_at, ended_at, calendar, now))
}

async fn rearm_all(app: &App, timers: &mut Timers) -> anyhow::Result<()> {
    for job in Job::ALL {
        rearm(app, timers, *job, None).await?;
    }
    Ok(())
}

/// Sets the timer of a job for the next time: the one after `tick`, and after now. Times that went by
/// meanwhile, as in a suspended machine, are not made up for one by one.
async fn rearm(app: &App, timers: &mut Timers, job: Job, tick: Option<Tick>) -> anyhow::Result<()> {
    let now = app.clock.now();
    let after = tick.map_or(now, |tick| tick.scheduled_at.max(now));
    match app.settings.next_run(job, after) {
        Some(scheduled_at) => timers.arm(Tick { job, scheduled_at }, now).await,
        None => Ok(()),
    }
}
