//! Alarms, which wake the daemon at the times of its timetables.
//!
//! tokio-cron-scheduler rings them: one-shots for instants that [`crate::domain::timetable`] computes,
//! since its own cron strings and zones are an hour off after each change of the clocks. It looks at the
//! clock twice a second for as long as it lives, so it lives for the last moments before a time only, on a
//! thread that ends with the alarm; a daemon whose next run is hours away sleeps. What is due is decided by
//! the clock and never by an alarm: one that fails costs a minute, until the daemon looks by itself.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::Context as _;
use jiff::{SignedDuration, Timestamp};
use tokio::sync::{mpsc, oneshot};
use tokio_cron_scheduler::{Job as OneShot, JobScheduler};

use crate::domain::run::Job;

/// An alarm is set this long before its time, and not earlier. Longer than the time between two looks of
/// the daemon, so that one of them sets it.
const NEAR: SignedDuration = SignedDuration::from_secs(90);

/// At most one alarm for each job.
#[derive(Debug)]
pub struct Alarms {
    set: BTreeMap<Job, Alarm>,
    ring: mpsc::UnboundedSender<Job>,
    rung: mpsc::UnboundedReceiver<Job>,
}

#[derive(Debug)]
struct Alarm {
    at: Timestamp,
    /// Ends the alarm's thread when it is dropped.
    _unset: oneshot::Sender<()>,
}

impl Default for Alarms {
    fn default() -> Self {
        let (ring, heard) = mpsc::unbounded_channel();
        Self {
            set: BTreeMap::new(),
            ring,
            rung: heard,
        }
    }
}

impl Alarms {
    /// Sets the alarm of a job, in the place of the one that it had; `None` takes that one away. A time
    /// that is far away has no alarm yet: whoever looks each minute calls this again.
    pub fn set(&mut self, job: Job, at: Option<Timestamp>, now: Timestamp) {
        let near = at.filter(|at| at.duration_since(now) <= NEAR);
        if self.set.get(&job).map(|alarm| alarm.at) == near {
            return;
        }
        self.set.remove(&job);
        let Some(at) = near else { return };
        match ring_after(delay(now, at), job, self.ring.clone()) {
            Ok(unset) => {
                self.set.insert(job, Alarm { at, _unset: unset });
            }
            Err(error) => tracing::warn!(%job, "no alarm, the next look comes within a minute: {error:#}"),
        }
    }

    /// The job whose alarm rings next.
    pub async fn next(&mut self) -> Job {
        match self.rung.recv().await {
            Some(job) => {
                self.set.remove(&job);
                job
            }
            // We hold a sender ourselves.
            None => std::future::pending().await,
        }
    }
}

/// Rings after a while, unless what it gives is dropped before.
fn ring_after(
    delay: Duration,
    job: Job,
    ring: mpsc::UnboundedSender<Job>,
) -> anyhow::Result<oneshot::Sender<()>> {
    let (unset, is_unset) = oneshot::channel();
    let wait = async move {
        tokio::select! {
            _ = is_unset => Ok(()),
            waited = wait(delay) => waited.map(|()| {
                // Nobody listens any more when the daemon is stopping.
                let _stopping = ring.send(job);
            }),
        }
    };
    // The runtime is made in its thread: dropped in the loop, where there is no thread, it would panic.
    let block = move || {
        let waited = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .build()
            .context("a runtime")
            .and_then(|runtime| runtime.block_on(wait));
        if let Err(error) = waited {
            tracing::warn!(%job, "the alarm failed, the next look comes within a minute: {error:#}");
        }
    };
    std::thread::Builder::new()
        .name("alarm".to_owned())
        .spawn(block)
        .context("a thread")?;
    Ok(unset)
}

/// One one-shot of the scheduler. Its tasks end with the runtime that this runs on.
async fn wait(delay: Duration) -> anyhow::Result<()> {
    let scheduler = JobScheduler::new().await?;
    let (fire, mut fired) = mpsc::unbounded_channel();
    let one_shot = OneShot::new_one_shot(delay, move |_, _| {
        let _fired_before = fire.send(());
    })?;
    scheduler.add(one_shot).await?;
    scheduler.start().await?;
    fired.recv().await.context("the scheduler has ended")
}

/// From now to the instant, rounded up: the scheduler cuts to whole seconds and would be early.
fn delay(now: Timestamp, at: Timestamp) -> Duration {
    let left = Duration::try_from(at.duration_since(now)).unwrap_or_default();
    Duration::from_secs(left.as_secs() + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    const JOB: Job = Job::PasswordExpiry;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn set_for(alarms: &Alarms) -> Option<Timestamp> {
        alarms.set.get(&JOB).map(|alarm| alarm.at)
    }

    #[test]
    fn a_delay_is_rounded_up_and_never_negative() {
        let now = at("2026-11-23T08:00:00.250Z");
        assert_eq!(delay(now, at("2026-11-23T08:01:00Z")), Duration::from_secs(60));
        assert_eq!(delay(now, now), Duration::from_secs(1));
        assert_eq!(delay(now, at("2026-11-23T07:00:00Z")), Duration::from_secs(1));
    }

    #[test]
    fn an_alarm_is_set_in_the_last_moments_only_and_moves_with_its_time() {
        let mut alarms = Alarms::default();
        let (eight, nine) = (at("2026-11-23T08:00:00Z"), at("2026-11-23T09:00:00Z"));
        alarms.set(JOB, Some(eight), at("2026-11-23T07:58:29Z"));
        assert_eq!(set_for(&alarms), None);
        alarms.set(JOB, Some(eight), at("2026-11-23T07:58:30Z"));
        assert_eq!(set_for(&alarms), Some(eight));
        alarms.set(JOB, Some(nine), at("2026-11-23T07:59:00Z"));
        assert_eq!(set_for(&alarms), None);
        alarms.set(JOB, Some(nine), at("2026-11-23T08:59:00Z"));
        alarms.set(JOB, None, at("2026-11-23T08:59:00Z"));
        assert_eq!(set_for(&alarms), None);
    }

    #[tokio::test]
    async fn an_alarm_rings_once_and_can_be_set_again() {
        let mut alarms = Alarms::default();
        let now = at("2026-11-23T08:00:00Z");
        for _ in 0..2 {
            alarms.set(JOB, Some(now), now);
            assert_eq!(alarms.next().await, JOB);
            assert_eq!(set_for(&alarms), None);
        }
    }

    #[tokio::test]
    async fn an_alarm_that_was_taken_away_does_not_ring() {
        let mut alarms = Alarms::default();
        let now = at("2026-11-23T08:00:00Z");
        alarms.set(JOB, Some(now), now);
        alarms.set(JOB, None, now);
        alarms.set(Job::RoleSync, Some(now), now);
        assert_eq!(alarms.next().await, Job::RoleSync);
        assert!(alarms.rung.try_recv().is_err());
    }
}
