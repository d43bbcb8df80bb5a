//! How long a person's password lasts, and who says so.

use std::fmt;

use super::policy::{MaxAge, Policy, PolicyBook, PolicyId, PolicyKnowledge};
use super::user::User;

/// Where an age comes from, or why there is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AgeSource {
    /// `max_age_days` of a rule.
    Rule(String),
    /// The policy of the person's group.
    GroupPolicy {
        /// The group's name.
        group: String,
        /// The policy's name.
        policy: String,
        /// The policy's number.
        policy_id: PolicyId,
    },
    /// The account's default policy.
    DefaultPolicy {
        /// The policy's name.
        policy: String,
        /// The policy's number.
        policy_id: PolicyId,
    },
    /// `default_max_age_days`, where OneLogin does not offer its policies or is not asked.
    ConfiguredDefault,
    /// No age; the text says why.
    Unknown(String),
}

impl AgeSource {
    /// The policy that it stands for: groups with the same policy are one. `None` where there is no age.
    pub fn authority(&self) -> Option<String> {
        match self {
            Self::Rule(rule) => Some(format!("rule \"{rule}\"")),
            Self::GroupPolicy {
                policy, policy_id, ..
            }
            | Self::DefaultPolicy { policy, policy_id } => {
                Some(format!("OneLogin policy \"{policy}\" (id {policy_id})"))
            }
            Self::ConfiguredDefault => Some("default_max_age_days".to_owned()),
            Self::Unknown(_) => None,
        }
    }

    /// OneLogin's policy, where the age is its.
    pub fn policy_id(&self) -> Option<PolicyId> {
        match self {
            Self::GroupPolicy { policy_id, .. } | Self::DefaultPolicy { policy_id, .. } => Some(*policy_id),
            Self::Rule(_) | Self::ConfiguredDefault | Self::Unknown(_) => None,
        }
    }
}

impl fmt::Display for AgeSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rule(rule) => write!(f, "rule \"{rule}\""),
            Self::GroupPolicy {
                group,
                policy,
                policy_id,
            } => {
                write!(
                    f,
                    "OneLogin policy \"{policy}\" (id {policy_id}) of the group \"{group}\""
                )
            }
            Self::DefaultPolicy { policy, policy_id } => {
                write!(f, "OneLogin's default policy \"{policy}\" (id {policy_id})")
            }
            Self::ConfiguredDefault => f.write_str("default_max_age_days"),
            Self::Unknown(why) => write!(f, "unknown: {why}"),
        }
    }
}

/// An age with its origin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Age {
    /// `None`: unknown, and nobody is mailed on a guess.
    pub max_age: Option<MaxAge>,
    /// Who says so.
    pub source: AgeSource,
}

impl Age {
    /// An age that a rule sets.
    pub fn of_rule(rule: &str, max_age: MaxAge) -> Self {
        Self {
            max_age: Some(max_age),
            source: AgeSource::Rule(rule.to_owned()),
        }
    }

    fn unknown(why: impl Into<String>) -> Self {
        Self {
            max_age: None,
            source: AgeSource::Unknown(why.into()),
        }
    }
}

/// The policy that applies to the person as far as the API shows it: the policy of the group, else
/// the account default. The error says what is missing.
///
/// A group that was not read, or whose policy is gone, is an error and not the account default:
/// its members may have a shorter age than everybody else.
pub fn visible_policy<'a>(
    user: &User,
    book: &'a PolicyBook,
) -> Result<(Option<&'a str>, &'a Policy), String> {
    let Some(group_id) = user.group_id else {
        return default_policy(book).map(|policy| (None, policy));
    };
    let group = book
        .group(group_id)
        .ok_or_else(|| format!("group {group_id} is not among the groups that OneLogin lists"))?;
    let Some(policy_id) = group.policy_id else {
        return default_policy(book).map(|policy| (None, policy));
    };
    let policy = book.policies.get(&policy_id).ok_or_else(|| {
        format!(
            "policy {policy_id} of the group \"{}\" is not among the user policies that OneLogin lists",
            group.name
        )
    })?;
    Ok((Some(&group.name), policy))
}

fn default_policy(book: &PolicyBook) -> Result<&Policy, String> {
    book.default_policy()
        .ok_or_else(|| "OneLogin names no single default user policy".to_owned())
}

/// The age that applies where no rule sets one: OneLogin's, else the configured default where
/// OneLogin does not offer its policies or is not asked.
pub fn age_without_rule(user: &User, policies: &PolicyKnowledge, configured: Option<MaxAge>) -> Age {
    let Some(book) = policies.book() else {
        return match configured {
            Some(max_age) => Age {
                max_age: Some(max_age),
                source: AgeSource::ConfiguredDefault,
            },
            None => Age::unknown("neither OneLogin nor the configuration gives an age"),
        };
    };
    match visible_policy(user, book) {
        Err(why) => Age::unknown(why),
        Ok((_, policy)) if policy.max_age.is_none() => Age::unknown(format!(
            "the policy \"{}\" carries no password_expiration_days",
            policy.name
        )),
        Ok((Some(group), policy)) => Age {
            max_age: policy.max_age,
            source: AgeSource::GroupPolicy {
                group: group.to_owned(),
                policy: policy.name.clone(),
                policy_id: policy.id,
            },
        },
        Ok((None, policy)) => Age {
            max_age: policy.max_age,
            source: AgeSource::DefaultPolicy {
                policy: policy.name.clone(),
                policy_id: policy.id,
            },
        },
    }
}
