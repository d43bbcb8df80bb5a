//! `status`: one screen.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::{Value, json};

use super::escape::{plain, wrap_under};
use super::history::run_to_json;
use super::time;
use crate::domain::actor::Actor;
use crate::domain::calendar::Schedule;
use crate::domain::role::RoleId;
use crate::domain::role::change::Direction;
use crate::domain::role::memory::Approval;
use crate::domain::role::plan::Totals;
use crate::domain::run::{Job, Run, RunId, RunStatus};

/// The column under which the words of a mark stand.
const WORDS: usize = 10;

/// The column under which the facts stand.
const FACTS: usize = 17;

/// So much of a summary fits on a screen with others; `history` has all of it.
const SUMMARY: usize = 170;

/// How things stand.
#[derive(Debug)]
pub struct StatusReport<'a> {
    /// The zone of its dates.
    pub zone: &'a TimeZone,
    /// No mail reaches the people it is meant for.
    pub rehearsal: bool,
    /// The daemon on this store, as it names itself; `None`: there is none.
    pub daemon: Option<&'a str>,
    /// Pauses in force.
    pub pauses: Vec<PauseLine<'a>>,
    /// Approvals that can still be used.
    pub approvals: &'a [Approval],
    /// Every job.
    pub jobs: Vec<JobLine<'a>>,
    /// Notices not tried yet.
    pub staged: u64,
    /// Notices that the server put off.
    pub retry: u64,
    /// What the last run of role sync that planned found, before it wrote anything.
    pub drift: Option<(RunId, Totals)>,
}

/// A pause in force: of a job, or of a role.
#[derive(Debug)]
pub struct PauseLine<'a> {
    /// The job.
    pub job: Option<Job>,
    /// The role.
    pub role: Option<RoleId>,
    /// Why, in a person's words.
    pub reason: &'a str,
    /// Who.
    pub actor: Actor,
    /// When it began.
    pub since: Timestamp,
    /// When it ends by itself.
    pub until: Option<Timestamp>,
    /// It lasts while the role's entry in the file stays the same.
    pub while_entry: bool,
}

/// A job.
#[derive(Debug)]
pub struct JobLine<'a> {
    /// Which.
    pub job: Job,
    /// When the daemon runs it; `None`: it does not.
    pub schedule: Option<&'a Schedule>,
    /// When that is next.
    pub next_run_at: Option<Timestamp>,
    /// Its last run.
    pub last_run: Option<&'a Run>,
    /// The last tick that was skipped since.
    pub skipped: Option<&'a Run>,
}

/// A pause of a job, as the history tells it of a tick.
pub fn pause_in_words(reason: &str, actor: Actor, until: Option<Timestamp>, zone: &TimeZone) -> String {
    let until = until.map_or("until it is resumed".to_owned(), |until| {
        format!("until {}", time::minute(until, zone))
    });
    format!("paused by {actor} {until}: {}", plain(reason))
}

