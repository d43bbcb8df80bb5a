//! `roles plan`: what a run would do now. Writes nothing but the file it is asked for.

use std::fs::{self, OpenOptions};
use std::io::{self, ErrorKind, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use anyhow::Context as _;

use crate::cli::exit::{Exit, Failure};
use crate::cli::run::{plan_roles, show_role_plan};
use crate::cli::session::Session;
use crate::domain::role::plan::{Outlook, RolePlan};
use crate::domain::role::saved::SavedPlan;

pub(super) async fn run(
    session: &mut Session<'_>,
    out: Option<&Path>,
    exit_code: bool,
    json: bool,
) -> Result<Exit, Failure> {
    let app = session.app()?;
    if let Some(path) = out.filter(|path| path.exists()) {
        return Err(taken(path).into());
    }
    let (decision, file) = plan_roles(&app, &Session::client(&app)?).await?;
    show_role_plan(session, &app, &decision, json)?;
    let plan = &decision.plan;
    match out {
        Some(_) if plan.refusal.is_some() => session.say("the plan is refused, so it is not saved\n")?,
        Some(path) => {
            let saved = SavedPlan::new(plan, &file.state.digest, app.clock.now());
            save(&saved, path)?;
            let path = path.display();
            session.say(&format!(
                "the plan is in {path}, good for 24 hours: onelogin-steward roles apply {path}\n"
            ))?;
        }
        None => {}
    }
    Ok(if exit_code { told(plan) } else { quiet(plan) })
}

/// With `--exit-code`: what the plan comes to.
fn told(plan: &RolePlan) -> Exit {
    match plan.outlook() {
        Outlook::Refused | Outlook::Held => Exit::Held,
        Outlook::Troubled => Exit::Partly,
        Outlook::Pending => Exit::Pending,
        Outlook::InLine => Exit::Done,
    }
}

/// Without: whether the plan could be made.
fn quiet(plan: &RolePlan) -> Exit {
    if plan.refusal.is_some() {
        Exit::Held
    } else if plan.problems.is_empty() {
        Exit::Done
    } else {
        Exit::Partly
    }
}

fn taken(path: &Path) -> anyhow::Error {
    anyhow::anyhow!(
        "{} is there already, and nothing is written over: remove it, or name another file",
        path.display()
    )
}

/// Writes the file whole or not at all, for its owner alone: it names people.
fn save(saved: &SavedPlan, path: &Path) -> anyhow::Result<()> {
    let text = serde_json::to_string_pretty(saved)?;
    let mut beside = path.as_os_str().to_owned();
    beside.push(format!(".{}.new", std::process::id()));
    let beside = Path::new(&beside);
    // A link fails where the name is taken, which a rename would not.
    let done = write_new(beside, &text).and_then(|()| fs::hard_link(beside, path));
    // What is left of it would only be in the way.
    let _ = fs::remove_file(beside);
    match done {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Err(taken(path)),
        done => done.with_context(|| format!("{} cannot be written", path.display())),
    }
}

fn write_new(path: &Path, text: &str) -> io::Result<()> {
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)?;
    writeln!(file, "{text}")?;
    file.sync_all()
}
