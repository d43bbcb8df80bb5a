//! The job `housekeeping`: looks after the store, and asks nobody.
//!
//! First it is checked, since a damaged store must neither be pruned nor pass for a good backup. Then it is
//! backed up, so that what is pruned after that is in the backup; where a backup that is asked for fails,
//! nothing is pruned. What may be pruned stands in `src/store/housekeeping/mod.rs`.

mod damage;
mod look;
mod present;

use std::time::Instant;

use jiff::{SignedDuration, Timestamp};
use tokio_util::sync::CancellationToken;

pub use self::look::{Outlook, look};
use self::present::present_selectors;
use super::alert::Desk;
use super::record::{Opening, Seen, record};
use super::{Outcome, Stop};
use crate::clock::Clock;
use crate::config::settings::Settings;
use crate::domain::actor::Actor;
use crate::domain::alert::{Advice, Kind, Reach, Trouble};
use crate::domain::retention::{Retention, RowKind};
use crate::domain::run::{Job, RunId, RunStatus, Trigger};
use crate::mail::Mailer;
use crate::report::housekeeping::{Rows, pruned_in_words, size};
use crate::report::time::minute;
use crate::store::{BackedUp, BackupError, BackupFolder, FileLock, KEPT_BACKUPS, Pause, Paused, Store};

/// OneLogin is read each day, or after a few days without one to send on.
const UNREMARKABLE: SignedDuration = SignedDuration::from_hours(7 * 24);

/// What a run works with.
#[derive(Debug)]
pub struct Tools<'a> {
    /// The settings in force.
    pub settings: &'a Settings,
    /// The clock.
    pub clock: &'a dyn Clock,
    /// The store, for the row of the run.
    pub store: &'a Store,
    /// The way out for mail to the admins.
    pub mailer: &'a Mailer,
    /// Cancelled when the process is to stop: the batch in hand is finished, no other begins.
    pub stop: &'a CancellationToken,
}

/// Why a run was asked for.
#[derive(Debug, Clone)]
pub struct Order {
    /// What started it.
    pub trigger: Trigger,
    /// The person's reason.
    pub reason: Option<String>,
}

/// One run, recorded from its beginning to its end. The lock says that no other one is going on.
pub async fn run(tools: &Tools<'_>, order: Order, _lock: &FileLock) -> anyhow::Result<(RunId, Outcome)> {
    let desk = Desk {
        settings: tools.settings,
        store: tools.store,
        mailer: tools.mailer,
    };
    let opening = Opening {
        job: Job::Housekeeping,
        trigger: order.trigger,
        reason: order.reason,
    };
    record(&desk, tools.clock, opening, async |_, now, seen| {
        attempt(tools, now, seen).await
    })
    .await
}

/// Until when the run may go on.
#[derive(Clone)]
struct Limit {
    stop: CancellationToken,
    deadline: Instant,
}

impl Limit {
    fn is_reached(&self) -> bool {
        self.stop.is_cancelled() || Instant::now() >= self.deadline
    }
}

async fn attempt(tools: &Tools<'_>, now: Timestamp, seen: &mut Seen) -> Result<Outcome, Stop> {
    let settings = tools.settings;
    // A connection of its own, so that the jobs beside this one wait for none of it.
    let store = Store::open(&settings.store_path)?;
    let found = store.find_damage().await?;
    if !found.is_empty() {
        let trouble = damage::trouble(settings, &found);
        let summary = trouble.what.clone();
        seen.troubles.push(trouble);
        return Ok(ended(RunStatus::Failed, summary));
    }
    seen.reach = Reach::Read;
    let limit = Limit {
        stop: tools.stop.clone(),
        deadline: Instant::now() + settings.daemon.run_timeout,
    };
    let mut words = vec!["the store is sound".to_owned()];
    let mut status = RunStatus::Succeeded;
    match back_up(settings, &store, now, &limit).await? {
        None => seen.reach = Reach::Delivered,
        Some(Ok(backup)) => {
            let name = backup.path.file_name().unwrap_or_default().display();
            words.push(format!("backup {name} ({})", size(backup.bytes)));
            if backup.removed > 0 {
                words.push(format!("older backups removed: {}", backup.removed));
            }
            seen.reach = Reach::Delivered;
            if let Some(stuck) = backup.stuck {
                words.push(format!("an older backup could not be removed, {stuck}"));
                status = RunStatus::Partial;
                seen.troubles.push(backup_trouble(&words.join("; ")));
            }
        }
        Some(Err(BackupError::CutOff)) => {
            words.push("the backup was not finished, and nothing was pruned".to_owned());
            return Ok(cut_off(&limit, words));
        }
        Some(Err(error)) => {
            let what = format!("no backup was made, so nothing was pruned either: {error}");
            seen.troubles.push(backup_trouble(&what));
            return Ok(ended(RunStatus::Partial, what));
        }
    }
    let retention = retention(settings, &store, now).await?;
    let (rows, is_whole) = prune(&store, &retention, &limit).await?;
    words.push(pruned_in_words(&rows));
    let is_proven = retention.now > Timestamp::UNIX_EPOCH;
    if is_proven && now.duration_since(retention.now) > UNREMARKABLE {
        let of = minute(retention.now, settings.time_zone());
        words.push(format!("kept as of {of}, when OneLogin was last read"));
    }
    if !is_whole {
        return Ok(cut_off(&limit, words));
    }
    store.optimise().await?;
    Ok(ended(status, words.join("; ")))
}

