//! The jobs: load, decide, guard, apply, summarise. The rules themselves are in [`crate::domain`].

pub mod alert;
mod delivery;
pub mod housekeeping;
pub mod password_expiry;
mod record;
pub mod role_sync;
mod tenant;
mod turn;

pub use self::turn::Turn;
use crate::domain::alert::{Advice, Kind, Trouble};
use crate::domain::guard::Hold;
use crate::domain::run::{Job, RunStatus};
use crate::onelogin;

/// Why a run ends before it has done anything.
#[derive(Debug)]
pub enum Stop {
    /// A guard tripped: a person must look.
    Held(Hold),
    /// A fact is missing without which nothing can be decided.
    Refused(Kind, String),
    /// Not now: the account's quota is too small.
    Later(String),
    /// Something failed.
    Failed(anyhow::Error),
}

impl Stop {
    /// How such a run is recorded.
    pub fn status(&self) -> RunStatus {
        match self {
            Self::Held(_) | Self::Refused(..) => RunStatus::Refused,
            Self::Later(_) => RunStatus::Skipped,
            Self::Failed(_) => RunStatus::Failed,
        }
    }

    /// What to tell people.
    pub fn text(&self) -> String {
        match self {
            Self::Held(hold) => hold.text(),
            Self::Refused(_, why) | Self::Later(why) => why.clone(),
            Self::Failed(error) => format!("{error:#}"),
        }
    }

    /// The trouble that it is to an admin.
    pub fn trouble(&self, job: Job) -> Trouble {
        let kind = match self {
            Self::Held(hold) => return hold.into(),
            Self::Refused(kind, _) => *kind,
            Self::Later(_) => Kind::Quota,
            Self::Failed(error) => match error.downcast_ref::<onelogin::Error>() {
                Some(
                    onelogin::Error::Credential { .. }
                    | onelogin::Error::OrphanedCredential { .. }
                    | onelogin::Error::NotAllowed { .. },
                ) => Kind::Credential,
                _ => Kind::Failure,
            },
        };
        Trouble {
            kind,
            about: String::new(),
            what: self.text(),
            advice: vec![
                Advice::command("What works and what does not", "onelogin-steward check --online"),
                Advice::command(
                    "Once it is put right, run it again",
                    format!("onelogin-steward run {job}"),
                ),
            ],
        }
    }
}

impl<E: Into<anyhow::Error>> From<E> for Stop {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}

/// How a run ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// Recorded with the run.
    pub status: RunStatus,
    /// One line for people.
    pub summary: String,
    /// Whether anything was done before it ended.
    pub has_effect: bool,
    /// Whether something is kept back that a person must look at, beside what was done.
    pub is_held: bool,
}

impl From<Stop> for Outcome {
    fn from(stop: Stop) -> Self {
        Self {
            status: stop.status(),
            summary: stop.text(),
            has_effect: false,
            is_held: false,
        }
    }
}
