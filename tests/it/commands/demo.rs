//! `demo`, as the built program in an empty directory.

use std::fs;

use crate::support::home::Home;
use crate::support::mailbox::{Mail, mails_below};

const FOLDER: &str = "onelogin-steward-demo";

#[test]
fn the_demo_shows_its_mails_and_a_second_one_replaces_them() {
    let home = Home::new();
    let first = home.steward(&["demo"]);
    assert_eq!(first.code, 0, "{first:?}");
    assert!(first.stdout.contains(FOLDER), "{}", first.stdout);
    let count = mails_below(&home.path(FOLDER)).len();
    assert!(count > 10, "{count} mails");

    for words in [
        "3 to add, 2 to remove, 0 held; 3 added, 2 removed",
        "     in line with the file",
        "to be pruned  nothing\n\nrun 5 succeeded",
    ] {
        assert!(first.stdout.contains(words), "{words}: {}", first.stdout);
    }

    let page = fs::read_to_string(home.path(FOLDER).join("index.html")).unwrap();
    for outside in [
        "<link",
        "<script src",
        "src=\"http",
        "href=\"http",
        "url(http",
        "@import",
    ] {
        assert!(!page.contains(outside), "{outside} in index.html");
    }
    let mails = mails_below(&home.path(FOLDER));
    assert!(
        mails
            .iter()
            .all(|mail| !mail.text.is_empty() && !mail.html.is_empty())
    );

    for language in ["de", "en", "es", "fr", "ja"] {
        let is_in = |mail: &&Mail| mail.header("Content-Language") == Some(language);
        assert!(mails.iter().filter(is_in).count() > 2, "mails in {language}");
    }

    home.write(format!("{FOLDER}/outbox/old.eml"), "Subject: old\r\n\r\nold\r\n");
    let second = home.steward(&["demo"]);
    assert_eq!(second.code, 0, "{second:?}");
    assert!(!home.path(FOLDER).join("outbox/old.eml").exists());
    let entries: Vec<_> = fs::read_dir(home.path(""))
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    assert_eq!(entries, [FOLDER], "nothing beside the folder");
}

#[test]
fn a_folder_of_somebody_else_is_left_alone() {
    let home = Home::new();
    home.write(format!("{FOLDER}/thesis.txt"), "years of work");
    let ended = home.steward(&["demo"]);
    assert_eq!(ended.code, 1, "{ended:?}");
    assert!(ended.stderr.contains(FOLDER), "{}", ended.stderr);
    let entries: Vec<_> = fs::read_dir(home.path(FOLDER))
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    assert_eq!(entries, ["thesis.txt"]);
}

#[test]
fn the_demo_needs_nothing_but_the_loopback() {
    let home = Home::new();
    let ended = home
        .command(&["demo"])
        .env("http_proxy", "http://192.0.2.1:9")
        .env("HTTPS_PROXY", "http://192.0.2.1:9")
        .output()
        .unwrap();
    assert_eq!(ended.status.code(), Some(0));
    let config = fs::read_to_string(home.path(FOLDER).join("config.toml")).unwrap();
    assert!(config.contains("url = \"http://127.0.0.1:"), "{config}");
    assert!(config.contains("transport = \"files\""), "{config}");
}

#[test]
fn the_demo_obeys_nothing_of_the_shell() {
    let home = Home::new();
    let real = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
    real.set_nonblocking(true).unwrap();
    let port = real.local_addr().unwrap().port().to_string();
    let mut command = home.command(&["demo"]);
    for (key, value) in [
        ("ONELOGIN__URL", format!("http://127.0.0.1:{port}")),
        ("ONELOGIN__CLIENT_ID", "real".to_owned()),
        ("ONELOGIN__CLIENT_SECRET", "real-secret".to_owned()),
        ("MAIL__TRANSPORT", "smtp".to_owned()),
        ("MAIL__HOST", "127.0.0.1".to_owned()),
        ("MAIL__PORT", port),
        ("MAIL__TLS", "none".to_owned()),
        ("MAIL__DIRECTORY", "elsewhere".to_owned()),
        ("STATE_DIRECTORY", "elsewhere".to_owned()),
        ("PASSWORD_EXPIRY__ENABLED", "nonsense".to_owned()),
    ] {
        command.env(format!("ONELOGIN_STEWARD__{key}"), value);
    }
    let credentials = home.write("credentials/onelogin-client-secret", "real-secret");
    command.env("CREDENTIALS_DIRECTORY", credentials.parent().unwrap());
    command.env("ONELOGIN_STEWARD_CONFIG", home.path("real.toml"));
    command.env("STATE_DIRECTORY", home.path("elsewhere"));
    let ended = command.output().unwrap();
    assert_eq!(ended.status.code(), Some(0), "{ended:?}");
    assert!(mails_below(&home.path(FOLDER)).len() > 10);
    assert!(!home.path("elsewhere").exists());
    let nobody = real.accept().unwrap_err();
    assert_eq!(nobody.kind(), std::io::ErrorKind::WouldBlock);
    assert!(!String::from_utf8_lossy(&ended.stdout).contains("real"));
}
