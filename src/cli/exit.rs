//! Exit codes, and the errors that lead to them.

use crate::account::WrongUser;
use crate::config::{Problem, Problems};
use crate::domain::run::RunStatus;
use crate::jobs::{Outcome, Stop};
use crate::mail::TemplateProblem;
use crate::report::escape::plain;

/// How a command ends. The numbers are part of the interface.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// Done, or nothing to do.
    Done = 0,
    /// Failed, nothing done.
    Failed = 1,
    /// Wrong usage.
    Usage = 2,
    /// Partly done: some items failed, and are named.
    Partly = 3,
    /// Held back by a guard; a person must look.
    Held = 4,
    /// Changes are pending (only `roles plan --exit-code`).
    Pending = 5,
    /// Another process holds the lock; try again.
    Busy = 75,
    /// Configuration or templates are invalid.
    Invalid = 78,
}

impl Exit {
    /// The exit code of a run that ended like this.
    pub fn of_outcome(outcome: &Outcome) -> Self {
        match Self::of_run(outcome.status, outcome.has_effect) {
            // Some things were done and others wait for a person, which counts more.
            Self::Partly if outcome.is_held && outcome.status == RunStatus::Partial => Self::Held,
            exit => exit,
        }
    }

    /// The exit code of a run with this status. `has_effect` tells an interrupted run that
    /// is partly done from one that did nothing.
    pub fn of_run(status: RunStatus, has_effect: bool) -> Self {
        match status {
            RunStatus::Succeeded => Self::Done,
            RunStatus::Interrupted if !has_effect => Self::Failed,
            RunStatus::Partial | RunStatus::Interrupted => Self::Partly,
            RunStatus::Failed | RunStatus::Running => Self::Failed,
            RunStatus::Refused => Self::Held,
            RunStatus::Skipped => Self::Busy,
        }
    }
}

/// Why a command did not do what it was asked.
#[derive(Debug)]
pub(super) enum Failure {
    /// The configuration is invalid.
    Config(Problems),
    /// Templates cannot be used.
    Templates(Vec<TemplateProblem>),
    /// The command line asks for something that cannot be.
    Usage(String),
    /// Not now: another process holds the lock, or the quota is spent.
    Busy(String),
    /// A fact is missing or a guard tripped.
    Held(String),
    /// Anything else.
    Error(anyhow::Error),
}

impl Failure {
    /// The exit code.
    pub(super) fn exit(&self) -> Exit {
        match self {
            Self::Config(_) | Self::Templates(_) => Exit::Invalid,
            Self::Usage(_) => Exit::Usage,
            Self::Busy(_) => Exit::Busy,
            Self::Held(_) => Exit::Held,
            Self::Error(_) => Exit::Failed,
        }
    }
}

impl Failure {
    /// In lines for a log, which redacts and escapes nothing: what a server or the directory said stands
    /// escaped.
    pub(super) fn to_lines(&self) -> Vec<String> {
        match self {
            Self::Config(problems) => problems.iter().map(Problem::to_line).collect(),
            Self::Templates(problems) => problems.iter().map(ToString::to_string).collect(),
            Self::Usage(text) | Self::Busy(text) | Self::Held(text) => vec![plain(text)],
            Self::Error(error) => vec![plain(&format!("{error:#}"))],
        }
    }
}

impl From<anyhow::Error> for Failure {
    fn from(error: anyhow::Error) -> Self {
        Self::Error(error)
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Self::Error(error.into())
    }
}

impl From<WrongUser> for Failure {
    fn from(error: WrongUser) -> Self {
        Self::Error(error.into())
    }
}

impl From<crate::store::Error> for Failure {
    fn from(error: crate::store::Error) -> Self {
        Self::Error(error.into())
    }
}

impl From<Stop> for Failure {
    fn from(stop: Stop) -> Self {
        match stop {
            Stop::Failed(error) => Self::Error(error),
            Stop::Later(why) => Self::Busy(why),
            stop => Self::Held(stop.text()),
        }
    }
}