/// Makes a backup, where one is asked for.
async fn back_up(
    settings: &Settings,
    store: &Store,
    now: Timestamp,
    limit: &Limit,
) -> Result<Option<Result<BackedUp, BackupError>>, Stop> {
    let Some(directory) = &settings.housekeeping.backup_directory else {
        return Ok(None);
    };
    let folder = match BackupFolder::look(directory, &settings.store_path) {
        Ok(folder) => folder,
        Err(error) => return Ok(Some(Err(error))),
    };
    let limit = limit.clone();
    let made = store.back_up(folder, now, held(settings, now), move || limit.is_reached());
    Ok(Some(made.await?))
}

/// What a backup begins with, once it takes the place of the store: every job that mails or changes
/// something is paused. Mails sent since are not in its ledger, and would be sent a second time.
fn held(settings: &Settings, now: Timestamp) -> Vec<Pause> {
    let jobs = Job::ALL.iter().filter(|job| **job != Job::Housekeeping);
    let of = minute(now, settings.time_zone());
    let pause = |job: &Job| Pause {
        of: Paused::Job(*job),
        reason: format!(
            "this store was restored from the backup of {of}, and what was sent and changed since is not in it; \
             look at `run {job} --plan`, then `resume {job}`"
        ),
        actor: Actor {
            login_uid: None,
            sudo_uid: None,
            uid: rustix::process::getuid().as_raw(),
        },
        since: now,
        until: None,
        while_entry: None,
    };
    jobs.map(pause).collect()
}

/// What is old enough to go.
///
/// The local clock alone prunes nothing: one that is years ahead would end pauses and accesses that go on. The
/// latest instant counts at which a run held it against OneLogin's; before the first such run nothing goes.
async fn retention(settings: &Settings, store: &Store, now: Timestamp) -> anyhow::Result<Retention> {
    let proven = store.proven_at().await?;
    let now = now.min(proven.unwrap_or(Timestamp::UNIX_EPOCH));
    let housekeeping = &settings.housekeeping;
    let before = |span| {
        now.saturating_sub(SignedDuration::try_from(span)?)
            .map_err(anyhow::Error::from)
    };
    Ok(Retention {
        now,
        // What may still be caught up is looked up: skipped ticks, and pauses that are over.
        before: before(housekeeping.keep.max(settings.daemon.catch_up))?,
        changes_before: before(housekeeping.keep_changes)?,
        after_expiry_within: settings.password_expiry.terms.after_expiry_within,
        present: present_selectors(settings, store).await?,
    })
}

/// Prunes batch after batch. Gives how many rows went, and whether that was all.
async fn prune(store: &Store, retention: &Retention, limit: &Limit) -> Result<(Rows, bool), Stop> {
    let mut rows = Rows::new();
    for kind in RowKind::ALL {
        let mut from = Some(0);
        while let Some(begin) = from {
            if limit.is_reached() {
                return Ok((rows, false));
            }
            let began = Instant::now();
            let batch = store.prune(*kind, retention.clone(), begin).await?;
            if batch.next.is_some() {
                // SQLite keeps no queue: whoever waits to write looks now and then whether they may. Half of
                // the time is theirs.
                tokio::time::sleep(began.elapsed()).await;
            }
            *rows.entry(*kind).or_default() += batch.pruned;
            from = batch.next;
        }
    }
    Ok((rows, true))
}

fn cut_off(limit: &Limit, mut words: Vec<String>) -> Outcome {
    let is_stopped = limit.stop.is_cancelled();
    let (status, why) = if is_stopped {
        (RunStatus::Interrupted, "stopped; the next run goes on")
    } else {
        (
            RunStatus::Partial,
            "the time was up (daemon.run_timeout); the next run goes on",
        )
    };
    words.push(why.to_owned());
    ended(status, words.join("; "))
}

fn ended(status: RunStatus, summary: String) -> Outcome {
    Outcome {
        status,
        summary,
        has_effect: status != RunStatus::Failed,
        is_held: false,
    }
}

fn backup_trouble(what: &str) -> Trouble {
    Trouble {
        kind: Kind::Backup,
        about: String::new(),
        what: what.to_owned(),
        advice: vec![
            Advice::words(format!(
                "Make room, or put the folder right (housekeeping.backup_directory): the newest {KEPT_BACKUPS} backups are kept in it"
            )),
            Advice::command(
                "Where a backup would be written",
                "onelogin-steward run housekeeping --plan",
            ),
            Advice::command("Once it is put right", "onelogin-steward run housekeeping"),
        ],
    }
}
