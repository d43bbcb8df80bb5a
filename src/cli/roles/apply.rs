//! `roles apply`: plans and applies now, or applies a saved plan where it still holds.

use std::fs;
use std::path::Path;

use anyhow::Context as _;

use crate::app::App;
use crate::cli::args::Consent;
use crate::cli::exit::{Exit, Failure};
use crate::cli::person::{can_ask, consents};
use crate::cli::run::{plan_roles, run_roles, show_role_plan, shown};
use crate::cli::session::Session;
use crate::domain::role::decide::Tenant;
use crate::domain::role::saved::{Freshness, SavedPlan};
use crate::domain::role::step::RoleSteps;
use crate::domain::run::Trigger;
use crate::jobs::role_sync::{Order, Task};
use crate::onelogin::Client;

pub(super) async fn run(
    session: &mut Session<'_>,
    file: Option<&Path>,
    consent: Consent,
    json: bool,
) -> Result<Exit, Failure> {
    can_ask(consent.yes)?;
    let app = session.app()?;
    // One for everything: it keeps its token.
    let client = Session::client(&app)?;
    let saved = match file {
        Some(path) => Some(read_saved(&app, &client, path).await?),
        None => None,
    };
    let task = if consent.yes {
        saved.map_or(Task::Apply, Task::ApplySaved)
    } else {
        let Some(agreed) = ask(session, (&app, &client), saved, json).await? else {
            return Ok(Exit::Failed);
        };
        Task::ApplySaved(agreed)
    };
    let order = Order {
        trigger: Trigger::Manual,
        task,
        reason: None,
    };
    let ended = run_roles(&app, client, order, consent.wait).await?;
    shown(session, &app, ended, json).await
}

/// Shows what would be done and asks. What comes back is what was agreed to: a role that has changed
/// since is left alone. `None`: no.
async fn ask(
    session: &mut Session<'_>,
    (app, client): (&App, &Client),
    saved: Option<SavedPlan>,
    json: bool,
) -> Result<Option<SavedPlan>, Failure> {
    let (decision, file) = plan_roles(app, client).await?;
    let plan = &decision.plan;
    if !json {
        show_role_plan(session, app, &decision, false)?;
    }
    let agreed = saved.unwrap_or_else(|| SavedPlan::new(plan, &file.state.digest, app.clock.now()));
    let fresh = agreed.compare(plan);
    for (id, freshness) in fresh.iter().filter(|(_, fresh)| !fresh.can_be_applied()) {
        session.say(&format!("role {id} is stale and left alone: {freshness}\n"))?;
    }
    let going = plan
        .roles
        .iter()
        .filter(|role| fresh.get(&role.id).is_some_and(Freshness::can_be_applied))
        .flat_map(RoleSteps::steps)
        .filter(|(_, step)| !step.is_held())
        .count();
    // A run without steps is recorded like any other, and there is nothing to agree to.
    let goes_on = plan.refusal.is_some()
        || going == 0
        || consents(session, &format!("Change {going} memberships?"), false)?;
    if !goes_on {
        session.say("nothing was changed\n")?;
    }
    Ok(goes_on.then_some(agreed))
}

/// Reads a saved plan. Whatever makes it unusable is found before any role is read; whose it is may
/// take a token, where no run has left the account's number yet.
async fn read_saved(app: &App, client: &Client, path: &Path) -> Result<SavedPlan, Failure> {
    let here = || path.display().to_string();
    let text = fs::read_to_string(path).with_context(here)?;
    let saved = SavedPlan::parse(&text).with_context(here)?;
    let now = app.clock.now();
    saved.check(&saved.tenant, now).with_context(here)?;
    let known = match app.existing_store()? {
        Some(store) => store.account_id().await?,
        None => None,
    };
    let account = match known {
        Some(account) => account,
        None => client.account_id().await.context("the access token")?,
    };
    let tenant = Tenant {
        label: None,
        account: Some(account),
    };
    saved.check(&tenant.name(), now).with_context(here)?;
    Ok(saved)
}
