//! `roles pause` and `roles resume`: a role that is planned and reported, but not written.

use std::time::Duration;

use anyhow::Context as _;

use super::find_role;
use crate::cli::exit::{Exit, Failure};
use crate::cli::person::actor;
use crate::cli::session::Session;
use crate::desired_file::RoleArgument;
use crate::domain::role::RoleId;
use crate::jobs::role_sync::{Memory, list_roles};
use crate::report::escape::plain;
use crate::report::time;
use crate::store::{Pause, Paused};

pub(super) async fn run(
    session: &mut Session<'_>,
    role: &str,
    duration: Option<Duration>,
    reason: String,
) -> Result<Exit, Failure> {
    let app = session.app()?;
    let since = app.clock.now();
    let until = duration
        .map(|duration| since.checked_add(duration))
        .transpose()
        .context("--for lies beyond the calendar")?;
    let store = app.store()?;
    let memory = Memory::load(&store, since).await?;
    let roles = list_roles(&Session::client(&app)?, &memory).await?;
    let id = find_role(role, &roles)?;
    let pause = Pause {
        of: Paused::Role(id),
        reason,
        actor: actor(&session.host.environment),
        since,
        until,
        while_entry: None,
    };
    store.pause(pause).await?;
    let zone = &app.settings.password_expiry.terms.calendar.time_zone;
    let end = until.map_or(String::new(), |until| {
        format!(" until {}", time::minute(until, zone))
    });
    let name = roles.get(&id).map(|name| plain(name)).unwrap_or_default();
    session.print(&format!(
        "{name} (id {id}) is paused{end}: it is planned and reported, not written.\n\
         To end it: onelogin-steward roles resume id:{id}\n"
    ))?;
    Ok(Exit::Done)
}

pub(super) async fn resume(session: &mut Session<'_>, role: &str) -> Result<Exit, Failure> {
    let app = session.app()?;
    let now = app.clock.now();
    if app.existing_store()?.is_none() {
        session.print("no role is paused\n")?;
        return Ok(Exit::Done);
    }
    let store = app.store()?;
    let id: RoleId = match RoleArgument::parse(role) {
        // A role that is gone from OneLogin can be resumed too.
        RoleArgument::Id(id) => id,
        RoleArgument::Name(_) => {
            let memory = Memory::load(&store, now).await?;
            find_role(role, &list_roles(&Session::client(&app)?, &memory).await?)?
        }
    };
    let ended = store.resume(Paused::Role(id), now).await?;
    let role = plain(role);
    session.print(&if ended {
        format!("the pause of {role} is over\n")
    } else {
        format!("{role} was not paused\n")
    })?;
    Ok(Exit::Done)
}
