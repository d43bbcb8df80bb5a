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

/// How the daemon names itself where it holds a lock.
const HOLDER: &str = "daemon";

pub(super) async fn run(session: &mut Session<'_>) -> Result<Exit, Failure> {
    // A signal that comes while all is read waits for the loop below.
    let (mut stops, hangups) = (Stops::listen()?, Hangups::listen()?);
    let app = session.app()?;
    let problems = look_at_desired_state(&app.settings).await;
    if problems.has_errors() {
        return Err(Failure::Config(problems));
    }
    let engine = Arc::new(Engine::new(&app, app.client()?)?);
    let (store, stop) = (Arc::clone(&engine.store), engine.stop.clone());
    let mut service = Service::start(engine).await?;
    service.tell_when();
    lifecycle::tell_ready(&service.status());
    {
        let mut serving = pin!(service.serve(session, hangups));
        tokio::select! {
            result = &mut serving => return result.map(|()| Exit::Failed).map_err(Failure::from),
            () = stops.next() => {}
        }
        tracing::info!("stopping; what is under way is finished");
        lifecycle::tell_stopping();
        stop.cancel();
        tokio::select! {
            result = &mut serving => result?,
            () = stops.next() => tracing::warn!("stopped at once by a second signal"),
        }
    }
    // A run that was cut off above has an end in the history, and the next run takes up what it left.
    // Where the lock is held, the run that is going on is somebody else's.
    let engine = service.into_engine();
    for job in Job::ALL {
        if engine.lock(*job, HOLDER, Duration::ZERO).await?.is_ok() {
            store.interrupt_runs(*job, engine.app.clock.now()).await?;
        }
    }
    tracing::info!("stopped");
    Ok(Exit::Done)
}
