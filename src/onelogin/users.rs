//! The user list, and which of its fields are known.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde_json::Value;

use super::client::Client;
use super::error::Error;
use super::pages::Listing;
use super::wire::{self, Object};
use crate::domain::field::FieldNeeds;
use crate::domain::user::{GroupId, User, UserId, UserSource};

/// Fields that make a notice better or find a person on the command line, and are done without.
const DECORATING_FIELDS: [&str; 8] = [
    "id",
    "username",
    "firstname",
    "lastname",
    "manager_user_id",
    "preferred_locale_code",
    "external_id",
    "last_login",
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
    /// Which list it is.
    pub source: UserSource,
    /// The size of its pages, where there was more than one.
    pub page: Option<u64>,
    /// The other list was asked for the unknown fields as well, and does no better.
    pub is_last_word: bool,
}

impl UserList {
    fn knows(&self, fields: &BTreeSet<String>) -> bool {
        fields.is_disjoint(&self.unknown_fields)
    }
}

/// One user, read alone.
#[derive(Debug)]
pub struct Person {
    /// The user.
    pub user: User,
    /// Fields that decorate and that the answer does not carry.
    pub unknown_fields: BTreeSet<String>,
}

/// What one page of the user list tells about the whole.
#[derive(Debug)]
pub struct UserSample {
    /// `Total-Count`.
    pub total: Option<u64>,
    /// Fields that the page does not carry.
    pub unknown_fields: BTreeSet<String>,
    /// The first user on it.
    pub first: Option<UserId>,
}

impl Client {
    /// Every user of the tenant with the needed fields and those that decorate.
    ///
    /// API v2 gives 22 fields by default and `trusted_idp_id` is not among them; that `fields=`
    /// adds it is likely and not proven. Where it does not, the list of API v1 has every field, at
    /// 50 a page. `first` is the list that served the last time; the other one is asked only where
    /// it lacks something, and taken only where it is better.
    pub async fn list_users(&self, needs: &FieldNeeds, first: UserSource) -> Result<UserList, Error> {
        let all = needs.all();
        let list = match self.users_from(first, &all).await {
            Err(error) if error.is_not_offered() && first == UserSource::V1 => {
                return self.users_from(UserSource::V2, &all).await;
            }
            list => list?,
        };
        if list.knows(&all) || list.users.is_empty() {
            return Ok(list);
        }
        let other = match first {
            UserSource::V2 => UserSource::V1,
            UserSource::V1 => UserSource::V2,
        };
        tracing::info!(unknown = ?list.unknown_fields, source = %first, "the user list lacks fields, reading the other one");
        let decides = list.knows(&needs.deciding);
        match self.users_from(other, &all).await {
            Ok(better) if better.knows(&all) || !decides && better.knows(&needs.deciding) => Ok(better),
            Ok(_) => Ok(UserList {
                is_last_word: true,
                ..list
            }),
            Err(error) if error.is_not_offered() => Ok(UserList {
                is_last_word: true,
                ..list
            }),
            Err(error) if decides => {
                tracing::warn!(
                    "the other user list cannot be read, so what only decorates stays unknown: {error}"
                );
                Ok(list)
            }
            Err(error) => Err(error),
        }
    }

    async fn users_from(&self, source: UserSource, needed: &BTreeSet<String>) -> Result<UserList, Error> {
        let wanted = with_decoration(needed);
        let seen = Presence::of(&wanted);
        let listing = match source {
            UserSource::V2 => {
                let query = [("fields".to_owned(), joined(&wanted))];
                self.list(V2, &query, |row| seen.read(row))
                    .await?
                    .proven(V2, true)?
            }
            UserSource::V1 => self.list_v1(V1, |row| seen.read(row)).await?.proven(V1, false)?,
        };
        Ok(seen.into_list(listing, source))
    }

    /// Those of these people who changed at or after `since`, by OneLogin's clock, as they are now.
    ///
    /// `updated_since` is the advised way to keep up (documented), and a new password moves
    /// `updated_at` as every login does (observed). Only the list of API v2 has it; where that list
    /// lacks a field that decides, each of these people is asked for alone. What only decorates may
    /// stay unknown.
    pub async fn list_changed_users(
        &self,
        needs: &FieldNeeds,
        since: Timestamp,
        people: &BTreeSet<UserId>,
    ) -> Result<BTreeMap<UserId, User>, Error> {
        let wanted = with_decoration(&needs.all());
        let seen = Presence::of(&wanted);
        let query = [
            ("fields".to_owned(), joined(&wanted)),
            (
                "updated_since".to_owned(),
                since.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
            ),
        ];
        let listing = self
            .list(V2, &query, |row| seen.read(row))
            .await?
            .proven_while_growing(V2)?;
        let mut list = seen.into_list(listing, UserSource::V2);
        list.users.retain(|id, _| people.contains(id));
        if !list.knows(&needs.deciding) {
            for (id, user) in &mut list.users {
                *user = self.read_user_in_full(*id, &needs.deciding).await?;
            }
        }
        Ok(list.users)
    }

    async fn read_user_in_full(&self, id: UserId, deciding: &BTreeSet<String>) -> Result<User, Error> {
        let path = format!("{V2}/{id}");
        let row = self.get::<Object>(&path, &[]).await?.body;
        let seen = Presence::of(deciding);
        let user = seen.read(&row).map_err(|why| wire::unreadable(&path, why))?;
        let unknown = seen.absent.into_inner();
        match deciding.intersection(&unknown).next() {
            None => Ok(user),
            Some(field) => Err(wire::unreadable(&path, format!("it does not tell `{field}`"))),
        }
    }

