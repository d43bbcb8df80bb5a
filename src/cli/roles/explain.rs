//! `roles explain`: why a person is in a role, or is not.

use std::collections::btree_map::Entry;

use super::find_role;
use crate::cli::exit::{Exit, Failure};
use crate::cli::session::Session;
use crate::domain::role::explain::explain;
use crate::domain::selector::Selector;
use crate::jobs::role_sync::{FileInForce, Memory, decide, terms_of};
use crate::report::escape::plain_lines;
use crate::report::role_explain;

pub(super) async fn run(
    session: &mut Session<'_>,
    user: &str,
    role: &str,
    json: bool,
) -> Result<Exit, Failure> {
    let app = session.app()?;
    let path = &app.settings.role_sync.desired_state;
    let file = FileInForce::load(path).await.map_err(Failure::Config)?;
    let store = app.existing_store()?;
    let now = app.clock.now();
    let memory = Memory::load_existing(store.as_ref(), now).await?;
    drop(store);
    let client = Session::client(&app)?;
    let mut decision = decide(&client, &app.settings, &file, &memory, now).await?;
    let reading = &mut decision.reading;
    let selector = Selector::parse(user).map_err(anyhow::Error::from)?;
    let user = selector.find(&reading.users).map_err(anyhow::Error::from)?.id;
    let role = find_role(role, &reading.roles)?;
    if let Entry::Vacant(place) = reading.members.entry(role) {
        // The plan has no use for a role that the file does not name.
        let members = client
            .read_role_members(role)
            .await
            .map_err(anyhow::Error::from)?;
        place.insert(members);
    }
    let plan = &decision.plan;
    if let Some(refusal) = &plan.refusal {
        session.say(&format!("no plan: {}\n", plain_lines(&refusal.text)))?;
    }
    let facts = decision.reading.facts();
    let terms = terms_of(&app.settings);
    let told = explain(
        &file.state,
        &facts,
        &terms,
        &memory.roles,
        now,
        plan,
        (user, role),
    );
    let Some(user) = decision.reading.users.get(&user) else {
        return Err(anyhow::anyhow!("the person is not in the user list").into());
    };
    if json {
        session.print_json(&role_explain::to_json(&told, user))?;
    } else {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        session.print(&role_explain::to_text(&told, user, &name, &terms.time_zone))?;
    }
    Ok(Exit::Done)
}
