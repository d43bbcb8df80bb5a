//! The templates in this binary, and what a folder may do to them.

use std::fs;

use super::*;
use crate::config::settings::Transport;
use crate::mail::fixture::{berlin, due_in, mail_settings, notice_in, person};

fn letterhead() -> Letterhead {
    Letterhead::new(&mail_settings(Transport::Files {
        directory: "outbox".into(),
    }))
}

fn folder_with(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, source) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, source).unwrap();
    }
    folder
}

/// "file:line: message", with the file below the folder.
fn problems_of(files: &[(&str, &str)]) -> Vec<String> {
    let folder = folder_with(files);
    let problems = Templates::load(Some(folder.path())).unwrap_err();
    let prefix = format!("{}/", folder.path().display());
    problems
        .iter()
        .map(|problem| problem.to_string().replace(&prefix, ""))
        .collect()
}

#[test]
fn the_embedded_templates_hold_for_every_sample() {
    let templates = Templates::load(None).unwrap();
    for (kind, facts) in sample::all() {
        let content = templates.render(kind, &facts).unwrap();
        assert!(
            !content.subject.contains('\n') && content.subject.is_ascii(),
            "{}",
            content.subject
        );
        for line in content.text.lines() {
            assert_eq!(line, line.trim_end(), "{kind:?}");
            assert!(line.chars().count() < 78 || !line.trim().contains("  "), "{line}");
        }
        assert!(!content.text.contains("\n\n\n"), "{}", content.text);
        assert!(
            !content.text.contains("{%") && !content.html.contains("{%"),
            "{kind:?}"
        );
        assert!(
            content.html.starts_with("<!DOCTYPE html>\n<html lang=\"en\">"),
            "{}",
            content.html
        );
        assert!(
            !content.html.contains("src=") && !content.html.contains("url("),
            "nothing remote"
        );
    }
}

#[test]
fn the_notice_says_who_when_and_how_to_check() {
    let content = Templates::load(None)
        .unwrap()
        .render_notice(&notice_in(7, Audience::Person), &letterhead())
        .unwrap();
    assert_eq!(content.subject, "Your OneLogin password expires soon");
    for part in [&content.text, &content.html] {
        for told in [
            "Ana",
            "in 7 days",
            "14:05",
            "CET, Europe/Berlin",
            "ana.novak@acme.example",
            "Tuesday, 1 September 2026",
            "IT Service Desk",
            "no link",
            "it@acme.example",
        ] {
            assert!(part.contains(told), "{told} in {part}");
        }
        assert!(!part.contains("http"), "{part}");
    }
    assert!(
        content
            .text
            .contains("Monday, 30 November 2026, 14:05 (CET, Europe/Berlin)")
    );
}

#[test]
fn an_expiry_at_midnight_cannot_be_taken_for_the_end_of_the_day() {
    let mut due = due_in(1, Audience::Person);
    due.expires_at = Some("2026-11-29T23:00:00Z".parse().unwrap());
    let notice = PasswordNotice::new(&person(), &due, &berlin());
    let content = Templates::load(None)
        .unwrap()
        .render_notice(&notice, &letterhead())
        .unwrap();
    assert!(
        content
            .text
            .contains("Monday, 30 November 2026, 00:00 (CET, Europe/Berlin)\n")
    );
    for part in [&content.text, &content.html] {
        assert!(
            part.contains("the start of that day: the night from Sunday to Monday"),
            "{part}"
        );
    }
}

#[test]
fn each_audience_and_time_has_its_mail() {
    let templates = Templates::load(None).unwrap();
    let subject_of = |days, audience| {
        templates
            .render_notice(&notice_in(days, audience), &letterhead())
            .unwrap()
            .subject
    };
    assert_eq!(
        subject_of(0, Audience::Person),
        "Your OneLogin password expires soon"
    );
    assert_eq!(
        subject_of(-2, Audience::Person),
        "Your OneLogin password has expired"
    );
    assert_eq!(
        subject_of(3, Audience::Manager),
        "A OneLogin password expires soon"
    );
    assert_eq!(subject_of(-2, Audience::Desk), "A OneLogin password has expired");
}

#[test]
fn a_configured_link_is_shown_and_named_as_the_only_one() {
    let mut settings = mail_settings(Transport::Files {
        directory: "outbox".into(),
    });
    settings.link = Some("https://acme.onelogin.com/profile?a=1&b=2".parse().unwrap());
    let templates = Templates::load(None).unwrap();
    for audience in [Audience::Person, Audience::Manager] {
        let content = templates
            .render_notice(&notice_in(7, audience), &Letterhead::new(&settings))
            .unwrap();
        assert!(
            content
                .text
                .contains("\n    https://acme.onelogin.com/profile?a=1&b=2\n")
        );
        assert!(
            content
                .html
                .contains("href=\"https://acme.onelogin.com/profile?a=1&amp;b=2\"")
        );
        for part in [&content.text, &content.html] {
            assert!(
                part.contains("Its only link") && !part.contains("no link"),
                "{part}"
            );
        }
    }
}

