//! The possible answers to questions that OneLogin's documentation leaves open.

use serde::Deserialize;

/// What a write of members says to an id that needs no change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Redundant {
    /// The call goes through as if there had been something to do.
    #[default]
    Accept,
    /// The call is refused as a whole: 422 when adding, 404 when removing.
    Refuse,
    /// The same, with 409 when adding.
    Conflict,
}

/// How a write of members refuses an id that no user has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UnknownMember {
    /// 404.
    #[default]
    NotFound,
    /// 422.
    Invalid,
}

/// What comes of removing a member whom a mapping put in, by `DELETE /api/2/roles/:id/users`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MappedRemoval {
    /// The member goes, and comes back when the user is next updated with mappings.
    #[default]
    ReturnsOnUpdate,
    /// The member goes, and comes back after so many more requests of any kind.
    ReturnsAfter(u64),
    /// 204, and the member stays.
    Ignored,
}

/// What `remove_roles` of v1 says to a mapped role; that it stays is documented.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MappedRefusal {
    /// Success.
    #[default]
    Silent,
    /// 400, as for a role the user does not have.
    Refused,
}

/// When v1 role writes complain about roles that the user has, or has not, already.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RoleOverlap {
    /// One such role refuses the call.
    #[default]
    Any,
    /// Only if all of them are such.
    All,
}

/// The smallest scope that opens a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LeastScope {
    /// Any scope that reads users.
    ReadUsers,
    /// Read All.
    ReadAll,
    /// Manage Users.
    ManageUsers,
    /// Manage All.
    ManageAll,
}

/// How v1 says that the hour's calls are used up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Exhausted {
    /// 429 in the envelope of v1.
    #[default]
    Envelope,
    /// 429 as a web page of the edge.
    EdgePage,
}

/// The status after a password was set through the API.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StatusAfterPassword {
    /// Active (told by a client).
    #[default]
    Active,
    /// As it was.
    Unchanged,
}

/// What comes of `{"status": 5}`, which makes somebody choose a new password.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AwaitingReset {
    /// It reads back as 5.
    #[default]
    Kept,
    /// It reads back as 4.
    ShownAsExpired,
    /// It is taken, and changes nothing.
    Ignored,
}

/// When a password past its age turns status 1 into 4.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ExpiryFlip {
    /// At the next login, `Control::sign_in_user`.
    #[default]
    AtLogin,
    /// By itself: whoever looks sees 4.
    ByItself,
}

/// What `lock_user` does with fewer minutes than the policy's lock lasts; that it cannot be shorter is documented.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ShortLock {
    /// The lock lasts as long as the policy says.
    #[default]
    Raise,
    /// 400.
    Refuse,
}

/// When the edge stops listening to bad token requests; 200 within five seconds were seen to be enough.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TokenThrottle {
    /// Bad requests within the time below that are still answered.
    pub tries: usize,
    /// Seconds for which a bad request counts.
    pub seconds: i64,
}
