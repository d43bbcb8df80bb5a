//! Reads everything that the decision needs, before anything is done.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Context as _;
use jiff::{SignedDuration, Timestamp};

use super::memory::Memory;
use super::reading::{Reading, unknown_decoration};
use crate::config::settings::PasswordExpiry;
use crate::domain::alert::Kind;
use crate::domain::expiry::Facts;
use crate::domain::field::FieldNeeds;
use crate::domain::policy::{PolicyAnswer, PolicyKnowledge, changed_ages, policy_knowledge};
use crate::domain::rule::{Needs, Pattern, RoleMembers, missing_name, needs_of};
use crate::jobs::Stop;
use crate::jobs::tenant::{self, Asked};
use crate::onelogin::Client;

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
