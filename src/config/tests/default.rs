//! config.toml itself.

use super::*;
use crate::config::key::{KEYS, Kind};
use crate::config::{DEFAULT, load_local};

/// The embedded file with the examples taken out of their comments.
fn with_examples() -> String {
    let uncomment = |line: &str| {
        let example = line.strip_prefix("# ").filter(|rest| {
            let key = rest.split(" = ").next().unwrap_or_default();
            let is_key = rest.contains(" = ") && key.chars().all(|c| c.is_ascii_lowercase() || c == '_');
            is_key || rest.starts_with("[[")
        });
        format!("{}\n", example.unwrap_or(line))
    };
    DEFAULT.lines().map(uncomment).collect()
}

#[test]
fn the_default_is_valid_as_it_stands_for_local_commands() {
    let desk = Desk::with_text(DEFAULT);
    let local = load_local(&desk.path(), &desk.environment()).unwrap();
    assert_eq!(local.store_path, desk.folder.path().join("steward.db"));
    assert_eq!(local.time_zone.iana_name(), Some("UTC"));
}

#[test]
fn an_empty_file_means_the_default() {
    let desk = Desk::with_text("");
    load_local(&desk.path(), &desk.environment()).unwrap();
}

#[test]
fn the_default_lacks_only_what_a_company_must_say() {
    let problems = Desk::with_text(DEFAULT).problems();
    let mut keys: Vec<&str> = problems.iter().map(|problem| problem.key.as_str()).collect();
    keys.sort_unstable();
    assert_eq!(
        keys,
        [
            "mail.from",
            "onelogin.client_id",
            "onelogin.client_secret_file",
            "onelogin.url"
        ]
    );
}

#[test]
fn every_example_of_the_default_loads() {
    let desk = Desk::with_text(with_examples())
        .file("credentials/onelogin-client-secret", "x")
        .file("credentials/smtp-password", "y")
        .env("ONELOGIN_STEWARD__MAIL__TRANSPORT", "smtp");
    let loaded = desk.loaded();
    assert!(loaded.warnings.is_empty(), "{}", loaded.warnings);
    assert_eq!(loaded.settings.password_expiry.terms.rules.len(), 2);
    assert!(loaded.settings.password_expiry.terms.default_max_age.is_some());
}

#[test]
fn the_default_names_every_key_in_order() {
    let document = toml_edit::Document::parse(with_examples()).unwrap();
    let mut named = Vec::new();
    collect(document.as_table(), "", &mut named);
    let known = KEYS.iter().filter(|key| key.kind != Kind::Secret);
    let known: Vec<&str> = known.map(|key| key.dotted).collect();
    assert_eq!(named, known);
}

fn collect(table: &toml_edit::Table, section: &str, named: &mut Vec<String>) {
    for (name, item) in table {
        match item.as_table() {
            Some(table) => collect(table, &format!("{section}{name}."), named),
            None => named.push(format!("{section}{name}")),
        }
    }
}

#[test]
fn local_commands_need_no_sound_mail_section() {
    let desk = Desk::with_text("mail.port = 0\n");
    load_local(&desk.path(), &desk.environment()).unwrap();
    let desk = Desk::with_text("log.format = 0\nmail.prot = 0\n");
    let problems = load_local(&desk.path(), &desk.environment()).unwrap_err();
    assert_eq!(problems.len(), 2);
}
