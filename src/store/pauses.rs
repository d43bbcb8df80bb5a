//! Pauses of jobs and of roles.

use jiff::Timestamp;
use rusqlite::{Connection, Row, params};

use super::{Error, Store, instant, named, stored};
use crate::domain::actor::Actor;
use crate::domain::role::RoleId;
use crate::domain::run::Job;

/// What is paused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Paused {
    /// The ticks of a job are recorded as skipped.
    Job(Job),
    /// A role is planned and reported, not written.
    Role(RoleId),
}

/// A pause.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pause {
    /// Of what.
    pub of: Paused,
    /// Why, in a person's words.
    pub reason: String,
    /// Who.
    pub actor: Actor,
    /// When it began.
    pub since: Timestamp,
    /// When it ends by itself; `None`: not.
    pub until: Option<Timestamp>,
    /// The digest of the role's entry in the file: the pause is meant to last while it stays the same.
    pub while_entry: Option<String>,
}

const COLUMNS: &str = "job, role_id, reason, login_uid, sudo_uid, uid, since, until, while_entry";

const IN_FORCE: &str = "ended_at IS NULL AND (until IS NULL OR until > ?1)";

/// In force at an instant that has passed.
pub(super) const PAUSED_AT: &str =
    "since <= ?1 AND (ended_at IS NULL OR ended_at > ?1) AND (until IS NULL OR until > ?1)";

fn pause(row: &Row<'_>) -> rusqlite::Result<Pause> {
    let role: Option<i64> = row.get(1)?;
    let of = match role {
        Some(role) => Paused::Role(RoleId(role)),
        None => Paused::Job(named(0, row.get_ref(0)?.as_str()?, Job::parse)?),
    };
    Ok(Pause {
        of,
        reason: row.get(2)?,
        actor: Actor {
            login_uid: row.get(3)?,
            sudo_uid: row.get(4)?,
            uid: row.get(5)?,
        },
        since: instant(row.get(6)?),
        until: row.get::<_, Option<i64>>(7)?.map(instant),
        while_entry: row.get(8)?,
    })
}

impl Paused {
    fn columns(self) -> (Option<&'static str>, Option<i64>) {
        match self {
            Self::Job(job) => (Some(job.as_str()), None),
            Self::Role(role) => (None, Some(role.0)),
        }
    }
}

impl Store {
    /// Begins a pause; it takes the place of one in force.
    pub async fn pause(&self, pause: Pause) -> Result<(), Error> {
        self.call(move |store| {
            let transaction = store.transaction()?;
            begin(&transaction, &pause)?;
            transaction.commit()
        })
        .await
    }

    /// Ends a pause. False if there was none in force.
    pub async fn resume(&self, of: Paused, now: Timestamp) -> Result<bool, Error> {
        self.call(move |store| end(store, of, now)).await
    }

    /// The pause of this job or role in force at this instant.
    pub async fn find_pause(&self, of: Paused, now: Timestamp) -> Result<Option<Pause>, Error> {
        let pauses = self.list_pauses(now).await?;
        Ok(pauses.into_iter().find(|pause| pause.of == of))
    }

    /// Every pause in force at this instant, the oldest first.
    pub async fn list_pauses(&self, now: Timestamp) -> Result<Vec<Pause>, Error> {
        self.call(move |store| pauses(store, now)).await
    }
}

/// Every pause in force, the oldest first.
pub(super) fn pauses(store: &Connection, now: Timestamp) -> rusqlite::Result<Vec<Pause>> {
    let mut statement = store.prepare(&format!(
        "SELECT {COLUMNS} FROM pause WHERE {IN_FORCE} ORDER BY pause_id"
    ))?;
    statement.query_map([stored(now)], pause)?.collect()
}

/// Begins a pause; it takes the place of one in force.
pub(super) fn begin(store: &Connection, pause: &Pause) -> rusqlite::Result<()> {
    end(store, pause.of, pause.since)?;
    let (job, role) = pause.of.columns();
    store.execute(
        "INSERT INTO pause (job, role_id, reason, login_uid, sudo_uid, uid, since, until, while_entry)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        params![
            job,
            role,
            pause.reason,
            pause.actor.login_uid,
            pause.actor.sudo_uid,
            pause.actor.uid,
            stored(pause.since),
            pause.until.map(stored),
            pause.while_entry
        ],
    )?;
    Ok(())
}

fn end(store: &Connection, of: Paused, now: Timestamp) -> rusqlite::Result<bool> {
    let (job, role) = of.columns();
    let ended = store.execute(
        &format!("UPDATE pause SET ended_at = ?1 WHERE job IS ?2 AND role_id IS ?3 AND {IN_FORCE}"),
        params![stored(now), job, role],
    )?;
    Ok(ended > 0)
}