#[test]
fn hostile_names_stay_text() {
    let templates = Templates::load(None).unwrap();
    for (name, in_html) in [
        ("<b>Ana</b>", "&lt;b&gt;Ana&lt;/b&gt;"),
        ("{{ 7*7 }}", "{{ 7*7 }}"),
        ("Ana \"x\" O'Hara", "Ana &quot;x&quot; O&#x27;Hara"),
        ("👩\u{200d}🚀", "👩\u{200d}🚀"),
        ("ليلى", "ليلى"),
    ] {
        let mut user = person();
        user.firstname = Some(format!("{name}\r\nBcc: all"));
        let notice = PasswordNotice::new(&user, &due_in(7, Audience::Person), &berlin());
        let content = templates.render_notice(&notice, &letterhead()).unwrap();
        assert!(
            content.text.starts_with(&format!("Hello {name} Bcc: all,\n")),
            "{}",
            content.text
        );
        assert!(
            content
                .html
                .contains(&format!("<bdi dir=\"auto\">{in_html} Bcc: all</bdi>")),
            "{}",
            content.html
        );
        assert!(!content.subject.contains(name));
    }
}

#[test]
fn a_missing_name_is_a_plain_hello() {
    let mut notice = notice_in(1, Audience::Person);
    notice.name = None;
    let content = Templates::load(None)
        .unwrap()
        .render_notice(&notice, &letterhead())
        .unwrap();
    assert!(
        content
            .text
            .starts_with("Hello,\n\nYour OneLogin password expires tomorrow:\n")
    );
}

#[test]
fn a_folder_replaces_file_by_file() {
    let folder = folder_with(&[
        (
            "password-expiry/subject.txt.j2",
            "{# ours #}\nYour password at Acme\n",
        ),
        ("README", "not a template"),
        ("password-expiry/body.txt.de.j2", "{{ a language to come"),
    ]);
    let templates = Templates::load(Some(folder.path())).unwrap();
    let content = templates
        .render_notice(&notice_in(7, Audience::Person), &letterhead())
        .unwrap();
    assert_eq!(content.subject, "Your password at Acme");
    assert!(content.text.contains("in 7 days"));
    assert!(Templates::load(Some(&folder.path().join("none"))).is_ok());
}

#[test]
fn a_broken_file_is_told_with_its_line() {
    let told = problems_of(&[
        ("password-expiry/body.txt.j2", "Hello\n\n{{ name }\n"),
        ("mail-test/subject.txt.j2", "{% if %}"),
    ]);
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(
        told[0].starts_with("password-expiry/body.txt.j2:3: syntax error"),
        "{told:?}"
    );
    assert!(
        told[1].starts_with("mail-test/subject.txt.j2:1: syntax error"),
        "{told:?}"
    );
}

#[test]
fn an_unknown_variable_is_told_even_in_a_branch_that_is_rarely_taken() {
    let told = problems_of(&[
        ("password-expiry/body.txt.j2", "Hello {{ nmae }}"),
        (
            "password-expired/body.txt.j2",
            "Hello\n{% if days_left == 12345 %}{{ acount }}{% endif %}",
        ),
        ("password-expiry-other/body.txt.j2", "Hello\n{{ expires.dya }}"),
    ]);
    assert!(
        told.contains(&"password-expiry/body.txt.j2:1: unknown variable `nmae`".to_owned()),
        "{told:?}"
    );
    assert!(
        told.contains(&"password-expired/body.txt.j2:2: unknown variable `acount`".to_owned()),
        "{told:?}"
    );
    assert!(
        told.contains(&"password-expiry-other/body.txt.j2:2: unknown variable `expires.dya`".to_owned()),
        "{told:?}"
    );
}

#[test]
fn an_error_inside_a_shared_piece_names_that_piece() {
    let told = problems_of(&[("genuine.txt.j2", "ok\n{{ sendr }}")]);
    assert_eq!(told, ["genuine.txt.j2:2: unknown variable `sendr`"]);
}

#[test]
fn empty_endless_and_misplaced_files_are_errors() {
    let told = problems_of(&[("mail-test/body.txt.j2", "  \n")]);
    assert_eq!(told, ["mail-test/body.txt.j2: comes out empty"]);
    let loops = "{% for a in range(9999) %}{% for b in range(9999) %}x{% endfor %}{% endfor %}";
    let told = problems_of(&[("mail-test/body.txt.j2", loops)]);
    assert_eq!(
        told,
        ["mail-test/body.txt.j2:1: takes too many steps; is there a loop in it?"]
    );
    let told = problems_of(&[("pasword-expiry/body.txt.j2", "Hello")]);
    assert!(
        told[0].starts_with("pasword-expiry/body.txt.j2: no mail uses a template of this name"),
        "{told:?}"
    );
}

#[test]
fn a_file_that_is_too_large_or_not_text_is_an_error() {
    let told = problems_of(&[("mail-test/body.txt.j2", &"x".repeat(300_000))]);
    assert_eq!(told, ["mail-test/body.txt.j2: is larger than 256 KiB"]);
    let folder = folder_with(&[("file", "")]);
    assert_eq!(
        Templates::load(Some(&folder.path().join("file")))
            .unwrap_err()
            .len(),
        1
    );
    fs::create_dir(folder.path().join("mail-test")).unwrap();
    fs::write(folder.path().join("mail-test/body.txt.j2"), b"fine\nfine\n\xff\n").unwrap();
    fs::create_dir(folder.path().join("mail-test/subject.txt.j2")).unwrap();
    let problems = Templates::load(Some(folder.path())).unwrap_err();
    let told: Vec<_> = problems
        .iter()
        .map(|problem| (problem.line, problem.message.as_str()))
        .collect();
    assert_eq!(told, [(None, "is not a file"), (Some(3), "is not UTF-8")]);
}
