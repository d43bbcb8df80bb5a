//! The desired state: what roles.toml asks for, once read and found free of contradictions.

use std::collections::BTreeMap;

use jiff::civil::Date;
use sha2::{Digest as _, Sha256};

use super::RoleId;
use super::step::hex;
use crate::domain::rule::Field;
use crate::domain::selector::Selector;

/// A whole file.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DesiredState {
    /// The tenant that the file is for, where it says so.
    pub tenant: Option<Pin>,
    /// Its `[[role]]` tables in their order; never empty.
    pub roles: Vec<DesiredRole>,
    /// SHA-256 of the file's bytes, in hexadecimal.
    pub digest: String,
}

impl DesiredState {
    /// A fingerprint of what one `[[role]]` says, wherever it stands and however it is laid out.
    pub fn entry_digest(&self, index: usize) -> String {
        let Some(role) = self.roles.get(index) else {
            return String::new();
        };
        // Quoted, so that no two entries give the same text. It is kept in the store, so it is made
        // of what the file says and of no name of this program.
        let is_exact = role.membership == Membership::Exact;
        let mut text = format!("{:?} {is_exact} {}\n", role.role.to_string(), role.allow_empty);
        let day = |day: Option<Date>| day.map_or(String::new(), |day| day.to_string());
        for member in &role.members {
            text.push_str(&format!(
                "member {:?} {} {} {:?}\n",
                member.listed.person.to_string(),
                day(member.from),
                day(member.until),
                member.reason.as_deref().unwrap_or_default()
            ));
        }
        for other in role.include.iter().filter_map(|other| self.roles.get(*other)) {
            text.push_str(&format!("include {:?}\n", other.role.to_string()));
        }
        for listed in &role.exclude {
            text.push_str(&format!("exclude {:?}\n", listed.person.to_string()));
        }
        for (field, values) in role.matching.iter().flatten() {
            text.push_str(&format!("match {:?} {values:?}\n", field.wire_name()));
        }
        hex(&Sha256::digest(text))
    }
}

/// `tenant`: what a file may be pinned to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Pin {
    /// The first label of the tenant's host, in lower case.
    Label(String),
    /// `account_id` of the token answer.
    Account(i64),
}

impl Pin {
    /// Whether this is the tenant that the file is for. `host` is that of the base URL; `account` is
    /// the `account_id` of the token answer, `None` while no token was had. The error says what does
    /// not fit; a pin that cannot be compared yet is no error.
    ///
    /// On loopback and on a regional `api.` host the first label names no tenant, so only a number
    /// can pin it.
    pub fn check(&self, host: &str, account: Option<i64>) -> Result<(), String> {
        match self {
            Self::Account(own) => match account {
                Some(other) if other != *own => Err(format!(
                    "roles.toml is for account {own}, and this is account {other}"
                )),
                _ => Ok(()),
            },
            Self::Label(own) => {
                let Some(label) = label_of(host) else {
                    return Err(format!(
                        "roles.toml is for the tenant {own:?}, and {host} does not tell its tenant; pin the number of the account instead"
                    ));
                };
                if label == *own {
                    Ok(())
                } else {
                    Err(format!(
                        "roles.toml is for the tenant {own:?}, and this is {label:?}"
                    ))
                }
            }
        }
    }
}

/// The tenant that a host names: its first label in lower case. `None` for loopback and the regional
/// `api.` hosts, which serve many.
pub fn label_of(host: &str) -> Option<String> {
    let label = host.split('.').next().unwrap_or_default().to_lowercase();
    let is_number = host.trim_matches(['[', ']']).parse::<std::net::IpAddr>().is_ok();
    (!is_number && !matches!(label.as_str(), "api" | "localhost")).then_some(label)
}

/// One `[[role]]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DesiredRole {
    /// Which role of OneLogin.
    pub role: RoleName,
    /// Whether people whom the file does not name are sent away.
    pub membership: Membership,
    /// `members`, in their order.
    pub members: Vec<Member>,
    /// `include`: places of other roles in [`DesiredState::roles`]. Free of circles.
    pub include: Vec<usize>,
    /// `exclude`: wins over everything else.
    pub exclude: Vec<Listed>,
    /// `match`: all keys must fit, of each key any value, exactly but for the case.
    pub matching: Option<BTreeMap<Field, Vec<String>>>,
    /// Whether an empty result is meant.
    pub allow_empty: bool,
    /// The line of its `[[role]]`, counted from 1.
    pub line: usize,
}

/// How the file calls a role.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum RoleName {
    /// By its exact name.
    Name(String),
    /// By OneLogin's number.
    Id(RoleId),
}

impl std::fmt::Display for RoleName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Name(name) => f.write_str(name),
            Self::Id(id) => write!(f, "id {id}"),
        }
    }
}

/// What becomes of members whom the file does not name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Membership {
    /// They are removed.
    #[default]
    Exact,
    /// They stay, unless the file itself sends them away: past `until`, or in `exclude`.
    Additive,
}

/// A person as the file names them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// Who, normalised.
    pub person: Selector,
    /// As it is written.
    pub written: String,
    /// The line, counted from 1.
    pub line: usize,
}

/// An entry of `members`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Who.
    pub listed: Listed,
    /// First day in force, in `time_zone`; `None`: always.
    pub from: Option<Date>,
    /// Last day in force, in `time_zone`; `None`: for ever. Not before `from`.
    pub until: Option<Date>,
    /// Why, in the words of the file.
    pub reason: Option<String>,
}

impl Member {
    /// Whether the entry puts the person into the role on this day.
    pub fn in_force(&self, today: Date) -> bool {
        self.from.is_none_or(|from| from <= today) && self.until.is_none_or(|until| today <= until)
    }

    /// Whether the last day is over.
    pub fn has_passed(&self, today: Date) -> bool {
        self.until.is_some_and(|until| until < today)
    }
}

#[cfg(test)]
mod tests {
    use super::Pin;

    #[test]
    fn o9_a_pin_fits_its_own_tenant_and_no_other() {
        let label = Pin::Label("acme".to_owned());
        for (host, fits) in [
            ("acme.onelogin.com", true),
            ("ACME.eu.onelogin.com", true),
            ("acme-staging.onelogin.com", false),
            ("api.us.onelogin.com", false),
            ("localhost", false),
            ("127.0.0.1", false),
            ("[::1]", false),
        ] {
            assert_eq!(label.check(host, Some(7)).is_ok(), fits, "{host}");
        }
        let account = Pin::Account(7);
        assert_eq!(account.check("api.us.onelogin.com", None), Ok(()));
        assert_eq!(account.check("127.0.0.1", Some(7)), Ok(()));
        assert!(
            account
                .check("acme.onelogin.com", Some(8))
                .unwrap_err()
                .contains("account 8")
        );
    }
}
