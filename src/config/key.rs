//! The keys that exist, in the order of config.toml, and the paths that lead to values.

use std::fmt;

use crate::problem::nearest;

/// What a key holds, as far as the layers must know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Text; the environment gives it plainly.
    Text,
    /// A number, a list, true or false; the environment gives it as TOML.
    Toml,
    /// An array of tables; only the file can hold it.
    Tables,
    /// A secret; only the environment can hold it under this name.
    Secret,
}

/// One key of the configuration.
#[derive(Debug, Clone, Copy)]
pub(super) struct Key {
    /// With its section: `mail.host`.
    pub(super) dotted: &'static str,
    pub(super) kind: Kind,
}

impl Key {
    /// The section, empty at the top of the file, and the bare name: `role_sync.limits`, `small_role`.
    pub(super) fn split(&self) -> (&'static str, &'static str) {
        self.dotted.rsplit_once('.').unwrap_or(("", self.dotted))
    }
}

const fn text(dotted: &'static str) -> Key {
    let kind = Kind::Text;
    Key { dotted, kind }
}

const fn toml(dotted: &'static str) -> Key {
    let kind = Kind::Toml;
    Key { dotted, kind }
}

const fn secret(dotted: &'static str) -> Key {
    let kind = Kind::Secret;
    Key { dotted, kind }
}

const fn tables(dotted: &'static str) -> Key {
    let kind = Kind::Tables;
    Key { dotted, kind }
}

/// Every key, in the order of config.toml.
pub(super) const KEYS: &[Key] = &[
    text("time_zone"),
    text("state_directory"),
    text("onelogin.url"),
    text("onelogin.client_id"),
    text("onelogin.client_secret_file"),
    secret("onelogin.client_secret"),
    toml("onelogin.requests_per_hour"),
    text("onelogin.timeout"),
    text("mail.transport"),
    text("mail.directory"),
    text("mail.host"),
    toml("mail.port"),
    text("mail.tls"),
    text("mail.username"),
    text("mail.password_file"),
    secret("mail.password"),
    text("mail.ca_file"),
    text("mail.from"),
    text("mail.envelope_from"),
    text("mail.reply_to"),
    toml("mail.admins"),
    toml("mail.per_minute"),
    text("mail.redirect_to"),
    text("mail.templates"),
    text("mail.language"),
    text("store.path"),
    text("store.keep"),
    text("store.keep_changes"),
    toml("password_expiry.enabled"),
    text("password_expiry.schedule"),
    toml("password_expiry.notice_days"),
    toml("password_expiry.notice_after_expiry"),
    text("password_expiry.after_expiry_within"),
    toml("password_expiry.statuses"),
    toml("password_expiry.skip_directory_users"),
    toml("password_expiry.send_days"),
    toml("password_expiry.holidays"),
    toml("password_expiry.max_notices_per_run"),
    toml("password_expiry.max_notices_per_run_percent"),
    toml("password_expiry.max_user_drop_percent"),
    text("password_expiry.fallback_recipient"),
    text("password_expiry.link"),
    text("password_expiry.age_source"),
    text("password_expiry.policies_keep"),
    toml("password_expiry.default_max_age_days"),
    tables("password_expiry.rule"),
    toml("role_sync.enabled"),
    text("role_sync.schedule"),
    text("role_sync.desired_state"),
    text("role_sync.mode"),
    toml("role_sync.protected"),
    text("role_sync.unknown_user"),
    text("role_sync.suspended_members"),
    toml("role_sync.until_notice_days"),
    toml("role_sync.limits.removals_per_role"),
    toml("role_sync.limits.removals_per_role_percent"),
    toml("role_sync.limits.small_role"),
    toml("role_sync.limits.removals_per_run"),
    toml("role_sync.limits.removals_per_day"),
    toml("role_sync.limits.additions_per_run"),
    toml("role_sync.limits.file_shrink_percent"),
    text("role_sync.limits.first_removals"),
    tables("role_sync.role"),
    toml("housekeeping.enabled"),
    text("housekeeping.schedule"),
    text("housekeeping.backup_directory"),
    text("daemon.catch_up"),
    text("daemon.run_timeout"),
    text("daemon.stop_timeout"),
    text("log.level"),
    text("log.format"),
];

