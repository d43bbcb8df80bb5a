//! What an admin writes, and what they are told.

mod default;
mod files;
mod layers;
mod role_sync;
mod rules;
mod secrets;
mod show;
mod values;

use std::fs;
use std::path::PathBuf;

use jiff::Timestamp;
use tempfile::TempDir;

use super::{Environment, Loaded, Place, Problem, Problems, load};

/// The least that a configuration needs, each line a whole dotted key.
const LEAST: [&str; 4] = [
    "onelogin.url = \"https://acme.onelogin.com\"",
    "onelogin.client_id = \"0123\"",
    "onelogin.client_secret_file = \"secret\"",
    "mail.from = \"IT <it@acme.example>\"",
];

/// A folder with a configuration file, a secret, and an environment.
struct Desk {
    folder: TempDir,
    variables: Vec<(String, String)>,
}

impl Desk {
    /// With this text as the file.
    fn with_text(text: impl AsRef<[u8]>) -> Self {
        let folder = TempDir::new().unwrap();
        fs::write(folder.path().join("config.toml"), text).unwrap();
        fs::write(folder.path().join("secret"), "s3cr3t-value\n").unwrap();
        let variables = Vec::new();
        Self { folder, variables }
    }

    /// With the least that is needed and these lines, which win over those of the same key.
    fn with(lines: &[&str]) -> Self {
        let key = |line: &str| line.split(" = ").next().unwrap_or_default().to_owned();
        let own: Vec<String> = lines.iter().map(|line| key(line)).collect();
        let least = LEAST.iter().filter(|line| !own.contains(&key(line)));
        let all: Vec<&str> = least.chain(lines).copied().collect();
        Self::with_text(all.join("\n"))
    }

    fn env(mut self, name: &str, value: &str) -> Self {
        self.variables.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Puts a file beside the configuration.
    fn file(self, name: &str, text: &str) -> Self {
        let path = self.folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
        self
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("config.toml")
    }

    fn environment(&self) -> Environment {
        Environment::from_pairs(self.variables.clone())
    }

    fn load(&self) -> Result<Loaded, Problems> {
        load(&self.path(), &self.environment(), now())
    }

    #[track_caller]
    fn loaded(&self) -> Loaded {
        self.load().unwrap_or_else(|problems| panic!("{problems}"))
    }

    #[track_caller]
    fn problems(&self) -> Problems {
        self.load().expect_err("the configuration has mistakes")
    }

    /// The one problem that there is.
    #[track_caller]
    fn problem(&self) -> Problem {
        let problems = self.problems();
        assert_eq!(problems.len(), 1, "{problems}");
        problems.iter().next().unwrap().clone()
    }
}

/// A Monday.
fn now() -> Timestamp {
    "2026-11-23T08:00:00Z".parse().unwrap()
}

fn line_of(problem: &Problem) -> usize {
    match &problem.place {
        Place::Line { line, .. } => *line,
        other => panic!("{other:?} is no line"),
    }
}

fn variable_of(problem: &Problem) -> &str {
    match &problem.place {
        Place::Variable(name) => name,
        other => panic!("{other:?} is no variable"),
    }
}
