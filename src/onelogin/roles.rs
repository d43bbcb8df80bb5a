//! Roles, who is in them, and the mappings that put people into them.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::client::Client;
use super::error::Error;
use super::wire::{self, Object};
use crate::domain::role::RoleId;
use crate::domain::role::actual::{Mapping, Members, Origin, Reading};
use crate::domain::rule::{Pattern, RoleMembers};
use crate::domain::user::UserId;

const ROLES: &str = "/api/2/roles";
const MAPPINGS: &str = "/api/2/mappings";

/// The path of a role's members, for reads and writes.
pub(super) fn members_of(role: RoleId) -> String {
    format!("{ROLES}/{role}/users")
}

/// A row of a role's members.
struct Row {
    id: UserId,
    is_member: bool,
    origin: Origin,
}

impl Client {
    /// Every role of the tenant with its name; the list is complete, or it is an error.
    pub async fn list_roles(&self) -> Result<BTreeMap<RoleId, String>, Error> {
        let named = |row: &Object| {
            let id = RoleId(wire::id(row)?);
            Ok((id, wire::text(row, "name")?.unwrap_or_default()))
        };
        let listing = self.list(ROLES, &[], named).await?.proven(ROLES, true)?;
        Ok(listing.rows.into_iter().collect())
    }

    /// The members of a role, with what the reading is worth. Trouble with this role alone is part
    /// of the reading; the error is for a token that cannot be had, which concerns every role.
    pub async fn read_role_members(&self, role: RoleId) -> Result<Reading, Error> {
        let path = members_of(role);
        let listing = match self.list(&path, &[], member).await {
            Ok(listing) => listing,
            Err(error) if error.is_about_the_token() => return Err(error),
            Err(error) => return Ok(Reading::Unreadable(error.to_string())),
        };
        let mut doubt = listing.doubt(true);
        let rows = listing.rows.len();
        tracing::debug!(
            role = role.0,
            rows,
            total = listing.evidence.total,
            "the members of a role were read"
        );
        let mut members = Members::default();
        for row in listing.rows.into_iter().filter(|row| row.is_member) {
            members.ids.insert(row.id);
            if row.origin != Origin::default() {
                members.origins.insert(row.id, row.origin);
            }
        }
        let others = rows - members.ids.len();
        if others > 0 && doubt.is_none() {
            doubt = Some(format!("{others} of {rows} rows are not said to be assigned"));
        }
        Ok(match doubt {
            None => Reading::Proven(members),
            Some(why) => Reading::Unproven(members, why),
        })
    }

    /// The name of a role now; `None` if there is none of this number any more.
    pub async fn role_name(&self, role: RoleId) -> Result<Option<String>, Error> {
        let path = format!("{ROLES}/{role}");
        match self.get::<Object>(&path, &[]).await {
            Ok(reply) => Ok(Some(
                wire::text(&reply.body, "name")
                    .map_err(|why| wire::unreadable(&path, why))?
                    .unwrap_or_default(),
            )),
            Err(Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// The enabled mappings that set roles; `None` where the credential is not offered them.
    pub async fn list_mappings(&self) -> Result<Option<Vec<Mapping>>, Error> {
        match self.list(MAPPINGS, &[], mapping).await {
            // One page without a count (no client walks it), and it only decorates.
            Ok(listing) => Ok(Some(listing.rows.into_iter().flatten().collect())),
            Err(error) if error.is_not_offered() => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// The members of every role whose name fits one of the patterns, each list complete.
    pub async fn list_members_of(&self, patterns: &[Pattern]) -> Result<RoleMembers, Error> {
        let mut members = RoleMembers::new();
        for (role, name) in self.list_roles().await? {
            if !patterns.iter().any(|pattern| pattern.matches(&name)) {
                continue;
            }
            let path = members_of(role);
            let listing = self.list(&path, &[], member).await?.proven(&path, true)?;
            let ids = listing.rows.into_iter().filter(|row| row.is_member);
            members.entry(name).or_default().extend(ids.map(|row| row.id));
        }
        Ok(members)
    }
}

/// A row without `assigned` is a member; `false` comes where unassigned people are listed too, and
/// anything else is no claim that somebody is in.
fn member(row: &Object) -> Result<Row, String> {
    let is_member = match row.get("assigned") {
        None | Some(Value::Bool(true)) => true,
        Some(Value::String(text)) => text.eq_ignore_ascii_case("true"),
        Some(_) => false,
    };
    // Who and when only decorate: what cannot be read is not told.
    let added_by = row.get("added_by").and_then(|by| match by {
        Value::Object(by) => wire::text(by, "name").ok().flatten(),
        _ => wire::text(row, "added_by").ok().flatten(),
    });
    Ok(Row {
        id: UserId(wire::id(row)?),
        is_member,
        origin: Origin {
            added_by,
            added_at: wire::instant(row, "added_at").ok().flatten(),
        },
    })
}

/// A mapping, if it is enabled and sets roles.
fn mapping(row: &Object) -> Result<Option<Mapping>, String> {
    let actions = row.get("actions").and_then(Value::as_array);
    let sets_roles = |action: &&Value| {
        matches!(
            action.get("action").and_then(Value::as_str),
            Some("add_role" | "set_role")
        )
    };
    let roles: BTreeSet<RoleId> = actions
        .into_iter()
        .flatten()
        .filter(sets_roles)
        .flat_map(|action| match action.get("value") {
            Some(Value::Array(values)) => values.clone(),
            Some(value) => vec![value.clone()],
            None => Vec::new(),
        })
        .filter_map(|id| match id {
            Value::String(text) => text.parse().ok(),
            other => other.as_i64(),
        })
        .map(RoleId)
        .collect();
    if roles.is_empty() || row.get("enabled") == Some(&Value::Bool(false)) {
        return Ok(None);
    }
    Ok(Some(Mapping {
        id: wire::id(row)?,
        name: wire::text(row, "name")?.unwrap_or_default(),
        roles,
    }))
}
