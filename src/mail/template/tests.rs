//! The templates in this binary, and what a folder may do to them.

mod languages;

use std::fs;

use super::*;
use crate::config::settings::BUILT_IN_LANGUAGES;
use crate::config::settings::Transport;
use crate::domain::language::LanguageReason;
use crate::domain::user::User;
use crate::mail::fixture::{berlin, due_in, mail_settings, notice_in, notice_to, person};
use crate::mail::script;

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
fn the_embedded_templates_hold_for_every_sample_in_every_language() {
    let templates = Templates::load(None).unwrap();
    for tag in BUILT_IN_LANGUAGES {
        let language = Language::of(tag);
        for (kind, facts) in sample::all(&language) {
            let content = templates.render(kind, &language, &facts).unwrap();
            let Content {
                subject, text, html, ..
            } = &content;
            assert!(
                !subject.contains('\n') && script::width(subject) <= 60,
                "{subject}"
            );
            for line in text.lines() {
                assert_eq!(line, line.trim_end(), "{kind:?}");
                let is_filled = script::width(line) <= wrap::COLUMNS;
                assert!(
                    is_filled || line.contains(&"x".repeat(80)) || line.trim().contains("  "),
                    "{line}"
                );
            }
            assert!(!text.contains("\n\n\n"), "{text}");
            for odd in ["{%", "none", "None", "undefined", "¤"] {
                assert!(
                    !text.contains(odd) && !html.contains(&format!(">{odd}")),
                    "{odd} in {kind:?} in {tag}"
                );
            }
            let begin = format!("<!DOCTYPE html>\n<html lang=\"{tag}\">");
            assert!(html.starts_with(&begin), "{html}");
            assert!(!html.contains("src=") && !html.contains("url("), "nothing remote");
            let title = html
                .split("<title>")
                .nth(1)
                .and_then(|rest| rest.split("</title>").next());
            let title = title.map(|title| clean::clean(&unescaped(title)));
            assert_eq!(title.as_ref(), Some(subject), "{kind:?} in {tag}");
        }
    }
}

/// HTML text as its reader sees it.
fn unescaped(html: &str) -> String {
    let marks = [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&#x27;", "'"),
        ("&amp;", "&"),
    ];
    let reader = |text: String, (code, mark): (&str, &str)| text.replace(code, mark);
    marks.into_iter().fold(html.to_owned(), reader)
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
    let notice = PasswordNotice::new(&person(), &due, None, &berlin());
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
    for (tag, only, none) in [
        ("en", "Its only link", "no link"),
        ("de", "Ihr einziger Link", "keinen Link"),
        ("fr", "Son seul lien", "ni lien"),
        ("es", "Su único enlace", "No contiene enlaces"),
        ("ja", "リンクは上のアドレスだけ", "リンクも"),
    ] {
        for audience in [Audience::Person, Audience::Manager] {
            let content = templates
                .render_notice(&notice_to(Some(tag), 7, audience), &Letterhead::new(&settings))
                .unwrap();
            assert!(
                content
                    .text
                    .contains("\n    https://acme.onelogin.com/profile?a=1&b=2\n")
            );
            let link = "href=\"https://acme.onelogin.com/profile?a=1&amp;b=2\"";
            assert_eq!(content.html.matches(link).count(), 1, "{}", content.html);
            for part in [&content.text, &content.html] {
                let part: String = part.split_whitespace().collect();
                let squeezed = |words: &str| words.split_whitespace().collect::<String>();
                assert!(
                    part.contains(&squeezed(only)) && !part.contains(&squeezed(none)),
                    "{part}"
                );
            }
        }
    }
}

#[test]
fn a_folder_replaces_file_by_file() {
    let folder = folder_with(&[
        (
            "password-expiry/subject.txt.j2",
            "{# ours #}\nYour password at Acme\n",
        ),
        ("README", "not a template"),
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
        told[1].starts_with("password-expiry/body.txt.j2:3: syntax error"),
        "{told:?}"
    );
    assert!(
        told[0].starts_with("mail-test/subject.txt.j2:1: syntax error"),
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
    assert_eq!(told, [(Some(3), "is not UTF-8"), (None, "is not a file")]);
}
