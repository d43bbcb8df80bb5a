//! The environment: the one place that reads it.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};

/// What the name of a setting begins with.
const PREFIX: &str = "ONELOGIN_STEWARD__";

/// The variables of the process at one moment, passed on as a value.
#[derive(Clone, Default)]
pub struct Environment(BTreeMap<OsString, OsString>);

/// A variable that is meant as a setting.
#[derive(Clone, Copy)]
pub(super) struct Setting<'a> {
    pub(super) variable: &'a str,
    pub(super) value: &'a OsStr,
}

impl Environment {
    /// The variables of this process, now.
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place that reads the environment"
    )]
    pub fn from_process() -> Self {
        Self(std::env::vars_os().collect())
    }

    /// These variables and no others.
    pub fn from_pairs<N, V>(pairs: impl IntoIterator<Item = (N, V)>) -> Self
    where
        N: Into<OsString>,
        V: Into<OsString>,
    {
        let pairs = pairs.into_iter();
        Self(pairs.map(|(name, value)| (name.into(), value.into())).collect())
    }

    /// The value of a variable, as it stands; an empty one is a value too.
    pub fn get(&self, name: &str) -> Option<&OsStr> {
        self.0.get(OsStr::new(name)).map(OsString::as_os_str)
    }

    /// The variables that are meant as settings, in the order of their names.
    pub(super) fn settings(&self) -> impl Iterator<Item = Setting<'_>> {
        self.0.iter().filter_map(|(name, value)| {
            let variable = name.to_str()?;
            let prefix = variable.get(..PREFIX.len())?;
            prefix
                .eq_ignore_ascii_case(PREFIX)
                .then_some(Setting { variable, value })
        })
    }
}

impl Setting<'_> {
    /// The dotted key that the variable sets.
    pub(super) fn key(&self) -> String {
        self.variable[PREFIX.len()..]
            .to_ascii_lowercase()
            .replace("__", ".")
    }
}

/// The variable that sets a dotted key.
pub(super) fn variable_of(key: &str) -> String {
    format!("{PREFIX}{}", key.to_ascii_uppercase().replace('.', "__"))
}

impl std::fmt::Debug for Environment {
    /// Names only: a value may be a secret.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}
