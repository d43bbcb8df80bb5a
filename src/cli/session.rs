//! What every command needs: where to write, and the configuration.

use std::ffi::{OsStr, OsString};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::Value;

use super::Host;
use super::exit::{Exit, Failure};
use super::progress::Bar;
use crate::account::WrongUser;
use crate::app::{App, refuse_unreadable};
use crate::config::settings::{Log, Settings};
use crate::config::{self, Environment, Loaded, Local, Problems};
use crate::mail::{Mailer, TemplateProblem, Templates};
use crate::onelogin::Client;
use crate::report::escape::plain_lines;
use crate::telemetry;

/// One command, from its arguments to its exit code.
pub(super) struct Session<'a> {
    pub(super) host: &'a Host,
    config: Option<PathBuf>,
    /// The command as it was typed.
    typed: Vec<OsString>,
    out: &'a mut dyn Write,
    err: &'a mut dyn Write,
}

impl<'a> Session<'a> {
    pub(super) fn new(
        host: &'a Host,
        config: Option<PathBuf>,
        typed: Vec<OsString>,
        out: &'a mut dyn Write,
        err: &'a mut dyn Write,
    ) -> Self {
        Self {
            host,
            config,
            typed,
            out,
            err,
        }
    }

    /// The path of the configuration file, which is not one for others alone to read.
    pub(super) fn config_path(&self) -> anyhow::Result<PathBuf> {
        let path = self.named_path();
        refuse_unreadable(&path)?;
        Ok(path)
    }

    fn named_path(&self) -> PathBuf {
        config::path(self.config.as_deref(), &self.host.environment)
    }

    /// Reads the whole configuration, tells its warnings, and starts the log.
    pub(super) fn app(&mut self) -> Result<Arc<App>, Failure> {
        let host = self.host;
        self.app_of(&self.config_path()?, &host.environment)
    }

    /// The same for another file and another environment.
    pub(super) fn app_of(&mut self, path: &Path, environment: &Environment) -> Result<Arc<App>, Failure> {
        let loaded = config::load(path, environment, self.host.clock.now()).map_err(Failure::Config)?;
        self.warn(&loaded.warnings)?;
        let log = &loaded.settings.log;
        telemetry::start(log, self.journal_stream(), self.host.stderr_colour)?;
        Ok(Arc::new(self.app_with(loaded.settings)))
    }

    /// The settings together with what this machine gives.
    pub(super) fn app_with(&self, settings: Settings) -> App {
        App {
            settings,
            clock: Arc::clone(&self.host.clock),
            patience: self.host.patience,
            mail_patience: self.host.mail_patience,
            rereads: self.host.rereads,
        }
    }

    /// Reads the whole configuration once more, for a process that goes on whatever comes of it. Nothing is
    /// in force thereby.
    pub(super) fn reread(&self) -> Result<Loaded, Problems> {
        let now = self.host.clock.now();
        config::load(&self.named_path(), &self.host.environment, now)
    }

    /// Lets the log follow other settings.
    pub(super) fn restart_log(&self, log: &Log) -> anyhow::Result<()> {
        telemetry::restart(log, self.journal_stream(), self.host.stderr_colour)
    }

    /// Reads what a command needs that only looks into the store.
    pub(super) fn local(&mut self) -> Result<Local, Failure> {
        let local =
            config::load_local(&self.config_path()?, &self.host.environment).map_err(Failure::Config)?;
        telemetry::start(&local.log, self.journal_stream(), self.host.stderr_colour)?;
        Ok(local)
    }

    /// A client that shows a person how far it has read.
    pub(super) fn client(app: &App) -> Result<Client, Failure> {
        Ok(app.client()?.watched_by(Box::new(Bar::default())))
    }

    /// Templates and mailer, with every problem of the templates told at once.
    pub(super) fn mail(app: &App) -> Result<(Templates, Mailer), Failure> {
        let templates = app.templates().map_err(Failure::Templates)?;
        Ok((templates, app.mailer()?))
    }

    /// systemd's variable of that name.
    fn journal_stream(&self) -> Option<&OsStr> {
        self.host.environment.get("JOURNAL_STREAM")
    }

    /// Writes results. A reader that has gone, as in `history | head`, is no error, and changes no
    /// exit code.
    pub(super) fn print(&mut self, text: &str) -> io::Result<()> {
        match self
            .out
            .write_all(text.as_bytes())
            .and_then(|()| self.out.flush())
        {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            written => written,
        }
    }

    /// Writes results for programs.
    pub(super) fn print_json(&mut self, value: &Value) -> io::Result<()> {
        self.print(&format!("{value:#}\n"))
    }

    /// Writes what is not a result.
    pub(super) fn say(&mut self, text: &str) -> io::Result<()> {
        self.err.write_all(text.as_bytes())?;
        self.err.flush()
    }

    fn warn(&mut self, warnings: &Problems) -> io::Result<()> {
        if warnings.is_empty() {
            Ok(())
        } else {
            self.say(&warnings.render(self.host.stderr_colour))
        }
    }

    /// The command as another user has to type it: sudo keeps the folder, and not the environment.
    fn typed_again(&self) -> String {
        let mut words = self.typed.clone();
        if self.config.is_none()
            && let Some(path) = self.host.environment.get("ONELOGIN_STEWARD_CONFIG")
        {
            words.splice(1..1, [OsString::from("--config"), path.to_owned()]);
        }
        let words: Vec<String> = words
            .iter()
            .map(|word| in_a_shell(&word.to_string_lossy()))
            .collect();
        words.join(" ")
    }

    /// Tells a failure once, and gives its exit code.
    pub(super) fn tell(&mut self, failure: &Failure) -> Exit {
        let text = match failure {
            Failure::Config(problems) => problems.render(self.host.stderr_colour),
            Failure::Templates(problems) => {
                let lines: Vec<String> = problems
                    .iter()
                    .map(|problem| format!("error: {problem}\n"))
                    .collect();
                format!("{}help: {}\n", lines.concat(), TemplateProblem::HELP)
            }
            // These may hold words from the directory or from a server.
            Failure::Usage(text) | Failure::Busy(text) => format!("error: {}\n", plain_lines(text)),
            Failure::Held(text) => format!("held: {}\n", plain_lines(text)),
            Failure::Error(error) => {
                let text = match error.downcast_ref::<WrongUser>() {
                    Some(wrong) => wrong.advise(&self.typed_again()),
                    None => format!("{error:#}"),
                };
                format!("error: {}\n", plain_lines(&text))
            }
        };
        let _closed = self.say(&text);
        failure.exit()
    }
}

/// A word as a shell takes it for one.
fn in_a_shell(word: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "_@%+=:,./-".contains(c);
    if !word.is_empty() && word.chars().all(is_plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}
