//! The ledger as people read it.

use rusqlite::{OptionalExtension as _, params};

use super::notices::{COLUMNS, key, notice};
use super::runs::is_about;
use super::{Error, Notice, NoticeId, Store};
use crate::domain::notice::{NoticeKey, NoticeState};

/// Which notices to list.
#[derive(Debug, Clone, Default)]
pub struct NoticeFilter {
    /// Only in this state.
    pub state: Option<NoticeState>,
    /// Only about this person or to this address: an id, or an address or account name in any case.
    pub user: Option<String>,
    /// The newest so many.
    pub limit: Option<usize>,
}

impl Store {
    /// Notices, the last staged first.
    pub async fn list_notices(&self, filter: NoticeFilter) -> Result<Vec<Notice>, Error> {
        self.call(move |store| {
            let user = filter.user.map(|user| user.to_lowercase());
            let limit = filter.limit.unwrap_or(usize::MAX);
            let mut statement = store.prepare(&format!(
                "SELECT {COLUMNS} FROM notice WHERE ?1 IS NULL OR state = ?1 ORDER BY notice_id DESC"
            ))?;
            let mut rows = statement.query(params![filter.state.map(NoticeState::as_str)])?;
            let mut notices = Vec::new();
            while notices.len() < limit
                && let Some(row) = rows.next()?
            {
                if user.as_deref().map_or(Ok(true), |user| is_about(row, user))? {
                    notices.push(notice(row)?);
                }
            }
            Ok(notices)
        })
        .await
    }

    /// What makes the notice with this number this notice.
    pub async fn find_notice(&self, id: NoticeId) -> Result<Option<NoticeKey>, Error> {
        self.call(move |store| {
            store
                .query_row(
                    "SELECT user_id, occasion, threshold, recipient, rehearsal, resend FROM notice WHERE notice_id = ?1",
                    [id.0],
                    key,
                )
                .optional()
        })
        .await
    }
}
