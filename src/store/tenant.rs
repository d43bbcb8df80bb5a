//! Which account this store belongs to.

use jiff::Timestamp;
use rusqlite::{OptionalExtension as _, params};

use super::{Error, Store, stored};

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
}
