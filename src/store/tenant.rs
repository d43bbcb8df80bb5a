//! Which account this store belongs to, and what was learned about it.

use jiff::Timestamp;
use rusqlite::{OptionalExtension as _, params};

use super::{Error, Store, named, stored};
use crate::domain::user::UserSource;

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

    /// The list that had every needed field of the users the last time.
    pub async fn user_source(&self) -> Result<Option<UserSource>, Error> {
        self.call(|store| {
            store
                .query_row(
                    "SELECT value FROM learned WHERE name = 'user-source'",
                    [],
                    |row| named(0, row.get_ref(0)?.as_str()?, UserSource::parse),
                )
                .optional()
        })
        .await
    }

    /// Remembers it.
    pub async fn record_user_source(&self, source: UserSource, now: Timestamp) -> Result<(), Error> {
        self.call(move |store| {
            store.execute(
                "INSERT INTO learned (name, value, learned_at) VALUES ('user-source', ?1, ?2)
                 ON CONFLICT (name) DO UPDATE SET value = excluded.value, learned_at = excluded.learned_at
                 WHERE value <> excluded.value",
                params![source.as_str(), stored(now)],
            )
        })
        .await?;
        Ok(())
    }
}
