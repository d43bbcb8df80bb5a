//! The journal of membership changes: written down before the call, settled by what a re-read shows.

use jiff::Timestamp;
use rusqlite::{Connection, Row, params};
use serde::Serialize;

use super::{Error, Store, instant, named, stored};
use crate::domain::role::RoleId;
use crate::domain::role::change::{Cause, ChangeState, Direction};
use crate::domain::run::RunId;
use crate::domain::user::UserId;

/// A change that the next call may make.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Intention {
    /// The role.
    pub role: RoleId,
    /// Its name, for people who read the journal.
    pub role_name: String,
    /// The person.
    pub user: UserId,
    /// Their email or account name, for people who read the journal.
    pub account: String,
    /// Which way.
    pub direction: Direction,
    /// Why.
    pub cause: Cause,
    /// The approval that released it.
    pub approval: Option<i64>,
    /// Whether it counts against the removals of a day, once done.
    pub counts: bool,
}

/// What became of a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settlement {
    /// The role.
    pub role: RoleId,
    /// The person.
    pub user: UserId,
    /// Which way.
    pub direction: Direction,
    /// Anything but `Intended`.
    pub state: ChangeState,
    /// Why, where it is not what was intended; takes the place of the server's words.
    pub words: Option<String>,
}

/// A row of the journal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Change {
    /// The store's number.
    pub change_id: i64,
    /// The run that intended it.
    pub run_id: RunId,
    /// The role.
    pub role_id: RoleId,
    /// Its name then.
    pub role_name: String,
    /// The person.
    pub user_id: UserId,
    /// Their email or account name then.
    pub account: String,
    /// Which way.
    pub direction: Direction,
    /// Why.
    pub cause: Cause,
    /// The approval that released it.
    pub approval_id: Option<i64>,
    /// Where it stands.
    pub state: ChangeState,
    /// How many calls named the person.
    pub attempts: u32,
    /// OneLogin's last words, or why it is not settled as intended.
    pub server_reply: Option<String>,
    /// `X-Request-Id` of the last answer.
    pub request_id: Option<String>,
    /// When it was written down.
    pub intended_at: Timestamp,
    /// When it was settled.
    pub settled_at: Option<Timestamp>,
}

const COLUMNS: &str =
    "change_id, run_id, role_id, role_name, user_id, account, direction, cause, approval_id, state,
                       attempts, server_reply, request_id, intended_at, settled_at";

const KEY: &str = "run_id = ?1 AND role_id = ?2 AND user_id = ?3 AND direction = ?4 AND state = 'intended'";

fn change(row: &Row<'_>) -> rusqlite::Result<Change> {
    Ok(Change {
        change_id: row.get(0)?,
        run_id: RunId(row.get(1)?),
        role_id: RoleId(row.get(2)?),
        role_name: row.get(3)?,
        user_id: UserId(row.get(4)?),
        account: row.get(5)?,
        direction: named(6, row.get_ref(6)?.as_str()?, Direction::parse)?,
        cause: cause(row, 7)?,
        approval_id: row.get(8)?,
        state: named(9, row.get_ref(9)?.as_str()?, ChangeState::parse)?,
        attempts: row.get(10)?,
        server_reply: row.get(11)?,
        request_id: row.get(12)?,
        intended_at: instant(row.get(13)?),
        settled_at: row.get::<_, Option<i64>>(14)?.map(instant),
    })
}

fn cause(row: &Row<'_>, column: usize) -> rusqlite::Result<Cause> {
    named(column, row.get_ref(column)?.as_str()?, |text| {
        serde_json::from_str(text).ok()
    })
}

impl Store {
    /// Writes down what the next call may change, in one transaction. A change of this run that is
    /// still open counts one more attempt.
    pub async fn intend_changes(
        &self,
        run: RunId,
        now: Timestamp,
        intentions: Vec<Intention>,
    ) -> Result<(), Error> {
        self.call(move |store| {
            let transaction = store.transaction()?;
            for change in &intentions {
                intend(&transaction, run, now, change)?;
            }
            transaction.commit()
        })
        .await
    }

    /// Keeps the words of a call's answer; the changes stay open until a re-read settles them.
    pub async fn note_answer(
        &self,
        run: RunId,
        role: RoleId,
        direction: Direction,
        users: Vec<UserId>,
        words: String,
        request_id: Option<String>,
    ) -> Result<(), Error> {
        self.call(move |store| {
            let transaction = store.transaction()?;
            for user in &users {
                transaction
                    .prepare_cached(&format!(
                        "UPDATE role_change SET server_reply = ?5, request_id = ?6 WHERE {KEY}"
                    ))?
                    .execute(params![
                        run.0,
                        role.0,
                        user.0,
                        direction.as_str(),
                        words,
                        request_id
                    ])?;
            }
            transaction.commit()
        })
        .await
    }

    /// Settles open changes of a run, in one transaction.
    pub async fn settle_changes(
        &self,
        run: RunId,
        now: Timestamp,
        settlements: Vec<Settlement>,
    ) -> Result<(), Error> {
        self.call(move |store| {
            let transaction = store.transaction()?;
            for settled in &settlements {
                transaction
                    .prepare_cached(&format!(
                        "UPDATE role_change SET state = ?5, settled_at = ?6, server_reply = coalesce(?7, server_reply)
                         WHERE {KEY}"
                    ))?
                    .execute(params![
                        run.0,
                        settled.role.0,
                        settled.user.0,
                        settled.direction.as_str(),
                        settled.state.as_str(),
                        stored(now),
                        settled.words
                    ])?;
            }
            transaction.commit()
        })
        .await
    }

    /// Changes that nobody settled. Whoever holds the lock of the roles and has not begun to write
    /// finds those of processes that are gone.
    pub async fn list_open_changes(&self) -> Result<Vec<Change>, Error> {
        self.call(|store| select(store, "state = 'intended'", [])).await
    }

    /// The changes that a run intended, in their order.
    pub async fn list_changes_of(&self, run: RunId) -> Result<Vec<Change>, Error> {
        self.call(move |store| select(store, "run_id = ?1", [run.0]))
            .await
    }
}

fn select(
    store: &Connection,
    condition: &str,
    parameters: impl rusqlite::Params,
) -> rusqlite::Result<Vec<Change>> {
    let mut statement = store.prepare(&format!(
        "SELECT {COLUMNS} FROM role_change WHERE {condition} ORDER BY change_id"
    ))?;
    statement.query_map(parameters, change)?.collect()
}

fn intend(store: &Connection, run: RunId, now: Timestamp, intention: &Intention) -> rusqlite::Result<()> {
    let cause = serde_json::to_string(&intention.cause)
        .map_err(|error| rusqlite::Error::ToSqlConversionFailure(error.into()))?;
    store
        .prepare_cached(
            "INSERT INTO role_change (run_id, role_id, role_name, user_id, account, direction, cause, approval_id,
                                      counts, state, attempts, intended_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, 'intended', 1, ?10)
             ON CONFLICT (run_id, role_id, user_id, direction) DO UPDATE SET attempts = attempts + 1",
        )?
        .execute(params![
            run.0,
            intention.role.0,
            intention.role_name,
            intention.user.0,
            intention.account,
            intention.direction.as_str(),
            cause,
            intention.approval,
            intention.counts,
            stored(now)
        ])?;
    Ok(())
}
