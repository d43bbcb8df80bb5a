//! The templates in this binary, and what a folder may do to them.

use std::fs;

use super::*;
use crate::config::settings::BUILT_IN_LANGUAGES;
use crate::config::settings::Transport;
use crate::domain::language::LanguageReason;
use crate::domain::user::User;
use crate::mail::fixture::{berlin, due_in, mail_settings, notice_in, notice_to, person};

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
            assert_eq!(title, Some(subject.as_str()), "{kind:?} in {tag}");
        }
    }
}

#[test]
fn every_language_says_the_same_in_both_parts() {
    let templates = Templates::load(None).unwrap();
    for (locale, figure, weekday, date, changed) in [
        (
            "en-GB",
            "in 7 days",
            "Monday",
            "30 November 2026",
            "1 September 2026",
        ),
        (
            "de-AT",
            "in 7 Tagen",
            "Montag",
            "30. November 2026",
            "1. September 2026",
        ),
        (
            "fr_CA",
            "dans 7 jours",
            "lundi",
            "30 novembre 2026",
            "mardi 1er septembre 2026",
        ),
        (
            "es-MX",
            "dentro de 7 días",
            "lunes",
            "30 de noviembre de 2026",
            "1 de septiembre de 2026",
        ),
        ("ja-JP", "7日後", "月", "2026年11月30日", "2026年9月1日(火)"),
    ] {
        for audience in [Audience::Person, Audience::Manager] {
            let notice = notice_to(Some(locale), 7, audience);
            let content = templates.render_notice(&notice, &letterhead()).unwrap();
            assert_eq!(content.language, locale[..2]);
            for part in [&content.text, &content.html] {
                for told in [
                    figure,
                    weekday,
                    date,
                    changed,
                    "14:05",
                    "CET, Europe/Berlin",
                    "Ana",
                    "ana.novak@acme.example",
                    "IT Service Desk",
                    "it@acme.example",
                ] {
                    assert!(part.contains(told), "{told} in {part}");
                }
                assert!(!part.contains("http"), "{part}");
            }
        }
    }
}

/// The blocks of a page, without markup, so that what it says can be laid beside the text part.
fn words_of(html: &str) -> String {
    let body = &html[html.find("<h1").unwrap()..];
    let mut words = String::new();
    let mut is_tag = false;
    for c in body.chars() {
        match c {
            '<' => is_tag = true,
            '>' => is_tag = false,
            c if !is_tag => words.push(c),
            _ => {}
        }
    }
    words.split_whitespace().collect()
}

