//! The command line, as clap reads it.

mod roles;

use std::path::PathBuf;
use std::time::Duration;

use clap::builder::{NonEmptyStringValueParser, PossibleValuesParser, TypedValueParser as _};
use clap::{Args, Parser, Subcommand, ValueEnum};

pub(super) use self::roles::{Consent, Roles, Yes};
use crate::config::parse_duration;
use crate::domain::notice::NoticeState;
use crate::domain::run::Job;

/// Looks after the people side of a OneLogin tenant: warns people before their password expires,
/// and records everything it does.
#[derive(Debug, Parser)]
#[command(
    name = "onelogin-steward",
    version,
    propagate_version = true,
    max_term_width = 100
)]
pub struct Cli {
    /// The configuration [default: $ONELOGIN_STEWARD_CONFIG, else /etc/onelogin-steward/config.toml]
    #[arg(long, global = true, value_name = "PATH")]
    pub config: Option<PathBuf>,

    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Show every job on a made-up tenant: no account, no network, no configuration
    #[cfg(feature = "demo")]
    Demo(Demo),
    /// Write a first configuration, in rehearsal
    Init(Init),
    /// Run the service: jobs on their schedules, until SIGTERM
    Daemon,
    /// Run a job once, now
    Run(Run),
    /// Let a job rest: its ticks are recorded as skipped
    Pause(Pause),
    /// End a job's pause
    Resume(Resume),
    /// One screen: pauses and holds, the last and the next run of each job
    Status(Json),
    /// Tell what was run, and what was done about a person
    History(History),
    /// Check configuration and templates, all problems at once
    Check(Check),
    /// Show the settings in force
    #[command(subcommand)]
    Config(Config),
    /// Look at password expiry without sending anything
    #[command(subcommand)]
    Expiry(Expiry),
    /// Role memberships: plan, apply, approve, explain, and edit the desired state
    #[command(subcommand)]
    Roles(Roles),
    /// Try the way out for mail, and see to single notices
    #[command(subcommand)]
    Mail(Mail),
}

/// Output for programs.
#[derive(Debug, Clone, Copy, Args)]
pub struct Json {
    /// One JSON document on stdout; logs stay on stderr
    #[arg(long)]
    pub json: bool,
}

/// `check`
#[derive(Debug, Args)]
pub struct Check {
    /// Ask OneLogin, the mail server and the disk as well; reads only
    #[arg(long)]
    pub online: bool,
    /// Output for programs
    #[command(flatten)]
    pub json: Json,
}

/// `demo`
#[cfg(feature = "demo")]
#[derive(Debug, Args)]
pub struct Demo {
    /// Keep the made-up tenant running and print a configuration that points to it
    #[arg(long)]
    pub serve: bool,
}

/// `init`
#[derive(Debug, Args)]
pub struct Init {
    /// Where to write config.toml; made if needed
    pub directory: PathBuf,
    /// Base URL of the tenant, such as https://acme.onelogin.com
    #[arg(long)]
    pub url: Option<String>,
    /// Client id of the API credential
    #[arg(long)]
    pub client_id: Option<String>,
    /// From of the mails, such as "IT Service Desk <it@acme.example>"
    #[arg(long)]
    pub from: Option<String>,
}

/// `run`
#[derive(Debug, Args)]
pub struct Run {
    /// The job
    pub job: JobName,
    /// Read and decide; write and send nothing
    #[arg(long, conflicts_with = "wait")]
    pub plan: bool,
    /// Let up to N notices leave in this run, whatever the caps say
    #[arg(long, value_name = "N", requires = "reason")]
    pub max_notices: Option<u64>,
    /// Accept the number of users as it is, in this run
    #[arg(long, requires = "reason")]
    pub accept_user_count: bool,
    /// Why a guard is released; recorded with the run
    #[arg(long, value_name = "TEXT", value_parser = reason())]
    pub reason: Option<String>,
    /// How many seconds to wait while another process holds the lock
    #[arg(long, value_name = "SECONDS", default_value = "60", value_parser = seconds)]
    pub wait: Duration,
    /// Output for programs
    #[command(flatten)]
    pub json: Json,
}

/// Longer than anybody waits at a terminal.
const LONGEST_WAIT: u64 = 24 * 3600;

fn seconds(text: &str) -> Result<Duration, String> {
    let seconds: Option<u64> = text.parse().ok().filter(|seconds| *seconds <= LONGEST_WAIT);
    let expected = || format!("expected a number of seconds, {LONGEST_WAIT} at most");
    seconds.map(Duration::from_secs).ok_or_else(expected)
}

/// A reason that says something.
fn reason() -> NonEmptyStringValueParser {
    NonEmptyStringValueParser::new()
}

/// A span of time as the configuration writes it.
fn span(text: &str) -> Result<Duration, String> {
    parse_duration(text)
}

