//! `check`: configuration and templates, all problems at once; with `--online` the world around them.

mod online;

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::args::Check;
use super::exit::{Exit, Failure};
use super::session::Session;
use crate::app::{App, refuse_network};
use crate::config::settings::Settings;
use crate::config::{self, Environment, Loaded, Place, Problem, Problems};
use crate::desired_file;
use crate::mail::{TemplateProblem, Templates};

/// What follows from a mail that a language of the folder lacks.
const GAP_HELP: &str = "this mail goes out in mail.language, else in English";

pub(super) async fn run(session: &mut Session<'_>, arguments: &Check) -> Result<Exit, Failure> {
    let json = arguments.json.json;
    let path = session.config_path()?;
    let loaded = config::load(&path, &session.host.environment, session.host.clock.now());
    let folder = match &loaded {
        Ok(loaded) => loaded.settings.mail.templates.clone(),
        Err(_) => templates_folder(&path, &session.host.environment),
    };
    let (templates, gaps) = match Templates::load(folder.as_deref()) {
        Ok(templates) => (Vec::new(), templates.gaps()),
        Err(problems) => (problems, Vec::new()),
    };
    let (problems, settings) = match loaded {
        Ok(Loaded { settings, warnings }) => {
            let wrong = look_at_desired_state(&settings).await;
            (warnings.with(wrong), Some(settings))
        }
        Err(problems) => (problems, None),
    };
    let is_good = settings.is_some() && !problems.has_errors() && templates.is_empty();
    if json && !(is_good && arguments.online) {
        session.print_json(&to_json(&problems, &templates, &gaps)?)?;
    } else if !json {
        let text = problems.render(session.host.stderr_colour);
        let gaps: Vec<String> = gaps
            .iter()
            .map(|gap| format!("warning: {gap}; {GAP_HELP}\n"))
            .collect();
        session.say(&(text + &gaps.concat()))?;
    }
    if !templates.is_empty() && !json {
        return Err(Failure::Templates(templates));
    }
    let Some(settings) = settings.filter(|_| is_good) else {
        return Ok(Exit::Invalid);
    };
    refuse_network(&settings.store_path)?;
    let app = session.app_with(settings);
    if arguments.online {
        app.refuse_strangers()?;
        return ask_everybody(session, &app, json).await;
    }
    if !json {
        session.print(&good(&app, &path))?;
    }
    Ok(Exit::Done)
}

/// The mistakes of the desired state, where the daemon needs it.
pub(super) async fn look_at_desired_state(settings: &Settings) -> Problems {
    if !settings.role_sync.enabled {
        return Problems::default();
    }
    let path = &settings.role_sync.desired_state;
    let state = match desired_file::load(path).await {
        Ok(state) => state,
        Err(problems) => return problems,
    };
    let host = settings.onelogin.url.host_str().unwrap_or_default();
    let pin = state.tenant.map_or(Ok(()), |pin| pin.check(host, None));
    let problem = pin.err().map(|message| {
        let help = "name the desired state of this tenant in role_sync.desired_state";
        Problem::general(Place::File(path.clone()), message, help)
    });
    problem.into_iter().collect()
}

/// Where the templates of a configuration lie that cannot be used for anything else.
fn templates_folder(path: &Path, environment: &Environment) -> Option<PathBuf> {
    let shown = config::show(path, environment).ok()?;
    let entry = shown
        .entries()
        .iter()
        .find(|entry| entry.key == "mail.templates")?;
    Some(path.parent()?.join(entry.value.as_str()?))
}

async fn ask_everybody(session: &mut Session<'_>, app: &App, json: bool) -> Result<Exit, Failure> {
    let findings = online::findings(app).await?;
    if json {
        session.print_json(&serde_json::to_value(&findings).map_err(anyhow::Error::from)?)?;
    } else {
        let colour = session.host.colour;
        let lines: Vec<String> = findings.iter().map(|finding| finding.to_line(colour)).collect();
        session.print(&lines.concat())?;
    }
    Ok(if findings.iter().all(online::Finding::is_good) {
        Exit::Done
    } else {
        Exit::Failed
    })
}

fn to_json(problems: &Problems, templates: &[TemplateProblem], gaps: &[String]) -> anyhow::Result<Value> {
    let mut list = serde_json::to_value(problems)?;
    if let Some(list) = list.as_array_mut() {
        list.extend(templates.iter().map(template_to_json));
        list.extend(gaps.iter().map(|gap| gap_to_json(gap)));
    }
    Ok(list)
}

fn template_to_json(problem: &TemplateProblem) -> Value {
    json!({
        "severity": "error",
        "file": problem.file,
        "line": problem.line,
        "column": null,
        "key": "mail.templates",
        "message": problem.message,
        "help": TemplateProblem::HELP,
    })
}

fn gap_to_json(gap: &str) -> Value {
    json!({
        "severity": "warning",
        "file": null,
        "line": null,
        "column": null,
        "key": "mail.templates",
        "message": gap,
        "help": GAP_HELP,
    })
}

fn good(app: &App, path: &Path) -> String {
    let settings = &app.settings;
    let calendar = &settings.password_expiry.terms.calendar;
    let next = calendar.next_send_at(app.clock.now());
    let next = next.map_or("never".to_owned(), |at| {
        crate::report::time::minute(at, &calendar.time_zone)
    });
    let rehearsal = if settings.mail.is_rehearsal() {
        "\nREHEARSAL: no mail reaches the people it is meant for (mail.transport, mail.redirect_to)"
    } else {
        ""
    };
    let enabled = if settings.password_expiry.enabled {
        ""
    } else {
        " (but password_expiry.enabled is false)"
    };
    let admins = if settings.mail.admins.is_empty() {
        "\nNobody is told when a run is held, refused or fails (mail.admins is empty)"
    } else {
        ""
    };
    format!(
        "{} is good. Next sending: {next}{enabled}{rehearsal}{admins}\n",
        path.display()
    )
}
