//! Which account this store belongs to, and what was learned about it.

use std::collections::BTreeSet;

use jiff::Timestamp;
use rusqlite::{OptionalExtension as _, params};
use serde::{Deserialize, Serialize};

use super::{Error, Store, named, stored};
use crate::domain::run::Job;
use crate::domain::user::UserSource;

/// What was found out about the user list of this tenant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Learned {
    /// The fields that were needed then.
    pub needed: BTreeSet<String>,
    /// The list that has them, or as many as any has.
    pub source: UserSource,
    /// Those that neither list has, and that are not worth another look.
    #[serde(default)]
    pub nowhere: BTreeSet<String>,
    /// The size of its pages, where it had more than one.
    pub page: Option<u64>,
}

/// Where `learned` keeps it. Jobs need different fields, so each learns for itself.
fn name_of(job: Job) -> String {
    match job {
        Job::PasswordExpiry => "user-list".to_owned(),
        job => format!("user-list-{job}"),
    }
}

impl Store {
    /// The account of the first run; `None` before it.
    pub async fn account_id(&self) -> Result<Option<i64>, Error> {
        self.call(|store| {
            store
                .query_row("SELECT account_id FROM tenant", [], |row| row.get(0))
                .optional()
        })
        .await
    }

    /// Remembers the account of the first run.
    pub async fn record_account_id(&self, account_id: i64, now: Timestamp) -> Result<(), Error> {
        self.call(move |store| {
            store.execute(
                "INSERT INTO tenant (only, account_id, first_seen_at) VALUES (1, ?1, ?2) ON CONFLICT DO NOTHING",
                params![account_id, stored(now)],
            )
        })
        .await?;
        Ok(())
    }

    /// What the last run of this job learned about the user list; `None` before the first one.
    pub async fn learned(&self, job: Job) -> Result<Option<Learned>, Error> {
        self.call(move |store| {
            let query = "SELECT value FROM learned WHERE name = ?1";
            store
                .query_row(query, [name_of(job)], |row| {
                    named(0, row.get_ref(0)?.as_str()?, |text| {
                        serde_json::from_str(text).ok()
                    })
                })
                .optional()
        })
        .await
    }

    /// Remembers it.
    pub async fn record_learned(&self, job: Job, learned: &Learned, now: Timestamp) -> Result<(), Error> {
        let text = serde_json::to_string(learned);
        self.call(move |store| {
            let text = text.map_err(|error| rusqlite::Error::ToSqlConversionFailure(error.into()))?;
            store.execute(
                "INSERT INTO learned (name, value, learned_at) VALUES (?3, ?1, ?2)
                 ON CONFLICT (name) DO UPDATE SET value = excluded.value, learned_at = excluded.learned_at
                 WHERE value <> excluded.value",
                params![text, stored(now), name_of(job)],
            )
        })
        .await?;
        Ok(())
    }
}
