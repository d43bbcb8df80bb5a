//! Default < file < environment.

use super::*;
use crate::config::settings::Transport;

#[test]
fn the_environment_wins_over_the_file_and_the_file_over_the_default() {
    let desk = Desk::with(&["mail.port = 25", "mail.per_minute = 7"])
        .env("ONELOGIN_STEWARD__MAIL__PORT", "26")
        .env("ONELOGIN_STEWARD__MAIL__TRANSPORT", "smtp")
        .env("onelogin_steward__Mail__host", "smtp.acme.example");
    let settings = desk.loaded().settings;
    let Transport::Smtp(smtp) = &settings.mail.transport else {
        panic!("the environment says smtp");
    };
    assert_eq!((smtp.port, smtp.host.as_str()), (26, "smtp.acme.example"));
    assert_eq!(settings.mail.per_minute, 7);
    assert_eq!(settings.onelogin.requests_per_hour, 4500);
}

#[test]
fn a_list_is_replaced_whole() {
    let from_file = Desk::with(&["password_expiry.notice_days = [30]"]);
    assert_eq!(
        from_file.loaded().settings.password_expiry.terms.notice_days,
        [30].into()
    );
    let from_env = from_file.env("ONELOGIN_STEWARD__PASSWORD_EXPIRY__NOTICE_DAYS", "[5, 2]");
    assert_eq!(
        from_env.loaded().settings.password_expiry.terms.notice_days,
        [2, 5].into()
    );
}

#[test]
fn text_from_the_environment_is_never_read_as_a_number() {
    let desk = Desk::with(&[]).env("ONELOGIN_STEWARD__ONELOGIN__CLIENT_ID", "0012345");
    assert_eq!(desk.loaded().settings.onelogin.client_id, "0012345");
}

#[test]
fn mistakes_in_the_environment_name_the_variable() {
    let cases = [
        ("ONELOGIN_STEWARD__TYPO", "1", "typo", "unknown key"),
        ("ONELOGIN_STEWARD__MAIL__HOTS", "a", "mail.hots", "unknown key"),
        ("ONELOGIN_STEWARD__MAIL", "a", "mail", "unknown key"),
        (
            "ONELOGIN_STEWARD__MAIL__PORT",
            "many",
            "mail.port",
            "expected a whole number from 1 to 65535, found text",
        ),
        (
            "ONELOGIN_STEWARD__LOG__FORMAT",
            "xml",
            "log.format",
            "expected \"auto\"",
        ),
        (
            "ONELOGIN_STEWARD__PASSWORD_EXPIRY__RULE",
            "[]",
            "password_expiry.rule",
            "tables cannot be set",
        ),
        (
            "ONELOGIN_STEWARD__PASSWORD_EXPIRY__NOTICE_DAYS",
            "[999]",
            "password_expiry.notice_days[0]",
            "from 0 to 365",
        ),
    ];
    for (name, value, key, words) in cases {
        let problem = Desk::with(&[]).env(name, value).problem();
        assert_eq!(variable_of(&problem), name);
        assert_eq!(problem.key, key);
        assert!(problem.message.contains(words), "{name}: {}", problem.message);
    }
    let near = Desk::with(&[]).env("ONELOGIN_STEWARD__MAIL__HOTS", "a").problem();
    assert!(
        near.help.contains("ONELOGIN_STEWARD__MAIL__HOST"),
        "{}",
        near.help
    );
    let drawn = Desk::with(&[])
        .env("ONELOGIN_STEWARD__TYPO", "1")
        .problems()
        .render(false);
    assert!(
        drawn.contains("environment variable ONELOGIN_STEWARD__TYPO"),
        "{drawn}"
    );
}

#[test]
fn one_key_in_two_spellings_is_an_error() {
    let desk = Desk::with(&[])
        .env("ONELOGIN_STEWARD__MAIL__PORT", "25")
        .env("ONELOGIN_STEWARD__mail__port", "26");
    assert!(desk.problem().message.contains("sets the same key"));
}

#[test]
fn the_path_is_the_flag_then_the_variable_then_the_usual_place() {
    let none = Environment::default();
    let set = Environment::from_pairs([("ONELOGIN_STEWARD_CONFIG", "/a.toml")]);
    let flag = PathBuf::from("/b.toml");
    assert_eq!(crate::config::path(Some(&flag), &set), flag);
    assert_eq!(crate::config::path(None, &set), PathBuf::from("/a.toml"));
    let usual = PathBuf::from("/etc/onelogin-steward/config.toml");
    assert_eq!(crate::config::path(None, &none), usual);
    // It names the file and is no setting in it.
    Desk::with(&[]).env("ONELOGIN_STEWARD_CONFIG", "/a.toml").loaded();
}
