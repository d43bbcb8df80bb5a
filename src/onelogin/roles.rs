//! Members of roles, where a rule asks who is in one.

use std::collections::BTreeMap;

use super::client::Client;
use super::error::Error;
use super::wire::{self, Object};
use crate::domain::rule::{Pattern, RoleMembers};
use crate::domain::user::UserId;

const ROLES: &str = "/api/2/roles";

impl Client {
    /// Every role of the tenant.
    async fn list_roles(&self) -> Result<BTreeMap<i64, String>, Error> {
        let named = |row: &Object| Ok((wire::id(row)?, wire::text(row, "name")?.unwrap_or_default()));
        let listing = self.list(ROLES, &[], named).await?.proven(ROLES, true)?;
        Ok(listing.rows.into_iter().collect())
    }

    /// The members of every role whose name fits one of the patterns, each list complete.
    pub async fn list_members_of(&self, patterns: &[Pattern]) -> Result<RoleMembers, Error> {
        let mut members = RoleMembers::new();
        for (id, name) in self.list_roles().await? {
            if !patterns.iter().any(|pattern| pattern.matches(&name)) {
                continue;
            }
            let path = format!("{ROLES}/{id}/users");
            // A row without `assigned` is a member; `false` comes where unassigned people are listed too.
            let member = |row: &Object| {
                let assigned = row.get("assigned") != Some(&serde_json::Value::Bool(false));
                Ok(assigned.then_some(UserId(wire::id(row)?)))
            };
            let listing = self.list(&path, &[], member).await?.proven(&path, true)?;
            members
                .entry(name)
                .or_default()
                .extend(listing.rows.into_iter().flatten());
        }
        Ok(members)
    }
}
