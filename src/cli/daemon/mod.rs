//! `daemon`: jobs on their schedules, until SIGTERM. SIGHUP brings other settings.

mod catch_up;
mod leftovers;
mod reload;
mod service;

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use self::service::Service;
use super::check::look_at_desired_state;
use super::engine::Engine;
use super::exit::{Exit, Failure};
use super::session::Session;
use crate::domain::run::Job;
use crate::lifecycle::{self, Hangups, Stops};
use crate::store::{FileLock, Holder, LockName};

/// How the daemon names itself where it holds a lock.
const HOLDER: &str = "daemon";

/// How long another daemon on the same store is waited for.
const LET_GO: Duration = Duration::from_secs(2);

pub(super) async fn run(session: &mut Session<'_>) -> Result<Exit, Failure> {
    // A signal that comes while all is read waits for the loop below.
    let (mut stops, hangups) = (Stops::listen()?, Hangups::listen()?);
    let app = session.app()?;
    let problems = look_at_desired_state(&app.settings).await;
    if problems.has_errors() {
        return Err(Failure::Config(problems));
    }
    let engine = Arc::new(Engine::new(&app, app.client()?)?);
    // One that is stopping lets go in a moment, and so does `status`, which looks whether there is one.
    let lock = FileLock::acquire(&app.settings.store_path, LockName::Daemon, HOLDER, LET_GO).await?;
    let _one_daemon_a_store = lock.map_err(|Holder(holder)| {
        Failure::Busy(format!("{holder} serves this store already; stop it first"))
    })?;
    let stop = engine.stop.clone();
    let mut service = Service::start(engine).await?;
    service.tell_when();
    lifecycle::tell_ready(&service.status());
    {
        let mut serving = pin!(service.serve(session, hangups));
        tokio::select! {
            biased;
            () = stops.next() => {}
            result = &mut serving => return result.map(|()| Exit::Failed).map_err(Failure::from),
        }
        tracing::info!("stopping; what is under way is finished");
        lifecycle::tell_stopping();
        stop.cancel();
        tokio::select! {
            result = &mut serving => result?,
            () = stops.next() => tracing::warn!("stopped at once by a second signal"),
        }
    }
    let engine = service.into_engine();
    for job in Job::ALL {
        end_cut_off_runs(&engine, *job).await?;
    }
    tracing::info!("stopped");
    Ok(Exit::Done)
}

/// Gives a run whose process is gone, or that was dropped, its end in the history; the next run takes up what
/// it left. Where the lock is held, the run that is going on is somebody else's. False: nothing was cut off.
async fn end_cut_off_runs(engine: &Engine, job: Job) -> anyhow::Result<bool> {
    if engine.lock(job, HOLDER, Duration::ZERO).await?.is_err() {
        return Ok(false);
    }
    let was_cut_off = engine.store.interrupt_runs(job, engine.app.clock.now()).await?;
    if was_cut_off {
        tracing::warn!(%job, "a run was cut off");
    }
    Ok(was_cut_off)
}
