//! The life of the process: signals in, what systemd wants to know out.

use std::future::Future;
use std::pin::pin;

use anyhow::Context as _;
use sd_notify::NotifyState;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::time::{Interval, MissedTickBehavior};
use tokio_util::sync::CancellationToken;

/// SIGTERM and SIGINT, as one stream.
#[derive(Debug)]
pub struct Stops {
    terminate: Signal,
    interrupt: Signal,
}

impl Stops {
    /// Listens from now on.
    pub fn listen() -> anyhow::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate()).context("SIGTERM")?,
            interrupt: signal(SignalKind::interrupt()).context("SIGINT")?,
        })
    }

    /// The next one.
    pub async fn next(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}

/// SIGHUP, which asks for a reload.
#[derive(Debug)]
pub struct Hangups(Signal);

impl Hangups {
    /// Listens from now on; before, the signal ends the process.
    pub fn listen() -> anyhow::Result<Self> {
        signal(SignalKind::hangup()).context("SIGHUP").map(Self)
    }

    /// The next one. Several that came meanwhile are one.
    pub async fn next(&mut self) {
        let _stream_has_no_end = self.0.recv().await;
    }
}

/// Awaits `work`. The first signal cancels `stop`, and the work comes to its own end; a second one
/// drops it where it is, and there is no answer.
pub async fn until_signal<T>(
    stop: &CancellationToken,
    work: impl Future<Output = T>,
) -> anyhow::Result<Option<T>> {
    let mut stops = Stops::listen()?;
    let mut work = pin!(work);
    loop {
        tokio::select! {
            result = &mut work => return Ok(Some(result)),
            () = stops.next() => {
                if stop.is_cancelled() {
                    return Ok(None);
                }
                stop.cancel();
                tracing::info!("stopping; what is under way is finished");
            }
        }
    }
}

/// The signs of life that systemd waits for where the unit has `WatchdogSec=`; none elsewhere.
#[derive(Debug)]
pub struct Watchdog(Option<Interval>);

impl Watchdog {
    /// What systemd asks of this process: three signs in each period, so that two may be late.
    pub fn of_service() -> Self {
        Self(sd_notify::watchdog_enabled().map(|period| {
            let mut beats = tokio::time::interval(period / 3);
            beats.set_missed_tick_behavior(MissedTickBehavior::Delay);
            beats
        }))
    }

    /// Waits until the next sign is due, and gives it. Only a loop that goes round may await this.
    pub async fn beat(&mut self) {
        match &mut self.0 {
            Some(beats) => {
                beats.tick().await;
                notify(&[NotifyState::Watchdog]);
            }
            None => std::future::pending().await,
        }
    }
}

/// Tells systemd that the service is up, or again up after a reload, and how it stands.
pub fn tell_ready(status: &str) {
    notify(&[NotifyState::Ready, NotifyState::Status(status)]);
}

/// Tells systemd how the service stands, in a line for people.
pub fn tell_status(status: &str) {
    notify(&[NotifyState::Status(status)]);
}

/// Tells systemd that the configuration is being read again. The time lets a `systemctl reload` that waits
/// know that this is the answer to its signal (sd_notify(3), MONOTONIC_USEC).
pub fn tell_reloading() {
    match NotifyState::monotonic_usec_now() {
        Ok(now) => notify(&[NotifyState::Reloading, now]),
        Err(error) => tracing::warn!("systemd could not be told: {error}"),
    }
}

/// Tells systemd that the service is going down.
pub fn tell_stopping() {
    notify(&[
        NotifyState::Stopping,
        NotifyState::Status("stopping; what is under way is finished"),
    ]);
}

fn notify(states: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(states) {
        tracing::warn!("systemd could not be told: {error}");
    }
}
