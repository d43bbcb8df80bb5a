//! Timers. tokio-cron-scheduler fires one-shots at instants that [`crate::domain::calendar`]
//! computes; its own cron strings and zones are not used, since they are an hour off after each
//! change of the clocks.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::Context as _;
use jiff::Timestamp;
use tokio::sync::mpsc;
use tokio_cron_scheduler::{Job as OneShot, JobScheduler};
use uuid::Uuid;

use crate::domain::run::Job;

/// A timer that went off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tick {
    /// What is to run.
    pub job: Job,
    /// The instant it was set for. The next one is computed from it, and never from the clock: a
    /// timer that fires a little early would fire twice.
    pub scheduled_at: Timestamp,
}

/// The timers of the daemon, one for each job.
pub struct Timers {
    scheduler: JobScheduler,
    armed: BTreeMap<Job, (Tick, Uuid)>,
    fire: mpsc::UnboundedSender<Tick>,
    fired: mpsc::UnboundedReceiver<Tick>,
}

impl std::fmt::Debug for Timers {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Timers")
            .field("armed", &self.armed)
            .finish_non_exhaustive()
    }
}

impl Timers {
    /// Starts without any timer.
    pub async fn start() -> anyhow::Result<Self> {
        let scheduler = JobScheduler::new().await.context("the scheduler")?;
        scheduler.start().await.context("the scheduler")?;
        let (fire, fired) = mpsc::unbounded_channel();
        Ok(Self {
            scheduler,
            armed: BTreeMap::new(),
            fire,
            fired,
        })
    }

    /// Sets the timer of a job, in the place of the one that it had. One that is set for the same
    /// instant, or is about to go off, is left as it is.
    pub async fn arm(&mut self, tick: Tick, now: Timestamp) -> anyhow::Result<()> {
        if let Some((armed, timer)) = self.armed.get(&tick.job) {
            // One whose time has come fires in a moment: the scheduler looks twice a second.
            if *armed == tick || armed.scheduled_at <= now {
                return Ok(());
            }
            self.scheduler.remove(timer).await.context("a timer")?;
        }
        let fire = self.fire.clone();
        let one_shot = OneShot::new_one_shot(delay(now, tick.scheduled_at), move |_, _| {
            // Nobody listens any more when the daemon is stopping.
            let _stopping = fire.send(tick);
        });
        let timer = self
            .scheduler
            .add(one_shot.context("a timer")?)
            .await
            .context("a timer")?;
        self.armed.insert(tick.job, (tick, timer));
        Ok(())
    }

    /// The next timer that goes off.
    pub async fn next(&mut self) -> anyhow::Result<Tick> {
        let tick = self.fired.recv().await.context("the timers have ended")?;
        if self.armed.get(&tick.job).is_some_and(|(armed, _)| *armed == tick) {
            self.armed.remove(&tick.job);
        }
        Ok(tick)
    }
}

/// From now to the instant, rounded up: the scheduler cuts to whole seconds and would be early.
fn delay(now: Timestamp, at: Timestamp) -> Duration {
    let left = Duration::try_from(at.duration_since(now)).unwrap_or_default();
    Duration::from_secs(left.as_secs() + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_delay_is_rounded_up_and_never_negative() {
        let now: Timestamp = "2026-11-23T08:00:00.250Z".parse().unwrap();
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        assert_eq!(delay(now, at("2026-11-23T08:01:00Z")), Duration::from_secs(60));
        assert_eq!(delay(now, at("2026-11-23T08:00:00.250Z")), Duration::from_secs(1));
        assert_eq!(delay(now, at("2026-11-23T07:00:00Z")), Duration::from_secs(1));
    }

    #[tokio::test]
    async fn a_timer_whose_time_has_come_is_not_replaced_before_it_goes_off() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let job = Job::PasswordExpiry;
        let today = Tick {
            job,
            scheduled_at: at("2026-11-23T08:00:00Z"),
        };
        let tomorrow = Tick {
            job,
            scheduled_at: at("2026-11-24T08:00:00Z"),
        };
        let mut timers = Timers::start().await.unwrap();
        timers.arm(today, at("2026-11-23T07:59:59Z")).await.unwrap();
        // The look at the clock, a moment after eight.
        timers
            .arm(tomorrow, at("2026-11-23T08:00:00.100Z"))
            .await
            .unwrap();
        assert_eq!(timers.armed.get(&job).unwrap().0, today);
    }
}
