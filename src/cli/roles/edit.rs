//! `roles grant` and `roles revoke`: edits of roles.toml. They open no store and ask OneLogin nothing,
//! so they run as whoever may write the file.

use std::path::Path;

use anyhow::Context as _;
use jiff::civil::Date;

use crate::app::refuse_unwritable;
use crate::cli::args::Yes;
use crate::cli::exit::{Exit, Failure};
use crate::cli::person::consents;
use crate::cli::session::Session;
use crate::desired_file::{self, Edit, EditError, RoleArgument};
use crate::report::escape::plain_lines;

pub(super) async fn grant(
    session: &mut Session<'_>,
    (user, role): (&str, &str),
    until: Option<Date>,
    reason: &str,
    consent: Yes,
) -> Result<Exit, Failure> {
    let role = RoleArgument::parse(role);
    let edit = |text: &str| desired_file::grant(text, user, &role, until, reason);
    change(session, edit, consent).await
}

pub(super) async fn revoke(
    session: &mut Session<'_>,
    (user, role): (&str, &str),
    reason: &str,
    consent: Yes,
) -> Result<Exit, Failure> {
    let role = RoleArgument::parse(role);
    let edit = |text: &str| desired_file::revoke(text, user, &role, reason);
    change(session, edit, consent).await
}

async fn change(
    session: &mut Session<'_>,
    edit: impl FnOnce(&str) -> Result<Edit, EditError>,
    consent: Yes,
) -> Result<Exit, Failure> {
    let path = session.local()?.desired_state;
    let bytes = desired_file::read_stable(&path).await.map_err(Failure::Config)?;
    // A file with mistakes is told with all of them, by its own path.
    desired_file::parse(&bytes, &path).map_err(Failure::Config)?;
    refuse_unwritable(&path)?;
    let text = String::from_utf8_lossy(&bytes);
    let edit = edit(&text).map_err(failure)?;
    for note in &edit.notes {
        session.say(&format!("note: {note}\n"))?;
    }
    if !edit.changes() {
        session.say("the file says so already: nothing to change\n")?;
        return Ok(Exit::Done);
    }
    session.print(&plain_lines(&edit.diff(&name_of(&path))))?;
    if !consents(session, &format!("Write {}?", path.display()), consent.yes)? {
        session.say("nothing was written\n")?;
        return Ok(Exit::Failed);
    }
    desired_file::write(&path, &bytes, &edit.after)
        .with_context(|| format!("{} is not changed", path.display()))?;
    session.say("written; the next run of role-sync goes by it\n")?;
    Ok(Exit::Done)
}

fn failure(error: EditError) -> Failure {
    match error {
        EditError::Broken(problems) => Failure::Config(problems),
        error => Failure::Error(error.into()),
    }
}

fn name_of(path: &Path) -> String {
    path.file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}