/// The keys of a rule.
pub(super) const RULE_KEYS: &[&str] = &["name", "match", "max_age_days", "notice_days", "notify"];

/// The keys of an entry of `[[role_sync.role]]`.
pub(super) const ROLE_KEYS: &[&str] = &[
    "name",
    "id",
    "removals_per_role",
    "removals_per_role_percent",
    "small_role",
    "first_removals",
];

/// The keys of `match` in a rule.
pub(super) const MATCH_KEYS: &[&str] = &[
    "group_id",
    "group",
    "onelogin_policy",
    "role",
    "email",
    "username",
    "department",
    "title",
    "company",
    "external_id",
    "custom",
];

/// The key with this dotted name.
pub(super) fn find(dotted: &str) -> Option<&'static Key> {
    KEYS.iter().find(|key| key.dotted == dotted)
}

/// Whether some key stands below this section.
pub(super) fn is_section(name: &str) -> bool {
    KEYS.iter()
        .any(|key| below(name, key).is_some() && !name.is_empty())
}

/// The names that may stand in a section; of sections inside it, their first part.
pub(super) fn names_in(section: &str) -> Vec<&'static str> {
    let mut names = Vec::new();
    for key in KEYS.iter().filter(|key| key.kind != Kind::Secret) {
        let name = below(section, key).and_then(|rest| rest.split('.').next());
        if let Some(name) = name.filter(|name| !names.contains(name)) {
            names.push(name);
        }
    }
    names
}

/// What is left of the key below a section; all of it below the top.
fn below(section: &str, key: &Key) -> Option<&'static str> {
    match section {
        "" => Some(key.dotted),
        section => key.dotted.strip_prefix(section)?.strip_prefix('.'),
    }
}

/// The keys of the tables in an array of tables.
pub(super) fn keys_of_tables(dotted: &str) -> &'static [&'static str] {
    if dotted == "role_sync.role" {
        ROLE_KEYS
    } else {
        RULE_KEYS
    }
}

/// Whether a key by this name probably holds a secret: misspelt ones count too, since people paste
/// secrets before they read a manual.
pub(super) fn looks_secret(name: &str) -> bool {
    let name = name.to_lowercase();
    let known =
        |known: &Key| known.kind != Kind::Secret && (known.split().0 == name || known.split().1 == name);
    if KEYS.iter().any(known) {
        return false;
    }
    let words = ["secret", "passw", "token", "pwd"];
    words.iter().any(|word| name.contains(word)) || nearest(&name, ["client_secret", "password"]).is_some()
}

/// One step on the way to a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Step {
    Key(String),
    Index(usize),
}

/// The way from the top of the configuration to a value.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct KeyPath(Vec<Step>);

impl KeyPath {
    /// The path of a dotted key.
    pub(super) fn of(dotted: &str) -> Self {
        let steps = dotted.split('.').filter(|step| !step.is_empty());
        Self(steps.map(|step| Step::Key(step.to_owned())).collect())
    }

    /// One step further, to a key.
    pub(super) fn key(&self, name: &str) -> Self {
        self.with(Step::Key(name.to_owned()))
    }

    /// One step further, to an entry of a list.
    pub(super) fn index(&self, index: usize) -> Self {
        self.with(Step::Index(index))
    }

    fn with(&self, step: Step) -> Self {
        let mut steps = self.0.clone();
        steps.push(step);
        Self(steps)
    }

    pub(super) fn steps(&self) -> &[Step] {
        &self.0
    }
}

impl fmt::Display for KeyPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, step) in self.0.iter().enumerate() {
            match step {
                Step::Index(index) => write!(f, "[{index}]")?,
                Step::Key(name) => {
                    if at > 0 {
                        f.write_str(".")?;
                    }
                    let bare = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
                    if !name.is_empty() && name.chars().all(bare) {
                        f.write_str(name)?;
                    } else {
                        write!(f, "{name:?}")?;
                    }
                }
            }
        }
        Ok(())
    }
}
