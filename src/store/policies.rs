//! OneLogin's policies as earlier runs read them.

use jiff::Timestamp;
use rusqlite::{OptionalExtension as _, params};

use super::{Error, Store, instant, stored};
use crate::domain::policy::PolicyBook;
use crate::domain::run::names;

names! {
    /// Which of the stored readings.
    BookOf {
        /// The last complete one: serves while the policies cannot be read.
        LastRead = "last-read",
        /// The one of the last run that was not held: what a changed age is measured against.
        LastAccepted = "last-accepted",
    }
}

impl Store {
    /// The stored policies and when they were read; `None` if they never were.
    pub async fn load_policies(&self, book_of: BookOf) -> Result<Option<(PolicyBook, Timestamp)>, Error> {
        self.call(move |store| {
            store
                .query_row(
                    "SELECT book, read_at FROM policy_book WHERE book_of = ?1",
                    [book_of.as_str()],
                    |row| {
                        let text: String = row.get(0)?;
                        let book = serde_json::from_str(&text).map_err(|error| {
                            rusqlite::Error::FromSqlConversionFailure(
                                0,
                                rusqlite::types::Type::Text,
                                error.into(),
                            )
                        })?;
                        Ok((book, instant(row.get(1)?)))
                    },
                )
                .optional()
        })
        .await
    }

    /// Keeps the policies of this run.
    pub async fn record_policies(
        &self,
        book_of: BookOf,
        book: &PolicyBook,
        read_at: Timestamp,
    ) -> Result<(), Error> {
        let text = serde_json::to_string(book);
        self.call(move |store| {
            let text = text.map_err(|error| rusqlite::Error::ToSqlConversionFailure(error.into()))?;
            store.execute(
                "INSERT INTO policy_book (book_of, read_at, book) VALUES (?1, ?2, ?3)
                 ON CONFLICT (book_of) DO UPDATE SET read_at = excluded.read_at, book = excluded.book",
                params![book_of.as_str(), stored(read_at), text],
            )
        })
        .await?;
        Ok(())
    }
}
