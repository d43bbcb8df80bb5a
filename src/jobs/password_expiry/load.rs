//! Reads everything that the decision needs, before anything is done.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Context as _;
use jiff::{SignedDuration, Timestamp};

use crate::config::settings::PasswordExpiry;
use crate::domain::expiry::Facts;
use crate::domain::guard::hold_on_clock;
use crate::domain::notice::Ledger;
use crate::domain::policy::{PolicyBook, PolicyKnowledge};
use crate::domain::rule::{Needs, needs_of};
use crate::domain::run::Job;
use crate::jobs::Stop;
use crate::onelogin::{Client, DECIDING_FIELDS, Policies, UserList};
use crate::store::{self, Store};

/// What the store remembers of earlier runs. Empty where there is no store yet.
#[derive(Debug, Clone, Default)]
pub struct Memory {
    /// The account of the first run.
    pub account_id: Option<i64>,
    /// The size of the last proven user list.
    pub users: Option<u64>,
    /// The last policies and when they were read.
    pub policies: Option<(PolicyBook, Timestamp)>,
    /// Every notice so far.
    pub ledger: Ledger,
}

impl Memory {
    /// Loads it.
    pub async fn load(store: &Store) -> Result<Self, store::Error> {
        Ok(Self {
            account_id: store.account_id().await?,
            users: store.previous_user_count(Job::PasswordExpiry).await?,
            policies: store.load_policies().await?,
            ledger: store.load_ledger().await?,
        })
    }

    /// Loads what there is; nothing where there is no store.
    pub async fn load_existing(store: Option<&Store>) -> Result<Self, store::Error> {
        match store {
            Some(store) => Self::load(store).await,
            None => Ok(Self::default()),
        }
    }
}

/// The tenant as one run found it.
#[derive(Debug)]
pub struct Reading {
    /// The account that the credential belongs to.
    pub account_id: i64,
    /// What the decision is made from.
    pub facts: Facts,
    /// What people should know about the reading.
    pub notes: Vec<String>,
}

