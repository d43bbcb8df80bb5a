//! Where secrets may come from, and that nothing repeats them.

use secrecy::ExposeSecret;

use super::*;
use crate::config::settings::Transport;
use crate::config::show;

const VARIABLE: &str = "ONELOGIN_STEWARD__ONELOGIN__CLIENT_SECRET";

/// The least without a secret.
fn without_secret() -> Desk {
    let desk = Desk::with_text([LEAST[0], LEAST[1], LEAST[3]].join("\n"));
    desk.file("secret", "")
}

fn with_credential(desk: Desk, name: &str, value: &str) -> Desk {
    let folder = desk.folder.path().join("credentials");
    let desk = desk.file(&format!("credentials/{name}"), value);
    desk.env("CREDENTIALS_DIRECTORY", &folder.display().to_string())
}

fn secret_of(desk: &Desk) -> String {
    let secret = desk.loaded().settings.onelogin.client_secret;
    secret.expose_secret().to_owned()
}

#[test]
fn each_source_alone_gives_the_secret() {
    assert_eq!(secret_of(&Desk::with(&[])), "s3cr3t-value");
    assert_eq!(secret_of(&without_secret().env(VARIABLE, "from-env")), "from-env");
    let credential = with_credential(without_secret(), "onelogin-client-secret", "from-systemd\n");
    assert_eq!(secret_of(&credential), "from-systemd");
}

#[test]
fn an_empty_credential_is_none() {
    let desk = with_credential(Desk::with(&[]), "onelogin-client-secret", "\n");
    assert_eq!(secret_of(&desk), "s3cr3t-value");
    let nowhere = with_credential(without_secret(), "onelogin-client-secret", "\n");
    assert_eq!(nowhere.problem().message, "the secret is missing");
    let smtp = ["mail.transport = \"smtp\"", "mail.host = \"a\""];
    let open_relay = with_credential(Desk::with(&smtp), "smtp-password", "\n");
    let Transport::Smtp(server) = open_relay.loaded().settings.mail.transport else {
        panic!("smtp was asked for");
    };
    assert!(server.login.is_none());
}

#[test]
fn an_all_digit_secret_stays_text() {
    assert_eq!(
        secret_of(&without_secret().env(VARIABLE, "0012345678")),
        "0012345678"
    );
}

#[test]
fn one_line_break_at_the_end_is_taken_off() {
    for (text, secret) in [
        ("a\n", "a"),
        ("a\r\n", "a"),
        ("a\n\n", "a\n"),
        (" a ", " a "),
        ("a\r", "a\r"),
    ] {
        assert_eq!(
            secret_of(&Desk::with(&[]).file("secret", text)),
            secret,
            "{text:?}"
        );
    }
}

#[test]
fn sources_that_agree_are_fine() {
    let desk = with_credential(Desk::with(&[]), "onelogin-client-secret", "s3cr3t-value");
    assert_eq!(secret_of(&desk.env(VARIABLE, "s3cr3t-value\n")), "s3cr3t-value");
}

#[test]
fn sources_that_differ_are_an_error_that_names_them() {
    let desk = with_credential(Desk::with(&[]), "onelogin-client-secret", "other-value");
    let problems = desk.env(VARIABLE, "third-value").problems();
    let problem = problems.iter().next().unwrap();
    assert_eq!(problem.key, "onelogin.client_secret_file");
    for source in ["the credential onelogin-client-secret", "/secret", VARIABLE] {
        assert!(problem.message.contains(source), "{}", problem.message);
    }
    assert!(!problems.render(false).contains("-value"), "{problems}");
}

#[test]
fn a_secret_that_is_missing_empty_or_nowhere_is_an_error() {
    let missing = without_secret().problem();
    assert_eq!(
        (missing.key.as_str(), missing.message.as_str()),
        ("onelogin.client_secret_file", "the secret is missing")
    );
    let empty = Desk::with(&[]).file("secret", "\n").problem();
    assert!(
        empty.message.starts_with("the secret is empty in "),
        "{}",
        empty.message
    );
    let empty = without_secret().env(VARIABLE, "").problem();
    assert!(empty.message.contains(VARIABLE), "{}", empty.message);
    let elsewhere = Desk::with(&["onelogin.client_secret_file = \"none\""]);
    assert!(elsewhere.problem().message.contains("does not exist"));
    assert_eq!(secret_of(&elsewhere.env(VARIABLE, "x")), "x");
    let directory = Desk::with(&["onelogin.client_secret_file = \".\""]).problem();
    assert!(
        directory.message.contains("cannot be read"),
        "{}",
        directory.message
    );
}

