//! What runs of role sync leave for later ones.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use rusqlite::{Connection, OptionalExtension as _, Row, params};

use super::approvals::open_approvals;
use super::pauses::{Paused, pauses};
use super::{Error, Store, instant, named, stored};
use crate::domain::role::RoleId;
use crate::domain::role::change::Direction;
use crate::domain::role::memory::{Accepted, Entry, LastSeen, Memory, PastChange};
use crate::domain::run::RunId;
use crate::domain::selector::Selector;
use crate::domain::user::UserId;

/// How far back a membership that comes back counts as contested.
pub(super) const CONTESTED_WITHIN: SignedDuration = SignedDuration::from_hours(7 * 24);

/// The window of `removals_per_day`.
const DAY: SignedDuration = SignedDuration::from_hours(24);

/// Where `learned` keeps how many people had an email.
const EMAILS: &str = "role-sync-emails";

pub(super) fn columns(selector: &Selector) -> (&'static str, String) {
    match selector {
        Selector::Id(id) => ("id", id.to_string()),
        Selector::External(external) => ("external", external.clone()),
        Selector::Name(name) => ("name", name.clone()),
    }
}

/// Reads the two columns from this one on.
pub(super) fn selector(row: &Row<'_>, column: usize) -> rusqlite::Result<Selector> {
    let value: String = row.get(column + 1)?;
    named(column, row.get_ref(column)?.as_str()?, |kind| match kind {
        "id" => value.parse().ok().map(Selector::Id),
        "external" => Some(Selector::External(value.clone())),
        "name" => Some(Selector::Name(value.clone())),
        _ => None,
    })
}

fn count(column: usize, row: &Row<'_>) -> rusqlite::Result<u64> {
    let count: i64 = row.get(column)?;
    u64::try_from(count).map_err(|_| rusqlite::Error::IntegralValueOutOfRange(column, count))
}

