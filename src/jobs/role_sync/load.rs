//! Reads everything that a plan needs, before anything is written.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Context as _;

use super::access::DECORATION;
use super::file::FileInForce;
use crate::config::settings::Settings;
use crate::domain::field::FieldNeeds;
use crate::domain::role::RoleId;
use crate::domain::role::actual::{Mapping, Reading};
use crate::domain::role::decide::{RoleFacts, RoleTerms, Tenant, to_ask};
use crate::domain::role::desired::{DesiredState, label_of};
use crate::domain::role::memory::Memory as RoleMemory;
use crate::domain::role::names::name_roles;
use crate::domain::role::plan::RolePlan;
use crate::domain::run::Job;
use crate::domain::selector::Selector;
use crate::domain::user::{User, UserId};
use crate::jobs::Stop;
use crate::jobs::tenant::{self, Asked};
use crate::onelogin::Client;
use crate::report::role_plan::RolePlanReport;
use crate::store::{self, Learned, Store};
use jiff::Timestamp;

/// What earlier runs left. Empty where there is no store yet.
#[derive(Debug, Clone, Default)]
pub struct Memory {
    /// The account of the first run.
    pub account_id: Option<i64>,
    /// The size of the last proven user list.
    pub users: Option<u64>,
    /// Where the users are best read.
    pub learned: Option<Learned>,
    /// What plans are made with.
    pub roles: RoleMemory,
}

impl Memory {
    /// Loads it.
    pub async fn load(store: &Store, now: Timestamp) -> Result<Self, store::Error> {
        Ok(Self {
            account_id: store.account_id().await?,
            users: store.previous_user_count(Job::RoleSync).await?,
            learned: store.learned(Job::RoleSync).await?,
            roles: store.load_role_memory(now).await?,
        })
    }

    /// Loads what there is; nothing where there is no store.
    pub async fn load_existing(store: Option<&Store>, now: Timestamp) -> Result<Self, store::Error> {
        match store {
            Some(store) => Self::load(store, now).await,
            None => Ok(Self::default()),
        }
    }
}

/// The tenant as one run found it.
#[derive(Debug)]
pub struct RoleReading {
    /// Whose roles they are.
    pub tenant: Tenant,
    /// The account that the credential belongs to.
    pub account_id: i64,
    /// The proven user list.
    pub users: BTreeMap<UserId, User>,
    /// What this reading found out about it.
    pub learned: Learned,
    /// Every role of the tenant with its name.
    pub roles: BTreeMap<RoleId, String>,
    /// The members of the roles of the file.
    pub members: BTreeMap<RoleId, Reading>,
    unknown_fields: BTreeSet<String>,
    gone: BTreeSet<UserId>,
    mappings: Vec<Mapping>,
}

impl RoleReading {
    /// A plan that was made from it, in words.
    pub(super) fn report<'a>(&'a self, plan: &'a RolePlan, settings: &'a Settings) -> RolePlanReport<'a> {
        RolePlanReport {
            plan,
            users: &self.users,
            zone: &settings.password_expiry.terms.calendar.time_zone,
        }
    }

    /// Whether the list lacks something that a mail is decorated with.
    pub(super) fn lacks_decoration(&self) -> bool {
        DECORATION
            .iter()
            .any(|field| self.unknown_fields.contains(*field))
    }

    /// As a plan takes it.
    pub fn facts(&self) -> RoleFacts<'_> {
        RoleFacts {
            tenant: &self.tenant,
            users: &self.users,
            unknown_fields: &self.unknown_fields,
            gone: &self.gone,
            roles: &self.roles,
            members: &self.members,
            mappings: &self.mappings,
        }
    }
}

/// `[role_sync]`, as far as it decides.
pub fn terms_of(settings: &Settings) -> RoleTerms {
    let role_sync = &settings.role_sync;
    RoleTerms {
        limits: role_sync.limits.clone(),
        overrides: role_sync.overrides.clone(),
        protected: role_sync.protected.clone(),
        unknown_user: role_sync.unknown_user,
        suspended_members: role_sync.suspended_members,
        time_zone: settings.password_expiry.terms.calendar.time_zone.clone(),
    }
}

/// Reads the tenant as far as the file asks for it. A role whose members cannot be read is part of
/// the reading; a list of users or of roles that is not complete is an error.
pub async fn read_roles(
    client: &Client,
    settings: &Settings,
    file: &FileInForce,
    memory: &Memory,
) -> Result<RoleReading, Stop> {
    read_members_of(client, settings, &file.state, memory, &Which::Named).await
}