#[test]
fn a_user_name_needs_a_password_and_a_password_a_user_name() {
    let smtp = ["mail.transport = \"smtp\"", "mail.host = \"a\""];
    let with = |line: &str| Desk::with(&[smtp[0], smtp[1], line]);
    let name = "mail.username = \"steward\"";
    assert_eq!(with(name).problem().key, "mail.username");
    let alone = with("mail.password_file = \"secret\"").problem();
    assert_eq!(alone.key, "mail.username");

    let both = with_credential(with(name), "smtp-password", "hunter2");
    let Transport::Smtp(server) = both.loaded().settings.mail.transport else {
        panic!("smtp was asked for");
    };
    let (user, password) = server.login.unwrap();
    assert_eq!((user.as_str(), password.expose_secret()), ("steward", "hunter2"));
    // A rehearsal logs in nowhere.
    Desk::with(&[name]).loaded();
}

#[test]
fn a_secret_in_the_file_is_an_error_that_never_shows_it() {
    let secret = "hunter2hunter2";
    let texts = [
        format!("onelogin.client_secret = \"{secret}\""),
        format!("mail.password = \"{secret}\""),
        format!("mail.password = [\n \"{secret}\",\n 1\n]"),
        format!("[mail]\npassword = \"\"\"\n{secret}\n\"\"\"\nport = 0"),
        format!("mail = {{ prot = 1, password = \"{secret}\" }}"),
        format!("onelogin.client_secrt = \"{secret}\""),
        format!("onelogin.clientSecret = \"{secret}\""),
        format!("mail.passwd = \"{secret}\""),
        format!("mial.password = \"{secret}\""),
        format!("onelogin.\"client_secret\" = \"{secret}\""),
        format!("onelogin.url = \"https://u:{secret}@acme.onelogin.com\""),
        // Not TOML.
        format!("onelogin.client_secret = {secret}"),
        format!("client_secret: {secret}"),
        format!("client_secret: {secret}=="),
        format!("mail = {{ port = 1, password = '{secret} }}"),
        format!("[mail]\npassword = \"\"\"\n{secret}\n"),
        format!("[mail]\npassword = \"{secret}\nport = 1\n"),
        format!("[mail]\npassword = \"{secret}\"\npassword = \"{secret}\"\n"),
    ];
    for text in texts {
        let desk = Desk::with_text(&text);
        let problems = desk.problems();
        let json = serde_json::to_string(&problems).unwrap();
        for told in [
            problems.render(false),
            problems.render(true),
            json,
            format!("{problems:?}"),
        ] {
            assert!(!told.contains("hunter2"), "{text}\n\n{told}");
        }
        if let Ok(shown) = show(&desk.path(), &desk.environment()) {
            assert!(!shown.to_toml(true).contains("hunter2"), "{text}");
            assert!(
                !serde_json::to_string(&shown).unwrap().contains("hunter2"),
                "{text}"
            );
        }
    }
}

#[test]
fn the_key_of_a_secret_in_the_file_is_told() {
    let problem = Desk::with(&["mail.password = \"x\""]).problem();
    assert_eq!((problem.key.as_str(), line_of(&problem)), ("mail.password", 5));
    assert!(problem.help.contains("password_file"), "{}", problem.help);
}

#[test]
fn lines_without_a_secret_are_still_shown_beside_one() {
    let drawn = Desk::with(&["mail.password = \"x\"", "mail.prot = 1"])
        .problems()
        .render(false);
    assert!(drawn.contains("mail.prot = 1"), "{drawn}");
}

#[test]
fn settings_and_environment_do_not_print_secrets() {
    let desk = without_secret().env(VARIABLE, "hunter2");
    assert!(!format!("{:?}", desk.loaded()).contains("hunter2"));
    assert!(!format!("{:?}", desk.environment()).contains("hunter2"));
}

#[test]
fn a_client_serves_on_only_where_nothing_of_its_credential_changed() {
    let of = |lines: &[&str]| Desk::with(lines).loaded().settings.onelogin;
    let old = of(&[]);
    assert!(old.is_same(&of(&[])));
    let rotated = Desk::with(&[]).file("secret", "another-value\n");
    assert!(!old.is_same(&rotated.loaded().settings.onelogin));
    for changed in [
        "onelogin.url = \"https://other.onelogin.com\"",
        "onelogin.client_id = \"4567\"",
        "onelogin.requests_per_hour = 9",
        "onelogin.timeout = \"9s\"",
    ] {
        assert!(!old.is_same(&of(&[changed])), "{changed}");
    }
}
