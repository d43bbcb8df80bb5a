//! The loop of the daemon: clock, alarms, signals, and the runs that are going on.

use std::collections::{BTreeMap, BTreeSet};
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use anyhow::bail;
use futures_util::FutureExt as _;
use futures_util::StreamExt as _;
use futures_util::future::LocalBoxFuture;
use futures_util::stream::FuturesUnordered;
use jiff::Timestamp;
use tokio::time::MissedTickBehavior;

use super::super::engine::{Engine, Order};
use super::super::session::Session;
use super::{HOLDER, catch_up, leftovers, reload};
use crate::domain::run::{Job, RunStatus, Trigger};
use crate::domain::timetable::{Call, Timetable};
use crate::lifecycle::{self, Hangups, Watchdog};
use crate::report::service::ServiceReport;
use crate::report::status::pause_in_words;
use crate::report::time;
use crate::scheduler::Alarms;
use crate::store::{Holder, LockName, Paused};

/// How often the daemon looks at the clock, whatever the alarms do, and at what is still owed.
const LOOK_AT_THE_CLOCK: Duration = Duration::from_secs(60);

/// A scheduled time that is seen this late is on time, while the daemon is awake: twice the time between
/// two looks.
const GRACE: Duration = Duration::from_secs(120);

/// The jobs of the daemon: those that wait for their time, and those that run.
pub(super) struct Service {
    pub(super) engine: Arc<Engine>,
    /// Of each enabled job.
    pub(super) timetables: BTreeMap<Job, Timetable>,
    /// The last reload was rejected.
    pub(super) reload_was_rejected: bool,
    /// Jobs to be made up for at the next look at the clock, and since when.
    missed: BTreeMap<Job, Timestamp>,
    alarms: Alarms,
    going: BTreeSet<Job>,
    runs: FuturesUnordered<LocalBoxFuture<'static, (Job, Answer)>>,
    last: Option<(Job, RunStatus)>,
    told: String,
}

/// What became of a call: a run that ended, none, or none that the store or the lock of the job let begin or
/// end, though its time had come then.
type Answer = Result<Option<RunStatus>, Timestamp>;

impl Service {
    /// Takes up the timetables where the last daemon on this store left them.
    pub(super) async fn start(engine: Arc<Engine>) -> anyhow::Result<Self> {
        let now = engine.app.clock.now();
        let mut timetables = BTreeMap::new();
        let mut missed = BTreeMap::new();
        for job in Job::ALL {
            if let Some((timetable, is_due)) = catch_up::take_up(&engine, *job, now).await? {
                timetables.insert(*job, timetable);
                if is_due {
                    missed.insert(*job, now);
                }
            }
            catch_up::record_schedule(&engine, *job, now).await?;
        }
        Ok(Self {
            engine,
            timetables,
            reload_was_rejected: false,
            missed,
            alarms: Alarms::default(),
            going: BTreeSet::new(),
            runs: FuturesUnordered::new(),
            last: None,
            told: String::new(),
        })
    }

    /// Runs each job at its times, and once more where a run left something over; a job beside the others,
    /// but never beside itself. Returns once the stop was asked for and no run is going on, or the time for
    /// that is over. An error: the daemon cannot go on.
    pub(super) async fn serve(
        &mut self,
        session: &mut Session<'_>,
        mut hangups: Hangups,
    ) -> anyhow::Result<()> {
        let (store, stop) = (Arc::clone(&self.engine.store), self.engine.stop.clone());
        let mut watchdog = Watchdog::of_service();
        let mut look = tokio::time::interval(LOOK_AT_THE_CLOCK);
        look.set_missed_tick_behavior(MissedTickBehavior::Delay);
        // The signs of life come from this loop and nowhere else: where it hangs, systemd ends the process.
        loop {
            self.tell_status();
            tokio::select! {
                biased;
                () = stop.cancelled() => break,
                () = store.ended() => bail!("the thread of the store has ended, nothing can be recorded any more"),
                () = watchdog.beat() => {}
                Some(ended) = self.runs.next() => self.note(ended),
                () = hangups.next() => reload::reload(self, session).await,
                _rung = self.alarms.next() => self.look_at_the_clock(self.engine.app.clock.now()).await,
                _ = look.tick() => {
                    self.look_at_the_clock(self.engine.app.clock.now()).await;
                    if !self.going.contains(&leftovers::RETRIED) && leftovers::are_due(&self.engine).await {
                        let now = self.engine.app.clock.now();
                        self.begin(leftovers::RETRIED, Trigger::Retry, now).await;
                    }
                }
            }
        }
        let mut limit = Box::pin(tokio::time::sleep(self.engine.app.settings.daemon.stop_timeout));
        while !self.runs.is_empty() {
            tokio::select! {
                _ = self.runs.next() => {}
                () = watchdog.beat() => {}
                () = &mut limit => {
                    tracing::warn!("not every run ended within daemon.stop_timeout");
                    break;
                }
            }
        }
        Ok(())
    }

    /// Drops the runs that are still going on where they are.
    pub(super) fn into_engine(self) -> Arc<Engine> {
        self.engine
    }

    /// How the service stands, in one line.
    pub(super) fn status(&self) -> String {
        let now = self.engine.app.clock.now();
        let next = self.timetables.iter();
        let mut next: Vec<_> = next
            .filter_map(|(job, timetable)| Some((timetable.next_at(now)?, *job)))
            .collect();
        next.sort_unstable();
        let report = ServiceReport {
            reload_was_rejected: self.reload_was_rejected,
            running: &self.going,
            next: &next,
            last: self.last,
            zone: self.engine.app.settings.time_zone(),
        };
        report.to_string()
    }

