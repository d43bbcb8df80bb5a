//! `demo`: every job on a made-up tenant inside this process.

mod housekeeping;
mod index;
mod roles;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use jiff::Timestamp;
use onelogin_sandbox::{Sandbox, Synthetic, Tenant};
use tokio_util::sync::CancellationToken;

use super::args::Demo;
use super::engine::run_now;
use super::exit::{Exit, Failure};
use super::session::Session;
use crate::app::App;
use crate::config::Environment;
use crate::domain::guard::Release;
use crate::domain::run::{RunStatus, Trigger};
use crate::jobs::password_expiry::{Decision, Memory, Order, Task, decide};
use crate::lifecycle::until_signal;
use crate::report::history::runs_to_text;
use crate::report::plan::{Extent, PlanReport};
use crate::store::RunFilter;

/// Where everything goes, below the current directory.
const FOLDER: &str = "onelogin-steward-demo";

/// Marks a folder as ours, to be written anew.
const MARK: &str = ".made-by-onelogin-steward-demo";

const PEOPLE: usize = 500;
const ROLES: usize = 20;
const SEED: u64 = 1;

pub(super) async fn run(session: &mut Session<'_>, arguments: &Demo) -> Result<Exit, Failure> {
    let now = session.host.clock.now();
    let tenant = Tenant::synthetic(&Synthetic {
        users: PEOPLE,
        roles: ROLES,
        seed: SEED,
        now,
    });
    let credential = tenant
        .credentials
        .first()
        .context("the made-up tenant has no credential")?
        .clone();
    let (desired_state, owner) = (roles::desired_state(&tenant)?, roles::owner(&tenant));
    let sandbox = Sandbox::start(tenant).await.context("the made-up tenant")?;
    let folder = make_folder()?;
    let config = folder.join("config.toml");
    fs::write(
        &config,
        configuration(&sandbox.url(), &credential.client_id, &owner),
    )
    .context("the demo's configuration")?;
    fs::write(folder.join("client-secret"), &credential.client_secret).context("the demo's secret")?;
    fs::write(folder.join("roles.toml"), desired_state).context("the demo's desired state")?;
    // Nothing of the shell's own configuration reaches the demo: it must not meet a real tenant.
    let app = session.app_of(&config, &Environment::default())?;
    session.print(&format!(
        "A made-up OneLogin tenant of {PEOPLE} people runs inside this process: {}\n\n",
        sandbox.url()
    ))?;

    let mails = Box::pin(warn_people(session, &app, now, &folder)).await?;
    Box::pin(roles::bring_in_line(session, &app)).await?;
    Box::pin(housekeeping::look_after_the_store(session, &app)).await?;
    session.print(&format!(
        "Look at, below {}\n  \
         index.html     all {mails} mails, in a browser\n  \
         outbox/*.eml   the same as files\n  \
         config.toml    the settings of this demo\n  \
         roles.toml     who is to be in which role\n  \
         backups/       a backup of the store\n\n\
         Next\n  \
         onelogin-steward demo --serve       keep this tenant running, try every command\n  \
         onelogin-steward init DIRECTORY     begin with your own tenant, in rehearsal\n",
        folder.display(),
    ))?;
    if arguments.serve {
        serve(session, &config).await?;
    }
    sandbox.stop().await;
    Ok(Exit::Done)
}

/// Plans, sends, and sends again: the second run finds nobody left. Gives the number of mails.
async fn warn_people(
    session: &mut Session<'_>,
    app: &Arc<App>,
    now: Timestamp,
    folder: &Path,
) -> Result<usize, Failure> {
    let client = app.client()?;
    let decision = decide(
        &client,
        &app.settings,
        &Memory::default(),
        now,
        Release::default(),
    )
    .await?;
    let zone = &app.settings.password_expiry.terms.calendar.time_zone;
    session.print("1. Who would be mailed, and why nobody else:  run password-expiry --plan\n\n")?;
    let Decision {
        reading, plan, hold, ..
    } = &decision;
    let report = PlanReport {
        plan,
        facts: &reading.facts,
        hold: hold.as_ref(),
        notes: &reading.notes,
        zone,
        rehearsal: app.settings.mail.is_rehearsal(),
    };
    session.print(&report.to_text(Extent::First(12)))?;

    session.print("\n2. Mail them, then once more: nobody is mailed twice:  run password-expiry\n\n")?;
    for _ in 0..2 {
        let order = Order {
            trigger: Trigger::Manual,
            task: Task::AllDue(Release::default()),
            reason: None,
        };
        let (_, outcome) = run_now(app, Session::client(app)?, order, Duration::ZERO).await?;
        if outcome.status == RunStatus::Interrupted {
            return Err(anyhow::anyhow!("the demo was stopped").into());
        }
    }
    let store = app.existing_store()?.context("the runs left no store")?;
    let runs = store.list_runs(RunFilter::default()).await?;
    session.print(&format!("{}\n", runs_to_text(&runs, zone)))?;

    let page = index::render(app, &decision)?;
    fs::write(folder.join("index.html"), page).context("the index of the mails")?;
    Ok(plan.due.len())
}

async fn serve(session: &mut Session<'_>, config: &Path) -> Result<(), Failure> {
    let config = config.display();
    session.print(&format!(
        "\nThe tenant keeps running until Ctrl-C. In another terminal:\n  \
         onelogin-steward --config {config} expiry forecast\n  \
         onelogin-steward --config {config} expiry explain sean.obrien\n  \
         onelogin-steward --config {config} run password-expiry\n  \
         onelogin-steward --config {config} roles plan\n  \
         onelogin-steward --config {config} status\n  \
         onelogin-steward --config {config} history\n"
    ))?;
    let stop = CancellationToken::new();
    until_signal(&stop, stop.cancelled()).await?;
    Ok(())
}

/// A folder of our own; one of an earlier demo is made anew, anybody else's is left alone.
fn make_folder() -> anyhow::Result<PathBuf> {
    let folder = std::path::absolute(FOLDER).context("the current directory")?;
    if folder.exists() {
        if !folder.join(MARK).exists() {
            anyhow::bail!(
                "{} exists and is not from a demo: move it away, or start from another directory",
                folder.display()
            );
        }
        fs::remove_dir_all(&folder)
            .with_context(|| format!("the folder of the last demo, {}", folder.display()))?;
    }
    fs::create_dir(&folder).with_context(|| format!("{} cannot be made", folder.display()))?;
    fs::write(
        folder.join(MARK),
        "onelogin-steward demo makes this folder anew each time\n",
    )?;
    Ok(folder)
}

fn configuration(url: &str, client_id: &str, owner: &str) -> String {
    format!(
        r#"# Written by `onelogin-steward demo`. Mails become files; nobody is written to.
time_zone = "Europe/Berlin"

[onelogin]
url = "{url}"
client_id = "{client_id}"
client_secret_file = "client-secret"

[mail]
transport = "files"
from = "IT Service Desk <it@acme.example>"
reply_to = "it@acme.example"

[password_expiry]
# A demo shows its mails on any day of the week.
send_days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]

[[password_expiry.rule]]
name = "service accounts"
match = {{ username = ["svc-*"] }}
notify = "platform@acme.example"

[role_sync]
enabled = true
mode = "apply"
protected = ["{owner}"]

[role_sync.limits]
# A demo is in a hurry: elsewhere the first removals from a role wait for `roles approve`.
first_removals = "allow"

[housekeeping]
backup_directory = "backups"

[log]
level = "warn"
"#
    )
}
