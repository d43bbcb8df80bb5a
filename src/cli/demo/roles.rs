//! Role sync on the made-up tenant.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use onelogin_sandbox::{Role, Tenant, User};

use crate::app::App;
use crate::cli::exit::Failure;
use crate::cli::run::{plan_roles, run_roles, show_role_plan};
use crate::cli::session::Session;
use crate::domain::run::{Job, RunStatus, Trigger};
use crate::jobs::role_sync::{Order, Task};
use crate::report::history::runs_to_text;
use crate::store::RunFilter;

/// Large enough that two people fewer trip no limit, and small enough to be read.
const MEMBERS: std::ops::RangeInclusive<usize> = 10..=40;

/// Whom the file leaves out of the role, and whom it puts in.
const LEAVERS: usize = 2;
const JOINERS: usize = 3;

/// A desired state for one role of the tenant: as it is, but for a few people.
pub(super) fn desired_state(tenant: &Tenant) -> anyhow::Result<String> {
    let role = tenant
        .roles
        .values()
        .filter(|role| MEMBERS.contains(&role.members.len()))
        .min_by_key(|role| role.members.len())
        .context("the made-up tenant has no role of a fitting size")?;
    let text = format!(
        "# Written by `onelogin-steward demo`: who is to be in the role.\n[[role]]\nname = \"{}\"\nmembers = [\n",
        role.name
    );
    let people = members(tenant, role).skip(LEAVERS).chain(joiners(tenant, role));
    let lines: Vec<String> = people
        .map(|user| format!("  \"{}\",\n", selector(tenant, user)))
        .collect();
    Ok(text + &lines.concat() + "]\n")
}

/// Nobody takes a role from the owner of the account.
pub(super) fn owner(tenant: &Tenant) -> String {
    let owner = tenant.account_owner_id.and_then(|id| tenant.users.get(&id));
    owner.map(|owner| selector(tenant, owner)).unwrap_or_default()
}

fn members<'a>(tenant: &'a Tenant, role: &'a Role) -> impl Iterator<Item = &'a User> {
    let owner = tenant.account_owner_id;
    let members = role.members.keys().filter_map(|id| tenant.users.get(id));
    // The owner comes last, so that nobody asks for their removal.
    let (owners, others): (Vec<_>, Vec<_>) = members.partition(|user| Some(user.id) == owner);
    others.into_iter().chain(owners)
}

fn joiners<'a>(tenant: &'a Tenant, role: &'a Role) -> impl Iterator<Item = &'a User> {
    let fits = |user: &&User| user.state == 1 && user.status == 1 && !role.members.contains_key(&user.id);
    tenant.users.values().filter(fits).take(JOINERS)
}

/// The address, where it is a plain one that nobody else has; the number for everybody else.
fn selector(tenant: &Tenant, user: &User) -> String {
    let is_plain = |email: &&String| {
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "@.-".contains(c);
        email.contains('@') && email.chars().all(plain)
    };
    let is_unique = |email: &&String| {
        let others = tenant.users.values().filter(|other| other.id != user.id);
        let mut names = others.flat_map(|other| [&other.email, &other.username]).flatten();
        names.all(|name| !name.trim().eq_ignore_ascii_case(email))
    };
    let email = user.email.as_ref().filter(is_plain).filter(is_unique);
    email.cloned().unwrap_or_else(|| format!("id:{}", user.id))
}

/// Plans, applies, and applies again: the second run finds the role in line.
pub(super) async fn bring_in_line(session: &mut Session<'_>, app: &Arc<App>) -> Result<(), Failure> {
    session.print("3. Who is not in the roles that roles.toml names:  roles plan\n\n")?;
    let (decision, _) = plan_roles(app, &Session::client(app)?).await?;
    show_role_plan(session, app, &decision, false)?;
    session.print("\n4. Bring them in line, then once more: nothing is left to do:  run role-sync\n\n")?;
    for _ in 0..2 {
        let order = Order {
            trigger: Trigger::Manual,
            task: Task::AsConfigured,
            reason: None,
        };
        let (_, outcome) = run_roles(app, Session::client(app)?, order, Duration::ZERO).await?;
        if outcome.status == RunStatus::Interrupted {
            return Err(anyhow::anyhow!("the demo was stopped").into());
        }
    }
    let store = app.existing_store()?.context("the runs left no store")?;
    let runs = RunFilter {
        job: Some(Job::RoleSync),
        ..RunFilter::default()
    };
    let runs = store.list_runs(runs).await?;
    session.print(&format!("{}\n", runs_to_text(&runs, app.settings.time_zone())))?;
    Ok(())
}
