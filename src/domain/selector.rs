//! How a person is named on the command line.

use std::collections::BTreeMap;

use super::identity::normal;
use super::user::{User, UserId};

/// A USER argument: an email, a username, `id:123` or `external:abc`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Selector {
    /// OneLogin's number.
    Id(i64),
    /// The external id, exactly.
    External(String),
    /// An email or a username, in the form that [`normal`] gives.
    Name(String),
}

/// Why a selector does not lead to one person.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotFound {
    /// The text is not a selector.
    #[error("{0:?} is not a person: expected an email, a username, id:123 or external:abc")]
    NotASelector(String),
    /// Nobody fits.
    #[error("nobody in OneLogin fits {0}")]
    Nobody(String),
    /// Several people fit.
    #[error("{0} fits several people, name one of them: {1}")]
    Several(String, String),
}

impl Selector {
    /// Reads the argument.
    pub fn parse(text: &str) -> Result<Self, NotFound> {
        let not_one = || NotFound::NotASelector(text.to_owned());
        if let Some(number) = text.strip_prefix("id:") {
            return number.parse().map(Self::Id).map_err(|_| not_one());
        }
        match text.strip_prefix("external:") {
            Some("") => Err(not_one()),
            Some(external) => Ok(Self::External(external.to_owned())),
            None if text.trim().is_empty() => Err(not_one()),
            None => Ok(Self::Name(normal(text))),
        }
    }

    /// The one person who fits.
    pub fn find<'a>(&self, users: &'a BTreeMap<UserId, User>) -> Result<&'a User, NotFound> {
        let found: Vec<&User> = users.values().filter(|user| self.fits(user)).collect();
        match found.as_slice() {
            [user] => Ok(user),
            [] => Err(NotFound::Nobody(self.to_string())),
            several => {
                let candidates: Vec<String> = several
                    .iter()
                    .map(|user| format!("id:{} ({})", user.id, user.account_name()))
                    .collect();
                Err(NotFound::Several(self.to_string(), candidates.join(", ")))
            }
        }
    }

    fn fits(&self, user: &User) -> bool {
        let is = |field: &Option<String>, wanted: &str| {
            field.as_deref().is_some_and(|value| normal(value) == wanted)
        };
        match self {
            Self::Id(id) => user.id.0 == *id,
            Self::External(external) => user.external_id.as_ref() == Some(external),
            Self::Name(name) => is(&user.email, name) || is(&user.username, name),
        }
    }
}

impl std::fmt::Display for Selector {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Id(id) => write!(f, "id:{id}"),
            Self::External(external) => write!(f, "external:{external}"),
            Self::Name(name) => f.write_str(name),
        }
    }
}
