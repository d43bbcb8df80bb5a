//! Approvals of held steps.

use jiff::{SignedDuration, Timestamp};
use rusqlite::{Connection, params};

use super::{Error, Store, named, stored};
use crate::domain::actor::Actor;
use crate::domain::role::RoleId;
use crate::domain::role::change::Direction;
use crate::domain::role::memory::Approval;
use crate::domain::run::RunId;
use crate::domain::user::UserId;

/// How long an approval is good for.
pub(super) const LIFE: SignedDuration = SignedDuration::from_hours(24);

impl Store {
    /// Keeps an approval, with who gave it and why; its `id` is given here.
    pub async fn approve(
        &self,
        approval: Approval,
        reason: String,
        actor: Actor,
        now: Timestamp,
    ) -> Result<i64, Error> {
        let guards = serde_json::to_string(&approval.guards);
        let people = serde_json::to_string(&approval.people);
        self.call(move |store| {
            let text = |json: serde_json::Result<String>| {
                json.map_err(|error| rusqlite::Error::ToSqlConversionFailure(error.into()))
            };
            store.execute(
                "INSERT INTO approval (role_id, direction, guards, people, reason, login_uid, sudo_uid, uid, approved_at)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
                params![
                    approval.role.0,
                    approval.direction.as_str(),
                    text(guards)?,
                    text(people)?,
                    reason,
                    actor.login_uid,
                    actor.sudo_uid,
                    actor.uid,
                    stored(now)
                ],
            )?;
            Ok(store.last_insert_rowid())
        })
        .await
    }

    /// Uses an approval up, for this run. False if it was used before, or is past its 24 hours.
    pub async fn use_approval(&self, id: i64, run: RunId, now: Timestamp) -> Result<bool, Error> {
        let used = self
            .call(move |store| {
                store.execute(
                    "UPDATE approval SET used_by = ?2 WHERE approval_id = ?1 AND used_by IS NULL AND approved_at > ?3",
                    params![id, run.0, stored(now - LIFE)],
                )
            })
            .await?;
        Ok(used > 0)
    }
}

/// The approvals that can still be used.
pub(super) fn open_approvals(store: &Connection, now: Timestamp) -> rusqlite::Result<Vec<Approval>> {
    let mut statement = store.prepare(
        "SELECT approval_id, role_id, direction, guards, people FROM approval
         WHERE used_by IS NULL AND approved_at > ?1 ORDER BY approval_id",
    )?;
    let rows = statement.query_map([stored(now - LIFE)], |row| {
        let people: Vec<i64> = named(4, row.get_ref(4)?.as_str()?, |text| {
            serde_json::from_str(text).ok()
        })?;
        Ok(Approval {
            id: row.get(0)?,
            role: RoleId(row.get(1)?),
            direction: named(2, row.get_ref(2)?.as_str()?, Direction::parse)?,
            guards: named(3, row.get_ref(3)?.as_str()?, |text| {
                serde_json::from_str(text).ok()
            })?,
            people: people.into_iter().map(UserId).collect(),
        })
    })?;
    rows.collect()
}
