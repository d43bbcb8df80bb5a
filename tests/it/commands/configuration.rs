//! `init`, `check`, `config show`, and the command line itself.

use onelogin_steward::config;

use crate::support::company::company;
use crate::support::home::Home;
use crate::support::smtp::SmtpServer;
use crate::support::world::World;

const FLAGS: [&str; 6] = [
    "--url",
    "https://acme.onelogin.com",
    "--client-id",
    "0123",
    "--from",
    "IT Service Desk <it@acme.example>",
];

fn init(home: &Home, flags: &[&str]) -> crate::support::home::Output {
    let mut arguments = vec!["init", "first"];
    arguments.extend(flags);
    home.steward(&arguments)
}

#[test]
fn init_writes_a_rehearsal_that_check_accepts_once_the_secret_is_there() {
    let home = Home::new();
    let ended = init(&home, &FLAGS);
    assert_eq!(ended.code, 0, "{ended:?}");
    for words in [
        "credentials/onelogin-client-secret",
        "config.toml check",
        "password-expiry --plan",
    ] {
        assert!(ended.stdout.contains(words), "{words} in {}", ended.stdout);
    }
    let config = home.path("first/config.toml");
    let at = ["--config", config.to_str().unwrap()];
    let check = |home: &Home| {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_onelogin-steward"));
        let output = command
            .args(at)
            .arg("check")
            .env_clear()
            .current_dir(home.path(""))
            .output()
            .unwrap();
        let said =
            String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
        (output.status.code().unwrap(), said)
    };
    let (code, said) = check(&home);
    assert_eq!(code, 78, "{said}");
    assert!(said.contains("client_secret"), "{said}");
    home.write("first/credentials/onelogin-client-secret", "secret\n");
    let (code, said) = check(&home);
    assert_eq!(code, 0, "{said}");
    assert!(said.contains("REHEARSAL"), "{said}");
}

#[test]
fn init_overwrites_nothing() {
    let home = Home::new();
    home.write("first/config.toml", "# mine\n");
    let ended = init(&home, &FLAGS);
    assert_eq!(ended.code, 1, "{ended:?}");
    assert_eq!(
        std::fs::read_to_string(home.path("first/config.toml")).unwrap(),
        "# mine\n"
    );
    assert!(!home.path("first/credentials").exists());
}

#[test]
fn init_without_a_terminal_needs_every_flag() {
    for missing in [0, 2, 4] {
        let home = Home::new();
        let mut flags = FLAGS.to_vec();
        let name = flags[missing];
        flags.drain(missing..missing + 2);
        let ended = init(&home, &flags);
        assert_eq!(ended.code, 2, "{ended:?}");
        assert!(ended.stderr.contains(name), "{}", ended.stderr);
        assert!(!home.path("first").exists());
    }
    for (wrong, at) in [("acme.onelogin.com", 1), ("not an address", 5)] {
        let home = Home::new();
        let mut flags = FLAGS;
        flags[at] = wrong;
        assert_eq!(init(&home, &flags).code, 2, "{wrong}");
        assert!(!home.path("first").exists());
    }
}

#[tokio::test]
async fn the_settings_are_shown_with_their_origin_and_without_secrets() {
    let server = SmtpServer::builder().start();
    let world = World::new(company([])).await;
    world.mail_safely_to(&server, "starttls", "localhost");
    for arguments in [
        &["config", "show"][..],
        &["config", "show", "--origin"],
        &["config", "show", "--json"],
    ] {
        let shown = world.steward(arguments).await;
        assert_eq!(shown.code, 0, "{}", shown.stderr);
        for hidden in ["sandbox-secret", "se cret"] {
            assert!(!shown.stdout.contains(hidden), "{}", shown.stdout);
        }
        assert!(shown.stdout.contains("(set)"), "{}", shown.stdout);
        assert!(shown.stdout.contains("Europe/Berlin"), "{}", shown.stdout);
    }
    let origins = world.steward(&["config", "show", "--origin"]).await.stdout;
    let origin_of = |key: &str| origins.lines().find(|line| line.starts_with(key)).unwrap();
    assert!(origin_of("time_zone").contains("config.toml"), "{origins}");
    assert!(origin_of("notice_days").ends_with("default"), "{origins}");
}

#[tokio::test]
async fn the_default_settings_are_the_file_of_the_repository() {
    let world = World::new(company([])).await;
    let shown = world.steward(&["config", "show", "--default"]).await;
    assert_eq!(shown.stdout, config::DEFAULT);
    assert_eq!(shown.stdout, include_str!("../../../config.toml"));
}

#[test]
fn help_ends_with_0_and_a_wrong_word_with_2() {
    let home = Home::new();
    for arguments in [
        &["--help"][..],
        &["run", "--help"],
        &["expiry", "explain", "--help"],
        &["--version"],
    ] {
        let ended = home.steward(arguments);
        assert_eq!(ended.code, 0, "{ended:?}");
        assert!(!ended.stdout.is_empty() && ended.stderr.is_empty(), "{ended:?}");
    }
    for arguments in [
        &["coffee"][..],
        &["run", "coffee"],
        &["run", "password-expiry", "--wait", "soon"],
        &["expiry"],
        &["expiry", "explain"],
        &[],
    ] {
        let ended = home.steward(arguments);
        assert_eq!(ended.code, 2, "{arguments:?} {ended:?}");
        assert!(ended.stdout.is_empty(), "{ended:?}");
    }
}

#[test]
fn a_missing_configuration_is_named_and_ends_with_78() {
    let home = Home::new();
    for arguments in [
        &["check"][..],
        &["history"],
        &["run", "password-expiry"],
        &["daemon"],
    ] {
        let ended = home.steward(arguments);
        assert_eq!(ended.code, 78, "{arguments:?} {ended:?}");
        assert!(ended.stderr.contains("config.toml"), "{}", ended.stderr);
    }
}
