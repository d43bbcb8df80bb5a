//! The settings in force: checked, typed, with secrets read. Built by [`super::load`] alone.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::Duration;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use lettre::Address;
use lettre::message::Mailbox;
use reqwest::Url;
use secrecy::{ExposeSecret as _, SecretString};

use crate::domain::calendar::Schedule;
use crate::domain::expiry::Terms;
use crate::domain::guard::NoticeLimits;
use crate::domain::role::limits::{Limits, RoleOverride, SuspendedMembers, UnknownUser};
use crate::domain::run::Job;
use crate::domain::selector::Selector;

/// Everything that the configuration says.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Where written paths start; holds the store.
    pub state_directory: PathBuf,
    /// `[onelogin]`
    pub onelogin: OneLogin,
    /// `[mail]`
    pub mail: Mail,
    /// `store.path`, absolute.
    pub store_path: PathBuf,
    /// `[password_expiry]`
    pub password_expiry: PasswordExpiry,
    /// `[role_sync]`
    pub role_sync: RoleSync,
    /// `[housekeeping]`, and what `[store]` keeps
    pub housekeeping: Housekeeping,
    /// `[daemon]`
    pub daemon: Daemon,
    /// `[log]`
    pub log: Log,
}

impl Settings {
    /// When the daemon runs this job; `None` where it does not.
    pub fn schedule_of(&self, job: Job) -> Option<&Schedule> {
        let (enabled, schedule) = match job {
            Job::PasswordExpiry => {
                let expiry = &self.password_expiry;
                (expiry.enabled, &expiry.terms.calendar.schedule)
            }
            Job::RoleSync => (self.role_sync.enabled, &self.role_sync.schedule),
            Job::Housekeeping => (self.housekeeping.enabled, &self.housekeeping.schedule),
        };
        enabled.then_some(schedule)
    }

    /// When the daemon runs this job next after an instant; `None`: never.
    pub fn next_run(&self, job: Job, after: Timestamp) -> Option<Timestamp> {
        self.schedule_of(job)?.next_after(after, self.time_zone())
    }

    /// `time_zone`
    pub fn time_zone(&self) -> &TimeZone {
        &self.password_expiry.terms.calendar.time_zone
    }
}

/// `[onelogin]`: the tenant and how to speak to it.
#[derive(Debug, Clone)]
pub struct OneLogin {
    /// Base URL, without a path; https, or http on loopback.
    pub url: Url,
    /// The API credential.
    pub client_id: String,
    /// Its secret.
    pub client_secret: SecretString,
    /// The most of the tenant's shared quota that this process uses.
    pub requests_per_hour: u32,
    /// Time limit of one request.
    pub timeout: Duration,
}

impl OneLogin {
    /// Whether a client of the one serves as a client of the other.
    pub fn is_same(&self, other: &Self) -> bool {
        let Self {
            url,
            client_id,
            client_secret,
            requests_per_hour,
            timeout,
        } = self;
        *url == other.url
            && *client_id == other.client_id
            && client_secret.expose_secret() == other.client_secret.expose_secret()
            && *requests_per_hour == other.requests_per_hour
            && *timeout == other.timeout
    }
}

/// The languages that mails are built in for, English first.
pub const BUILT_IN_LANGUAGES: [&str; 5] = ["en", "de", "es", "fr", "ja"];

/// `[mail]`: how mail leaves, and in whose name.
#[derive(Debug, Clone)]
pub struct Mail {
    /// How it leaves.
    pub transport: Transport,
    /// The From of every mail.
    pub from: Mailbox,
    /// Where bounces go; `None`: the address in `from`.
    pub envelope_from: Option<Address>,
    /// Where answers go.
    pub reply_to: Option<Mailbox>,
    /// Who is told of trouble, each once; nobody where it is empty.
    pub admins: Vec<Address>,
    /// Pace of the sending.
    pub per_minute: u32,
    /// A rehearsal: every mail goes here instead.
    pub redirect_to: Option<Address>,
    /// A directory whose templates replace the embedded ones.
    pub templates: Option<PathBuf>,
    /// The language of mails to a reader whose own is unknown, or has no templates: a tag.
    pub language: String,
    /// A page where the password can be changed. Without one the mail carries no link.
    pub link: Option<Url>,
}

