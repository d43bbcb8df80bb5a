//! A person as OneLogin describes them.

use std::collections::BTreeMap;
use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::run::names;

/// OneLogin's number for a user; stable over renames.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct UserId(pub i64);

impl fmt::Display for UserId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// OneLogin's number for a group. A user is in one group at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct GroupId(pub i64);

impl fmt::Display for GroupId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

names! {
    /// A list that users are read from.
    UserSource {
        /// API v2 with `fields=`: large pages, and a count to check against.
        V2 = "v2-list",
        /// API v1: every field, 50 a page.
        V1 = "v1-list",
    }
}

/// `status` of a user, with OneLogin's documented numbers. 6 is not used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum UserStatus {
    /// 0: invited, never signed in.
    Unactivated,
    /// 1: the only status that may sign in.
    Active,
    /// 2: suspended by an administrator.
    Suspended,
    /// 3: locked, by failed sign-ins or by an administrator.
    Locked,
    /// 4: the password has expired.
    PasswordExpired,
    /// 5: must reset the password at the next sign-in.
    AwaitingReset,
    /// 7: no password was ever set.
    PasswordPending,
    /// 8: must answer security questions first.
    SecurityQuestionsRequired,
    /// A number that is not documented.
    Other(i64),
}

impl From<i64> for UserStatus {
    fn from(number: i64) -> Self {
        match number {
            0 => Self::Unactivated,
            1 => Self::Active,
            2 => Self::Suspended,
            3 => Self::Locked,
            4 => Self::PasswordExpired,
            5 => Self::AwaitingReset,
            7 => Self::PasswordPending,
            8 => Self::SecurityQuestionsRequired,
            other => Self::Other(other),
        }
    }
}

impl fmt::Display for UserStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Unactivated => "unactivated (0)",
            Self::Active => "active (1)",
            Self::Suspended => "suspended (2)",
            Self::Locked => "locked (3)",
            Self::PasswordExpired => "password expired (4)",
            Self::AwaitingReset => "awaiting password reset (5)",
            Self::PasswordPending => "password pending (7)",
            Self::SecurityQuestionsRequired => "security questions required (8)",
            Self::Other(number) => return write!(f, "unknown ({number})"),
        })
    }
}

/// `state` of a user: 1 is approved, which OneLogin also calls licensed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum UserState {
    /// 0
    Unapproved,
    /// 1
    Approved,
    /// 2
    Rejected,
    /// 3
    Unlicensed,
    /// A number that is not documented.
    Other(i64),
}

impl From<i64> for UserState {
    fn from(number: i64) -> Self {
        match number {
            0 => Self::Unapproved,
            1 => Self::Approved,
            2 => Self::Rejected,
            3 => Self::Unlicensed,
            other => Self::Other(other),
        }
    }
}

impl fmt::Display for UserState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Unapproved => "unapproved (0)",
            Self::Approved => "approved (1)",
            Self::Rejected => "rejected (2)",
            Self::Unlicensed => "unlicensed (3)",
            Self::Other(number) => return write!(f, "unknown ({number})"),
        })
    }
}

/// One user of the tenant. Text that OneLogin sends as `null` or as `""` is `None` here: both occur
/// for the same thing.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields carry OneLogin's own names")]
pub struct User {
    pub id: UserId,
    pub email: Option<String>,
    pub username: Option<String>,
    pub firstname: Option<String>,
    pub lastname: Option<String>,
    pub status: UserStatus,
    pub state: UserState,
    pub group_id: Option<GroupId>,
    /// Set: the account comes from a directory, and its password lives there.
    pub directory_id: Option<i64>,
    /// Set: the person signs in through another identity provider.
    pub trusted_idp_id: Option<i64>,
    pub manager_user_id: Option<UserId>,
    pub preferred_locale_code: Option<String>,
    pub external_id: Option<String>,
    pub department: Option<String>,
    pub title: Option<String>,
    pub company: Option<String>,
    pub custom_attributes: BTreeMap<String, Option<String>>,
    /// `null` while no password was ever set. For directory users it is the time of the import.
    pub password_changed_at: Option<Timestamp>,
    /// The last sign-in; `null` where there was none.
    pub last_login: Option<Timestamp>,
}

impl User {
    /// An approved, active user with nothing else known.
    pub fn new(id: i64) -> Self {
        Self {
            id: UserId(id),
            email: None,
            username: None,
            firstname: None,
            lastname: None,
            status: UserStatus::Active,
            state: UserState::Approved,
            group_id: None,
            directory_id: None,
            trusted_idp_id: None,
            manager_user_id: None,
            preferred_locale_code: None,
            external_id: None,
            department: None,
            title: None,
            company: None,
            custom_attributes: BTreeMap::new(),
            password_changed_at: None,
            last_login: None,
        }
    }

    /// What the person signs in with: the username, else the email, else the number.
    pub fn account_name(&self) -> String {
        self.username
            .clone()
            .or_else(|| self.email.clone())
            .unwrap_or_else(|| format!("id:{}", self.id))
    }

    /// First and last name as far as they are known.
    pub fn full_name(&self) -> Option<String> {
        let parts: Vec<&str> = [self.firstname.as_deref(), self.lastname.as_deref()]
            .into_iter()
            .flatten()
            .collect();
        (!parts.is_empty()).then(|| parts.join(" "))
    }

    /// Takes what only decorates from an earlier reading where this one does not tell it.
    pub fn complete_from(&mut self, earlier: &Self) {
        let fill = |field: &mut Option<String>, known: &Option<String>| {
            if field.is_none() {
                field.clone_from(known);
            }
        };
        fill(&mut self.username, &earlier.username);
        fill(&mut self.firstname, &earlier.firstname);
        fill(&mut self.lastname, &earlier.lastname);
        fill(&mut self.preferred_locale_code, &earlier.preferred_locale_code);
        fill(&mut self.external_id, &earlier.external_id);
        self.manager_user_id = self.manager_user_id.or(earlier.manager_user_id);
    }

    /// Good standing: licensed, and a lock or an expired password is no departure.
    pub fn in_good_standing(&self) -> bool {
        self.state == UserState::Approved
            && matches!(
                self.status,
                UserStatus::Active
                    | UserStatus::Locked
                    | UserStatus::PasswordExpired
                    | UserStatus::AwaitingReset
                    | UserStatus::SecurityQuestionsRequired
            )
    }
}
