//! Files that cannot be used: each mistake with its file, line and key, what was expected and what to
//! do; exit code 78, and nothing done.

use serde_json::Value;

use crate::support::home::{Home, Output};

/// A good file, line by line.
const LINES: [&str; 9] = [
    "time_zone = \"Europe/Berlin\"",
    "[onelogin]",
    "url = \"https://acme.onelogin.com\"",
    "client_id = \"0123\"",
    "client_secret_file = \"secret\"",
    "[mail]",
    "from = \"IT <it@acme.example>\"",
    "[password_expiry]",
    "schedule = \"0 8 * * *\"",
];

const SECRET: &str = "s3cr3t-v4lue";

/// The good file with another line in the place of line `at`.
fn home_with(at: usize, line: &str) -> Home {
    let home = Home::new();
    home.write("secret", SECRET);
    let mut lines = LINES;
    lines[at - 1] = line;
    home.config(&lines.join("\n"));
    home
}

/// Runs the built program, which never panics and never tells the secret.
#[track_caller]
fn steward(home: &Home, arguments: &[&str]) -> Output {
    let output = home.steward(arguments);
    let all = format!("{}{}", output.stdout, output.stderr);
    assert!(!all.contains("panicked"), "{all}");
    assert!(!all.contains(SECRET), "{all}");
    output
}

/// The problems that `check --json` finds.
#[track_caller]
fn problems(home: &Home) -> Vec<Value> {
    let output = steward(home, &["check", "--json"]);
    assert_eq!(output.code, 78, "{output:?}");
    serde_json::from_str(&output.stdout).unwrap()
}

struct Mistake {
    at: usize,
    line: &'static str,
    key: &'static str,
    message: &'static str,
    help: &'static str,
}

const fn mistake(
    at: usize,
    line: &'static str,
    key: &'static str,
    message: &'static str,
    help: &'static str,
) -> Mistake {
    Mistake {
        at,
        line,
        key,
        message,
        help,
    }
}

const MISTAKES: [Mistake; 12] = [
    mistake(
        9,
        "scheduel = \"0 8 * * *\"",
        "password_expiry.scheduel",
        "unknown key",
        "the nearest known name is schedule",
    ),
    mistake(
        9,
        "schedule = 8",
        "password_expiry.schedule",
        "expected text in quotes, found a whole number",
        "config show --default",
    ),
    mistake(
        9,
        "schedule = \"0 8 31 2 *\"",
        "password_expiry.schedule",
        "never comes",
        "name a day of the month that the month has",
    ),
    mistake(
        9,
        "schedule = \"0 25 * * *\"",
        "password_expiry.schedule",
        "\"0 25 * * *\" is not a schedule",
        "minute, hour, day of month, month and weekday",
    ),
    mistake(
        1,
        "time_zone = \"Europe/Berlni\"",
        "time_zone",
        "\"Europe/Berlni\" is not a time zone",
        "the nearest name is \"Europe/Berlin\"",
    ),
    mistake(
        5,
        "client_secret_file = \"gone\"",
        "onelogin.client_secret_file",
        "gone does not exist",
        "write the secret into that file",
    ),
    mistake(
        3,
        "url = \"http://acme.onelogin.com\"",
        "onelogin.url",
        "http is for loopback only",
        "https://acme.onelogin.com",
    ),
    mistake(
        3,
        "url = \"https://steward:s3cr3t-v4lue@acme.onelogin.com\"",
        "onelogin.url",
        "holds a user name or a password",
        "take them out",
    ),
    mistake(
        7,
        "from = \"IT\"",
        "mail.from",
        "\"IT\" is not one email address",
        "it@acme.example",
    ),
    mistake(
        9,
        "send_days = []",
        "password_expiry.send_days",
        "no send day comes within 31 days",
        "name more send_days",
    ),
    mistake(
        9,
        "rule = [{ name = \"c\", notify = \"none\", match = { email = [\"acme\"] } }]",
        "password_expiry.rule[0].match.email[0]",
        "can never match",
        "*@ext.acme.example",
    ),
    mistake(
        9,
        "link = \"https://acme",
        "",
        "this is not TOML",
        "double quotes",
    ),
];

