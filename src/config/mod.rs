//! The configuration: one TOML file over the embedded default, under the environment.
//!
//! [`load`] gives the settings or every mistake at once; nothing here prints or asks the clock.
//! This module alone reads the environment, and hands it on as an [`Environment`].

mod environment;
mod file;
mod key;
mod layer;
mod layers;
mod names;
mod node;
mod reader;
mod secrets;
mod sections;
pub mod settings;
mod show;
#[cfg(test)]
mod tests;
mod value;

use std::path::{Path, PathBuf};

use jiff::Timestamp;
use jiff::tz::TimeZone;

pub use crate::problem::{Place, Problem, Problems, Severity};
pub use environment::Environment;
pub use show::{Entry, Shown, show};
pub(crate) use value::is_loopback;

use layers::Layers;
use reader::Reader;
use sections::Paths;
use settings::{Log, Settings};

/// The configuration file of the repository, which is the lowest layer and a file to start from.
pub const DEFAULT: &str = include_str!("../../config.toml");

/// Where the file is when nobody says otherwise.
const USUAL_PATH: &str = "/etc/onelogin-steward/config.toml";

/// The settings in force.
#[derive(Debug, Clone)]
pub struct Loaded {
    /// All of them.
    pub settings: Settings,
    /// What probably is not meant so.
    pub warnings: Problems,
}

/// What commands need that neither ask OneLogin nor send mail.
#[derive(Debug, Clone)]
pub struct Local {
    /// Where written paths start; holds the store.
    pub state_directory: PathBuf,
    /// `store.path`, absolute.
    pub store_path: PathBuf,
    /// `role_sync.desired_state`, absolute.
    pub desired_state: PathBuf,
    /// The zone of calendar days.
    pub time_zone: TimeZone,
    /// `[log]`
    pub log: Log,
}

/// The path of the configuration file: the flag, else `ONELOGIN_STEWARD_CONFIG`, else
/// `/etc/onelogin-steward/config.toml`.
pub fn path(flag: Option<&Path>, env: &Environment) -> PathBuf {
    let variable = env.get("ONELOGIN_STEWARD_CONFIG");
    let variable = variable.filter(|value| !value.is_empty()).map(Path::new);
    flag.or(variable).unwrap_or(Path::new(USUAL_PATH)).to_owned()
}

/// Reads everything, secrets too. `now` decides whether send days and schedules still come.
pub fn load(path: &Path, env: &Environment, now: Timestamp) -> Result<Loaded, Problems> {
    let mut problems = Vec::new();
    let layers = Layers::read(path, env, &mut problems)?;
    let reader = Reader::new(&layers, problems);
    names::check_names(&reader);
    let settings = read_settings(&reader, env, now);
    let problems: Problems = reader.into_problems().into_iter().collect();
    match settings {
        Some(settings) if !problems.has_errors() => Ok(Loaded {
            settings,
            warnings: problems,
        }),
        _ => Err(problems),
    }
}

/// Reads what needs no secret and no tenant, for commands that only look into the store. Mistakes
/// in values that it does not read are left to [`load`].
pub fn load_local(path: &Path, env: &Environment) -> Result<Local, Problems> {
    let mut problems = Vec::new();
    let layers = Layers::read(path, env, &mut problems)?;
    let reader = Reader::new(&layers, problems);
    names::check_names(&reader);
    let local = read_local(&reader, env);
    let problems: Problems = reader.into_problems().into_iter().collect();
    local.filter(|_| !problems.has_errors()).ok_or(problems)
}

/// What is wrong with the base URL of a tenant, in words.
pub fn complaint_about_url(text: &str) -> Option<String> {
    value::base_url(text)
        .err()
        .map(|wrong| format!("{}; {}", wrong.message, wrong.help))
}

/// A span of time, written as in the configuration; the error is in words.
pub fn parse_duration(text: &str) -> Result<std::time::Duration, String> {
    value::duration(text).map_err(|wrong| format!("{}; {}", wrong.message, wrong.help))
}

/// What is wrong with the sender of a mail, in words.
pub fn complaint_about_mailbox(text: &str) -> Option<String> {
    value::mailbox(text)
        .err()
        .map(|wrong| format!("{}; {}", wrong.message, wrong.help))
}

fn read_local(reader: &Reader<'_>, env: &Environment) -> Option<Local> {
    let paths = Paths::read(reader, env);
    let store_path = paths.read_store_path(reader);
    let desired_state = sections::read_desired_state(reader, &paths);
    let time_zone = sections::read_time_zone(reader);
    let log = sections::read_log(reader);
    Some(Local {
        store_path: store_path?,
        desired_state: desired_state?,
        time_zone: time_zone?,
        log: log?,
        state_directory: paths.state_directory,
    })
}

/// Every section is read before the first one that failed ends it, so that all mistakes are told.
fn read_settings(reader: &Reader<'_>, env: &Environment, now: Timestamp) -> Option<Settings> {
    let paths = Paths::read(reader, env);
    let store_path = paths.read_store_path(reader);
    let time_zone = sections::read_time_zone(reader);
    let onelogin = sections::read_onelogin(reader, env, &paths);
    let role_sync = sections::read_role_sync(reader, &paths, time_zone.as_ref(), now);
    let housekeeping = sections::read_housekeeping(reader, &paths, time_zone.as_ref(), now);
    let (password_expiry, link) = sections::read_password_expiry(reader, time_zone, now);
    let mail = sections::read_mail(reader, env, &paths, link);
    let daemon = sections::read_daemon(reader);
    let log = sections::read_log(reader);
    Some(Settings {
        state_directory: paths.state_directory,
        onelogin: onelogin?,
        mail: mail?,
        store_path: store_path?,
        password_expiry: password_expiry?,
        role_sync: role_sync?,
        housekeeping: housekeeping?,
        daemon: daemon?,
        log: log?,
    })
}
