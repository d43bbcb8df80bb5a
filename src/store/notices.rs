//! The ledger of notices, which is their outbox too.

use std::fmt;

use jiff::Timestamp;
use rusqlite::{Row, Transaction, params};
use serde::Serialize;

use super::{Error, Store, instant, named, stored};
use crate::domain::notice::{Ledger, NoticeKey, NoticeState, Threshold};
use crate::domain::run::{Job, RunId};
use crate::domain::user::UserId;

/// The store's number for a notice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct NoticeId(pub i64);

impl fmt::Display for NoticeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A notice to stage. Staging the same key twice leaves the first row as it is, unless that was
/// cancelled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Staging {
    /// What makes it this notice.
    pub key: NoticeKey,
    /// The person's account name, for people who read the ledger.
    pub account: String,
    /// The recipient's address as the directory writes it.
    pub address: String,
    /// The Message-ID that every copy of it carries.
    pub message_id: String,
    /// `Staged`, or `Superseded` for a wider threshold that must never go out.
    pub state: NoticeState,
}

/// How one attempt to send ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// Where the notice stands now.
    pub state: NoticeState,
    /// The server's words, or where the file was written.
    pub reply: String,
}

/// A notice that is about to be tried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// Its row.
    pub id: NoticeId,
    /// The Message-ID that it was staged with.
    pub message_id: String,
}

/// A row of the ledger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Notice {
    /// The store's number.
    pub notice_id: NoticeId,
    /// The person it is about.
    pub user_id: UserId,
    /// The person's account name.
    pub account: String,
    /// Where it goes.
    pub address: String,
    /// `password` or `access-end`.
    pub occasion: String,
    /// Days before the expiry or the last day, -1 for after it.
    pub threshold: Threshold,
    /// Where it stands.
    pub state: NoticeState,
    /// How often it was tried.
    pub attempts: u32,
    /// The server's last words.
    pub server_reply: Option<String>,
    /// The Message-ID.
    pub message_id: String,
    /// When its state last changed.
    pub changed_at: Timestamp,
    /// Went to a file or to a redirected address, not to the recipient.
    pub rehearsal: bool,
    /// 0; higher where somebody asked for it once more.
    pub resend: u32,
}

pub(super) fn key(row: &Row<'_>) -> rusqlite::Result<NoticeKey> {
    Ok(NoticeKey {
        user_id: UserId(row.get(0)?),
        occasion: row.get(1)?,
        threshold: Threshold(row.get(2)?),
        recipient: row.get(3)?,
        rehearsal: row.get(4)?,
        resend: row.get(5)?,
    })
}

/// What [`notice`] reads, in its order.
pub(super) const COLUMNS: &str = "user_id, account, address, occasion, threshold, state, attempts, server_reply, \
     message_id, changed_at, rehearsal, resend, notice_id";

pub(super) fn notice(row: &Row<'_>) -> rusqlite::Result<Notice> {
    let occasion: String = row.get(3)?;
    Ok(Notice {
        user_id: UserId(row.get(0)?),
        account: row.get(1)?,
        address: row.get(2)?,
        occasion: occasion.split(':').next().unwrap_or_default().to_owned(),
        threshold: Threshold(row.get(4)?),
        state: named(5, row.get_ref(5)?.as_str()?, NoticeState::parse)?,
        attempts: row.get(6)?,
        server_reply: row.get(7)?,
        message_id: row.get(8)?,
        changed_at: instant(row.get(9)?),
        rehearsal: row.get(10)?,
        resend: row.get(11)?,
        notice_id: NoticeId(row.get(12)?),
    })
}

const KEY: &str =
    "user_id = ?1 AND occasion = ?2 AND threshold = ?3 AND recipient = ?4 AND rehearsal = ?5 AND resend = ?6";

impl Store {
    /// Every notice so far that this job staged, and where it stands.
    pub async fn load_ledger(&self, job: Job) -> Result<Ledger, Error> {
        self.call(move |store| {
            let mut statement = store.prepare(
                "SELECT user_id, occasion, threshold, recipient, rehearsal, resend, state FROM notice
                 WHERE staged_by IN (SELECT run_id FROM run WHERE job = ?1)",
            )?;
            let mut ledger = Ledger::default();
            let mut rows = statement.query([job.as_str()])?;
            while let Some(row) = rows.next()? {
                ledger.record(
                    key(row)?,
                    named(6, row.get_ref(6)?.as_str()?, NoticeState::parse)?,
                );
            }
            Ok(ledger)
        })
        .await
    }