/// Reads the tenant. Every list is complete, or this is an error.
pub async fn read_tenant(
    client: &Client,
    settings: &PasswordExpiry,
    memory: &Memory,
    now: Timestamp,
) -> Result<Reading, Stop> {
    let account_id = client.account_id().await.context("the access token")?;
    if let Some(known) = memory.account_id.filter(|known| *known != account_id) {
        return Err(Stop::Refused(format!(
            "the store belongs to the OneLogin account {known}, and this credential to {account_id}: check \
             onelogin.url and client_id, or give this tenant a state_directory of its own"
        )));
    }
    check_clock(client)?;

    let needs = needs_of(&settings.terms.rules);
    let list = client
        .list_users(&needs.fields)
        .await
        .context("the user list; nobody is mailed on half of it")?;
    let mut notes = Vec::new();
    refuse_unknown(&list, &needs)?;

    let policies = read_policies(client, settings, &needs, memory, now, &mut notes).await?;
    let group_names = match policies.book() {
        _ if !needs.group_names => BTreeMap::new(),
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
    let role_members = if needs.roles.is_empty() {
        BTreeMap::new()
    } else {
        client
            .list_members_of(&needs.roles)
            .await
            .context("the role members that a rule asks for")?
    };
    check_clock(client)?;
    Ok(Reading {
        account_id,
        facts: Facts {
            users: list.users,
            policies,
            group_names,
            role_members,
        },
        notes,
    })
}

/// Who is mailed depends on these facts, so each must be known for everybody.
fn refuse_unknown(list: &UserList, needs: &Needs) -> Result<(), Stop> {
    if list.users.is_empty() {
        return Err(Stop::Refused(
            "OneLogin lists no users at all, and every tenant has an owner".to_owned(),
        ));
    }
    let deciding = DECIDING_FIELDS.iter().copied();
    let deciding: BTreeSet<&str> = deciding.chain(needs.fields.iter().map(String::as_str)).collect();
    let mut missing: Vec<String> = deciding
        .into_iter()
        .filter(|field| list.unknown_fields.contains(*field))
        .map(str::to_owned)
        .collect();
    if missing.is_empty() {
        let has = |name: &String| {
            list.users
                .values()
                .all(|user| user.custom_attributes.contains_key(name))
        };
        let lacking = needs.custom_attributes.iter().filter(|name| !has(name));
        missing.extend(lacking.map(|name| format!("custom.{name}")));
    }
    if missing.is_empty() {
        return Ok(());
    }
    Err(Stop::Refused(format!(
        "OneLogin does not tell {missing:?} for everybody, and who is mailed depends on it. An unknown field is never \
         taken for an empty one"
    )))
}

fn check_clock(client: &Client) -> Result<(), Stop> {
    let Some(reading) = client.clock_reading() else {
        tracing::warn!("OneLogin's answers carry no date, so the clock cannot be checked");
        return Ok(());
    };
    hold_on_clock(reading.ours, reading.onelogins).map_or(Ok(()), |hold| Err(Stop::Held(hold)))
}

async fn read_policies(
    client: &Client,
    settings: &PasswordExpiry,
    needs: &Needs,
    memory: &Memory,
    now: Timestamp,
    notes: &mut Vec<String>,
) -> Result<PolicyKnowledge, Stop> {
    if !settings.ask_onelogin && !needs.policies {
        return Ok(PolicyKnowledge::NotAsked);
    }
    let error = match client.read_policies().await {
        Policies::Read(book) => {
            notes.extend(changed_ages(memory, &book));
            return Ok(PolicyKnowledge::Read(book));
        }
        Policies::NotOffered(error) if memory.policies.is_none() => {
            return not_offered(settings, needs, notes, &error);
        }
        Policies::NotOffered(error) | Policies::Unreadable(error) => error,
    };
    let Some((book, read_at)) = &memory.policies else {
        return Err(Stop::Refused(format!(
            "OneLogin's password policies cannot be read, and were never read before: {error}"
        )));
    };
    let keep = SignedDuration::try_from(settings.policies_keep).unwrap_or(SignedDuration::MAX);
    if now.duration_since(*read_at) > keep {
        return Err(Stop::Refused(format!(
            "OneLogin's password policies cannot be read, and those of {read_at:.0} are older than policies_keep: {error}"
        )));
    }
    notes.push(format!(
        "the password policies cannot be read ({error}); those of {read_at:.0} serve"
    ));
    Ok(PolicyKnowledge::Stored(book.clone(), *read_at))
}

fn not_offered(
    settings: &PasswordExpiry,
    needs: &Needs,
    notes: &mut Vec<String>,
    error: &crate::onelogin::Error,
) -> Result<PolicyKnowledge, Stop> {
    if needs.policies {
        return Err(Stop::Refused(format!(
            "a rule asks for `onelogin_policy`, and OneLogin offers no policies: {error}"
        )));
    }
    let terms = &settings.terms;
    if terms.default_max_age.is_none() && terms.rules.iter().all(|rule| rule.max_age.is_none()) {
        return Err(Stop::Failed(anyhow::anyhow!(
            "OneLogin offers no password policies here ({error}), and the configuration names no age: set \
             password_expiry.default_max_age_days, or max_age_days in a [[password_expiry.rule]], or give the \
             credential the scope Read All"
        )));
    }
    notes.push(
        "OneLogin offers no password policies here; only the ages of the configuration count".to_owned(),
    );
    Ok(PolicyKnowledge::NotOffered)
}

/// A policy whose age changed since the last run moves everybody's date.
fn changed_ages(memory: &Memory, book: &PolicyBook) -> Vec<String> {
    let Some((before, _)) = &memory.policies else {
        return Vec::new();
    };
    let say =
        |age: Option<crate::domain::policy::MaxAge>| age.map_or("no age".to_owned(), |age| age.to_string());
    book.policies
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
