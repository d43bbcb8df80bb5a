//! The direction of the code, held by a test: who may use whom, and which crate stands where.
//!
//! The table and the rules below are meant to be edited. A new module needs a row; a new edge needs
//! a reason. The reading of the source is rough (no macros are expanded, inline modules other than
//! tests are read as part of their file), which is enough for code that nobody tries to hide.

mod cases;
mod edges;
mod paths;
mod planted;
mod rules;
mod source;

use std::fs;
use std::path::Path;

use edges::Uses;
use rules::Rule;
use source::Source;

/// Which top-level module may use which others. Roots ([`ROOTS`]) and those that may use anything
/// ([`Uses::Anything`]) are listed too, so that a module without a row is an error.
const TABLE: &[(&str, Uses)] = &[
    ("account", Uses::Only(&[])),
    ("clock", Uses::Only(&[])),
    ("pace", Uses::Only(&[])),
    ("cut", Uses::Only(&[])),
    ("domain", Uses::Only(&[])),
    ("problem", Uses::Only(&[])),
    ("config", Uses::Only(&["domain", "problem"])),
    ("desired_file", Uses::Only(&["domain", "problem"])),
    (
        "onelogin",
        Uses::Only(&["clock", "config", "cut", "domain", "pace"]),
    ),
    ("store", Uses::Only(&["cut", "domain"])),
    ("mail", Uses::Only(&["config", "cut", "domain"])),
    ("report", Uses::Only(&["domain"])),
    (
        "jobs",
        Uses::Only(&[
            "account",
            "clock",
            "config",
            "desired_file",
            "domain",
            "mail",
            "onelogin",
            "pace",
            "problem",
            "report",
            "store",
        ]),
    ),
    ("scheduler", Uses::Only(&["domain"])),
    ("telemetry", Uses::Only(&["config"])),
    ("lifecycle", Uses::Only(&[])),
    (
        "app",
        Uses::Only(&[
            "account", "clock", "config", "domain", "jobs", "mail", "onelogin", "pace", "report", "store",
        ]),
    ),
    ("cli", Uses::Anything),
    ("lib", Uses::Anything),
    ("main", Uses::Anything),
];

/// Files of `src/` that are the crate's own root and no module.
const ROOTS: &[&str] = &["lib", "main"];

/// Which paths may be named where.
const RULES: &[Rule] = &[
    Rule::never_in("domain", "tokio"),
    Rule::never_in("domain", "reqwest"),
    Rule::never_in("domain", "rusqlite"),
    Rule::never_in("domain", "tracing"),
    Rule::never_in("domain", "lettre"),
    Rule::never_in("domain", "figment"),
    // No clock either: `now` is an argument.
    Rule::never_in("domain", "std::time::Instant"),
    Rule::never_in("domain", "std::time::SystemTime"),
    Rule::never_in("domain", "Instant::now"),
    Rule::never_in("domain", "SystemTime::now"),
    Rule::never_in("domain", "Timestamp::now"),
    Rule::never_in("domain", "Zoned::now"),
    Rule::never_in("domain", "jiff::Timestamp::now"),
    Rule::never_in("domain", "jiff::Zoned::now"),
    Rule::only_in("store", "rusqlite"),
    Rule::only_in("scheduler", "tokio_cron_scheduler"),
    Rule::only_in("onelogin", "reqwest::Client"),
    Rule::only_in("onelogin", "reqwest::ClientBuilder"),
    Rule::only_in("onelogin", "reqwest::get"),
    Rule::only_in("config", "std::env"),
];

/// The most lines of a file that is read in one sitting.
const MAX_LINES: usize = 400;

#[test]
fn every_use_between_modules_is_in_the_table() {
    let found = edges::not_in_table(&sources_below("src"), TABLE, ROOTS);
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn no_modules_use_each_other_in_a_circle() {
    let found = edges::circles(&sources_below("src"), ROOTS);
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn every_crate_stands_where_it_belongs() {
    let found = rules::violations(&sources_below("src"), RULES);
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn every_file_can_be_read_in_one_sitting() {
    let everything = ["src", "sandbox/src", "tests/it"].map(sources_below).concat();
    let found = rules::too_long(&everything, MAX_LINES);
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn every_test_that_the_page_of_cases_names_exists() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = fs::read_to_string(root.join("tests/CASES.md")).unwrap();
    let everything = ["src", "sandbox/src", "tests/it"].map(sources_below).concat();
    let (named, tests) = (cases::named(&page), cases::tests(&everything));
    assert!(!named.is_empty() && !tests.is_empty());
    let exists = |name: &str| {
        if name.contains('/') {
            root.join(name).is_file()
        } else {
            tests.iter().any(|test| cases::fits(name, test))
        }
    };
    let missing: Vec<&str> = named.into_iter().filter(|name| !exists(name)).collect();
    assert!(missing.is_empty(), "{}", missing.join("\n"));
}

/// The Rust files below a directory of the repository, in the order of their paths.
fn sources_below(directory: &str) -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = Vec::new();
    collect(root, &root.join(directory), &mut found);
    // A wrong directory would pass every test above.
    assert!(!found.is_empty(), "no Rust files below {directory}");
    found
}

fn collect(root: &Path, directory: &Path, found: &mut Vec<Source>) {
    let mut paths: Vec<_> = fs::read_dir(directory)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    paths.sort();
    for path in paths {
        if path.is_dir() {
            collect(root, &path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let relative = path.strip_prefix(root).unwrap().to_string_lossy();
            found.push(Source::new(&relative, &fs::read_to_string(&path).unwrap()));
        }
    }
}