/// The roles whose members are read.
#[derive(Debug, Clone)]
pub enum Which {
    /// Those that the file names.
    Named,
    /// These, as far as OneLogin has them.
    These(BTreeSet<RoleId>),
    /// All that OneLogin has.
    All,
}

/// Every role of the tenant with its name. Reads nothing else.
pub async fn list_roles(client: &Client, memory: &Memory) -> Result<BTreeMap<RoleId, String>, Stop> {
    tenant::account_of(client, memory.account_id).await?;
    Ok(client.list_roles().await.context("the list of roles")?)
}

/// The same as [`read_roles`], for other roles than those of the file.
pub async fn read_members_of(
    client: &Client,
    settings: &Settings,
    desired: &DesiredState,
    memory: &Memory,
    which: &Which,
) -> Result<RoleReading, Stop> {
    let account_id = tenant::account_of(client, memory.account_id).await?;
    tenant::check_clock(client)?;
    let terms = terms_of(settings);
    // What `match` asks for decides, so it is asked for in every run: a field that nobody told the
    // last time is still unknown, or back again, and never one that fits nobody.
    let learned = memory.learned.clone().map(|learned| Learned {
        nowhere: BTreeSet::new(),
        ..learned
    });
    let asked = Asked {
        fields: needs(desired, &terms),
        learned: learned.as_ref(),
        users: memory.users,
        purpose: "no membership is changed on half of it",
    };
    let (list, learned) = tenant::read_users(client, asked).await?;
    let roles = client
        .list_roles()
        .await
        .context("the list of roles; no membership is changed on half of it")?;
    let mut members = BTreeMap::new();
    let wanted: BTreeSet<RoleId> = match which {
        Which::Named => name_roles(desired, &roles).into_iter().flatten().collect(),
        Which::These(ids) => ids.iter().filter(|id| roles.contains_key(id)).copied().collect(),
        Which::All => roles.keys().copied().collect(),
    };
    for id in wanted {
        members.insert(id, client.read_role_members(id).await?);
    }
    let mut gone = BTreeSet::new();
    for id in to_ask(desired, &terms, &list.users, &memory.roles) {
        match client.user_exists(id).await {
            Ok(true) => {}
            Ok(false) => {
                gone.insert(id);
            }
            // Not asked is not gone: the plan holds what depends on it.
            Err(error) => tracing::warn!(user = id.0, "it is not known whether the person is gone: {error}"),
        }
    }
    let mappings = read_mappings(client, memory).await;
    tenant::check_clock(client)?;
    Ok(RoleReading {
        tenant: Tenant {
            label: settings.onelogin.url.host_str().and_then(label_of),
            account: Some(account_id),
        },
        account_id,
        users: list.users,
        learned,
        roles,
        members,
        unknown_fields: list.unknown_fields,
        gone,
        mappings,
    })
}

/// The mappings decorate: they name what may bring a membership back, and are asked for only where
/// we changed any.
async fn read_mappings(client: &Client, memory: &Memory) -> Vec<Mapping> {
    if memory.roles.changes.is_empty() {
        return Vec::new();
    }
    match client.list_mappings().await {
        Ok(mappings) => mappings.unwrap_or_default(),
        Err(error) => {
            tracing::info!("the mappings cannot be read, and none is named: {error}");
            Vec::new()
        }
    }
}

/// Who somebody is and whether they are in good standing must be known of everybody. What a `match`
/// asks for may be unknown, which holds the role.
fn needs(desired: &DesiredState, terms: &RoleTerms) -> FieldNeeds {
    let mut deciding: BTreeSet<String> = ["status", "state", "email", "username"].map(str::to_owned).into();
    let people = desired.roles.iter().flat_map(|role| {
        let members = role.members.iter().map(|member| &member.listed);
        members.chain(&role.exclude).map(|listed| &listed.person)
    });
    if people
        .chain(&terms.protected)
        .any(|person| matches!(person, Selector::External(_)))
    {
        deciding.insert("external_id".to_owned());
    }
    let matched = desired.roles.iter().filter_map(|role| role.matching.as_ref());
    let welcome = matched
        .flat_map(|matching| matching.keys().map(crate::domain::rule::Field::wire_name))
        .filter(|field| !deciding.contains(field))
        .collect();
    FieldNeeds { deciding, welcome }
}