    /// One user, whose object carries every field (documented).
    pub async fn read_user(&self, id: UserId) -> Result<Person, Error> {
        let path = format!("{V2}/{id}");
        let row = self.get::<Object>(&path, &[]).await?.body;
        let seen = Presence::of(&with_decoration(&BTreeSet::new()));
        let user = seen.read(&row).map_err(|why| wire::unreadable(&path, why))?;
        let unknown_fields = seen.absent.into_inner();
        Ok(Person { user, unknown_fields })
    }

    /// Whether there is a user of this number.
    pub async fn user_exists(&self, id: UserId) -> Result<bool, Error> {
        match self.get::<Object>(&format!("{V2}/{id}"), &[]).await {
            Ok(_) => Ok(true),
            Err(Error::NotFound { .. }) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// One user of the v2 list, to see what it tells.
    pub async fn sample_users(&self, needed: &BTreeSet<String>) -> Result<UserSample, Error> {
        let query = [
            ("fields".to_owned(), joined(&with_decoration(needed))),
            ("limit".to_owned(), "1".to_owned()),
        ];
        let reply = self.get::<Vec<Object>>(V2, &query).await?;
        let first = reply.body.first();
        let absent = |field: &&String| first.is_some_and(|row| !carries(row, field));
        Ok(UserSample {
            total: reply
                .answer
                .header("total-count")
                .and_then(|count| count.parse().ok()),
            unknown_fields: needed.iter().filter(absent).cloned().collect(),
            first: first.and_then(|row| wire::id(row).ok()).map(UserId),
        })
    }
}

fn with_decoration(needed: &BTreeSet<String>) -> BTreeSet<String> {
    needed
        .iter()
        .cloned()
        .chain(DECORATING_FIELDS.iter().map(|field| (*field).to_owned()))
        .collect()
}

/// For `fields=`, where a custom attribute is asked for with all the others.
fn joined(fields: &BTreeSet<String>) -> String {
    let outermost: BTreeSet<&str> = fields
        .iter()
        .filter_map(|field| field.split('.').next())
        .collect();
    outermost.into_iter().collect::<Vec<_>>().join(",")
}

/// Whether a row has this field; of a custom attribute, which stands on every user once it is
/// defined (documented), whether the row has that very one.
fn carries(row: &Object, field: &str) -> bool {
    match field.split_once('.') {
        None => row.contains_key(field),
        Some((outer, name)) => row
            .get(outer)
            .and_then(Value::as_object)
            .is_some_and(|attributes| attributes.contains_key(name)),
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
        let mut absent = self.absent.borrow_mut();
        absent.extend(self.wanted.iter().filter(|field| !carries(row, field)).cloned());
        user(row, &mut absent)
    }

    fn into_list(self, listing: Listing<User>, source: UserSource) -> UserList {
        let page = listing.evidence.page;
        UserList {
            users: listing.rows.into_iter().map(|user| (user.id, user)).collect(),
            unknown_fields: self.absent.into_inner(),
            source,
            page,
            is_last_word: false,
        }
    }
}

/// Reads a row. A value of a kind that the field never has is as unknown as no value.
fn user(row: &Object, unknown: &mut BTreeSet<String>) -> Result<User, String> {
    let id = wire::id(row)?;
    let mut odd = |field: &str| {
        tracing::debug!(user = id, field, "a value of a kind that this field never has");
        unknown.insert(field.to_owned());
    };
    macro_rules! take {
        ($read:path, $field:literal) => {
            $read(row, $field).unwrap_or_else(|_| {
                odd($field);
                None
            })
        };
    }
    Ok(User {
        email: take!(wire::text, "email"),
        username: take!(wire::text, "username"),
        firstname: take!(wire::text, "firstname"),
        lastname: take!(wire::text, "lastname"),
        // Null would be a number that nobody knows, and is treated like one.
        status: take!(wire::number, "status").unwrap_or(i64::MIN).into(),
        state: take!(wire::number, "state").unwrap_or(i64::MIN).into(),
        group_id: take!(wire::number, "group_id").map(GroupId),
        directory_id: take!(wire::number, "directory_id"),
        trusted_idp_id: take!(wire::number, "trusted_idp_id"),
        // SDKs disagree on whether it is a number or text.
        manager_user_id: take!(wire::number, "manager_user_id").map(UserId),
        preferred_locale_code: take!(wire::text, "preferred_locale_code"),
        external_id: take!(wire::text, "external_id"),
        department: take!(wire::text, "department"),
        title: take!(wire::text, "title"),
        company: take!(wire::text, "company"),
        password_changed_at: take!(wire::instant, "password_changed_at"),
        last_login: take!(wire::instant, "last_login"),
        custom_attributes: custom_attributes(row, &mut odd),
        ..User::new(id)
    })
}

fn custom_attributes(row: &Object, odd: &mut impl FnMut(&str)) -> BTreeMap<String, Option<String>> {
    let Some(Value::Object(attributes)) = row.get("custom_attributes") else {
        return BTreeMap::new();
    };
    let mut read = BTreeMap::new();
    for name in attributes.keys() {
        match wire::text(attributes, name) {
            Ok(value) => {
                read.insert(name.clone(), value);
            }
            Err(_) => odd(&format!("custom_attributes.{name}")),
        }
    }
    read
}
