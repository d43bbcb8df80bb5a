//! What admins are told: each cause at once, then once a day, and once more when it is over.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;

use super::guard::Hold;
use super::run::{Job, RunId, names};

names! {
    /// What kind of trouble it is: the guard that tripped, or what failed.
    Kind {
        /// Too many notices at once.
        Notices = "max_notices_per_run",
        /// The user list has shrunk.
        UserDrop = "max_user_drop_percent",
        /// The clocks differ.
        Clock = "clock",
        /// The credential belongs to another account than the store.
        Account = "account",
        /// No users at all, or a field that decides is not told for everybody.
        Users = "users",
        /// The policies cannot be read, and nothing may take their place.
        Policies = "policies",
        /// A rule names what OneLogin does not have.
        Rule = "rule",
        /// OneLogin's quota is too small for the run.
        Quota = "quota",
        /// OneLogin refuses the credential, or does not allow it something.
        Credential = "credential",
        /// OneLogin, the store or the program itself failed.
        Failure = "failure",
        /// The store is damaged.
        Damage = "damage",
        /// No backup of the store was made.
        Backup = "backup",
        /// The server takes no mail.
        MailServer = "mail-server",
        /// The time was up, or something else than the mail server ended the sending.
        Unfinished = "unfinished",
        /// The server refuses some recipients for good.
        Recipients = "recipients",
        /// The desired-state file is missing or has mistakes; the last accepted one is in force.
        DesiredState = "desired-state",
        /// Steps of role sync wait for a person.
        Held = "held",
        /// Roles of the file cannot be planned.
        Roles = "roles",
        /// Memberships come back whenever they are changed.
        Contested = "contested",
        /// People put memberships back that the file does not ask for.
        PutBack = "put-back",
        /// People of the file are gone, unknown, ambiguous or somebody else now.
        People = "people",
        /// Changes of memberships failed.
        Changes = "changes",
        /// Memberships differ from the file, and are only reported.
        Drift = "drift",
        /// Passwords expire earlier than they should by the age that is told.
        AgeTooLong = "age-too-long",
        /// Passwords last longer than they should by the age that is told.
        AgeTooShort = "age-too-short",
    }
}

/// How far a run came. What it did not come to, it cannot say to be over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Reach {
    /// It began.
    #[default]
    Begun,
    /// Everything was read.
    Read,
    /// No guard held it.
    Decided,
    /// Every notice had its turn.
    Delivered,
}

impl Kind {
    /// How far a run must have come to know that there is no such trouble.
    const fn known_at(self) -> Reach {
        match self {
            Self::MailServer | Self::Unfinished | Self::Recipients | Self::Changes | Self::Backup => {
                Reach::Delivered
            }
            Self::Notices
            | Self::UserDrop
            | Self::Held
            | Self::Roles
            | Self::Contested
            | Self::PutBack
            | Self::People
            | Self::Drift => Reach::Decided,
            _ => Reach::Read,
        }
    }

    /// Whether it is told again only when there is something else to tell: a lasting difference is no
    /// news every day.
    pub const fn is_told_when_it_differs(self) -> bool {
        matches!(self, Self::Drift)
    }

    /// Whether what it says goes on with a list, a line each, after its first line.
    pub const fn has_list(self) -> bool {
        matches!(self, Self::Held | Self::Drift | Self::DesiredState)
    }

    /// The trouble in a few words, which follow the name of the job.
    pub const fn in_words(self) -> &'static str {
        match self {
            Self::Notices => "held, too many notices at once",
            Self::UserDrop => "held, the user list has shrunk",
            Self::Clock => "refused, the clocks differ",
            Self::Account => "refused, another OneLogin account",
            Self::Users => "refused, the user list tells too little",
            Self::Policies => "refused, no password policies",
            Self::Rule => "refused, a rule names what is not there",
            Self::Quota => "put off, the API quota is spent",
            Self::Credential => "failed, OneLogin refuses the credential",
            Self::Failure => "failed",
            Self::Damage => "failed, the store is damaged",
            Self::Backup => "no backup of the store",
            Self::MailServer => "the mail server takes no mail",
            Self::Unfinished => "stopped before every mail had left",
            Self::Recipients => "recipients are refused for good",
            Self::DesiredState => "the desired state is not usable",
            Self::Held => "steps wait for an approval",
            Self::Roles => "roles of the file cannot be planned",
            Self::Contested => "memberships are contested",
            Self::PutBack => "memberships are put back by hand",
            Self::People => "people of the file are not certain",
            Self::Changes => "changes failed",
            Self::Drift => "memberships differ from the file",
            Self::AgeTooLong => "passwords expire early",
            Self::AgeTooShort => "passwords last longer",
        }
    }
}

