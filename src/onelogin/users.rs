//! The user list, and which of its fields are known.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::client::Client;
use super::error::Error;
use super::pages::Listing;
use super::wire::{self, Object};
use crate::domain::user::{GroupId, User, UserId};

/// Fields that decide who is mailed. Each must be known for everybody, or nothing is decided.
pub const DECIDING_FIELDS: [&str; 7] = [
    "status",
    "state",
    "group_id",
    "directory_id",
    "trusted_idp_id",
    "password_changed_at",
    "email",
];

/// Fields that make a notice better or find a person on the command line, and are done without.
const DECORATING_FIELDS: [&str; 7] = [
    "id",
    "username",
    "firstname",
    "lastname",
    "manager_user_id",
    "preferred_locale_code",
    "external_id",
];

const V2: &str = "/api/2/users";
const V1: &str = "/api/1/users";

/// The proven list of all users.
#[derive(Debug)]
pub struct UserList {
    /// Everybody, by number.
    pub users: BTreeMap<UserId, User>,
    /// Fields that were asked for and that not every row carries, by OneLogin's name: unknown, and
    /// never taken for null.
    pub unknown_fields: BTreeSet<String>,
}

impl UserList {
    fn knows(&self, fields: &BTreeSet<String>) -> bool {
        fields.is_disjoint(&self.unknown_fields)
    }
}

impl Client {
    /// Every user of the tenant with the fields that decide, those named in `also`, and those that
    /// decorate.
    ///
    /// API v2 gives 22 fields by default and `trusted_idp_id` is not among them; that `fields=`
    /// adds it is likely and not proven. Where it does not, the list of API v1 has every field.
    pub async fn list_users(&self, also: &BTreeSet<String>) -> Result<UserList, Error> {
        let needed: BTreeSet<String> = DECIDING_FIELDS
            .iter()
            .map(|field| (*field).to_owned())
            .chain(also.iter().cloned())
            .collect();
        let decorating = DECORATING_FIELDS.iter().map(|field| (*field).to_owned());
        let wanted: BTreeSet<String> = needed.iter().cloned().chain(decorating).collect();

        let fields = wanted.iter().cloned().collect::<Vec<_>>().join(",");
        let query = [("fields".to_owned(), fields)];
        let seen = Presence::of(&wanted);
        let listing = self
            .list(V2, &query, |row| seen.read(row))
            .await?
            .proven(V2, true)?;
        let v2 = seen.into_list(listing);
        if v2.knows(&needed) || v2.users.is_empty() {
            return Ok(v2);
        }
        tracing::info!(unknown = ?v2.unknown_fields, "API v2 does not list these fields, reading the users from API v1");
        let seen = Presence::of(&wanted);
        match self.list_v1(V1, |row| seen.read(row)).await {
            Ok(listing) => Ok(seen.into_list(listing.proven(V1, false)?)),
            Err(error) if error.is_not_offered() => Ok(v2),
            Err(error) => Err(error),
        }
    }
}

/// Watches which fields every row carries.
struct Presence {
    wanted: BTreeSet<String>,
    absent: RefCell<BTreeSet<String>>,
}

impl Presence {
    fn of(wanted: &BTreeSet<String>) -> Self {
        Self {
            wanted: wanted.clone(),
            absent: RefCell::default(),
        }
    }

    fn read(&self, row: &Object) -> Result<User, String> {
        let absent = self
            .wanted
            .iter()
            .filter(|field| !row.contains_key(*field))
            .cloned();
        self.absent.borrow_mut().extend(absent);
        user(row)
    }

    fn into_list(self, listing: Listing<User>) -> UserList {
        UserList {
            users: listing.rows.into_iter().map(|user| (user.id, user)).collect(),
            unknown_fields: self.absent.into_inner(),
        }
    }
}

fn user(row: &Object) -> Result<User, String> {
    let required = |key: &str| wire::number(row, key);
    Ok(User {
        email: wire::text(row, "email")?,
        username: wire::text(row, "username")?,
        firstname: wire::text(row, "firstname")?,
        lastname: wire::text(row, "lastname")?,
        // Absent or null would be unknown, which is what a number that nobody knows means too.
        status: required("status")?.unwrap_or(i64::MIN).into(),
        state: required("state")?.unwrap_or(i64::MIN).into(),
        group_id: wire::number(row, "group_id")?.map(GroupId),
        directory_id: wire::number(row, "directory_id")?,
        trusted_idp_id: wire::number(row, "trusted_idp_id")?,
        // SDKs disagree on whether it is a number or text.
        manager_user_id: wire::number(row, "manager_user_id").ok().flatten().map(UserId),
        preferred_locale_code: wire::text(row, "preferred_locale_code")?,
        external_id: wire::text(row, "external_id")?,
        department: wire::text(row, "department")?,
        title: wire::text(row, "title")?,
        company: wire::text(row, "company")?,
        custom_attributes: custom_attributes(row)?,
        password_changed_at: wire::instant(row, "password_changed_at")?,
        ..User::new(wire::id(row)?)
    })
}

fn custom_attributes(row: &Object) -> Result<BTreeMap<String, Option<String>>, String> {
    match row.get("custom_attributes") {
        None | Some(Value::Null) => Ok(BTreeMap::new()),
        Some(Value::Object(attributes)) => attributes
            .keys()
            .map(|name| Ok((name.clone(), wire::text(attributes, name)?)))
            .collect(),
        Some(_) => Err("`custom_attributes` is not an object".to_owned()),
    }
}
