//! Single values: what is taken and what is refused, and in which words.

use super::*;
use crate::config::Severity;
use crate::config::settings::{Tls, Transport};

#[test]
fn six_mistakes_in_one_file_give_six_problems_with_line_and_key() {
    let desk = Desk::with_text(
        r#"
time_zone = "Europe/Berlim"
[onelogin]
url = "http://acme.onelogin.com"
client_id = 12
client_secret_file = "secret"
timeout = "soon"
[mail]
from = "IT <it@acme.example>"
prot = 25
[password_expiry]
notice_days = [14, 366]
"#,
    );
    let problems = desk.problems();
    let told: Vec<(usize, &str)> = problems.iter().map(|p| (line_of(p), p.key.as_str())).collect();
    assert_eq!(
        told,
        [
            (2, "time_zone"),
            (4, "onelogin.url"),
            (5, "onelogin.client_id"),
            (7, "onelogin.timeout"),
            (10, "mail.prot"),
            (12, "password_expiry.notice_days[1]"),
        ]
    );
    let drawn = problems.render(false);
    assert!(drawn.contains("prot = 25\n"), "{drawn}");
    assert!(drawn.contains("config.toml:10:1"), "{drawn}");
    assert!(drawn.contains("^^^^"), "{drawn}");
    assert!(!drawn.contains('\u{1b}'), "{drawn}");
    assert!(problems.render(true).contains('\u{1b}'));
}

#[test]
fn problems_as_json_have_fixed_names() {
    let desk = Desk::with(&["mail.prot = 25"]);
    let json = serde_json::to_value(desk.problems()).unwrap();
    let problem = &json[0];
    assert_eq!(problem["file"], desk.path().display().to_string());
    assert_eq!(problem["line"], 5);
    assert_eq!(problem["column"], 6);
    assert_eq!(problem["key"], "mail.prot");
    assert_eq!(problem["severity"], "error");
    assert_eq!(problem["message"], "unknown key");
    assert_eq!(problem["help"], "the nearest known name is port");
}

#[test]
fn an_unknown_key_names_the_nearest_known_one() {
    let cases = [
        ("mail.hots = 1", "the nearest known name is host"),
        ("mial.host = \"a\"", "the nearest known name is mail"),
        ("host = \"a\"", "host belongs in [mail]"),
        (
            "password_expiry.notice_day = [1]",
            "the nearest known name is notice_days",
        ),
        ("mail.xyzzy = 1", "known here: transport"),
    ];
    for (line, help) in cases {
        let problem = Desk::with(&[line]).problem();
        assert!(problem.message.starts_with("unknown "), "{line}");
        assert!(problem.help.starts_with(help), "{line}: {}", problem.help);
    }
}

#[test]
fn sections_that_are_not_built_yet_are_unknown() {
    for line in ["lockouts.enabled = false", "[metrics]"] {
        assert_eq!(Desk::with(&[line]).problem().message, "unknown section", "{line}");
    }
}