impl Mail {
    /// Whether what leaves is written to files or redirected, and never reaches the person.
    pub fn is_rehearsal(&self) -> bool {
        self.redirect_to.is_some() || matches!(self.transport, Transport::Files { .. })
    }
}

/// How mail leaves.
#[derive(Debug, Clone)]
pub enum Transport {
    /// One .eml per mail in this directory, absolute.
    Files {
        /// The directory, made when the first mail is written.
        directory: PathBuf,
    },
    /// A mail server.
    Smtp(Smtp),
}

/// A mail server.
#[derive(Debug, Clone)]
pub struct Smtp {
    /// Host name; the certificate must be for it.
    pub host: String,
    /// TCP port.
    pub port: u16,
    /// How the connection is protected.
    pub tls: Tls,
    /// User name and password, where the server wants them.
    pub login: Option<(String, SecretString)>,
    /// PEM file with one more trust root.
    pub ca_file: Option<PathBuf>,
}

/// How the connection to the mail server is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tls {
    /// STARTTLS, required: a server without it gets no mail.
    StartTls,
    /// TLS from the first byte.
    Implicit,
    /// No protection; loopback only.
    None,
}

/// `[password_expiry]`.
#[derive(Debug, Clone)]
pub struct PasswordExpiry {
    /// Whether the daemon runs the job.
    pub enabled: bool,
    /// Who is mailed and when.
    pub terms: Terms,
    /// The caps.
    pub limits: NoticeLimits,
    /// How long stored ages serve when the policies cannot be read.
    pub policies_keep: Duration,
}

/// `[role_sync]`.
#[derive(Debug, Clone)]
pub struct RoleSync {
    /// Whether the daemon runs the job.
    pub enabled: bool,
    /// When it does.
    pub schedule: Schedule,
    /// roles.toml, absolute. It need not exist where nothing asks for it.
    pub desired_state: PathBuf,
    /// What a run does with its plan.
    pub mode: RoleSyncMode,
    /// People who are never removed from any role.
    pub protected: Vec<Selector>,
    /// What is done about entries whom OneLogin does not have and never had.
    pub unknown_user: UnknownUser,
    /// What becomes of suspended members.
    pub suspended_members: SuspendedMembers,
    /// Days before the end of a temporary access at which the person is mailed, 0 to 365.
    pub until_notice_days: BTreeSet<u16>,
    /// `[role_sync.limits]`
    pub limits: Limits,
    /// `[[role_sync.role]]`
    pub overrides: Vec<RoleOverride>,
}

/// What a run of role sync does with its plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RoleSyncMode {
    /// Records and reports it.
    Report,
    /// Carries it out.
    Apply,
}

/// `[housekeeping]`, and what `[store]` keeps.
#[derive(Debug, Clone)]
pub struct Housekeeping {
    /// Whether the daemon runs the job.
    pub enabled: bool,
    /// When it does.
    pub schedule: Schedule,
    /// Where backups go, absolute; `None`: none are made.
    pub backup_directory: Option<PathBuf>,
    /// `store.keep`: how long rows are kept that decide nothing any more.
    pub keep: Duration,
    /// `store.keep_changes`: the same for changes of memberships and approvals.
    pub keep_changes: Duration,
}

/// `[daemon]`.
#[derive(Debug, Clone)]
pub struct Daemon {
    /// A scheduled time that was missed is made up for within this; zero: never.
    pub catch_up: Duration,
    /// The longest a run sends; what is left stays due.
    pub run_timeout: Duration,
    /// The longest a stop may take.
    pub stop_timeout: Duration,
}

/// `[log]`.
#[derive(Debug, Clone)]
pub struct Log {
    /// A level, or directives as tracing-subscriber's `EnvFilter` takes them.
    pub level: String,
    /// Where logs go and how they look.
    pub format: LogFormat,
}

/// How logs look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LogFormat {
    /// journald under systemd, text elsewhere.
    #[default]
    Auto,
    /// Lines for people, on stderr.
    Text,
    /// One JSON object a line, on stderr.
    Json,
    /// The journal's own protocol, with fields.
    Journald,
}
