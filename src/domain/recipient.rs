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
    let labels_are_whole = domain.split('.').all(|label| !label.is_empty());
    let whole = (is_plain(local) || is_quoted_local_part(local))
        && local.chars().count() <= 64
        && address.len() <= 254
        && labels_are_whole
        && !domain.chars().any(is_forbidden);
    whole.then_some(address)
}

fn is_plain(local: &str) -> bool {
    !local.is_empty()
        && !local.starts_with('.')
        && !local.ends_with('.')
        && !local.contains("..")
        && !local.chars().any(is_forbidden)
}

fn is_forbidden(c: char) -> bool {
    c.is_whitespace() || c.is_control() || ",;:<>()[]\\\"@".contains(c)
}

/// Whether it is a quoted string (RFC 5321), as in `"ana novak"@acme.example`: rare, and valid. The
/// escapes that it allows are not taken.
pub fn is_quoted_local_part(local: &str) -> bool {
    let inner = local.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    let is_plain_inside = |c: char| (c == ' ' || c.is_ascii_graphic()) && c != '"' && c != '\\';
    inner.is_some_and(|inner| !inner.is_empty() && inner.chars().all(is_plain_inside))
}