    /// Says in the log when each job runs next.
    pub(super) fn tell_when(&self) {
        let now = self.engine.app.clock.now();
        for (job, timetable) in &self.timetables {
            if let Some(at) = timetable.next_at(now) {
                let next = time::minute(at, self.engine.app.settings.time_zone());
                tracing::info!(%job, next, "scheduled");
            }
        }
        if self.timetables.is_empty() {
            tracing::warn!("daemon ready, and no job is enabled");
        } else {
            tracing::info!("daemon ready");
        }
    }

    fn tell_status(&mut self) {
        let status = self.status();
        if status != self.told {
            lifecycle::tell_status(&status);
            self.told = status;
        }
    }

    fn note(&mut self, (job, answer): (Job, Answer)) {
        self.going.remove(&job);
        match answer {
            Ok(status) => self.last = status.map(|status| (job, status)).or(self.last),
            Err(since) => drop(self.missed.insert(job, since)),
        }
    }

    /// Answers every time that has come, and sets the alarms for the next ones.
    pub(super) async fn look_at_the_clock(&mut self, now: Timestamp) {
        let catch_up = self.engine.app.settings.daemon.catch_up;
        let calls = self.timetables.iter_mut();
        let calls: Vec<_> = calls
            .filter_map(|(job, timetable)| Some((*job, timetable.look(now, GRACE, catch_up)?)))
            .collect();
        for (job, call) in calls {
            match call {
                Call::OnTime => self.begin(job, Trigger::Schedule, now).await,
                Call::Missed(at) => {
                    if catch_up::is_wanted(&self.engine, job, at).await {
                        self.begin(job, Trigger::CatchUp, at).await;
                    }
                }
                Call::TooLate(at) => {
                    let why = catch_up::too_late(&self.engine.app.settings, at);
                    skip(&self.engine, job, Trigger::CatchUp, &why).await;
                }
            }
        }
        let window = GRACE.max(catch_up);
        for (job, since) in std::mem::take(&mut self.missed) {
            let is_recent = now.duration_since(since).unsigned_abs() <= window;
            if is_recent && self.timetables.contains_key(&job) && !self.going.contains(&job) {
                self.begin(job, Trigger::CatchUp, since).await;
            }
        }
        for job in Job::ALL {
            let next = self
                .timetables
                .get(job)
                .and_then(|timetable| timetable.next_at(now));
            self.alarms.set(*job, next, now);
        }
    }

    /// Begins a run, unless one of the job is going on. Its time came at `since`.
    async fn begin(&mut self, job: Job, trigger: Trigger, since: Timestamp) {
        if !self.going.insert(job) {
            let why = "the run before it was still going on";
            skip(&self.engine, job, trigger, why).await;
            return;
        }
        let engine = Arc::clone(&self.engine);
        let run = async move { (job, answer(&engine, job, trigger, since).await) };
        self.runs.push(run.boxed_local());
    }
}

/// Answers a call with a run and tells how it ended, or says why there was none. One failed run is recorded
/// and logged; the next tick is another chance. So is the next look where the run could not be recorded: what
/// it did until then stands in the ledger, and is not done twice. A panic ends the run, and nothing else.
async fn answer(engine: &Engine, job: Job, trigger: Trigger, since: Timestamp) -> Answer {
    match AssertUnwindSafe(run_or_skip(engine, job, trigger))
        .catch_unwind()
        .await
    {
        Ok(Ok(status)) => Ok(status),
        Ok(Err(error)) => {
            tracing::error!(%job, "the run could not be recorded: {error:#}");
            // What is left over is looked for each minute.
            if trigger == Trigger::Retry {
                Ok(None)
            } else {
                Err(since)
            }
        }
        Err(_panic) => {
            tracing::error!(%job, "an internal error stopped the run before its end was recorded. Please report it");
            Ok(None)
        }
    }
}

async fn run_or_skip(engine: &Engine, job: Job, trigger: Trigger) -> anyhow::Result<Option<RunStatus>> {
    // The next start makes up for it.
    if engine.stop.is_cancelled() {
        return Ok(None);
    }
    let now = engine.app.clock.now();
    if let Some(pause) = engine.store.find_pause(Paused::Job(job), now).await? {
        let zone = engine.app.settings.time_zone();
        let why = pause_in_words(&pause.reason, pause.actor, pause.until, zone);
        skip(engine, job, trigger, &why).await;
        return Ok(None);
    }
    match engine.lock(job, HOLDER, Duration::ZERO).await? {
        Ok(lock) => {
            let (_, outcome) = engine.run(Order::of_daemon(job, trigger), &lock).await?;
            Ok(Some(outcome.status))
        }
        Err(Holder(holder)) => {
            let why = format!("{holder} held the lock on {}", LockName::of(job));
            skip(engine, job, trigger, &why).await;
            Ok(None)
        }
    }
}

/// Records a tick that did not become a run. A store that cannot take the row ends no run.
pub(super) async fn skip(engine: &Engine, job: Job, trigger: Trigger, why: &str) {
    tracing::warn!(%job, %trigger, "skipped: {why}");
    let at = engine.app.clock.now();
    let recorded = engine.store.record_skipped(job, trigger, at, why.to_owned());
    if let Err(error) = recorded.await {
        tracing::error!("the skipped tick could not be recorded: {error}");
    }
}
