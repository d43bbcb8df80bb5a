//! `check`: configuration and templates, all problems at once.

use serde_json::{Value, json};

use super::args::Json;
use super::exit::{Exit, Failure};
use super::session::Session;
use crate::app::{App, refuse_network};
use crate::config;
use crate::mail::{TemplateProblem, Templates};

pub(super) fn run(session: &mut Session<'_>, arguments: Json) -> Result<Exit, Failure> {
    let path = session.config_path();
    let loaded = config::load(&path, &session.host.environment, session.host.clock.now());
    // Without settings there is no telling which folder to try, but the embedded templates are
    // never wrong.
    let templates = match &loaded {
        Ok(loaded) => Templates::load(loaded.settings.mail.templates.as_deref())
            .err()
            .unwrap_or_default(),
        Err(_) => Vec::new(),
    };
    let problems = match &loaded {
        Ok(loaded) => &loaded.warnings,
        Err(problems) => problems,
    };
    let is_good = loaded.is_ok() && templates.is_empty();
    if arguments.json {
        let mut list = serde_json::to_value(problems).map_err(anyhow::Error::from)?;
        if let Some(list) = list.as_array_mut() {
            list.extend(templates.iter().map(template_to_json));
        }
        session.print_json(&list)?;
    } else {
        let colour = session.host.colour;
        session.say(&problems.render(colour))?;
    }
    if !templates.is_empty() && !arguments.json {
        return Err(Failure::Templates(templates));
    }
    let Ok(loaded) = loaded else {
        return Ok(Exit::Invalid);
    };
    refuse_network(&loaded.settings.state_directory)?;
    if is_good && !arguments.json {
        let app = App {
            settings: loaded.settings,
            clock: std::sync::Arc::clone(&session.host.clock),
            patience: session.host.patience,
        };
        session.print(&good(&app, &path.display().to_string()))?;
    }
    Ok(if is_good { Exit::Done } else { Exit::Invalid })
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

fn good(app: &App, path: &str) -> String {
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
    format!("{path} is good. Next sending: {next}{enabled}{rehearsal}\n")
}