/// A line, and words of the message about it.
const BAD_VALUES: &[(&str, &str)] = &[
    ("time_zone = 1", "expected text in quotes, found a whole number"),
    ("time_zone = 2026-01-01", "found a date"),
    ("time_zone = \"Mars\"", "\"Mars\" is not a time zone"),
    ("mail = \"smtp\"", "expected a section, [mail], found text"),
    ("onelogin.requests_per_hour = 0", "from 1 to 1000000, found 0"),
    (
        "onelogin.requests_per_hour = \"9\"",
        "expected a whole number from 1 to 1000000, found text",
    ),
    ("onelogin.timeout = \"0s\"", "not longer than zero"),
    ("onelogin.timeout = \"-5s\"", "not longer than zero"),
    ("onelogin.timeout = \"30\"", "is not a duration"),
    ("onelogin.timeout = \"1 month\"", "is not a duration"),
    ("onelogin.timeout = 30", "expected text in quotes"),
    ("onelogin.url = \"acme\"", "is not a URL"),
    (
        "onelogin.url = \"http://acme.example\"",
        "must begin with https://",
    ),
    ("onelogin.url = \"ftp://localhost\"", "must begin with https://"),
    ("onelogin.url = \"https://acme.example/api\"", "more than a host"),
    ("onelogin.url = \"https://acme.example?x=1\"", "more than a host"),
    (
        "onelogin.url = \"https://u:p@acme.example\"",
        "a user name or a password",
    ),
    (
        "mail.transport = \"stmp\"",
        "expected \"files\" or \"smtp\", found \"stmp\"",
    ),
    ("mail.port = 65536", "from 1 to 65535"),
    ("mail.port = 0", "from 1 to 65535"),
    ("mail.port = 25.5", "found a number with a fraction"),
    ("mail.tls = \"ssl\"", "expected \"starttls\""),
    ("mail.host = \"smtp://acme\"", "is not a host name"),
    ("mail.host = \"acme:25\"", "is not a host name"),
    ("mail.from = \"nobody\"", "is not one email address"),
    (
        "mail.from = \"a@x.example, b@x.example\"",
        "is not one email address",
    ),
    (
        "mail.from = \"Evil\\nBcc: z <a@x.example>\"",
        "is not one email address",
    ),
    ("mail.reply_to = \"it@\"", "is not one email address"),
    (
        "mail.envelope_from = \"IT <it@acme.example>\"",
        "is not an email address",
    ),
    ("mail.redirect_to = \"me\"", "is not an email address"),
    (
        "mail.admins = \"it@acme.example\"",
        "expected a list of email addresses",
    ),
    ("mail.admins = [7]", "expected text in quotes"),
    (
        "mail.admins = [\"it@acme.example\", \"a@x.example, b@x.example\"]",
        "is not an email address",
    ),
    ("mail.per_minute = 0", "from 1 to"),
    ("mail.directory = \"\"", "the path is empty"),
    ("mail.templates = \"elsewhere\"", "there is no folder"),
    ("store.path = \"\"", "the path is empty"),
    (
        "password_expiry.enabled = \"yes\"",
        "expected true or false, found text",
    ),
    ("password_expiry.schedule = \"8:00\"", "5 fields"),
    ("password_expiry.schedule = \"0 0 8 * * *\"", "5 fields"),
    (
        "password_expiry.schedule = \"61 8 * * *\"",
        "\"61 8 * * *\" is not a schedule",
    ),
    ("password_expiry.schedule = \"0 8 31 2 *\"", "never comes"),
    (
        "password_expiry.notice_days = 14",
        "expected a list of whole numbers",
    ),
    ("password_expiry.notice_days = [-1]", "from 0 to 365"),
    ("password_expiry.notice_days = [1.5]", "a number with a fraction"),
    (
        "password_expiry.after_expiry_within = \"long\"",
        "is not a duration",
    ),
    (
        "password_expiry.statuses = [\"suspended\"]",
        "expected \"active\" or \"locked\"",
    ),
    (
        "password_expiry.send_days = [\"monday\"]",
        "\"monday\" is not a weekday",
    ),
    (
        "password_expiry.send_days = []",
        "no send day comes within 31 days",
    ),
    (
        "password_expiry.holidays = [\"25.12.2026\"]",
        "is not a day of the calendar",
    ),
    (
        "password_expiry.holidays = [\"2026-02-30\"]",
        "is not a day of the calendar",
    ),
    (
        "password_expiry.holidays = [2026-12-25T08:00:00]",
        "is not a day of the calendar",
    ),
    ("password_expiry.holidays = [1]", "expected a day"),
    ("password_expiry.max_notices_per_run = -1", "from 0 to"),
    (
        "password_expiry.max_notices_per_run_percent = 101",
        "from 0 to 100",
    ),
    ("password_expiry.max_user_drop_percent = -1", "from 0 to 100"),
    (
        "password_expiry.fallback_recipient = \"boss\"",
        "expected \"none\", \"manager\" or an email address",
    ),
    (
        "password_expiry.link = \"http://acme.example\"",
        "must begin with https://",
    ),
    (
        "password_expiry.age_source = \"file\"",
        "expected \"onelogin\" or \"config\"",
    ),
    ("password_expiry.policies_keep = \"\"", "is not a duration"),
    ("password_expiry.default_max_age_days = 36501", "from 0 to 36500"),
    ("daemon.catch_up = \"32d\"", "longer than 31 days"),
    ("daemon.catch_up = \"-1h\"", "not longer than zero"),
    ("store.keep = \"0s\"", "not longer than zero"),
    ("store.keep = \"23h\"", "\"23h\" is shorter than a day"),
    ("store.keep_changes = \"1h\"", "shorter than a day"),
    ("housekeeping.schedule = \"0 0 30 2 *\"", "never comes"),
    ("housekeeping.backup_directory = 1", "expected text in quotes"),
    ("daemon.stop_timeout = \"0s\"", "not longer than zero"),
    ("log.level = \"inof\"", "\"inof\" is not a log level"),
    ("log.format = \"xml\"", "expected \"auto\""),
];