impl StatusReport<'_> {
    /// For a terminal of 80 columns: what is kept back comes first.
    pub fn to_text(&self) -> String {
        let mut text = String::new();
        if self.rehearsal {
            text.push_str("REHEARSAL: mails are written to files or redirected, nobody is written to\n");
        }
        for pause in &self.pauses {
            text.push_str(&self.pause(pause));
        }
        for run in self.jobs.iter().filter_map(|job| job.last_run) {
            // What role sync held is told below, with what to do about it.
            if !self
                .drift
                .is_some_and(|(at, totals)| at == run.run_id && totals.held > 0)
            {
                text.push_str(&trouble(run));
            }
        }
        if let Some((run, Totals { held: held @ 1.., .. })) = self.drift {
            let words = format!(
                "role-sync kept {held} steps back in run {run}; see them with `onelogin-steward roles plan`, \
                 release them with `roles approve`"
            );
            text.push_str(&mark("HELD", &words));
        }
        for approval in self.approvals {
            let Approval { role, people, .. } = approval;
            let what = in_words(approval.direction);
            let words = format!("{} {what} of role id:{role}, for the next run", people.len());
            text.push_str(&mark("APPROVED", &words));
        }
        if !text.is_empty() {
            text.push('\n');
        }
        let daemon = match self.daemon {
            Some(daemon) => format!("running, {daemon}"),
            None => "not running: no run begins by itself".to_owned(),
        };
        text.push_str(&fact("daemon", &daemon));
        for job in &self.jobs {
            text.push_str(&self.job(job));
        }
        text.push_str(&fact("notices waiting", &self.waiting()));
        let drift = self.drift.map_or("not known yet".to_owned(), |(run, totals)| {
            let Totals { add, remove, held } = totals;
            if totals == Totals::default() {
                format!("none, run {run} found the roles in line with the file")
            } else {
                format!("run {run} found {add} to add, {remove} to remove, {held} held")
            }
        });
        text.push_str(&fact("role drift", &drift));
        text
    }

    fn pause(&self, pause: &PauseLine<'_>) -> String {
        let job = pause.job.map(|job| job.to_string());
        let role = pause.role.map(|role| format!("role id:{role}"));
        let until = match pause.until {
            Some(until) => format!("until {}", time::minute(until, self.zone)),
            None if pause.while_entry => "until its entry in the file changes".to_owned(),
            None => "until it is resumed".to_owned(),
        };
        let words = format!(
            "{} since {} by {}, {until}: {}",
            job.or(role).unwrap_or_default(),
            time::minute(pause.since, self.zone),
            pause.actor,
            plain(pause.reason)
        );
        mark("PAUSED", &words)
    }

    fn job(&self, line: &JobLine<'_>) -> String {
        let job = line.job.as_str();
        let next = match (line.schedule, line.next_run_at) {
            (Some(schedule), Some(at)) => {
                format!("next run {} ({})", time::minute(at, self.zone), schedule.as_str())
            }
            _ => "not enabled: the daemon does not run it".to_owned(),
        };
        let mut text = fact(job, &next);
        match line.last_run {
            Some(run) => text.push_str(&fact("", &self.run("last run", run))),
            None => text.push_str(&fact("", "nothing has run yet")),
        }
        if let Some(run) = line.skipped {
            text.push_str(&fact("", &self.run("skipped since, run", run)));
        }
        text.push('\n');
        text
    }

    fn run(&self, what: &str, run: &Run) -> String {
        let at = time::minute(run.started_at, self.zone);
        format!(
            "{what} {} of {at}, {}, {}: {}",
            run.run_id,
            run.trigger,
            run.status,
            short(&run.summary)
        )
    }

    fn waiting(&self) -> String {
        let Self { staged, retry, .. } = self;
        match (staged, retry) {
            (0, 0) => "none".to_owned(),
            _ => format!("{staged} not tried yet, {retry} to be tried again"),
        }
    }

    /// For programs.
    pub fn to_json(&self) -> Value {
        let pauses = self.pauses.iter().map(|pause| {
            json!({
                "job": pause.job,
                "role_id": pause.role,
                "reason": pause.reason,
                "actor": pause.actor,
                "since": time::rfc3339(pause.since),
                "until": pause.until.map(time::rfc3339),
                "while_entry_stays": pause.while_entry,
            })
        });
        let approvals = self.approvals.iter().map(|approval| {
            json!({
                "approval_id": approval.id,
                "role_id": approval.role,
                "direction": approval.direction,
                "user_ids": approval.people,
            })
        });
        let jobs = self.jobs.iter().map(|line| {
            json!({
                "job": line.job,
                "enabled": line.schedule.is_some(),
                "schedule": line.schedule.map(Schedule::as_str),
                "next_run_at": line.next_run_at.map(time::rfc3339),
                "last_run": line.last_run.map(run_to_json),
                "skipped_since": line.skipped.map(run_to_json),
            })
        });
        let drift = self.drift.map(|(run, totals)| {
            json!({ "run_id": run, "add": totals.add, "remove": totals.remove, "held": totals.held })
        });
        json!({
            "rehearsal": self.rehearsal,
            "daemon": { "running": self.daemon.is_some(), "process": self.daemon },
            "pauses": pauses.collect::<Value>(),
            "approvals": approvals.collect::<Value>(),
            "jobs": jobs.collect::<Value>(),
            "notices_waiting": { "staged": self.staged, "retry": self.retry },
            "role_drift": drift,
        })
    }
}

/// A run that was refused or failed needs a person before all others.
fn trouble(run: &Run) -> String {
    let what = match run.status {
        RunStatus::Refused => "HELD",
        RunStatus::Failed => "FAILED",
        _ => return String::new(),
    };
    let words = format!("{} in run {}: {}", run.job, run.run_id, short(&run.summary));
    mark(what, &words)
}

fn in_words(direction: Direction) -> &'static str {
    match direction {
        Direction::Add => "additions",
        Direction::Remove => "removals",
    }
}

fn mark(mark: &str, words: &str) -> String {
    format!("{mark:<WORDS$}{}\n", wrap_under(words, WORDS))
}

fn fact(name: &str, words: &str) -> String {
    format!("{name:<FACTS$}{}\n", wrap_under(words, FACTS))
}

fn short(summary: &str) -> String {
    let summary = plain(summary);
    if summary.chars().count() <= SUMMARY {
        return summary;
    }
    let begin: String = summary.chars().take(SUMMARY).collect();
    format!("{begin} ...")
}
