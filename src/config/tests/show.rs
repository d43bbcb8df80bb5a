//! `config show`.

use super::*;
use crate::config::show;

#[test]
fn every_value_is_shown_with_its_origin() {
    let desk = Desk::with_text(format!(
        "{}\n[[password_expiry.rule]]\nname = \"a\"\nmatch = {{ group_id = [1] }}\nnotify = \"none\"\n",
        LEAST.join("\n")
    ))
    .env("ONELOGIN_STEWARD__MAIL__PORT", "25");
    let file = desk.path().display().to_string();
    let shown = show(&desk.path(), &desk.environment()).unwrap();
    let origin = |key: &str| {
        let entry = shown.entries().iter().find(|entry| entry.key == key).unwrap();
        (entry.value.to_string(), entry.origin.clone())
    };
    assert_eq!(origin("mail.per_minute"), ("30".to_owned(), "default".to_owned()));
    assert_eq!(
        origin("mail.port"),
        ("25".to_owned(), "ONELOGIN_STEWARD__MAIL__PORT".to_owned())
    );
    assert_eq!(
        origin("onelogin.client_id"),
        ("\"0123\"".to_owned(), format!("{file}:2"))
    );
    assert_eq!(origin("password_expiry.rule[0].name").1, format!("{file}:6"));
    assert_eq!(origin("onelogin.client_secret").0, "\"(set)\"");
    assert_eq!(origin("mail.password").0, "\"(not set)\"");

    let toml = shown.to_toml(false);
    assert!(
        toml.starts_with("time_zone = \"UTC\"\n\n[onelogin]\nurl = "),
        "{toml}"
    );
    assert!(
        toml.contains("\n[[password_expiry.rule]]\nname = \"a\"\nmatch = { group_id = [1] }\n"),
        "{toml}"
    );
    assert!(toml.contains("notice_days = [14, 7, 3, 1]\n"), "{toml}");
    toml.parse::<toml_edit::DocumentMut>().unwrap();
    let toml = shown.to_toml(true);
    assert!(toml.contains("# default\n"), "{toml}");
    toml.parse::<toml_edit::DocumentMut>().unwrap();

    let json = serde_json::to_value(&shown).unwrap();
    assert_eq!(
        json[0],
        serde_json::json!({"key": "time_zone", "value": "UTC", "origin": "default"})
    );
}

#[test]
fn wrong_values_are_shown_as_they_stand() {
    let desk = Desk::with_text("time_zone = \"Mars\"\nmail.port = \"x\"\nlog.level = 2026-01-01\n");
    let toml = show(&desk.path(), &desk.environment()).unwrap().to_toml(false);
    for line in ["time_zone = \"Mars\"", "port = \"x\"", "level = \"2026-01-01\""] {
        assert!(toml.contains(line), "{toml}");
    }
}

#[test]
fn a_file_that_is_no_toml_cannot_be_shown() {
    let desk = Desk::with_text("[");
    assert!(show(&desk.path(), &desk.environment()).is_err());
}