#[test]
fn each_bad_value_is_told_in_words() {
    for (line, words) in BAD_VALUES {
        // A section that is text cannot have keys beside it.
        let is_section = line.starts_with("mail = ");
        let desk = if is_section {
            Desk::with_text([line, LEAST[0], LEAST[1], LEAST[2]].join("\n"))
        } else {
            Desk::with(&[line])
        };
        let problem = desk.problem();
        assert!(problem.message.contains(words), "{line}: {}", problem.message);
        assert_eq!(problem.severity, Severity::Error, "{line}");
        let key = line.split(" = ").next().unwrap();
        assert!(problem.key.starts_with(key), "{line}: {}", problem.key);
    }
}

#[test]
fn what_is_allowed_is_taken() {
    let lines = [
        "onelogin.url = \"http://127.0.0.1:8080\"",
        "onelogin.url = \"http://127.3.4.5\"",
        "onelogin.url = \"http://[::1]:8080/\"",
        "onelogin.url = \"http://localhost:1\"",
        "mail.from = \"it@acme.example\"",
        "mail.from = \"Größe <it@acme.example>\"",
        "mail.admins = []",
        "mail.templates = \"templates\"",
        "mail.templates = \"\"",
        "password_expiry.notice_days = []",
        "password_expiry.notice_days = [0, 365, 0]",
        "password_expiry.statuses = [\"locked\"]",
        "password_expiry.holidays = [2026-12-25, \"2026-12-26\"]",
        "password_expiry.fallback_recipient = \"desk@acme.example\"",
        "password_expiry.default_max_age_days = 0",
        "password_expiry.link = \"https://acme.example/@password?x=1\"",
        "password_expiry.after_expiry_within = \"400d\"",
        "log.level = \"info,onelogin_steward=debug\"",
    ];
    for line in lines {
        let loaded = Desk::with(&[line]).loaded();
        assert!(loaded.warnings.is_empty(), "{line}: {}", loaded.warnings);
    }
}

#[test]
fn an_admin_who_is_named_twice_is_one_admin() {
    let line = "mail.admins = [\"it@acme.example\", \"IT@acme.example\", \"id@acme.example\"]";
    let admins = Desk::with(&[line]).loaded().settings.mail.admins;
    let admins: Vec<String> = admins.iter().map(ToString::to_string).collect();
    assert_eq!(admins, ["it@acme.example", "id@acme.example"]);
}

#[test]
fn a_missing_required_key_is_told_at_the_header_of_its_section() {
    let desk = Desk::with_text("\n[onelogin]\nclient_secret_file = \"secret\"\n");
    let problems = desk.problems();
    let keys: Vec<&str> = problems.iter().map(|problem| problem.key.as_str()).collect();
    assert_eq!(keys, ["mail.from", "onelogin.url", "onelogin.client_id"]);
    assert!(matches!(problems.iter().next().unwrap().place, Place::File(_)));
    assert_eq!(line_of(problems.iter().nth(1).unwrap()), 2);
    let drawn = problems.render(false);
    assert!(drawn.contains("[onelogin]"), "{drawn}");
}

