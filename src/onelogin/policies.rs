//! Password policies and the groups that carry them: readable since August 2026.

use std::collections::BTreeMap;

use super::client::Client;
use super::error::Error;
use super::wire::{self, Object, unreadable};
use crate::domain::policy::{Group, MaxAge, Policy, PolicyAnswer, PolicyBook, PolicyId};

const POLICIES: &str = "/api/2/policies";
const GROUPS: &str = "/api/2/groups";
const GROUPS_V1: &str = "/api/1/groups";

impl Client {
    /// The policy list and the groups with their policies. One of them unreadable is both
    /// unreadable: half an answer could give a person the wrong age.
    pub async fn read_policies(&self) -> PolicyAnswer {
        match self.policy_book().await {
            Ok(book) => PolicyAnswer::Read(book),
            Err(error) if error.is_not_offered() => PolicyAnswer::NotOffered(error.to_string()),
            Err(error) => PolicyAnswer::Unreadable(error.to_string()),
        }
    }

    async fn policy_book(&self) -> Result<PolicyBook, Error> {
        let mut book = PolicyBook::default();
        let listing = self
            .list(POLICIES, &[], |row| Ok(row.clone()))
            .await?
            .proven(POLICIES, false)?;
        for row in listing.rows {
            let path = format!(
                "{POLICIES}/{}",
                wire::id(&row).map_err(|why| unreadable(POLICIES, why))?
            );
            // That the list holds whole policies is a guess; a short row is read once more by its id.
            let row = if is_whole(&row) {
                row
            } else {
                let Some(row) = self.find_one(&path).await? else {
                    continue;
                };
                row
            };
            if let Some(policy) = policy(&row).map_err(|why| unreadable(&path, why))? {
                book.policies.insert(policy.id, policy);
            }
        }
        let listing = self
            .list(GROUPS, &[], |row| Ok(row.clone()))
            .await?
            .proven(GROUPS, false)?;
        for row in listing.rows {
            let id = wire::id(&row).map_err(|why| unreadable(GROUPS, why))?;
            let path = format!("{GROUPS}/{id}");
            // Whether the list carries `policy_id` is a guess as well.
            let row = if row.contains_key("policy_id") {
                row
            } else {
                let Some(row) = self.find_one(&path).await? else {
                    continue;
                };
                row
            };
            if !row.contains_key("policy_id") {
                return Err(unreadable(&path, "it carries no `policy_id`"));
            }
            book.groups
                .insert(id, group(&row).map_err(|why| unreadable(&path, why))?);
        }
        Ok(book)
    }

    /// One policy or group. `None` where it went away since the list was read: then it is not among
    /// those read, and the ages that hang on it are unknown. It does not mean that OneLogin offers
    /// no policies.
    async fn find_one(&self, path: &str) -> Result<Option<Object>, Error> {
        match self.get(path, &[]).await {
            Ok(reply) => Ok(Some(reply.body)),
            Err(Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Names of the groups from API v1, where v2 does not have them.
    pub async fn list_group_names(&self) -> Result<BTreeMap<i64, String>, Error> {
        let named = |row: &Object| Ok((wire::id(row)?, wire::text(row, "name")?.unwrap_or_default()));
        let listing = self.list_v1(GROUPS_V1, named).await?.proven(GROUPS_V1, false)?;
        Ok(listing.rows.into_iter().collect())
    }
}

/// Whether a row of the list says enough: its kind, and for a user policy its age. Fields that do
/// not belong to a policy's kind are absent (observed), so an app policy never has one.
fn is_whole(row: &Object) -> bool {
    match row.get("kind").and_then(serde_json::Value::as_str) {
        Some("user") => row.contains_key("password_expiration_days"),
        Some(_) => true,
        None => false,
    }
}

/// `None` for a policy that is not about users.
fn policy(row: &Object) -> Result<Option<Policy>, String> {
    let days = wire::number(row, "password_expiration_days")?;
    let kind = wire::text(row, "kind")?;
    let is_user = kind.as_deref().map_or(days.is_some(), |kind| kind == "user");
    if !is_user {
        return Ok(None);
    }
    let max_age = days
        .map(|days| u32::try_from(days).map_err(|_| format!("`password_expiration_days` is {days}")))
        .transpose()?;
    Ok(Some(Policy {
        id: PolicyId(wire::id(row)?),
        name: wire::text(row, "name")?.unwrap_or_default(),
        is_default: row
            .get("is_default")
            .and_then(serde_json::Value::as_bool)
            .unwrap_or(false),
        max_age: max_age.map(MaxAge::from_days),
    }))
}

fn group(row: &Object) -> Result<Group, String> {
    Ok(Group {
        name: wire::text(row, "name")?.unwrap_or_default(),
        // null: never assigned; 0: cleared (observed). Both mean none.
        policy_id: wire::number(row, "policy_id")?
            .filter(|id| *id != 0)
            .map(PolicyId),
    })
}
