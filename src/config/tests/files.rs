//! Files that are no good as files.

use std::os::unix::fs::PermissionsExt;

use super::*;
use crate::config::DEFAULT;

#[test]
fn a_byte_order_mark_and_dos_line_ends_are_taken() {
    let text = format!("\u{feff}{}\r\nmail.prot = 1\r\n", LEAST.join("\r\n"));
    let problem = Desk::with_text(&text).problem();
    assert_eq!(line_of(&problem), 5);
    Desk::with_text(text.replace("mail.prot = 1\r\n", "")).loaded();
}

#[test]
fn text_that_is_not_utf8_is_told_with_its_place() {
    let problem = Desk::with_text(b"a = 1\nb = \"\xff\"\n").problem();
    assert!(problem.message.contains("not UTF-8"));
    assert_eq!(line_of(&problem), 2);
}

#[test]
fn a_syntax_error_is_told_with_its_line() {
    let problems = Desk::with_text("[mail]\nhost = smtp.acme.example\n").problems();
    let problem = problems.iter().next().unwrap();
    assert!(
        problem.message.starts_with("this is not TOML: "),
        "{}",
        problem.message
    );
    assert_eq!(line_of(problem), 2);
    assert!(problems.render(false).contains("host = smtp.acme.example"));
    assert_eq!(
        line_of(&Desk::with_text("[mail]\nport = 1\nport = 2\n").problem()),
        3
    );
}

#[test]
fn a_missing_file_a_directory_and_a_huge_file_are_told() {
    let desk = Desk::with(&[]);
    let load = |path: &std::path::Path| load(path, &desk.environment(), now()).unwrap_err();
    let missing = load(&desk.folder.path().join("none.toml"));
    assert!(
        missing
            .render(false)
            .contains("there is no configuration file here"),
        "{missing}"
    );
    let directory = load(desk.folder.path());
    assert!(
        directory.render(false).contains("this is a directory"),
        "{directory}"
    );
    let huge = Desk::with_text("#".repeat(1024 * 1024 + 1)).problem();
    assert!(huge.message.contains("larger than 1 MiB"));
}

#[test]
fn a_file_that_everybody_may_write_is_an_error() {
    let desk = Desk::with(&[]);
    fs::set_permissions(desk.path(), fs::Permissions::from_mode(0o646)).unwrap();
    let problem = desk.problem();
    assert!(problem.message.contains("may write this file"));
    assert!(problem.help.starts_with("chmod o-w "));
}

#[test]
fn no_text_however_broken_makes_the_drawing_fail() {
    let ends: Vec<usize> = DEFAULT.char_indices().map(|(at, _)| at).step_by(13).collect();
    for (end, tail) in ends.iter().zip(
        ["", "é", "\u{1b}[31m\u{0}", "[", "= \"ü", "\r"]
            .into_iter()
            .cycle(),
    ) {
        let text = format!("{}{tail}", &DEFAULT[..*end]);
        let drawn = Desk::with_text(&text).problems().render(false);
        assert!(!drawn.contains('\u{1b}'), "{text}\n\n{drawn}");
    }
}

#[test]
fn a_quoted_key_with_a_dot_is_no_section() {
    let problem = Desk::with(&["\"mail.host\" = \"a\""]).problem();
    assert_eq!(
        (problem.key.as_str(), problem.message.as_str()),
        ("\"mail.host\"", "unknown key")
    );
}