fn number(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

impl Store {
    /// Everything that a plan asks for, as of one instant.
    pub async fn load_role_memory(&self, now: Timestamp) -> Result<Memory, Error> {
        self.call(move |store| {
            // One snapshot, also while another process writes.
            let store = store.transaction()?;
            let (mut paused, mut paused_while) = (BTreeMap::new(), BTreeMap::new());
            for pause in pauses(&store, now)? {
                if let Paused::Role(role) = pause.of {
                    paused.insert(role, pause.reason);
                    paused_while.extend(pause.while_entry.map(|entry| (role, entry)));
                }
            }
            Ok(Memory {
                identities: identities(&store)?,
                accepted: accepted(&store)?.map(|(accepted, _)| accepted),
                first_accepted: entries(&store)?,
                roles: roles(&store)?,
                emails: emails(&store)?,
                changes: changes(&store, now)?,
                removals_of_day: removals_of_day(&store, now)?,
                approvals: open_approvals(&store, now)?,
                paused,
                paused_while,
            })
        })
        .await
    }

    /// The last accepted file and its text.
    pub async fn load_accepted_file(&self) -> Result<Option<(Accepted, String)>, Error> {
        self.call(|store| accepted(store)).await
    }

    /// Makes this the accepted file. Its entries with a last day keep the instant at which they
    /// first were part of one; those that are gone are forgotten.
    pub async fn record_accepted_file(
        &self,
        accepted: Accepted,
        text: String,
        entries: Vec<Entry>,
        now: Timestamp,
    ) -> Result<(), Error> {
        self.call(move |store| {
            let transaction = store.transaction()?;
            transaction.execute(
                "INSERT INTO accepted_file (only, digest, memberships, text, accepted_at) VALUES (1, ?1, ?2, ?3, ?4)
                 ON CONFLICT (only) DO UPDATE SET digest = excluded.digest, memberships = excluded.memberships,
                                                  text = excluded.text, accepted_at = excluded.accepted_at",
                params![accepted.digest, number(accepted.memberships), text, stored(now)],
            )?;
            let known = self::entries(&transaction)?;
            transaction.execute("DELETE FROM accepted_entry", [])?;
            for entry in &entries {
                let since = known.get(entry).copied().unwrap_or(now);
                let (kind, value) = columns(&entry.person);
                transaction
                    .prepare_cached("INSERT OR IGNORE INTO accepted_entry VALUES (?1, ?2, ?3, ?4, ?5)")?
                    .execute(params![entry.role.0, kind, value, entry.until.to_string(), stored(since)])?;
            }
            transaction.commit()
        })
        .await
    }

    /// Keeps whom selectors mean now.
    pub async fn record_identities(
        &self,
        identities: Vec<(Selector, UserId)>,
        now: Timestamp,
    ) -> Result<(), Error> {
        self.call(move |store| {
            let transaction = store.transaction()?;
            for (selector, user) in &identities {
                let (kind, value) = columns(selector);
                transaction
                    .prepare_cached(
                        "INSERT INTO identity VALUES (?1, ?2, ?3, ?4)
                         ON CONFLICT (kind, value) DO UPDATE SET user_id = excluded.user_id, seen_at = excluded.seen_at",
                    )?
                    .execute(params![kind, value, user.0, stored(now)])?;
            }
            transaction.commit()
        })
        .await
    }

    /// Keeps how a run left the roles that it read.
    pub async fn record_roles(&self, run: RunId, roles: BTreeMap<RoleId, LastSeen>) -> Result<(), Error> {
        self.call(move |store| {
            let transaction = store.transaction()?;
            for (role, seen) in &roles {
                transaction
                    .prepare_cached("INSERT OR REPLACE INTO role_seen VALUES (?1, ?2, ?3, ?4, ?5, ?6)")?
                    .execute(params![
                        role.0,
                        run.0,
                        number(seen.members),
                        seen.empty_reads,
                        seen.was_in_line,
                        seen.rule_matches.map(number)
                    ])?;
            }
            transaction.commit()
        })
        .await
    }

    /// Keeps how many people of a proven user list had an email.
    pub async fn record_emails(&self, emails: u64, now: Timestamp) -> Result<(), Error> {
        self.call(move |store| {
            store.execute(
                "INSERT OR REPLACE INTO learned (name, value, learned_at) VALUES (?1, ?2, ?3)",
                params![EMAILS, emails.to_string(), stored(now)],
            )
        })
        .await?;
        Ok(())
    }
}

fn identities(store: &Connection) -> rusqlite::Result<BTreeMap<Selector, UserId>> {
    let mut statement = store.prepare("SELECT kind, value, user_id FROM identity")?;
    statement
        .query_map([], |row| Ok((selector(row, 0)?, UserId(row.get(2)?))))?
        .collect()
}

fn accepted(store: &Connection) -> rusqlite::Result<Option<(Accepted, String)>> {
    store
        .query_row("SELECT digest, memberships, text FROM accepted_file", [], |row| {
            let accepted = Accepted {
                digest: row.get(0)?,
                memberships: count(1, row)?,
            };
            Ok((accepted, row.get(2)?))
        })
        .optional()
}

fn entries(store: &Connection) -> rusqlite::Result<BTreeMap<Entry, Timestamp>> {
    let mut statement =
        store.prepare("SELECT role_id, kind, value, until, accepted_at FROM accepted_entry")?;
    let rows = statement.query_map([], |row| {
        let entry = Entry {
            role: RoleId(row.get(0)?),
            person: selector(row, 1)?,
            until: named(3, row.get_ref(3)?.as_str()?, |text| text.parse().ok())?,
        };
        Ok((entry, instant(row.get(4)?)))
    })?;
    rows.collect()
}

fn roles(store: &Connection) -> rusqlite::Result<BTreeMap<RoleId, LastSeen>> {
    let mut statement =
        store.prepare("SELECT role_id, members, empty_reads, was_in_line, rule_matches FROM role_seen")?;
    let rows = statement.query_map([], |row| {
        let matches: Option<i64> = row.get(4)?;
        let seen = LastSeen {
            members: count(1, row)?,
            empty_reads: row.get(2)?,
            was_in_line: row.get(3)?,
            rule_matches: matches.and_then(|matches| u64::try_from(matches).ok()),
        };
        Ok((RoleId(row.get(0)?), seen))
    })?;
    rows.collect()
}

fn emails(store: &Connection) -> rusqlite::Result<Option<u64>> {
    let query = "SELECT value FROM learned WHERE name = ?1";
    store
        .query_row(query, [EMAILS], |row| {
            named(0, row.get_ref(0)?.as_str()?, |text| text.parse().ok())
        })
        .optional()
}

/// Our changes that were seen to hold, as far back as they can make a membership contested.
fn changes(
    store: &Connection,
    now: Timestamp,
) -> rusqlite::Result<BTreeMap<(RoleId, UserId), Vec<PastChange>>> {
    let mut statement = store.prepare(
        "SELECT role_id, user_id, direction, settled_at FROM role_change
         WHERE state = 'done' AND settled_at > ?1 ORDER BY settled_at, change_id",
    )?;
    let mut rows = statement.query([stored(now - CONTESTED_WITHIN)])?;
    let mut changes = BTreeMap::<_, Vec<PastChange>>::new();
    while let Some(row) = rows.next()? {
        let change = PastChange {
            direction: named(2, row.get_ref(2)?.as_str()?, Direction::parse)?,
            at: instant(row.get(3)?),
        };
        let pair = (RoleId(row.get(0)?), UserId(row.get(1)?));
        changes.entry(pair).or_default().push(change);
    }
    Ok(changes)
}

fn removals_of_day(store: &Connection, now: Timestamp) -> rusqlite::Result<u64> {
    store.query_row(
        "SELECT count(*) FROM role_change
         WHERE state = 'done' AND direction = 'remove' AND counts = 1 AND approval_id IS NULL AND settled_at > ?1",
        [stored(now - DAY)],
        |row| count(0, row),
    )
}