#[test]
fn every_mistake_is_told_with_its_line_its_key_and_what_to_do() {
    for Mistake {
        at,
        line,
        key,
        message,
        help,
    } in MISTAKES
    {
        let home = home_with(at, line);
        let found = problems(&home);
        assert_eq!(found.len(), 1, "{line}: {found:#?}");
        let text = |field: &str| found[0][field].as_str().unwrap().to_owned();
        assert_eq!(text("file"), home.path("config.toml").display().to_string());
        assert_eq!(
            (&found[0]["line"], text("key").as_str()),
            (&at.into(), key),
            "{line}"
        );
        assert!(text("message").contains(message), "{line}: {}", text("message"));
        assert!(text("help").contains(help), "{line}: {}", text("help"));

        // People read the same, from every command that needs the file.
        for arguments in [
            &["check"][..],
            &["run", "password-expiry"],
            &["expiry", "forecast"],
        ] {
            let output = steward(&home, arguments);
            assert_eq!(output.code, 78, "{line}: {output:?}");
            assert_eq!(output.stdout, "", "{line}");
            assert!(output.stderr.ends_with('\n'), "{}", output.stderr);
            for part in [&format!("config.toml:{at}"), key, message, help] {
                assert!(output.stderr.contains(part), "no {part:?} in {}", output.stderr);
            }
        }
        assert!(!home.path("steward.db").exists(), "{line}");
    }
}

#[test]
fn a_secret_that_is_missing_or_stands_in_the_file_is_told_and_not_shown() {
    let keys = |home: &Home| -> Vec<String> {
        let key = |problem: &Value| problem["key"].as_str().unwrap().to_owned();
        problems(home).iter().map(key).collect()
    };
    assert_eq!(keys(&home_with(5, "")), ["onelogin.client_secret_file"]);
    let inline = home_with(5, "client_secret = \"s3cr3t-v4lue\"");
    assert!(keys(&inline).contains(&"onelogin.client_secret".to_owned()));
    let output = steward(&inline, &["run", "password-expiry"]);
    assert_eq!(output.code, 78);
    assert!(output.stderr.contains("a secret must not stand in the file"));
}

#[test]
fn six_mistakes_in_one_file_are_told_at_once() {
    let home = Home::new();
    home.config(
        "time_zone = \"Mars/Olympus\"\n\
         [onelogin]\n\
         url = \"http://acme.onelogin.com\"\n\
         client_id = 7\n\
         client_secret_file = \"gone\"\n\
         [mail]\n\
         from = \"IT <it@acme.example>\"\n\
         trnasport = \"files\"\n\
         [password_expiry]\n\
         notice_days = [14, 400]\n",
    );
    let found: Vec<_> = problems(&home)
        .iter()
        .map(|problem| format!("{}:{}", problem["line"], problem["key"].as_str().unwrap()))
        .collect();
    assert_eq!(
        found,
        [
            "1:time_zone",
            "3:onelogin.url",
            "4:onelogin.client_id",
            "5:onelogin.client_secret_file",
            "8:mail.trnasport",
            "10:password_expiry.notice_days[1]",
        ]
    );
}

#[test]
fn a_template_that_cannot_be_used_is_told_with_its_line() {
    let body = "templates/password-expiry/body.txt.j2";
    let cases = [
        ("Hello\n{{ firstnam }}\n", ":2: unknown variable `firstnam`"),
        ("Hello\n{% if %}\n", ":2: syntax error"),
        ("\n", " comes out empty"),
    ];
    for (text, words) in cases {
        let home = home_with(9, "");
        home.write(body, text);
        for arguments in [&["check"][..], &["run", "password-expiry"]] {
            let output = steward(&home, arguments);
            assert_eq!(output.code, 78, "{text}: {output:?}");
            for part in [body, words, "delete the file to use the built-in one"] {
                assert!(output.stderr.contains(part), "no {part:?} in {}", output.stderr);
            }
        }
        let found = problems(&home);
        assert_eq!((found.len(), &found[0]["key"]), (1, &"mail.templates".into()));
        assert!(!home.path("steward.db").exists());
    }

    let home = home_with(9, "");
    std::fs::create_dir_all(home.path(body)).unwrap();
    let output = steward(&home, &["check"]);
    assert_eq!(output.code, 78);
    assert!(output.stderr.contains("body.txt.j2: is not a file"), "{output:?}");
}

#[test]
fn templates_are_looked_at_beside_a_broken_configuration() {
    let home = home_with(8, "prot = 25");
    home.write("templates/password-expiry/body.txt.j2", "{{ firstnam }}\n");
    let keys: Vec<Value> = problems(&home)
        .iter()
        .map(|problem| problem["key"].clone())
        .collect();
    assert!(
        keys.contains(&"mail.templates".into()) && keys.len() > 1,
        "{keys:?}"
    );
}

#[test]
fn a_configuration_that_is_not_there_is_told_with_its_path() {
    let output = steward(&Home::new(), &["check"]);
    assert_eq!(output.code, 78);
    for part in [
        "config.toml",
        "there is no configuration file here",
        "init DIRECTORY",
    ] {
        assert!(output.stderr.contains(part), "no {part:?} in {}", output.stderr);
    }
}
