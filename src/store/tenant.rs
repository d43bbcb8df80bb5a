//! Which account this store belongs to, and what was learned about it.

use jiff::Timestamp;
use rusqlite::{OptionalExtension as _, params};

use super::{Error, Store, named, stored};
use crate::domain::user::UserSource;

/// What was found out about the user list of this tenant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Learned {
    /// The list that had every needed field the last time.
    pub user_source: Option<UserSource>,
    /// The size of its pages, where it had more than one.
    pub user_page: Option<u64>,
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

    /// What earlier runs learned about the user list; empty before the first one.
    pub async fn learned(&self) -> Result<Learned, Error> {
        self.call(|store| {
            let mut learned = Learned::default();
            let mut statement = store.prepare("SELECT name, value FROM learned")?;
            let mut rows = statement.query([])?;
            while let Some(row) = rows.next()? {
                let value = row.get_ref(1)?.as_str()?;
                match row.get_ref(0)?.as_str()? {
                    "user-source" => learned.user_source = Some(named(1, value, UserSource::parse)?),
                    "user-page" => learned.user_page = Some(named(1, value, |text| text.parse().ok())?),
                    _ => {}
                }
            }
            Ok(learned)
        })
        .await
    }

    /// Remembers it.
    pub async fn record_learned(&self, learned: Learned, now: Timestamp) -> Result<(), Error> {
        let Learned {
            user_source,
            user_page,
        } = learned;
        let values = [
            ("user-source", user_source.map(|source| source.to_string())),
            ("user-page", user_page.map(|page| page.to_string())),
        ];
        self.call(move |store| {
            let transaction = store.transaction()?;
            for (name, value) in &values {
                transaction.execute(
                    "INSERT INTO learned (name, value, learned_at) SELECT ?1, ?2, ?3 WHERE ?2 IS NOT NULL
                     ON CONFLICT (name) DO UPDATE SET value = excluded.value, learned_at = excluded.learned_at
                     WHERE value <> excluded.value",
                    params![name, value, stored(now)],
                )?;
            }
            transaction.commit()
        })
        .await
    }
}
