//! `roles`: the desired state, the plan, and what a person may do about it.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Subcommand};

use super::{Json, reason, seconds, span};

/// `roles`
#[derive(Debug, Subcommand)]
pub enum Roles {
    /// What role sync would change now, and what is held back
    Plan {
        /// Save the plan to this file, for `roles apply FILE`
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
        /// End with 5 where changes are pending, with 4 where some are held
        #[arg(long)]
        exit_code: bool,
        /// Output for programs
        #[command(flatten)]
        json: Json,
    },
    /// Plan and apply now, or apply a saved plan where it still holds
    Apply {
        /// A plan that `roles plan --out` saved
        file: Option<PathBuf>,
        /// How to ask
        #[command(flatten)]
        consent: Consent,
        /// Output for programs
        #[command(flatten)]
        json: Json,
    },
    /// Release steps that a guard holds: once, within 24 hours
    Approve {
        /// The plan's id, as `roles plan` tells it
        plan_id: String,
        /// Only the steps of this role
        #[arg(long)]
        role: Option<String>,
        /// Why; recorded
        #[arg(long, value_name = "TEXT", value_parser = reason())]
        reason: String,
        /// How to ask
        #[command(flatten)]
        consent: Consent,
    },
    /// Put back what a run changed, where the membership is still as the run left it
    Undo {
        /// The run's number
        run: i64,
        /// Do it, and pause those roles until their entry in the file changes
        #[arg(long)]
        apply: bool,
        /// How to ask
        #[command(flatten)]
        consent: Consent,
    },
    /// Plan and report a role, but do not write it
    Pause {
        /// The role, by its exact name or as id:123
        role: String,
        /// For so long, such as 2h or 3d [default: until `roles resume`]
        #[arg(long = "for", value_name = "DURATION", value_parser = span)]
        duration: Option<Duration>,
        /// Why; recorded
        #[arg(long, value_name = "TEXT", value_parser = reason())]
        reason: String,
    },
    /// End a role's pause
    Resume {
        /// The role, by its exact name or as id:123
        role: String,
    },
    /// Why a person is in a role, or is not
    Explain {
        /// An email, a username, id:123 or external:abc
        user: String,
        /// The role, by its exact name or as id:123
        role: String,
        /// Output for programs
        #[command(flatten)]
        json: Json,
    },
    /// Print a desired-state file made of the memberships as they are
    Export,
    /// Put a person into a role of the desired-state file, and show the difference
    Grant {
        /// An email, a username, id:123 or external:abc
        user: String,
        /// The role, by its exact name or as id:123
        role: String,
        /// The last day, such as 2026-12-31
        #[arg(long, value_name = "DATE")]
        until: Option<jiff::civil::Date>,
        /// Why; stands in the file
        #[arg(long, value_name = "TEXT", value_parser = reason())]
        reason: String,
        /// How to ask
        #[command(flatten)]
        consent: Yes,
    },
    /// Take a person out of a role of the desired-state file, and show the difference
    Revoke {
        /// An email, a username, id:123 or external:abc
        user: String,
        /// The role, by its exact name or as id:123
        role: String,
        /// Why; stands in the file where the person has to be excluded
        #[arg(long, value_name = "TEXT", value_parser = reason())]
        reason: String,
        /// How to ask
        #[command(flatten)]
        consent: Yes,
    },
}

/// Asking before something is changed.
#[derive(Debug, Clone, Copy, Args)]
pub struct Yes {
    /// Do not ask; needed where there is no terminal to ask on
    #[arg(long)]
    pub yes: bool,
}

/// Asking, and waiting for other writers.
#[derive(Debug, Clone, Copy, Args)]
pub struct Consent {
    /// Do not ask; needed where there is no terminal to ask on
    #[arg(long)]
    pub yes: bool,
    /// How many seconds to wait while another process holds the lock
    #[arg(long, value_name = "SECONDS", default_value = "60", value_parser = seconds)]
    pub wait: Duration,
}
