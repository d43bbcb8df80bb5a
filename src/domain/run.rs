//! Runs: what was executed, why, and how it ended.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::warned::Warned;

macro_rules! names {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $text:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, ::serde::Serialize, ::serde::Deserialize)]
        pub enum $name {
            $($(#[$variant_doc])* #[serde(rename = $text)] $variant,)+
        }

        impl $name {
            /// Every value, in the order of declaration.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The name in output, store and command line.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)+ }
            }

            /// The value of this name.
            pub fn parse(text: &str) -> Option<Self> {
                match text { $($text => Some(Self::$variant),)+ _ => None }
            }
        }

        impl ::std::fmt::Display for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.pad(self.as_str())
            }
        }
    };
}
pub(crate) use names;

names! {
    /// What can be run.
    Job {
        /// Reads users and password ages, and mails notices.
        PasswordExpiry = "password-expiry",
        /// Brings role memberships in line with the desired state.
        RoleSync = "role-sync",
        /// Looks after the store: checks it, backs it up, and prunes it.
        Housekeeping = "housekeeping",
    }
}

names! {
    /// Why a run was started.
    Trigger {
        /// The clock said so.
        Schedule = "schedule",
        /// Its time passed while the daemon was off or the machine asleep, or its last run was cut off.
        CatchUp = "catch-up",
        /// A person said so.
        Manual = "manual",
        /// An earlier run left notices that are still owed.
        Retry = "retry",
    }
}

names! {
    /// How a run ended, or that it has not.
    RunStatus {
        /// Not ended yet.
        Running = "running",
        /// Everything was done, or there was nothing to do.
        Succeeded = "succeeded",
        /// Some items failed, and are named.
        Partial = "partial",
        /// Nothing was done.
        Failed = "failed",
        /// A guard or a missing fact stopped it whole.
        Refused = "refused",
        /// Put off: another process held the lock, or the quota was too small.
        Skipped = "skipped",
        /// The process ended in the middle of it.
        Interrupted = "interrupted",
    }
}

/// The store's number for a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RunId(pub i64);

impl fmt::Display for RunId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// One execution of one job, as the history tells it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Run {
    /// The store's number.
    pub run_id: RunId,
    /// What ran.
    pub job: Job,
    /// Why.
    pub trigger: Trigger,
    /// How it ended.
    pub status: RunStatus,
    /// Its one reading of the clock.
    pub started_at: Timestamp,
    /// `None` while it runs.
    pub finished_at: Option<Timestamp>,
    /// One line for people.
    pub summary: String,
    /// Why a person released a guard, in their words.
    pub reason: Option<String>,
    /// What came of earlier warnings, as this run found it.
    pub warned: Option<Warned>,
}

/// Why no further mail of a batch was begun.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Halt {
    /// The mail server refused the sender, or takes nothing.
    MailServer,
    /// The time was up, or facts or the store failed: no doing of the mail server.
    Other,
}

/// How the sending of a batch went.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Tally {
    /// Taken by the server, or written in a rehearsal.
    pub delivered: u64,
    /// To be tried again.
    pub retry: u64,
    /// Refused for good.
    pub failed: u64,
    /// Not tried, because the batch was stopped.
    pub left: u64,
    /// Not sent, because they were no longer true when their turn came.
    pub cancelled: u64,
    /// Not sent, because the password expired before their turn came; the next run tells them so.
    pub expired_meanwhile: u64,
    /// No further mail was begun.
    pub halted: Option<Halt>,
    /// The process was told to stop meanwhile.
    pub interrupted: bool,
    /// The first words of trouble.
    pub trouble: Option<String>,
}

impl Tally {
    /// How a run with this batch ended. A refusal for good is something done: it is recorded, and
    /// not tried again.
    pub fn status(&self) -> RunStatus {
        // A mail that left, and whose end could not be recorded, is owed still.
        let troubled = self.retry + self.failed + self.left > 0 || self.halted.is_some();
        match (self.interrupted, troubled, self.has_effect()) {
            (true, _, _) => RunStatus::Interrupted,
            (false, false, _) => RunStatus::Succeeded,
            (false, true, true) => RunStatus::Partial,
            (false, true, false) => RunStatus::Failed,
        }
    }

    /// Whether a notice was sent or given up.
    pub fn has_effect(&self) -> bool {
        self.delivered + self.failed > 0
    }
}