/// What tells one trouble from another: the same cause is told once a day.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cause {
    /// The job that meets it.
    pub job: Job,
    /// What it is.
    pub kind: Kind,
    /// The role or the policy that it is about; empty where it is about the whole job.
    pub about: String,
}

/// A trouble that a run met.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trouble {
    /// What it is.
    pub kind: Kind,
    /// The role or the policy that it is about, or empty.
    pub about: String,
    /// What happened, with its numbers: sentences without the last full stop. Lines after the first one
    /// stand below it as they are.
    pub what: String,
    /// What to do about it, in this order.
    pub advice: Vec<Advice>,
}

/// One thing to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Advice {
    /// In words.
    pub words: String,
    /// The command that does it.
    pub command: Option<String>,
}

impl Advice {
    /// What a command does.
    pub fn command(words: impl Into<String>, command: impl Into<String>) -> Self {
        Self {
            words: words.into(),
            command: Some(command.into()),
        }
    }

    /// What no command of ours does.
    pub fn words(words: impl Into<String>) -> Self {
        Self {
            words: words.into(),
            command: None,
        }
    }
}

impl From<&Hold> for Trouble {
    fn from(hold: &Hold) -> Self {
        Self {
            kind: hold.guard.kind(),
            about: String::new(),
            what: hold.what.clone(),
            advice: hold
                .guard
                .look()
                .into_iter()
                .chain([hold.remedy.clone()])
                .collect(),
        }
    }
}

/// What is remembered of a cause.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// When it began.
    pub since: Timestamp,
    /// The run that met it first.
    pub since_run: RunId,
    /// What each admin was told, by address.
    pub told: BTreeMap<String, Told>,
}

/// What one admin was told of a cause.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// The last day on which they were told that there is trouble.
    pub on: Date,
    /// They were not told yet that it is over.
    pub is_open: bool,
    /// A fingerprint of what they were told, where that decides whether they are told again.
    pub fingerprint: Option<String>,
}

/// The causes that a run met, each with a fingerprint of what there is to tell, where it is told again
/// only when that differs.
pub type Met = BTreeMap<Cause, Option<String>>;

/// What a letter says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum News {
    /// There is trouble.
    Trouble,
    /// It is over.
    Over,
}

/// A mail to one admin about one cause.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter {
    /// To whom.
    pub address: String,
    /// About what.
    pub cause: Cause,
    /// What it says.
    pub news: News,
}

/// Of the remembered causes, those that are over: a run that came this far did not meet them.
pub fn passed<'a>(records: &'a BTreeMap<Cause, Record>, met: &Met, reach: Reach) -> Vec<&'a Cause> {
    let is_passed = |cause: &&Cause| cause.kind.known_at() <= reach && !met.contains_key(*cause);
    records.keys().filter(is_passed).collect()
}

/// Whom to tell what, after a run of a job: of what it met, once on each day, some of it only when it
/// differs from what they know; of what is over, those who know of it.
///
/// A cause that comes back on a day on which it was told stays untold until the next: a trouble that
/// comes and goes makes two mails a day and not a hundred.
pub fn letters(
    records: &BTreeMap<Cause, Record>,
    met: &Met,
    reach: Reach,
    admins: &[String],
    today: Date,
) -> Vec<Letter> {
    let told = |cause: &Cause, admin: &str| records.get(cause)?.told.get(admin);
    let is_news = |cause: &Cause, told: &Told| {
        let fingerprint = met.get(cause).and_then(Option::as_ref);
        fingerprint.is_none() || !told.is_open || told.fingerprint.as_ref() != fingerprint
    };
    let mut letters = Vec::new();
    for (causes, news) in [
        (met.keys().collect(), News::Trouble),
        (passed(records, met, reach), News::Over),
    ] {
        for (cause, admin) in causes
            .into_iter()
            .flat_map(|cause| admins.iter().map(move |admin| (cause, admin)))
        {
            let is_due = match news {
                News::Trouble => {
                    told(cause, admin).is_none_or(|told| told.on != today && is_news(cause, told))
                }
                News::Over => told(cause, admin).is_some_and(|told| told.is_open),
            };
            if is_due {
                letters.push(Letter {
                    address: admin.clone(),
                    cause: cause.clone(),
                    news,
                });
            }
        }
    }
    letters
}
