//! Events: what happened in the account, as v1 tells it.

use jiff::Timestamp;

/// One event; what is not here goes over the wire as null.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// The event's id; later events have higher ones.
    pub id: i64,
    /// Its type, by number.
    pub event_type_id: i64,
    /// When it happened.
    pub created_at: Timestamp,
    /// Whom it happened to.
    pub user_id: Option<i64>,
    /// That person's name.
    pub user_name: Option<String>,
    /// Who did it, if a user did.
    pub actor_user_id: Option<i64>,
    /// The role it is about.
    pub role_id: Option<i64>,
    /// That role's name.
    pub role_name: Option<String>,
    /// More about it.
    pub notes: Option<String>,
}

impl Event {
    /// An event about nobody in particular.
    pub fn new(id: i64, event_type_id: i64, created_at: Timestamp) -> Self {
        Self {
            id,
            event_type_id,
            created_at,
            user_id: None,
            user_name: None,
            actor_user_id: None,
            role_id: None,
            role_name: None,
            notes: None,
        }
    }
}

/// A kind of event, to be looked up by name (documented).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventType {
    /// The number.
    pub id: i64,
    /// The name, in capitals.
    pub name: String,
    /// What is told about such an event.
    pub description: String,
}

pub(crate) const USER_ASSIGNED_ROLE: i64 = 4;
pub(crate) const USER_UNLOCKED: i64 = 12;
pub(crate) const USER_UPDATED: i64 = 14;
pub(crate) const OTP_DEVICE_REMOVED: i64 = 24;
pub(crate) const PASSWORD_UPDATED_BY_API: i64 = 510;
pub(crate) const USER_LOCKED_BY_API: i64 = 531;

/// The types whose numbers are known; names marked by nobody but a client's text are a guess.
const KNOWN_TYPES: [(i64, &str, &str); 14] = [
    (1, "APP_ADDED_TO_ROLE", "%app% was added to %role%"),
    (2, "APP_REMOVED_FROM_ROLE", "%app% was removed from %role%"),
    (3, "USER_ASSUMED_USER", "%actor% assumed %user%"),
    (
        USER_ASSIGNED_ROLE,
        "USER_ASSIGNED_ROLE",
        "%user% was assigned %role%",
    ),
    (5, "USER_LOGGED_INTO_ONELOGIN", "%user% logged into OneLogin"),
    (
        6,
        "USER_FAILED_ONELOGIN_LOGIN",
        "%user% failed to log into OneLogin",
    ),
    (
        11,
        "USER_CHANGED_PASSWORD",
        "%actor% changed the password of %user%",
    ),
    (USER_UNLOCKED, "UNLOCKED_USER", "%actor% unlocked %user%"),
    (13, "USER_CREATED", "%user% was created"),
    (USER_UPDATED, "USER_UPDATED", "%user% was updated"),
    (19, "USER_LOCKED", "%user% was locked"),
    (
        OTP_DEVICE_REMOVED,
        "USER_REMOVED_OTP_DEVICE",
        "%user% removed a device",
    ),
    (
        PASSWORD_UPDATED_BY_API,
        "API_PASSWORD_UPDATED",
        "The password of %user% was updated by API",
    ),
    (USER_LOCKED_BY_API, "API_USER_LOCKED", "%user% was locked by API"),
];

pub(super) fn known_types() -> Vec<EventType> {
    let types = KNOWN_TYPES.into_iter().map(|(id, name, description)| EventType {
        id,
        name: name.to_owned(),
        description: description.to_owned(),
    });
    types.collect()
}
