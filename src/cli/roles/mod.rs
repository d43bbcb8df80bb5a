//! `roles`: the desired state, the plan, and what a person may do about it.

mod apply;
mod approve;
mod edit;
mod explain;
mod export;
mod pause;
mod plan;
mod undo;

use std::collections::BTreeMap;

use anyhow::{anyhow, bail};

use super::args::Roles;
use super::exit::{Exit, Failure};
use super::session::Session;
use crate::desired_file::RoleArgument;
use crate::domain::role::RoleId;
use crate::domain::role::desired::RoleName;
use crate::domain::role::names;

pub(super) async fn run(session: &mut Session<'_>, arguments: Roles) -> Result<Exit, Failure> {
    match arguments {
        Roles::Plan { out, exit_code, json } => {
            plan::run(session, out.as_deref(), exit_code, json.json).await
        }
        Roles::Apply { file, consent, json } => {
            apply::run(session, file.as_deref(), consent, json.json).await
        }
        Roles::Approve {
            plan_id,
            role,
            reason,
            consent,
        } => approve::run(session, &plan_id, role.as_deref(), reason, consent).await,
        Roles::Undo { run, apply, consent } => undo::run(session, run, apply, consent).await,
        Roles::Pause {
            role,
            duration,
            reason,
        } => pause::run(session, &role, duration, reason).await,
        Roles::Resume { role } => pause::resume(session, &role).await,
        Roles::Explain { user, role, json } => explain::run(session, &user, &role, json.json).await,
        Roles::Export => export::run(session).await,
        Roles::Grant {
            user,
            role,
            until,
            reason,
            consent,
        } => edit::grant(session, (&user, &role), until, &reason, consent).await,
        Roles::Revoke {
            user,
            role,
            reason,
            consent,
        } => edit::revoke(session, (&user, &role), &reason, consent).await,
    }
}

/// The role of OneLogin that ROLE means: `id:123`, or the exact name.
fn find_role(role: &str, roles: &BTreeMap<RoleId, String>) -> anyhow::Result<RoleId> {
    let called = match RoleArgument::parse(role) {
        RoleArgument::Id(id) => RoleName::Id(id),
        RoleArgument::Name(name) => RoleName::Name(name),
    };
    let with_name = roles.iter().filter(|(_, name)| *name == role);
    let ids: Vec<String> = with_name.map(|(id, _)| format!("id:{id}")).collect();
    if ids.len() > 1 && matches!(called, RoleName::Name(_)) {
        bail!(
            "several roles of OneLogin are called {role:?}: say {}",
            ids.join(" or ")
        );
    }
    names::find(&called, roles).map_err(|why| anyhow!("{role:?}: {why}"))
}
