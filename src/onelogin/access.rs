//! What the credential may read, found out by reading, and how much of it.

use serde::Deserialize;
use serde_json::Value;

use super::client::Client;
use super::error::Error;
use super::quota::Quota;
use crate::domain::user::UserId;

/// Something that a credential may be allowed to read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Door {
    /// Scope Read Users or more (documented).
    Roles,
    /// The same; the list of API v1, which has every field.
    UsersV1,
    /// Scope not documented; Read All or Manage All is likely.
    Policies,
    /// Not documented either; groups with the number of their policy.
    Groups,
    /// The MFA devices of this person: Manage All (documented), so a harmless way to tell it from
    /// the scopes that only read.
    MfaDevices(UserId),
}

impl Client {
    /// Whether a door is open. The error is for anything but a clear yes or no.
    pub async fn may_read(&self, door: Door) -> Result<bool, Error> {
        let path = match door {
            Door::Roles => "/api/2/roles".to_owned(),
            Door::UsersV1 => "/api/1/users".to_owned(),
            Door::Policies => "/api/2/policies".to_owned(),
            Door::Groups => "/api/2/groups".to_owned(),
            Door::MfaDevices(user) => format!("/api/2/mfa/users/{user}/devices"),
        };
        match self
            .get::<Value>(&path, &[("limit".to_owned(), "1".to_owned())])
            .await
        {
            Ok(_) => Ok(true),
            Err(error) if error.is_not_offered() => Ok(false),
            Err(error) => Err(error),
        }
    }
}

#[derive(Deserialize)]
struct Envelope {
    data: Quota,
}

impl Client {
    /// Asks for the quota; the question itself is not counted (observed).
    pub async fn read_quota(&self) -> Result<Quota, Error> {
        Ok(self.get::<Envelope>("/auth/rate_limit", &[]).await?.body.data)
    }
}
