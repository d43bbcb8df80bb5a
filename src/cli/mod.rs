//! The commands: arguments in, text or JSON out, an exit code at the end.

mod args;
mod check;
mod config;
mod daemon;
#[cfg(feature = "demo")]
mod demo;
mod engine;
mod exit;
mod expiry;
mod history;
mod init;
mod mail;
mod pause;
mod person;
mod progress;
mod roles;
mod run;
mod session;
mod status;

use std::ffi::OsString;
use std::io::Write;
use std::sync::Arc;

use clap::Parser as _;
use clap::error::ErrorKind;

pub use self::args::Cli;
use self::args::Command;
pub use self::exit::Exit;
use self::session::Session;
use crate::clock::Clock;
use crate::config::Environment;
use crate::jobs::role_sync::Rereads;
use crate::pace::Patience;

/// What a command finds around itself. A test brings its own.
#[derive(Debug, Clone)]
pub struct Host {
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// The environment variables.
    pub environment: Environment,
    /// How long a request to OneLogin that keeps failing is tried.
    pub patience: Patience,
    /// How long a mail server that takes nothing, or not yet, is tried in one run.
    pub mail_patience: Patience,
    /// How often a role is read again until it shows what was written.
    pub rereads: Rereads,
    /// Whether stdout is a terminal that wants colour.
    pub colour: bool,
    /// Whether stderr is one.
    pub stderr_colour: bool,
}

/// Runs one command to its end and gives the exit code. Results go to `out`, everything else to
/// `err`.
pub async fn run(
    arguments: impl IntoIterator<Item = OsString>,
    host: &Host,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> Exit {
    let typed: Vec<OsString> = arguments.into_iter().collect();
    let cli = match Cli::try_parse_from(&typed) {
        Ok(cli) => cli,
        Err(error) => {
            let is_answer = matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion);
            let colour = if is_answer {
                host.colour
            } else {
                host.stderr_colour
            };
            let text = if colour {
                error.render().ansi().to_string()
            } else {
                error.render().to_string()
            };
            let _closed = if is_answer {
                write!(out, "{text}")
            } else {
                write!(err, "{text}")
            };
            return if is_answer { Exit::Done } else { Exit::Usage };
        }
    };
    let mut session = Session::new(host, cli.config, typed, out, err);
    // Boxed, since each command is a large state machine and only one of them runs.
    let result = match cli.command {
        #[cfg(feature = "demo")]
        Command::Demo(arguments) => Box::pin(demo::run(&mut session, &arguments)).await,
        Command::Init(arguments) => init::run(&mut session, arguments),
        Command::Daemon => Box::pin(daemon::run(&mut session)).await,
        Command::Run(arguments) => Box::pin(run::run(&mut session, arguments)).await,
        Command::Roles(arguments) => Box::pin(roles::run(&mut session, arguments)).await,
        Command::Pause(arguments) => Box::pin(pause::pause(&mut session, arguments)).await,
        Command::Resume(arguments) => Box::pin(pause::resume(&mut session, &arguments)).await,
        Command::Status(arguments) => Box::pin(status::run(&mut session, arguments)).await,
        Command::History(arguments) => Box::pin(history::run(&mut session, arguments)).await,
        Command::Check(arguments) => Box::pin(check::run(&mut session, &arguments)).await,
        Command::Config(arguments) => config::run(&mut session, &arguments),
        Command::Expiry(arguments) => Box::pin(expiry::run(&mut session, arguments)).await,
        Command::Mail(arguments) => Box::pin(mail::run(&mut session, arguments)).await,
    };
    match result {
        Ok(exit) => exit,
        Err(failure) => session.tell(&failure),
    }
}
