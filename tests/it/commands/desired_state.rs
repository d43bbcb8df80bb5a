//! `check` looks at roles.toml where the daemon needs it.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use crate::support::home::{Home, Output};

const GOOD: &str = "tenant = \"acme\"\n[[role]]\nname = \"Sales\"\nmembers = [\"ana@acme.example\"]\n";

fn home(enabled: bool) -> Home {
    let home = Home::new();
    home.write("secret", "s3cr3t\n");
    let text = format!(
        "[onelogin]\nurl = \"https://acme.onelogin.com\"\nclient_id = \"0123\"\nclient_secret_file = \"secret\"\n\
         [mail]\nfrom = \"it@acme.example\"\n[role_sync]\nenabled = {enabled}\nprotected = [\"owner@acme.example\"]\n"
    );
    home.write("config.toml", &text);
    home
}

fn check(home: &Home) -> Output {
    home.steward(&["check"])
}

#[test]
fn a_good_desired_state_is_good() {
    let home = home(true);
    home.write("roles.toml", GOOD);
    let ended = check(&home);
    assert_eq!(ended.code, 0, "{ended:?}");
}

#[test]
fn f4_every_mistake_is_told_with_file_line_and_key() {
    let home = home(true);
    home.write(
        "roles.toml",
        &GOOD
            .replace("members", "member")
            .replace("acme\"\n", "acme.com\"\n"),
    );
    let ended = check(&home);
    assert_eq!(ended.code, 78, "{ended:?}");
    for words in [
        "roles.toml:1:10",
        "roles.toml:4:1",
        "role[0].member",
        "the nearest known name is members",
    ] {
        assert!(ended.stderr.contains(words), "{words}: {}", ended.stderr);
    }
    let json: serde_json::Value = serde_json::from_str(&home.steward(&["check", "--json"]).stdout).unwrap();
    assert_eq!(json[1]["line"], 4, "{json}");
    assert_eq!(json[1]["key"], "role[0].member", "{json}");
}

#[test]
fn f1_f3_f17_a_missing_an_empty_and_an_open_file_are_refused() {
    let home = home(true);
    let ended = check(&home);
    assert_eq!(ended.code, 78, "{ended:?}");
    assert!(
        ended.stderr.contains("never means empty roles"),
        "{}",
        ended.stderr
    );
    home.write("roles.toml", include_str!("../../../roles.toml"));
    let ended = check(&home);
    assert_eq!(ended.code, 78, "{ended:?}");
    assert!(ended.stderr.contains("the file is empty"), "{}", ended.stderr);
    home.write("roles.toml", GOOD);
    fs::set_permissions(home.path("roles.toml"), fs::Permissions::from_mode(0o666)).unwrap();
    let ended = check(&home);
    assert_eq!(ended.code, 78, "{ended:?}");
    assert!(ended.stderr.contains("others than its owner"), "{}", ended.stderr);
}

#[test]
fn o9_a_file_for_another_tenant_is_refused() {
    let home = home(true);
    home.write("roles.toml", &GOOD.replace("acme\"\n", "acme-staging\"\n"));
    let ended = check(&home);
    assert_eq!(ended.code, 78, "{ended:?}");
    assert!(
        ended.stderr.contains("\"acme-staging\", and this is \"acme\""),
        "{}",
        ended.stderr
    );
}

#[test]
fn a_desired_state_that_nothing_needs_is_not_looked_at() {
    let home = home(false);
    assert_eq!(check(&home).code, 0);
    home.write("roles.toml", "[[");
    assert_eq!(check(&home).code, 0);
}

#[test]
fn g7_an_empty_protected_list_is_a_warning_of_check() {
    let home = home(true);
    home.write("roles.toml", GOOD);
    let config = fs::read_to_string(home.path("config.toml")).unwrap();
    home.write("config.toml", &config.replace("[\"owner@acme.example\"]", "[]"));
    let ended = check(&home);
    assert_eq!(ended.code, 0, "{ended:?}");
    assert!(
        ended
            .stderr
            .contains("warning: role_sync.protected: nobody is protected"),
        "{}",
        ended.stderr
    );
}
