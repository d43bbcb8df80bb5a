//! Users, field by field as the API shows them.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::{FieldVariant, LockKind};

/// 2024-01-08T09:00:00Z, when people made by [`User::new`] joined.
const JOINED_AT: Timestamp = Timestamp::constant(1_704_704_400, 0);
/// 2026-01-05T08:30:00Z, when people made by [`User::new`] last set a password.
const PASSWORD_SET_AT: Timestamp = Timestamp::constant(1_767_601_800, 0);

/// A user with every field of the single read (documented), except `role_ids`, which follow from the roles.
#[derive(Debug, Clone, PartialEq)]
pub struct User {
    /// The user's id.
    pub id: i64,
    /// Unique in the account; may be null or empty if there is a username.
    pub email: Option<String>,
    /// Null or empty in recorded traffic when unused.
    pub username: Option<String>,
    /// Given name.
    pub firstname: Option<String>,
    /// Family name.
    pub lastname: Option<String>,
    /// Job title.
    pub title: Option<String>,
    /// Department.
    pub department: Option<String>,
    /// Company.
    pub company: Option<String>,
    /// Free text.
    pub comment: Option<String>,
    /// Documented as E.164, free text in real data.
    pub phone: Option<String>,
    /// 0 unactivated, 1 active, 2 suspended, 3 locked, 4 password expired, 5 awaiting reset, 7 password pending, 8 security questions required (documented).
    pub status: i64,
    /// 0 unapproved, 1 approved, 2 rejected, 3 unlicensed (documented).
    pub state: i64,
    /// The user's one group.
    pub group_id: Option<i64>,
    /// Set for people who come from a directory.
    pub directory_id: Option<i64>,
    /// Set for people who sign in through another identity provider.
    pub trusted_idp_id: Option<i64>,
    /// The manager's user id.
    pub manager_user_id: Option<i64>,
    /// The manager's id in the directory.
    pub manager_ad_id: Option<i64>,
    /// A foreign id; GUIDs occur.
    pub external_id: Option<String>,
    /// Directory login name.
    pub samaccountname: Option<String>,
    /// Directory principal name.
    pub userprincipalname: Option<String>,
    /// Directory distinguished name.
    pub distinguished_name: Option<String>,
    /// Directory groups, joined with `;` (observed).
    pub member_of: Option<String>,
    /// OpenID name; shown by v1 only.
    pub openid_name: Option<String>,
    /// First activation.
    pub activated_at: Option<Timestamp>,
    /// Creation; never null.
    pub created_at: Timestamp,
    /// Last change; never null.
    pub updated_at: Timestamp,
    /// Last login.
    pub last_login: Option<Timestamp>,
    /// When an invitation was sent.
    pub invitation_sent_at: Option<Timestamp>,
    /// Null until a password is set; for directory people the time of import (observed).
    pub password_changed_at: Option<Timestamp>,
    /// End of a lock.
    pub locked_until: Option<Timestamp>,
    /// Why the user is locked, which no answer shows; `None` with status 3 counts as failed logins.
    pub lock: Option<LockKind>,
    /// Failed logins since the last good one; null was seen in v1.
    pub invalid_login_attempts: Option<i64>,
    /// `en-US` or `de`, both occur.
    pub preferred_locale_code: Option<String>,
    /// Values of the tenant's custom attributes; what is missing here shows as null in v2 and `""` in v1.
    pub custom_attributes: BTreeMap<String, Option<String>>,
    /// Fields of this one user that go over the wire otherwise than they should.
    pub variants: BTreeMap<String, FieldVariant>,
}

impl User {
    /// An active, licensed user with an activated account and a password.
    pub fn new(id: i64, email: impl Into<String>) -> Self {
        let email = email.into();
        let username = email.split('@').next().map(str::to_owned);
        Self {
            id,
            email: Some(email),
            username,
            firstname: Some("Robin".to_owned()),
            lastname: Some(format!("Example{id}")),
            title: None,
            department: None,
            company: None,
            comment: None,
            phone: None,
            status: 1,
            state: 1,
            group_id: None,
            directory_id: None,
            trusted_idp_id: None,
            manager_user_id: None,
            manager_ad_id: None,
            external_id: None,
            samaccountname: None,
            userprincipalname: None,
            distinguished_name: None,
            member_of: None,
            openid_name: None,
            activated_at: Some(JOINED_AT),
            created_at: JOINED_AT,
            updated_at: PASSWORD_SET_AT,
            last_login: Some(PASSWORD_SET_AT),
            invitation_sent_at: Some(JOINED_AT),
            password_changed_at: Some(PASSWORD_SET_AT),
            locked_until: None,
            lock: None,
            invalid_login_attempts: Some(0),
            preferred_locale_code: None,
            custom_attributes: BTreeMap::new(),
            variants: BTreeMap::new(),
        }
    }

    /// The same user under another name.
    #[must_use]
    pub fn named(mut self, firstname: impl Into<String>, lastname: impl Into<String>) -> Self {
        self.firstname = Some(firstname.into());
        self.lastname = Some(lastname.into());
        self
    }

    /// The same user in a group.
    #[must_use]
    pub fn in_group(mut self, group_id: i64) -> Self {
        self.group_id = Some(group_id);
        self
    }

    /// The same user with a password of another date; last login and update move along, as in recorded traffic.
    #[must_use]
    pub fn with_password_changed_at(mut self, at: Timestamp) -> Self {
        self.password_changed_at = Some(at);
        self.last_login = Some(at);
        self.updated_at = self.updated_at.max(at);
        self
    }

    /// The same user with another status.
    #[must_use]
    pub fn with_status(mut self, status: i64) -> Self {
        self.status = status;
        self
    }

    /// The same user, locked; the count of failed logins is back at 0 by then (documented).
    #[must_use]
    pub fn locked(mut self, kind: LockKind, until: Option<Timestamp>) -> Self {
        self.status = 3;
        self.lock = Some(kind);
        self.locked_until = until;
        self.invalid_login_attempts = Some(0);
        self
    }

    /// Ends a lock of either kind.
    pub(crate) fn unlock(&mut self) {
        self.status = 1;
        self.lock = None;
        self.locked_until = None;
    }

    /// First and last name as OneLogin joins them in member lists.
    pub fn full_name(&self) -> String {
        [&self.firstname, &self.lastname]
            .into_iter()
            .flatten()
            .filter(|part| !part.is_empty())
            .cloned()
            .collect::<Vec<_>>()
            .join(" ")
    }
}
