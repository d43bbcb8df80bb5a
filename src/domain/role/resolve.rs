//! Whom a selector of roles.toml or of `protected` means, with the help of whom it last meant.

use std::collections::{BTreeMap, BTreeSet};

use super::desired::DesiredState;
use crate::domain::identity::normal;
use crate::domain::selector::Selector;
use crate::domain::user::{User, UserId};

/// What became of one selector.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Person {
    /// One person fits, and nobody else ever did.
    Found(UserId),
    /// Nobody fits, and nobody ever did.
    Unknown,
    /// Several people fit, in whatever standing; their numbers, and whom it last meant.
    Ambiguous(BTreeSet<UserId>),
    /// Nobody fits any more, and the person whom it last meant is still there: they keep their
    /// place, and the file should say the new name.
    Renamed(UserId),
    /// Whom it last meant is not in the complete user list, and OneLogin answers 404 when asked.
    Gone(UserId),
    /// Whom it last meant is not in the complete user list, and OneLogin was not asked or did not
    /// say: nothing is known.
    Unproven(UserId),
    /// It means somebody else now. Refused until the file names them by number.
    Recycled {
        /// Whom it last meant.
        was: UserId,
        /// Who fits now.
        now: UserId,
    },
}

impl Person {
    /// Who has the place in the file.
    pub fn place(&self) -> Option<UserId> {
        match self {
            Self::Found(id) | Self::Renamed(id) => Some(*id),
            Self::Unknown
            | Self::Ambiguous(_)
            | Self::Gone(_)
            | Self::Unproven(_)
            | Self::Recycled { .. } => None,
        }
    }

    /// The people whom it may mean, where it is not certain whom.
    pub fn candidates(&self) -> BTreeSet<UserId> {
        match self {
            Self::Ambiguous(ids) => ids.clone(),
            Self::Unproven(id) => [*id].into(),
            Self::Recycled { was, now } => [*was, *now].into(),
            Self::Found(_) | Self::Renamed(_) | Self::Unknown | Self::Gone(_) => BTreeSet::new(),
        }
    }
}

/// The people of the tenant, found by what a file calls them.
#[derive(Debug, Clone)]
pub struct Directory<'a> {
    users: &'a BTreeMap<UserId, User>,
    names: BTreeMap<String, BTreeSet<UserId>>,
    external_ids: BTreeMap<&'a str, BTreeSet<UserId>>,
    ledger: &'a BTreeMap<Selector, UserId>,
    gone: &'a BTreeSet<UserId>,
}

impl<'a> Directory<'a> {
    /// Of the proven user list, the identity ledger, and the numbers for which OneLogin answered
    /// 404 in this run.
    pub fn new(
        users: &'a BTreeMap<UserId, User>,
        ledger: &'a BTreeMap<Selector, UserId>,
        gone: &'a BTreeSet<UserId>,
    ) -> Self {
        let mut names: BTreeMap<String, BTreeSet<UserId>> = BTreeMap::new();
        let mut external_ids: BTreeMap<&str, BTreeSet<UserId>> = BTreeMap::new();
        for user in users.values() {
            for name in [&user.email, &user.username].into_iter().flatten() {
                names.entry(normal(name)).or_default().insert(user.id);
            }
            if let Some(external) = &user.external_id {
                external_ids.entry(external).or_default().insert(user.id);
            }
        }
        Self {
            users,
            names,
            external_ids,
            ledger,
            gone,
        }
    }

    /// Whom the selector means.
    pub fn find(&self, selector: &Selector) -> Person {
        let fits = self.fits(selector);
        let before = self.ledger.get(selector).copied();
        let mut rest = fits.iter();
        match (rest.next(), rest.next(), before) {
            (Some(_), Some(_), _) => Person::Ambiguous(fits.into_iter().chain(before).collect()),
            (Some(&now), None, Some(was)) if was != now => Person::Recycled { was, now },
            (Some(&now), None, _) => Person::Found(now),
            (None, _, Some(was)) if self.users.contains_key(&was) => Person::Renamed(was),
            (None, _, Some(was)) if self.gone.contains(&was) => Person::Gone(was),
            (None, _, Some(was)) => Person::Unproven(was),
            (None, _, None) => Person::Unknown,
        }
    }

    fn fits(&self, selector: &Selector) -> BTreeSet<UserId> {
        let found = match selector {
            Selector::Id(id) => {
                let id = UserId(*id);
                return self.users.contains_key(&id).then_some(id).into_iter().collect();
            }
            Selector::External(external) => self.external_ids.get(external.as_str()),
            Selector::Name(name) => self.names.get(name),
        };
        found.cloned().unwrap_or_default()
    }

    /// What the file should say for somebody: the email where it is theirs alone, else the number.
    pub fn best_name(&self, id: UserId) -> String {
        let email = self.users.get(&id).and_then(|user| user.email.as_ref());
        match email {
            Some(email) if self.names.get(&normal(email)).is_some_and(|ids| ids.len() == 1) => email.clone(),
            _ => format!("id:{id}"),
        }
    }

    /// The people whom OneLogin must be asked about one by one: selectors last meant them, and the
    /// complete user list has them no more.
    pub fn to_ask<'s>(&self, selectors: impl IntoIterator<Item = &'s Selector>) -> BTreeSet<UserId> {
        let unproven = selectors
            .into_iter()
            .filter_map(|selector| match self.find(selector) {
                Person::Unproven(id) => Some(id),
                _ => None,
            });
        unproven.collect()
    }
}

/// Every selector of the file, in its order.
pub fn selectors(desired: &DesiredState) -> impl Iterator<Item = &Selector> {
    desired.roles.iter().flat_map(|role| {
        let members = role.members.iter().map(|member| &member.listed);
        members.chain(&role.exclude).map(|listed| &listed.person)
    })
}