#[test]
fn smtp_needs_a_host_and_a_rehearsal_does_not() {
    let problem = Desk::with(&["mail.transport = \"smtp\""]).problem();
    assert_eq!(problem.key, "mail.host");
    Desk::with(&["mail.transport = \"files\""]).loaded();
}

#[test]
fn one_mistake_is_told_once() {
    let smtp = ["mail.transport = \"smtp\"", "mail.host = \"a\""];
    for lines in [
        &["onelogin.client_secret_file = 5"][..],
        &[smtp[0], "mail.host = 5"],
        &[smtp[0], "mail.host = \"a b\""],
        &[
            smtp[0],
            smtp[1],
            "mail.username = 5",
            "mail.password_file = \"secret\"",
        ],
        &[
            smtp[0],
            smtp[1],
            "mail.username = \"a\"",
            "mail.password_file = 5",
        ],
        &[smtp[0], smtp[1], "mail.ca_file = 5"],
        &["state_directory = 5"],
        &["mail.templates = 5"],
        &["password_expiry.link = 5"],
        &[
            "password_expiry.notice_days = 5",
            "password_expiry.default_max_age_days = 1",
        ],
    ] {
        Desk::with(lines).problem();
    }
}

#[test]
fn open_smtp_is_for_loopback_only() {
    let smtp = |host: &str| {
        let host = format!("mail.host = \"{host}\"");
        Desk::with(&["mail.transport = \"smtp\"", "mail.tls = \"none\"", &host])
    };
    assert_eq!(smtp("smtp.acme.example").problem().key, "mail.tls");
    for host in ["localhost", "127.0.0.1", "::1"] {
        let Transport::Smtp(server) = smtp(host).loaded().settings.mail.transport else {
            panic!("smtp was asked for");
        };
        assert_eq!(server.tls, Tls::None);
        assert!(server.login.is_none());
    }
}

#[test]
fn a_ca_file_must_be_there() {
    let lines = [
        "mail.transport = \"smtp\"",
        "mail.host = \"a\"",
        "mail.ca_file = \"ca.pem\"",
    ];
    assert_eq!(Desk::with(&lines).problem().key, "mail.ca_file");
    Desk::with(&lines).file("ca.pem", "").loaded();
}

#[test]
fn a_schedule_that_misses_the_send_days_is_an_error() {
    let desk = Desk::with(&["password_expiry.schedule = \"0 8 * * sun\""]);
    assert_eq!(desk.problem().key, "password_expiry.schedule");
}

#[test]
fn paths_start_where_they_belong() {
    let desk = Desk::with(&[
        "state_directory = \"state\"",
        "store.path = \"db/a.db\"",
        "housekeeping.backup_directory = \"backups\"",
    ]);
    let desk = desk.file("templates/a", "");
    let root = desk.folder.path();
    let settings = desk.loaded().settings;
    assert_eq!(settings.state_directory, root.join("state"));
    assert_eq!(settings.store_path, root.join("state/db/a.db"));
    let backups = settings.housekeeping.backup_directory;
    assert_eq!(backups, Some(root.join("state/backups")));
    assert_eq!(settings.mail.templates, Some(root.join("templates")));
    let Transport::Files { directory } = settings.mail.transport else {
        panic!("a rehearsal is the default");
    };
    assert_eq!(directory, root.join("state/outbox"));
}

#[test]
fn under_systemd_the_key_names_the_same_state_directory() {
    let absent = Desk::with(&[]).env("STATE_DIRECTORY", "/var/lib/steward");
    assert_eq!(absent.problem().key, "state_directory");
    let same =
        Desk::with(&["state_directory = \"/var/lib/steward/\""]).env("STATE_DIRECTORY", "/var/lib/steward");
    same.loaded();
    let other = Desk::with(&["state_directory = \"/srv\""]).env("STATE_DIRECTORY", "/var/lib/steward");
    assert_eq!(other.problem().key, "state_directory");
    let none = Desk::with(&[]);
    assert_eq!(none.loaded().settings.state_directory, none.folder.path());
}
