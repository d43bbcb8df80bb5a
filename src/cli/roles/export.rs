//! `roles export`: a desired-state file made of the memberships as they are.

use crate::cli::exit::{Exit, Failure};
use crate::cli::session::Session;
use crate::desired_file;
use crate::domain::role::RoleId;
use crate::domain::role::actual::{ActualRole, Reading};
use crate::domain::role::desired::{DesiredState, Pin};
use crate::jobs::role_sync::{Memory, RoleReading, Which, read_members_of};
use crate::report::escape::plain;

pub(super) async fn run(session: &mut Session<'_>) -> Result<Exit, Failure> {
    let app = session.app()?;
    let store = app.existing_store()?;
    let memory = Memory::load_existing(store.as_ref(), app.clock.now()).await?;
    drop(store);
    let client = Session::client(&app)?;
    // There may be no file yet.
    let none = DesiredState::default();
    let reading = read_members_of(&client, &app.settings, &none, &memory, &Which::All).await?;
    let pin = match &reading.tenant.label {
        Some(label) => Pin::Label(label.clone()),
        None => Pin::Account(reading.account_id),
    };
    let export = desired_file::export(&roles_of(&reading), &reading.users, Some(&pin));
    session.print(&export.text)?;
    for (role, why) in &export.left_out {
        session.say(&format!("left out: {}: {}\n", plain(role), plain(why)))?;
    }
    Ok(if export.left_out.is_empty() {
        Exit::Done
    } else {
        Exit::Partly
    })
}

fn roles_of(reading: &RoleReading) -> Vec<ActualRole> {
    let roles = reading
        .roles
        .iter()
        .map(|(id, name): (&RoleId, &String)| ActualRole {
            id: *id,
            name: name.clone(),
            members: reading
                .members
                .get(id)
                .cloned()
                .unwrap_or_else(|| Reading::Unreadable("it was not read".to_owned())),
        });
    roles.collect()
}
