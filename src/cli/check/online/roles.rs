//! Whether role sync could work: its file against this tenant, and the roles that the file names.

use super::Finding;
use crate::app::App;
use crate::desired_file;
use crate::domain::role::actual::Reading;
use crate::domain::role::names::name_roles;
use crate::onelogin::Client;

/// Reads the list of roles and the members of one role of the file, as a run would.
pub(super) async fn finding(app: &App, client: &Client, account: i64) -> Finding {
    Finding::of("roles", look(app, client, account).await)
}

async fn look(app: &App, client: &Client, account: i64) -> Result<String, String> {
    let path = &app.settings.role_sync.desired_state;
    // It was good a moment ago, or nobody would have been asked.
    let state = desired_file::load(path).await;
    let state = state.map_err(|problems| problems.to_string())?;
    let host = app.settings.onelogin.url.host_str().unwrap_or_default();
    if let Some(pin) = &state.tenant {
        pin.check(host, Some(account))?;
    }
    let listed = client.list_roles().await.map_err(|error| error.to_string())?;
    let named = name_roles(&state, &listed);
    let missing: Vec<String> = named
        .iter()
        .filter_map(|role| role.as_ref().err())
        .map(|problem| format!("{} (line {}): {}", problem.role, problem.line, problem.text))
        .collect();
    if !missing.is_empty() {
        return Err(format!("{}: {}", path.display(), missing.join("; ")));
    }
    let Some(role) = named.into_iter().flatten().next() else {
        return Err(format!("{} names no role", path.display()));
    };
    let name = listed.get(&role).map_or("", String::as_str);
    match client
        .read_role_members(role)
        .await
        .map_err(|error| error.to_string())?
    {
        Reading::Proven(members) => Ok(format!(
            "{} in the file, {} in OneLogin; the {} members of {name:?} are readable and proven complete",
            state.roles.len(),
            listed.len(),
            members.ids.len()
        )),
        Reading::Unproven(_, why) => Err(format!(
            "the members of {name:?} cannot be proven complete, so nobody would be removed: {why}"
        )),
        Reading::Unreadable(why) => Err(format!("the members of {name:?} cannot be read: {why}")),
    }
}
