//! The last complete read of OneLogin's policies.

use jiff::Timestamp;
use rusqlite::{OptionalExtension as _, params};

use super::{Error, Store, instant, stored};
use crate::domain::policy::PolicyBook;

impl Store {
    /// The stored policies and when they were read; `None` if they never were.
    pub async fn load_policies(&self) -> Result<Option<(PolicyBook, Timestamp)>, Error> {
        self.call(|store| {
            store
                .query_row("SELECT book, read_at FROM policy_book", [], |row| {
                    let text: String = row.get(0)?;
                    let book = serde_json::from_str(&text).map_err(|error| {
                        rusqlite::Error::FromSqlConversionFailure(
                            0,
                            rusqlite::types::Type::Text,
                            error.into(),
                        )
                    })?;
                    Ok((book, instant(row.get(1)?)))
                })
                .optional()
        })
        .await
    }

    /// Keeps the policies of this run.
    pub async fn record_policies(&self, book: &PolicyBook, read_at: Timestamp) -> Result<(), Error> {
        let text = serde_json::to_string(book).unwrap_or_default();
        self.call(move |store| {
            store.execute(
                "INSERT INTO policy_book (only, read_at, book) VALUES (1, ?1, ?2)
                 ON CONFLICT (only) DO UPDATE SET read_at = excluded.read_at, book = excluded.book",
                params![stored(read_at), text],
            )
        })
        .await?;
        Ok(())
    }
}