    /// Keeps which passwords people have, as a complete user list shows them now.
    pub async fn record_passwords(
        &self,
        people: Vec<(UserId, Option<Timestamp>)>,
        now: Timestamp,
    ) -> Result<(), Error> {
        self.call(move |store| {
            let transaction = store.transaction()?;
            for (user, changed_at) in &people {
                transaction
                    .prepare_cached("INSERT OR REPLACE INTO password_seen VALUES (?1, ?2, ?3)")?
                    .execute(params![user.0, changed_at.map(stored), stored(now)])?;
            }
            transaction.commit()
        })
        .await
    }

    /// Stages notices, and settles rows that must not go out any more, in one transaction.
    pub async fn stage_notices(
        &self,
        run: RunId,
        now: Timestamp,
        staging: Vec<Staging>,
        settled: Vec<(NoticeKey, Attempt)>,
    ) -> Result<(), Error> {
        self.call(move |store| {
            let transaction = store.transaction()?;
            for notice in &staging {
                insert(&transaction, run, now, notice)?;
            }
            for (key, attempt) in &settled {
                let (state, reply) = (attempt.state.as_str(), &attempt.reply);
                transaction
                    .prepare_cached(&format!(
                        "UPDATE notice SET state = ?7, server_reply = ?8, changed_at = ?9
                         WHERE {KEY} AND state IN ('staged', 'sending', 'retry')"
                    ))?
                    .execute(params![
                        key.user_id.0,
                        key.occasion,
                        key.threshold.0,
                        key.recipient,
                        key.rehearsal,
                        key.resend,
                        state,
                        reply,
                        stored(now)
                    ])?;
            }
            transaction.commit()
        })
        .await
    }

    /// Claims a notice for one attempt: from here on the server may have it. `None` if it is not
    /// owed any more.
    pub async fn claim_notice(
        &self,
        run: RunId,
        key: NoticeKey,
        now: Timestamp,
    ) -> Result<Option<Claim>, Error> {
        let claims: Vec<Claim> = self
            .call(move |store| {
                let mut statement = store.prepare_cached(&format!(
                    "UPDATE notice SET state = 'sending', attempts = attempts + 1, tried_by = ?7, changed_at = ?8
                     WHERE {KEY} AND state IN ('staged', 'sending', 'retry') RETURNING notice_id, message_id"
                ))?;
                let rows = statement.query_map(
                    params![
                        key.user_id.0, key.occasion, key.threshold.0, key.recipient, key.rehearsal, key.resend,
                        run.0, stored(now)
                    ],
                    |row| Ok(Claim { id: NoticeId(row.get(0)?), message_id: row.get(1)? }),
                )?;
                rows.collect()
            })
            .await?;
        Ok(claims.into_iter().next())
    }

    /// Records how an attempt ended.
    pub async fn settle_notice(&self, id: NoticeId, now: Timestamp, attempt: Attempt) -> Result<(), Error> {
        self.call(move |store| {
            store
                .prepare_cached(
                    "UPDATE notice SET state = ?2, server_reply = ?3, changed_at = ?4 WHERE notice_id = ?1",
                )?
                .execute(params![id.0, attempt.state.as_str(), attempt.reply, stored(now)])
        })
        .await?;
        Ok(())
    }

    /// The notices that a run staged or tried, in the order of staging.
    pub async fn list_notices_of(&self, run: RunId) -> Result<Vec<Notice>, Error> {
        self.call(move |store| {
            let mut statement = store.prepare(&format!(
                "SELECT {COLUMNS} FROM notice WHERE staged_by = ?1 OR tried_by = ?1 ORDER BY notice_id"
            ))?;
            let rows = statement.query_map([run.0], notice)?;
            rows.collect()
        })
        .await
    }
}

fn insert(
    transaction: &Transaction<'_>,
    run: RunId,
    now: Timestamp,
    notice: &Staging,
) -> rusqlite::Result<()> {
    let key = &notice.key;
    transaction
        .prepare_cached(
            "INSERT INTO notice (user_id, occasion, threshold, recipient, rehearsal, resend, state, account, address,
                                 message_id, staged_by, staged_at, changed_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?12)
             ON CONFLICT (user_id, occasion, threshold, recipient, rehearsal, resend) DO UPDATE
             SET state = excluded.state, staged_by = excluded.staged_by, changed_at = excluded.changed_at
             WHERE state = 'cancelled'",
        )?
        .execute(params![
            key.user_id.0, key.occasion, key.threshold.0, key.recipient, key.rehearsal, key.resend,
            notice.state.as_str(), notice.account, notice.address, notice.message_id, run.0, stored(now)
        ])?;
    Ok(())
}
