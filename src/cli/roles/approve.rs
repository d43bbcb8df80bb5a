//! `roles approve`: a person's yes to what a limit holds, once and for 24 hours.

use anyhow::anyhow;

use super::find_role;
use crate::app::App;
use crate::cli::args::Consent;
use crate::cli::exit::{Exit, Failure};
use crate::cli::person::{actor, can_ask, consents};
use crate::cli::session::Session;
use crate::config::settings::RoleSyncMode;
use crate::domain::role::RoleId;
use crate::domain::role::change::Direction;
use crate::domain::role::memory::Approval;
use crate::domain::role::plan::RolePlan;
use crate::jobs::role_sync::{Decision, FileInForce, Memory, decide};
use crate::report::paint::Colour;
use crate::report::role_plan::RolePlanReport;
use crate::store::{FileLock, Holder, LockName};

pub(super) async fn run(
    session: &mut Session<'_>,
    plan_id: &str,
    role: Option<&str>,
    reason: String,
    consent: Consent,
) -> Result<Exit, Failure> {
    can_ask(consent.yes)?;
    let app = session.app()?;
    let file = FileInForce::load(&app.settings.role_sync.desired_state)
        .await
        .map_err(Failure::Config)?;
    let client = Session::client(&app)?;
    let store = app.store()?;
    // Whoever writes meanwhile changes what is approved.
    let _lock = FileLock::acquire(
        &app.settings.store_path,
        LockName::Roles,
        "roles approve",
        consent.wait,
    )
    .await?
    .map_err(|Holder(holder)| Failure::Busy(format!("{holder} holds the lock on roles; try again later")))?;
    let now = app.clock.now();
    let memory = Memory::load(&store, now).await?;
    let decision = decide(&client, &app.settings, &file, &memory, now).await?;
    let plan = &decision.plan;
    if let Some(refusal) = &plan.refusal {
        return Err(anyhow!("nothing is planned, so nothing can be approved: {}", refusal.text).into());
    }
    if plan.id() != plan_id {
        let why = "something has changed since: look at `onelogin-steward roles plan` once more";
        return Err(anyhow!("the plan is {} now, not {plan_id}; {why}", plan.id()).into());
    }
    let role = role
        .map(|role| find_role(role, &decision.reading.roles))
        .transpose()?;
    let approvals = approvals(plan, role);
    if approvals.is_empty() {
        return Err(nothing(plan, role).into());
    }
    session.print(&listed(&app, &decision, &approvals))?;
    let people: usize = approvals.iter().map(|approval| approval.people.len()).sum();
    if !consents(
        session,
        &format!("Release {people} held steps, once, within 24 hours?"),
        consent.yes,
    )? {
        session.say("nothing was approved\n")?;
        return Ok(Exit::Failed);
    }
    let actor = actor(&session.host.environment);
    for approval in approvals {
        store
            .approve(approval, reason.clone(), actor, app.clock.now())
            .await?;
    }
    let next = match app.settings.role_sync.mode {
        RoleSyncMode::Apply if app.settings.role_sync.enabled => {
            "The next run of the daemon makes these changes; at once: onelogin-steward roles apply"
        }
        _ => "To make these changes: onelogin-steward roles apply",
    };
    session.print(&format!("\nApproved by {actor}: {people} steps.\n{next}\n"))?;
    Ok(Exit::Done)
}

/// What a person may release, one approval for each role and direction.
fn approvals(plan: &RolePlan, only: Option<RoleId>) -> Vec<Approval> {
    let roles = plan
        .roles
        .iter()
        .filter(|role| only.is_none_or(|only| only == role.id));
    roles
        .flat_map(|role| [Direction::Add, Direction::Remove].map(|direction| (role, direction)))
        .map(|(role, direction)| {
            let (people, guards) = role.approvable(direction);
            Approval {
                id: 0,
                role: role.id,
                direction,
                guards,
                people,
            }
        })
        .filter(|approval| !approval.people.is_empty())
        .collect()
}

/// Why there is nothing to approve.
fn nothing(plan: &RolePlan, only: Option<RoleId>) -> anyhow::Error {
    let roles = plan
        .roles
        .iter()
        .filter(|role| only.is_none_or(|only| only == role.id));
    let holds: Vec<String> = roles
        .flat_map(|role| {
            let holds = role.held.iter().filter(|hold| !hold.guard.can_be_approved());
            holds.map(|hold| format!("{}: {}: {}", role.name, hold.guard, hold.text))
        })
        .collect();
    if holds.is_empty() {
        anyhow!("nothing is held there, so there is nothing to approve")
    } else {
        anyhow!(
            "what is held there cannot be approved away:\n  {}",
            holds.join("\n  ")
        )
    }
}

/// The steps that are released, with what holds them: the plan as it is shown, cut down to them.
fn listed(app: &App, decision: &Decision, approvals: &[Approval]) -> String {
    let is_released = |role, way, user| {
        let mut own = approvals
            .iter()
            .filter(|own| (own.role, own.direction) == (role, way));
        own.any(|approval| approval.people.contains(&user))
    };
    let mut plan = decision.plan.clone();
    for role in &mut plan.roles {
        let id = role.id;
        role.held.retain(|hold| {
            let mut own = approvals
                .iter()
                .filter(|own| (own.role, own.direction) == (id, hold.direction));
            own.any(|approval| approval.guards.contains(&hold.guard))
        });
        role.add.retain(|step| is_released(id, Direction::Add, step.user));
        role.remove
            .retain(|step| is_released(id, Direction::Remove, step.user));
    }
    let report = RolePlanReport {
        plan: &plan,
        users: &decision.reading.users,
        zone: &app.settings.password_expiry.terms.calendar.time_zone,
    };
    report.held_to_text(Colour::No)
}
