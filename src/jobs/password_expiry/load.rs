//! Reads everything that the decision needs, before anything is done.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Context as _;
use jiff::{SignedDuration, Timestamp};

use super::memory::Memory;
use crate::config::settings::PasswordExpiry;
use crate::domain::alert::Kind;
use crate::domain::expiry::Facts;
use crate::domain::field::FieldNeeds;
use crate::domain::notice::Recipient;
use crate::domain::policy::{PolicyAnswer, PolicyKnowledge, changed_ages, policy_knowledge};
use crate::domain::recipient::reader_of;
use crate::domain::rule::{Needs, Pattern, RoleMembers, missing_name, needs_of};
use crate::domain::user::{User, UserId};
use crate::jobs::Stop;
use crate::jobs::tenant::{self, Asked};
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
    unknown: BTreeSet<&'static str>,
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

/// Reads the tenant. Every list is complete, or this is an error.
pub async fn read_tenant(
    client: &Client,
    settings: &PasswordExpiry,
    memory: &Memory,
    now: Timestamp,
) -> Result<Reading, Stop> {
    let account_id = tenant::account_of(client, memory.account_id).await?;
    tenant::check_clock(client)?;

    let needs = needs_of(&settings.terms.rules);
    let asked = Asked {
        fields: FieldNeeds::of(&settings.terms),
        learned: memory.learned.as_ref(),
        users: memory.users,
        purpose: "nobody is mailed on half of it",
    };
    let (list, learned) = tenant::read_users(client, asked).await?;
    let mut notes = Vec::new();
    let policies = read_policies(client, settings, &needs, memory, now, &mut notes).await?;
    let group_names = read_group_names(client, &needs, &policies).await?;
    let role_members = read_role_members(client, &needs).await?;
    tenant::check_clock(client)?;
    Ok(Reading {
        account_id,
        unknown: NAMES
            .into_iter()
            .chain([LOCALE])
            .filter(|field| list.unknown_fields.contains(*field))
            .collect(),
        facts: Facts {
            users: list.users,
            policies,
            group_names,
            role_members,
        },
        learned,
        notes,
    })
}

async fn read_policies(
    client: &Client,
    settings: &PasswordExpiry,
    needs: &Needs,
    memory: &Memory,
    now: Timestamp,
    notes: &mut Vec<String>,
) -> Result<PolicyKnowledge, Stop> {
    let terms = &settings.terms;
    if !terms.ages_from_onelogin && needs.policies.is_empty() {
        return Ok(PolicyKnowledge::NotAsked);
    }
    let keep = SignedDuration::try_from(settings.policies_keep).unwrap_or(SignedDuration::MAX);
    let answer = client.read_policies().await;
    let why = match &answer {
        PolicyAnswer::Read(_) => String::new(),
        PolicyAnswer::NotOffered(why) | PolicyAnswer::Unreadable(why) => why.clone(),
    };
    let knowledge = policy_knowledge(answer, memory.policies.as_ref(), keep, now)
        .map_err(|why| Stop::Refused(Kind::Policies, why))?;
    match &knowledge {
        PolicyKnowledge::Read(book) => {
            let before = memory.accepted_policies.as_ref();
            notes.extend(
                before
                    .map(|before| changed_ages(before, book))
                    .unwrap_or_default(),
            );
        }
        PolicyKnowledge::Stored(_, read_at) => {
            notes.push(format!(
                "the password policies cannot be read ({why}); those of {read_at:.0} serve"
            ));
        }
        PolicyKnowledge::NotOffered if !needs.policies.is_empty() => {
            let why = format!("a rule asks for `onelogin_policy`, and OneLogin offers no policies: {why}");
            return Err(Stop::Refused(Kind::Rule, why));
        }
        PolicyKnowledge::NotOffered if terms.names_no_age() => {
            return Err(Stop::Failed(anyhow::anyhow!(
                "OneLogin offers no password policies here ({why}), and the configuration names no age: set \
                 password_expiry.default_max_age_days, or max_age_days in a [[password_expiry.rule]], or give the \
                 credential the scope Read All"
            )));
        }
        PolicyKnowledge::NotOffered => {
            notes.push(
                "OneLogin offers no password policies here; only the ages of the configuration count"
                    .to_owned(),
            );
        }
        PolicyKnowledge::NotAsked => {}
    }
    if let Some(book) = knowledge.book() {
        let names = book
            .policies
            .values()
            .map(|policy| policy.name.as_str())
            .collect();
        refuse_missing_name("onelogin_policy", &needs.policies, &names)?;
    }
    Ok(knowledge)
}

async fn read_group_names(
    client: &Client,
    needs: &Needs,
    policies: &PolicyKnowledge,
) -> Result<BTreeMap<i64, String>, Stop> {
    if needs.groups.is_empty() {
        return Ok(BTreeMap::new());
    }
    let groups = match policies.book() {
        Some(book) => book
            .groups
            .iter()
            .map(|(id, group)| (*id, group.name.clone()))
            .collect(),
        None => client
            .list_group_names()
            .await
            .context("the group names that a rule asks for")?,
    };
    refuse_missing_name(
        "group",
        &needs.groups,
        &groups.values().map(String::as_str).collect(),
    )?;
    Ok(groups)
}

async fn read_role_members(client: &Client, needs: &Needs) -> Result<RoleMembers, Stop> {
    if needs.roles.is_empty() {
        return Ok(RoleMembers::new());
    }
    let members = client
        .list_members_of(&needs.roles)
        .await
        .context("the role members that a rule asks for")?;
    refuse_missing_name(
        "role",
        &needs.roles,
        &members.keys().map(String::as_str).collect(),
    )?;
    Ok(members)
}

fn refuse_missing_name(key: &str, patterns: &[Pattern], listed: &BTreeSet<&str>) -> Result<(), Stop> {
    missing_name(patterns, listed).map_or(Ok(()), |name| {
        let why = format!(
            "a rule asks for the {key} {name:?}, and OneLogin lists none of that name: correct the match in \
             [[password_expiry.rule]]. Taken for \"no match\", it would give people another age"
        );
        Err(Stop::Refused(Kind::Rule, why))
    })
}
