//! `config show`: the settings in force and where each comes from.

use super::args::Config;
use super::exit::{Exit, Failure};
use super::session::Session;
use crate::config;

pub(super) fn run(session: &mut Session<'_>, arguments: &Config) -> Result<Exit, Failure> {
    let Config::Show {
        default,
        origin,
        json,
    } = arguments;
    if *default {
        session.print(config::DEFAULT)?;
        return Ok(Exit::Done);
    }
    let shown = config::show(&session.config_path()?, &session.host.environment).map_err(Failure::Config)?;
    if json.json {
        session.print_json(&serde_json::to_value(&shown).map_err(anyhow::Error::from)?)?;
    } else {
        session.print(&shown.to_toml(*origin))?;
    }
    Ok(Exit::Done)
}
