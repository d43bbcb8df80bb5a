//! Reads everything that the decision needs, before anything is done.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Context as _;
use jiff::{SignedDuration, Timestamp};

use super::memory::Memory;
use super::reading::{Reading, unknown_decoration};
use crate::config::settings::PasswordExpiry;
use crate::domain::alert::Kind;
use crate::domain::budget::calls_needed;
use crate::domain::expiry::Facts;
use crate::domain::field::FieldNeeds;
use crate::domain::guard::hold_on_clock;
use crate::domain::policy::{PolicyAnswer, PolicyKnowledge, changed_ages, policy_knowledge};
use crate::domain::rule::{Needs, Pattern, RoleMembers, missing_name, needs_of};
use crate::domain::user::UserSource;
use crate::jobs::Stop;
use crate::onelogin::{Client, UserList};
use crate::store::Learned;

/// Reads the tenant. Every list is complete, or this is an error.
pub async fn read_tenant(
    client: &Client,
    settings: &PasswordExpiry,
    memory: &Memory,
    now: Timestamp,
) -> Result<Reading, Stop> {
    let account_id = client.account_id().await.context("the access token")?;
    if let Some(known) = memory.account_id.filter(|known| *known != account_id) {
        let why = format!(
            "the store belongs to the OneLogin account {known}, and this credential to {account_id}: check \
             onelogin.url and client_id, or give this tenant a state_directory of its own"
        );
        return Err(Stop::Refused(Kind::Account, why));
    }
    check_clock(client)?;

    let needs = needs_of(&settings.terms.rules);
    let (list, learned) = read_users(client, settings, memory).await?;
    let mut notes = Vec::new();
    let policies = read_policies(client, settings, &needs, memory, now, &mut notes).await?;
    let group_names = read_group_names(client, &needs, &policies).await?;
    let role_members = read_role_members(client, &needs).await?;
    check_clock(client)?;
    Ok(Reading {
        account_id,
        unknown: unknown_decoration(&list.unknown_fields),
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

fn check_clock(client: &Client) -> Result<(), Stop> {
    let Some(reading) = client.clock_reading() else {
        tracing::warn!("OneLogin's answers carry no date, so the clock cannot be checked");
        return Ok(());
    };
    hold_on_clock(reading.ours, reading.onelogins).map_or(Ok(()), |hold| Err(Stop::Held(hold)))
}

async fn read_users(
    client: &Client,
    settings: &PasswordExpiry,
    memory: &Memory,
) -> Result<(UserList, Learned), Stop> {
    let mut fields = FieldNeeds::of(&settings.terms);
    let needed = fields.all();
    // What was learned for other fields says nothing about these.
    let learned = memory.learned.as_ref().filter(|learned| learned.needed == needed);
    let source = learned.map_or(UserSource::V2, |learned| learned.source);
    if let Some(learned) = learned {
        fields.welcome.retain(|field| !learned.nowhere.contains(field));
    }
    check_quota(client, memory, source, learned.and_then(|learned| learned.page)).await?;
    let list = client
        .list_users(&fields, source)
        .await
        .context("the user list; nobody is mailed on half of it")?;
    if list.users.is_empty() {
        return Err(Stop::Refused(
            Kind::Users,
            "OneLogin lists no users at all, and every tenant has an owner".to_owned(),
        ));
    }
    // Named as the configuration names them.
    let missing: Vec<String> = fields
        .deciding
        .intersection(&list.unknown_fields)
        .map(|field| field.replacen("custom_attributes.", "custom.", 1))
        .collect();
    if !missing.is_empty() {
        let why = format!(
            "OneLogin does not tell {missing:?} for everybody, and who is mailed depends on it. An unknown field is \
             never taken for an empty one. Run it again later, or take the field out of the rules"
        );
        return Err(Stop::Refused(Kind::Users, why));
    }
    let mut nowhere = learned.map(|learned| learned.nowhere.clone()).unwrap_or_default();
    if list.is_last_word {
        nowhere.extend(fields.welcome.intersection(&list.unknown_fields).cloned());
    }
    let learned = Learned {
        needed,
        source: list.source,
        nowhere,
        page: list.page,
    };
    Ok((list, learned))
}

/// Says how many calls the run will make, and puts it off where the quota is too small for them.
async fn check_quota(
    client: &Client,
    memory: &Memory,
    source: UserSource,
    page: Option<u64>,
) -> Result<(), Stop> {
    let Some(users) = memory.users else { return Ok(()) };
    let calls = calls_needed(users, source, page);
    tracing::info!(calls = calls.all, "about this many calls to OneLogin are needed");
    if calls.v1 == 0 {
        return Ok(());
    }
    let quota = match client.read_quota().await {
        Ok(quota) => quota,
        // The question is a courtesy: OneLogin itself stops whoever asks too much.
        Err(error) => {
            tracing::warn!("the quota left is not known: {error}");
            return Ok(());
        }
    };
    if quota.remaining >= calls.v1 {
        return Ok(());
    }
    Err(Stop::Later(format!(
        "the run needs about {} calls that count, and {} of the account's {} an hour are left; they are renewed in {} minutes",
        calls.v1,
        quota.remaining,
        quota.limit,
        quota.renewed_in().as_secs().div_ceil(60)
    )))
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