/// The jobs, by the names of the command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum JobName {
    /// Warn people before their password expires
    PasswordExpiry,
    /// Bring role memberships in line with the desired state
    RoleSync,
    /// Check the store, back it up, and prune what is old
    Housekeeping,
}

impl From<JobName> for Job {
    fn from(name: JobName) -> Self {
        match name {
            JobName::PasswordExpiry => Self::PasswordExpiry,
            JobName::RoleSync => Self::RoleSync,
            JobName::Housekeeping => Self::Housekeeping,
        }
    }
}

/// `pause`
#[derive(Debug, Args)]
pub struct Pause {
    /// The job
    pub job: JobName,
    /// For so long, such as 2h or 3d [default: until `resume`]
    #[arg(long = "for", value_name = "DURATION", value_parser = span)]
    pub duration: Option<Duration>,
    /// Why; recorded
    #[arg(long, value_name = "TEXT", value_parser = reason())]
    pub reason: String,
}

/// `resume`
#[derive(Debug, Args)]
pub struct Resume {
    /// The job
    pub job: JobName,
}

/// `history`
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct History {
    /// One run instead of the list.
    #[command(subcommand)]
    pub show: Option<HistoryCommand>,
    /// Only this job
    #[arg(long)]
    pub job: Option<JobName>,
    /// Only what was done about this person: an email, a username or id:123
    #[arg(long)]
    pub user: Option<String>,
    /// Only runs that changed this role: its name or id:123
    #[arg(long)]
    pub role: Option<String>,
    /// From this day on
    #[arg(long, value_name = "DATE")]
    pub since: Option<jiff::civil::Date>,
    /// Up to this day, included
    #[arg(long, value_name = "DATE")]
    pub until: Option<jiff::civil::Date>,
    /// The newest N runs
    #[arg(long, value_name = "N")]
    pub limit: Option<u32>,
    /// Output for programs
    #[command(flatten)]
    pub json: Json,
}

/// `history show`
#[derive(Debug, Subcommand)]
pub enum HistoryCommand {
    /// One run, with every notice and change in it
    Show {
        /// Its number
        run: i64,
        /// Output for programs
        #[command(flatten)]
        json: Json,
    },
}

/// `config`
#[derive(Debug, Subcommand)]
pub enum Config {
    /// The settings in force, secrets masked
    Show {
        /// Print the embedded defaults: a file to start from
        #[arg(long, conflicts_with_all = ["origin", "json"])]
        default: bool,
        /// Say where each value comes from
        #[arg(long)]
        origin: bool,
        /// Output for programs
        #[command(flatten)]
        json: Json,
    },
}

/// `expiry`
#[derive(Debug, Subcommand)]
pub enum Expiry {
    /// Who gets which notice on which day, and how many passwords expire
    Forecast {
        /// How many days, today included
        #[arg(long, default_value_t = 14, value_parser = clap::value_parser!(i32).range(1..=366))]
        days: i32,
        /// Comma-separated values instead of a table
        #[arg(long, conflicts_with = "json")]
        csv: bool,
        /// Output for programs
        #[command(flatten)]
        json: Json,
    },
    /// Everything about one person's password: age, dates, thresholds, and why
    Explain {
        /// An email, a username, id:123 or external:abc
        user: String,
        /// Output for programs
        #[command(flatten)]
        json: Json,
    },
    /// The very mail that a person would get now
    Preview {
        /// An email, a username, id:123 or external:abc
        user: String,
        /// Write the HTML part to this file
        #[arg(long, value_name = "FILE")]
        html: Option<PathBuf>,
        /// Output for programs
        #[command(flatten)]
        json: Json,
    },
}

/// `mail`
#[derive(Debug, Subcommand)]
pub enum Mail {
    /// Send one test mail
    Test {
        /// To this address
        address: String,
    },
    /// Tell what became of each notice, the last staged first
    List(MailList),
    /// Send a notice once more, as a mail of its own, if it is still true
    Resend {
        /// Its number in `mail list`
        notice: i64,
        /// How many seconds to wait while another process holds the lock
        #[arg(long, value_name = "SECONDS", default_value = "60", value_parser = seconds)]
        wait: Duration,
    },
}

/// `mail list`
#[derive(Debug, Args)]
pub struct MailList {
    /// Only in this state
    #[arg(long, value_parser = PossibleValuesParser::new(NoticeState::ALL.iter().map(|state| state.as_str()))
        .try_map(|name| NoticeState::parse(&name).ok_or("no state")))]
    pub state: Option<NoticeState>,
    /// Only about this person or to this address: an email, a username or id:123
    #[arg(long)]
    pub user: Option<String>,
    /// The newest N notices
    #[arg(long, value_name = "N")]
    pub limit: Option<usize>,
    /// Output for programs
    #[command(flatten)]
    pub json: Json,
}
