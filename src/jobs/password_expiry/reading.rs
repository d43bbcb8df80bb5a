//! The tenant as one run found it, and what a mail is decorated with beside that.

use std::collections::BTreeSet;

use crate::domain::expiry::Facts;
use crate::domain::notice::Recipient;
use crate::domain::recipient::reader_of;
use crate::domain::user::{User, UserId};
use crate::onelogin::Client;
use crate::store::Learned;

/// The tenant as one run found it.
#[derive(Debug)]
pub struct Reading {
    /// The account that the credential belongs to.
    pub account_id: i64,
    /// What the decision is made from.
    pub facts: Facts,
    /// What this reading found out about the user list.
    pub learned: Learned,
    /// What a mail is decorated with, and the list does not tell of everybody.
    pub(super) unknown: BTreeSet<&'static str>,
    /// What people should know about the reading.
    pub notes: Vec<String>,
}

impl Reading {
    /// Asks for the names of the people whom these mails are about, and for the locales of their
    /// readers, one by one, where the list does not tell them. Both only decorate, so the first
    /// failure ends the asking and nothing else.
    pub async fn complete_mails<'a>(
        &mut self,
        client: &Client,
        mails: impl IntoIterator<Item = (UserId, &'a Recipient)>,
    ) {
        for id in self.people_to_ask_for(mails) {
            match client.read_user(id).await {
                Ok(person) => {
                    self.decorate(person.user);
                    // A tenant that does not tell it here tells it nowhere.
                    self.unknown
                        .retain(|field| !person.unknown_fields.contains(*field));
                    if self.unknown.is_empty() {
                        return;
                    }
                }
                Err(error) => {
                    return tracing::warn!(
                        "names or locales are not known, mails greet without or are in mail.language: {error}"
                    );
                }
            }
        }
    }

    fn people_to_ask_for<'a>(
        &self,
        mails: impl IntoIterator<Item = (UserId, &'a Recipient)>,
    ) -> BTreeSet<UserId> {
        let lacks_names = NAMES.iter().any(|name| self.unknown.contains(name));
        let lacks_locales = self.unknown.contains(LOCALE);
        let mut people = BTreeSet::new();
        for (id, recipient) in mails {
            let Some(user) = self.facts.users.get(&id) else {
                continue;
            };
            people.extend(lacks_names.then_some(id));
            let reader = reader_of(user, recipient.audience, &self.facts.users);
            people.extend(reader.filter(|_| lacks_locales).map(|reader| reader.id));
        }
        people
    }

    /// Takes over what decorates and nothing that decides.
    fn decorate(&mut self, whole: User) {
        if let Some(user) = self.facts.users.get_mut(&whole.id) {
            user.username = whole.username.or_else(|| user.username.take());
            user.firstname = whole.firstname.or_else(|| user.firstname.take());
            user.lastname = whole.lastname.or_else(|| user.lastname.take());
            user.preferred_locale_code = whole
                .preferred_locale_code
                .or_else(|| user.preferred_locale_code.take());
        }
    }
}

/// Fields that a mail calls a person by.
const NAMES: [&str; 3] = ["username", "firstname", "lastname"];
/// The field that a reader's language follows from.
const LOCALE: &str = "preferred_locale_code";

/// Of the fields that decorate, those which the list does not tell of everybody.
pub(super) fn unknown_decoration(unknown_fields: &BTreeSet<String>) -> BTreeSet<&'static str> {
    let decoration = NAMES.into_iter().chain([LOCALE]);
    decoration
        .filter(|field| unknown_fields.contains(*field))
        .collect()
}
