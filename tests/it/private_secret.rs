//! A secret file that is not for the service to read, as root's own under systemd.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use crate::support::home::Home;

const CONFIG: &str = r#"
[onelogin]
url = "https://acme.onelogin.com"
client_id = "0123"
client_secret_file = "secret"
[mail]
from = "IT <it@acme.example>"
"#;

/// `check` where nobody may read the secret's file: the exit code and the words.
fn check(credentials: Option<&str>) -> (Option<i32>, String) {
    let home = Home::new();
    home.config(CONFIG);
    let secret = home.write("secret", "s3cr3t-v4lue");
    home.write("credentials/onelogin-client-secret", "s3cr3t-v4lue");
    fs::set_permissions(secret, fs::Permissions::from_mode(0o000)).unwrap();
    let mut command = home.command_without_privileges(&["check"]);
    if let Some(directory) = credentials {
        command.env("CREDENTIALS_DIRECTORY", home.path(directory));
    }
    let output = command.output().unwrap();
    (output.status.code(), String::from_utf8(output.stderr).unwrap())
}

#[test]
fn it_is_no_mistake_where_systemd_hands_the_secret_over() {
    let (code, told) = check(Some("credentials"));
    assert_eq!(code, Some(0), "{told}");
}

#[test]
fn it_is_one_where_nothing_else_gives_the_secret() {
    let (code, told) = check(None);
    assert_eq!(code, Some(78), "{told}");
    assert!(
        told.contains("onelogin.client_secret_file") && told.contains("permission denied"),
        "{told}"
    );
}
