//! Which crates and paths may be named where, and how long a file may be.

use super::paths::named_in;
use super::source::Source;

/// A rule about one path.
#[derive(Debug, Clone, Copy)]
pub(super) enum Rule {
    /// See [`Rule::never_in`].
    NeverIn(&'static str, &'static str),
    /// See [`Rule::only_in`].
    OnlyIn(&'static str, &'static str),
}

impl Rule {
    /// This module does not name this path, or anything inside it.
    pub(super) const fn never_in(module: &'static str, path: &'static str) -> Self {
        Self::NeverIn(module, path)
    }

    /// Nobody but this module names this path, or anything inside it. The program's root may: it
    /// takes the arguments.
    pub(super) const fn only_in(module: &'static str, path: &'static str) -> Self {
        Self::OnlyIn(module, path)
    }

    /// What is wrong with naming the path in this module, if anything is.
    fn verdict(self, module: &str) -> Option<String> {
        match self {
            Self::NeverIn(kept, path) => (module == kept).then(|| format!("`{kept}` may not name `{path}`")),
            Self::OnlyIn(home, path) => {
                (module != home && module != "main").then(|| format!("only `{home}` may name `{path}`"))
            }
        }
    }

    fn path(self) -> &'static str {
        match self {
            Self::NeverIn(_, path) | Self::OnlyIn(_, path) => path,
        }
    }
}

/// The places where a rule is broken.
pub(super) fn violations(sources: &[Source], rules: &[Rule]) -> Vec<String> {
    let mut found = Vec::new();
    for source in sources {
        for named in named_in(source) {
            let broken = rules.iter().filter(|rule| named.is_within(rule.path()));
            let verdicts = broken.filter_map(|rule| rule.verdict(source.top()));
            found.extend(verdicts.map(|verdict| format!("{}:{}: {verdict}", source.path, named.line)));
        }
    }
    found
}

/// The files of more than `max` lines.
pub(super) fn too_long(sources: &[Source], max: usize) -> Vec<String> {
    let counted = sources
        .iter()
        .map(|source| (&source.path, source.text.lines().count()));
    counted
        .filter(|(_, lines)| *lines > max)
        .map(|(path, lines)| format!("{path} has {lines} lines, more than {max}"))
        .collect()
}