#[test]
fn the_sentences_of_the_text_part_stand_in_the_html_part_too() {
    let templates = Templates::load(None).unwrap();
    for tag in BUILT_IN_LANGUAGES {
        for (days, audience) in [
            (7, Audience::Person),
            (-3, Audience::Person),
            (7, Audience::Manager),
            (-3, Audience::Desk),
        ] {
            let mut notice = notice_to(Some(tag), days, audience);
            notice.locale = Some(tag.to_owned());
            let content = templates.render_notice(&notice, &letterhead()).unwrap();
            let html = words_of(&content.html).to_lowercase();
            let paragraphs = content.text.split("\n\n").skip(1);
            let sentences = paragraphs.flat_map(|paragraph| paragraph.split_inclusive(['.', '。', '?']));
            let sentences: Vec<String> = sentences
                .map(|sentence| sentence.split_whitespace().collect::<String>().to_lowercase())
                .filter(|sentence| sentence.chars().count() > 12)
                .collect();
            let shared = sentences
                .iter()
                .filter(|sentence| html.contains(&sentence.replace('"', "")))
                .count();
            assert!(
                shared * 10 >= sentences.len() * 6,
                "{tag} {days} {audience:?}: {shared} of {}\n{html}\n{:#?}",
                sentences.len(),
                sentences
            );
        }
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
fn e9_hostile_names_stay_text_in_every_language() {
    let templates = Templates::load(None).unwrap();
    let long = "é".repeat(300);
    for (name, in_text, in_html) in [
        (
            "<a href=\"x\">Ana</a>",
            "<a href=\"x\">Ana</a>",
            "&lt;a href=&quot;x&quot;&gt;Ana&lt;/a&gt;",
        ),
        ("{{ 7*7 }}{% raw %}", "{{ 7*7 }}{% raw %}", "{{ 7*7 }}{% raw %}"),
        (
            "Ana \"x\" O'Hara",
            "Ana \"x\" O'Hara",
            "Ana &quot;x&quot; O&#x27;Hara",
        ),
        ("👩\u{200d}🚀", "👩\u{200d}🚀", "👩\u{200d}🚀"),
        ("\u{202e}gpj", "gpj", "gpj"),
        ("ليلى", "ليلى", "ليلى"),
        (long.as_str(), "ééé", "ééé"),
    ] {
        for tag in BUILT_IN_LANGUAGES {
            for audience in [Audience::Person, Audience::Manager] {
                let mut user = person();
                user.firstname = Some(format!("{name}\r\nBcc: all"));
                user.preferred_locale_code = Some(tag.to_owned());
                let notice = PasswordNotice::new(&user, &due_in(7, audience), Some(&user), &berlin());
                let content = templates.render_notice(&notice, &letterhead()).unwrap();
                assert_eq!(content.language, tag);
                let unwrapped = |part: &str| part.split_whitespace().collect::<Vec<_>>().join(" ");
                assert!(unwrapped(&content.text).contains(in_text), "{}", content.text);
                assert!(
                    content.html.contains(&format!("<bdi dir=\"auto\">{in_html}")),
                    "{}",
                    content.html
                );
                assert!(!content.subject.contains("Bcc"), "{}", content.subject);
                for part in [&content.subject, &content.text, &content.html] {
                    assert!(
                        !part.contains('\u{202e}') && !part.contains('\r') && !part.contains("49"),
                        "{part}"
                    );
                }
                assert!(!content.html.contains("<a "), "{}", content.html);
            }
        }
    }
}

#[test]
fn a_name_that_runs_to_the_left_is_isolated_from_its_sentence() {
    let templates = Templates::load(None).unwrap();
    let mut user = person();
    (user.firstname, user.lastname) = (Some("ليلى".to_owned()), Some("الحداد".to_owned()));
    for (tag, greeting) in [
        ("en", "Hello \u{2068}ليلى\u{2069},"),
        ("de", "Guten Tag \u{2068}ليلى الحداد\u{2069},"),
        ("fr", "Bonjour \u{2068}ليلى الحداد\u{2069},"),
        ("es", "Hola, \u{2068}ليلى الحداد\u{2069}:"),
        ("ja", "\u{2068}ليلى الحداد\u{2069} 様"),
    ] {
        user.preferred_locale_code = Some(tag.to_owned());
        let notice = PasswordNotice::new(&user, &due_in(7, Audience::Person), Some(&user), &berlin());
        let content = templates.render_notice(&notice, &letterhead()).unwrap();
        assert_eq!(content.text.lines().next(), Some(greeting));
        assert!(
            content.html.contains("<bdi dir=\"auto\">ليلى"),
            "{}",
            content.html
        );
        assert!(!content.html.contains('\u{2068}'), "HTML has bdi");
    }
    let latin = templates
        .render_notice(&notice_in(7, Audience::Person), &letterhead())
        .unwrap();
    assert!(!latin.text.contains('\u{2068}'));
}

#[test]
fn a_missing_name_is_a_plain_greeting() {
    let templates = Templates::load(None).unwrap();
    let mut nobody = person();
    (nobody.firstname, nobody.lastname) = (None, None);
    for (tag, begin) in [
        ("en", "Hello,\n\nYour OneLogin password expires tomorrow:\n"),
        ("de", "Guten Tag,\n\nIhr OneLogin-Passwort läuft morgen ab:\n"),
        (
            "fr",
            "Bonjour,\n\nVotre mot de passe OneLogin expire demain\u{a0}:\n",
        ),
        ("es", "Hola:\n\nSu contraseña de OneLogin caduca mañana:\n"),
        (
            "ja",
            "OneLogin をご利用の方へ\n\nOneLogin のパスワードの有効期限は明日です。\n",
        ),
    ] {
        nobody.preferred_locale_code = Some(tag.to_owned());
        let notice = PasswordNotice::new(&nobody, &due_in(1, Audience::Person), Some(&nobody), &berlin());
        let content = templates.render_notice(&notice, &letterhead()).unwrap();
        assert!(content.text.starts_with(begin), "{}", content.text);
    }
}

/// The three parts of one mail in a language of the folder.
const ITALIAN: [(&str, &str); 3] = [
    ("password-expiry/subject.txt.it.j2", "La password scade"),
    (
        "password-expiry/body.txt.it.j2",
        "Ciao {{ name }}, scade tra {{ days_left }} giorni, {{ expires.day }}, giorno {{ expires.weekday_number }}",
    ),
    (
        "password-expiry/body.html.it.j2",
        "{% extends 'layout.html.j2' %}{% block content %}{{ expires.day }}{% endblock %}",
    ),
];

#[test]
fn a_language_of_the_folder_is_written_with_dates_in_figures() {
    let folder = folder_with(&ITALIAN);
    let templates = Templates::load(Some(folder.path())).unwrap();
    let content = templates
        .render_notice(&notice_to(Some("it-CH"), 7, Audience::Person), &letterhead())
        .unwrap();
    assert_eq!(
        (content.language.as_str(), content.subject.as_str()),
        ("it", "La password scade")
    );
    assert_eq!(
        content.text,
        "Ciao Ana, scade tra 7 giorni, 2026-11-30, giorno 1\n"
    );
    assert!(content.html.contains("<html lang=\"it\">"));
    let expired = templates
        .render_notice(&notice_to(Some("it-CH"), -3, Audience::Person), &letterhead())
        .unwrap();
    assert_eq!(expired.language, "en", "that mail is not there in Italian");
    assert_eq!(templates.gaps(), [] as [String; 0]);
}

#[test]
fn e16_an_incomplete_language_falls_back_and_says_what_it_lacks() {
    for missing in 0..ITALIAN.len() {
        let mut files = ITALIAN.to_vec();
        let (name, _) = files.remove(missing);
        let folder = folder_with(&files);
        let templates = Templates::load(Some(folder.path())).unwrap();
        let notice = notice_to(Some("it"), 7, Audience::Person);
        assert_eq!(
            templates.render_notice(&notice, &letterhead()).unwrap().language,
            "en"
        );
        let gap = format!("password-expiry is not written in \"it\": {name} is missing");
        assert_eq!(templates.gaps(), [gap]);
        let choice = templates.language_for(Audience::Person, false, Some("it"), "de");
        assert_eq!(
            (choice.tag.as_str(), choice.reason),
            ("de", LanguageReason::Config)
        );
    }
}

#[test]
fn e16_a_broken_language_is_an_error_even_where_it_is_incomplete() {
    let told = problems_of(&[("password-expiry/body.txt.it.j2", "Ciao\n{{ nmae }}")]);
    assert_eq!(
        told,
        ["password-expiry/body.txt.it.j2:2: unknown variable `nmae`"]
    );
    let told = problems_of(&[("password-expired/subject.txt.de.j2", "{% if %}")]);
    assert!(
        told[0].starts_with("password-expired/subject.txt.de.j2:1: syntax error"),
        "{told:?}"
    );
    let told = problems_of(&[("mail-test/body.html.ja.j2", "ok\n\n{{ sent.dya }}")]);
    assert_eq!(told, ["mail-test/body.html.ja.j2:3: unknown variable `sent.dya`"]);
}

#[test]
fn e16_words_that_a_language_does_not_have_are_an_error_and_no_gap_in_the_mail() {
    let mut files = ITALIAN;
    files[1].1 = "Scade {{ when }}";
    assert_eq!(
        problems_of(&files),
        ["password-expiry/body.txt.it.j2:1: unknown variable `when`"]
    );
    files[1].1 = "Scade {{ expires.weekday }}";
    assert_eq!(
        problems_of(&files),
        ["password-expiry/body.txt.it.j2:1: unknown variable `expires.weekday`"]
    );
}

#[test]
fn e16_a_file_of_10_mb_is_an_error_in_any_language() {
    let told = problems_of(&[("mail-test/body.txt.fr.j2", &"x".repeat(10_000_000))]);
    assert_eq!(told, ["mail-test/body.txt.fr.j2: is larger than 256 KiB"]);
}

#[test]
fn a_tag_that_is_none_is_a_misspelt_name() {
    for name in [
        "mail-test/body.txt.german.j2",
        "mail-test/body.txt.en.j2",
        "mail-test/body.txt.DE.j2",
        "layout.html.de.j2",
    ] {
        let told = problems_of(&[(name, "Hello")]);
        assert_eq!(
            told,
            [format!(
                "{name}: no mail uses a template of this name; is it misspelt?"
            )]
        );
    }
}

#[test]
fn a_desk_is_written_to_in_the_configured_language_and_a_manager_in_their_own() {
    let templates = Templates::load(None).unwrap();
    let mut settings = mail_settings(Transport::Files {
        directory: "outbox".into(),
    });
    settings.language = "fr".to_owned();
    let letterhead = Letterhead::new(&settings);
    let mut user = person();
    user.preferred_locale_code = Some("ja".to_owned());
    let mut boss = person();
    boss.preferred_locale_code = Some("de-CH".to_owned());
    let language_of = |audience, reader: Option<&User>| {
        let notice = PasswordNotice::new(&user, &due_in(7, audience), reader, &berlin());
        templates.render_notice(&notice, &letterhead).unwrap().language
    };
    assert_eq!(language_of(Audience::Person, Some(&user)), "ja");
    assert_eq!(language_of(Audience::Manager, Some(&boss)), "de");
    assert_eq!(language_of(Audience::Desk, None), "fr");
    let test = TestMail::new(crate::mail::fixture::sent_at(0), &berlin());
    assert_eq!(templates.render_test(&test, &letterhead).unwrap().language, "fr");
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
