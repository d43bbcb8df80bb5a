//! OneLogin's password policies and the groups that carry them.
//!
//! Readable since August 2026. A policy that was assigned directly to a person is not visible to
//! the API; it needs a rule.

use std::collections::BTreeMap;
use std::fmt;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::user::GroupId;

/// OneLogin's number for a policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PolicyId(pub i64);

impl fmt::Display for PolicyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// How long a password lasts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MaxAge {
    /// It never expires. OneLogin writes 0.
    Never,
    /// Days of 86,400 seconds.
    Days(u32),
}

impl MaxAge {
    /// Reads OneLogin's and the configuration's number of days, where 0 means never.
    pub fn from_days(days: u32) -> Self {
        if days == 0 { Self::Never } else { Self::Days(days) }
    }
}

impl fmt::Display for MaxAge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Never => f.write_str("never expires"),
            Self::Days(1) => f.write_str("1 day"),
            Self::Days(days) => write!(f, "{days} days"),
        }
    }
}

/// A policy of kind `user`. Policies of kind `app` have nothing to do with password age.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Policy {
    /// OneLogin's number.
    pub id: PolicyId,
    /// OneLogin's name for it.
    pub name: String,
    /// True on the one that applies to everybody without a group policy.
    pub is_default: bool,
    /// `password_expiration_days`; `None` where the policy does not carry the field.
    pub max_age: Option<MaxAge>,
}

/// A group, as far as password age is concerned.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Group {
    /// OneLogin's name for it.
    pub name: String,
    /// The group's policy; `null` and 0 both mean none.
    pub policy_id: Option<PolicyId>,
}

/// The policies and the groups of one read, together: one without the other decides nothing.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct PolicyBook {
    /// User policies by number.
    pub policies: BTreeMap<PolicyId, Policy>,
    /// Groups by number.
    pub groups: BTreeMap<i64, Group>,
    /// Since when each policy is known to have its present age.
    #[serde(default)]
    pub ages_since: BTreeMap<PolicyId, Timestamp>,
}

impl PolicyBook {
    /// The same, read at `now`, with what the book before it tells about how long the ages stand.
    #[must_use]
    pub fn dated(mut self, before: Option<&Self>, now: Timestamp) -> Self {
        let since = |policy: &Policy| {
            let before = before?;
            let same = before.policies.get(&policy.id)?.max_age == policy.max_age;
            before.ages_since.get(&policy.id).copied().filter(|_| same)
        };
        self.ages_since = self
            .policies
            .values()
            .map(|policy| (policy.id, since(policy).unwrap_or(now)))
            .collect();
        self
    }

    /// The group, if it was among those read.
    pub fn group(&self, id: GroupId) -> Option<&Group> {
        self.groups.get(&id.0)
    }

    /// The account's default policy, if exactly one is marked so.
    pub fn default_policy(&self) -> Option<&Policy> {
        let mut defaults = self.policies.values().filter(|policy| policy.is_default);
        match (defaults.next(), defaults.next()) {
            (Some(policy), None) => Some(policy),
            _ => None,
        }
    }
}

/// What is known of OneLogin's policies in this run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PolicyKnowledge {
    /// Read in this run.
    Read(PolicyBook),
    /// Unreadable now; these were read at the given time, and are young enough to serve.
    Stored(PolicyBook, Timestamp),
    /// Never read on this store, and OneLogin answered 401, 403 or 404.
    NotOffered,
    /// The configuration says not to ask (`age_source = "config"`).
    NotAsked,
}

impl PolicyKnowledge {
    /// The book, where there is one.
    pub fn book(&self) -> Option<&PolicyBook> {
        match self {
            Self::Read(book) | Self::Stored(book, _) => Some(book),
            Self::NotOffered | Self::NotAsked => None,
        }
    }
}

/// How the policies answered in this run. Policies and groups together: one of them unreadable is
/// both unreadable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PolicyAnswer {
    /// Both were read completely.
    Read(PolicyBook),
    /// 401, 403 or 404, with OneLogin's words.
    NotOffered(String),
    /// Any other failure, in words.
    Unreadable(String),
}

/// What a run may go by. The error says why it may go by nothing.
///
/// Where policies were read before, the configured default never takes their place: it could give
/// people 90 days who have 45.
pub fn policy_knowledge(
    answer: PolicyAnswer,
    stored: Option<&(PolicyBook, Timestamp)>,
    keep: SignedDuration,
    now: Timestamp,
) -> Result<PolicyKnowledge, String> {
    let why = match (answer, stored) {
        (PolicyAnswer::Read(book), stored) => {
            return Ok(PolicyKnowledge::Read(
                book.dated(stored.map(|(book, _)| book), now),
            ));
        }
        (PolicyAnswer::NotOffered(_), None) => return Ok(PolicyKnowledge::NotOffered),
        (PolicyAnswer::NotOffered(why) | PolicyAnswer::Unreadable(why), _) => why,
    };
    match stored {
        None => Err(format!(
            "OneLogin's password policies cannot be read, and were never read before: {why}"
        )),
        Some((_, read_at)) if now.duration_since(*read_at) > keep => Err(format!(
            "OneLogin's password policies cannot be read, and those of {read_at:.0} are older than policies_keep: {why}"
        )),
        Some((book, read_at)) => Ok(PolicyKnowledge::Stored(book.clone(), *read_at)),
    }
}

/// Policies whose age is another one than before, in words: they move everybody's date.
pub fn changed_ages(before: &PolicyBook, now: &PolicyBook) -> Vec<String> {
    let say = |age: Option<MaxAge>| age.map_or("no age".to_owned(), |age| age.to_string());
    now.policies
        .values()
        .filter_map(|policy| Some((policy, before.policies.get(&policy.id)?)))
        .filter(|(policy, before)| policy.max_age != before.max_age)
        .map(|(policy, before)| {
            format!(
                "the policy \"{}\" changed from {} to {}",
                policy.name,
                say(before.max_age),
                say(policy.max_age)
            )
        })
        .collect()
}
