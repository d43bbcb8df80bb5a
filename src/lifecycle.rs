//! The life of the process: signals in, readiness out.

use std::future::Future;
use std::pin::pin;

use anyhow::Context as _;
use sd_notify::NotifyState;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio_util::sync::CancellationToken;

/// SIGTERM and SIGINT, as one stream.
#[derive(Debug)]
pub struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
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

/// Awaits `work`. The first signal cancels `stop`, and the work comes to its own end; a second one
/// drops it where it is, and there is no answer.
pub async fn until_signal<T>(
    stop: &CancellationToken,
    work: impl Future<Output = T>,
) -> anyhow::Result<Option<T>> {
    let mut signals = Signals::listen()?;
    let mut work = pin!(work);
    loop {
        tokio::select! {
            result = &mut work => return Ok(Some(result)),
            () = signals.next() => {
                if stop.is_cancelled() {
                    return Ok(None);
                }
                stop.cancel();
                tracing::info!("stopping; what is under way is finished");
            }
        }
    }
}

/// Tells systemd that the service is up, where systemd listens.
pub fn tell_ready() {
    notify(&[NotifyState::Ready]);
}

/// Tells systemd that the service is going down.
pub fn tell_stopping() {
    notify(&[NotifyState::Stopping]);
}

fn notify(states: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(states) {
        tracing::warn!("systemd could not be told: {error}");
    }
}
