//! Who is told about a person's password.

use std::collections::BTreeMap;

use super::notice::{Audience, Recipient};
use super::rule::Notify;
use super::skip::Skip;
use super::user::{User, UserId};

/// Where mail about people without an address goes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Fallback {
    /// Nowhere; they are counted.
    #[default]
    Nobody,
    /// To their manager.
    Manager,
    /// To this address.
    Address(String),
}

/// The recipient of a notice about `user`, or why there is none.
pub fn recipient_of(
    user: &User,
    notify: &Notify,
    fallback: &Fallback,
    users: &BTreeMap<UserId, User>,
) -> Result<Recipient, Skip> {
    match notify {
        Notify::Nobody => Err(Skip::NotNotified),
        Notify::Address(address) => Ok(desk(address)),
        Notify::Manager => manager_of(user, users),
        Notify::User => match usable_address(user.email.as_deref()) {
            Some(address) => Ok(Recipient {
                audience: Audience::Person,
                address: address.to_owned(),
            }),
            None => match fallback {
                Fallback::Nobody => Err(Skip::NoAddress),
                Fallback::Manager => manager_of(user, users),
                Fallback::Address(address) => Ok(desk(address)),
            },
        },
    }
}

fn desk(address: &str) -> Recipient {
    Recipient {
        audience: Audience::Desk,
        address: address.to_owned(),
    }
}

fn manager_of(user: &User, users: &BTreeMap<UserId, User>) -> Result<Recipient, Skip> {
    user.manager_user_id
        .filter(|id| *id != user.id)
        .and_then(|id| users.get(&id))
        .filter(|manager| manager.in_good_standing())
        .and_then(|manager| {
            Some(Recipient {
                audience: Audience::Manager,
                address: usable_address(manager.email.as_deref())?.to_owned(),
            })
        })
        .ok_or(Skip::NoManager)
}

/// The person who reads a notice about `user` that goes to such a recipient; none at an address that
/// a rule or the fallback names.
pub fn reader_of<'a>(
    user: &'a User,
    audience: Audience,
    users: &'a BTreeMap<UserId, User>,
) -> Option<&'a User> {
    match audience {
        Audience::Person => Some(user),
        Audience::Manager => user.manager_user_id.and_then(|id| users.get(&id)),
        Audience::Desk => None,
    }
}

/// The address without the spaces around it, if one mail to one mailbox can be sent there.
///
/// Directories hold two addresses in one field, line breaks and words; what is refused here would
/// be refused by the mail server, or worse, would reach somebody else.
pub fn usable_address(text: Option<&str>) -> Option<&str> {
    let address = text?.trim();
    let (local, domain) = address.rsplit_once('@')?;
    let forbidden = |c: char| c.is_whitespace() || c.is_control() || ",;:<>()[]\\\"@".contains(c);
    let labels_are_whole = domain.split('.').all(|label| !label.is_empty());
    let whole = !local.is_empty()
        && local.chars().count() <= 64
        && address.len() <= 254
        && !local.starts_with('.')
        && !local.ends_with('.')
        && !local.contains("..")
        && labels_are_whole
        && !local.chars().any(forbidden)
        && !domain.chars().any(forbidden);
    whole.then_some(address)
}
