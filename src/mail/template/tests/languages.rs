//! The same mail in every language, and the languages that a folder brings.

use super::*;

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
