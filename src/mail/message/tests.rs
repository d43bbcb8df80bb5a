//! Messages, read back by a library that did not write them.

use mail_parser::{HeaderValue, MessageParser};

use super::*;
use crate::config::settings::BUILT_IN_LANGUAGES;
use crate::config::settings::Transport;
use crate::domain::notice::Audience;
use crate::mail::Templates;
use crate::mail::fixture::{due_in, mail_settings, notice_in, notice_to, sent_at};

fn message_with(change: impl FnOnce(&mut crate::config::settings::Mail, &mut Content)) -> Vec<u8> {
    let mut settings = mail_settings(Transport::Files {
        directory: "outbox".into(),
    });
    let mut content = Templates::load(None)
        .unwrap()
        .render_notice(&notice_in(7, Audience::Person), &Letterhead::new(&settings))
        .unwrap();
    change(&mut settings, &mut content);
    let letterhead = Letterhead::new(&settings);
    let due = due_in(7, Audience::Person);
    let id = message_id(&due.key, "acme", letterhead.domain());
    let message = Message::new(content, &due.recipient.address, &letterhead, id, sent_at(7)).unwrap();
    let bytes = message.compose(&letterhead).unwrap().formatted();
    assert_eq!(
        bytes,
        message.compose(&letterhead).unwrap().formatted(),
        "the same each time"
    );
    for line in bytes.split(|byte| *byte == b'\n') {
        assert!(line.len() <= 998, "{}", String::from_utf8_lossy(line));
    }
    bytes
}

#[test]
fn a_message_carries_every_header_that_it_owes() {
    let bytes = message_with(|_, _| {});
    let mail = MessageParser::default().parse(&bytes).unwrap();
    let from = mail.from().unwrap().first().unwrap();
    assert_eq!(
        (from.name(), from.address()),
        (Some("IT Service Desk"), Some("it@acme.example"))
    );
    assert_eq!(
        mail.to().unwrap().first().unwrap().address(),
        Some("Ana.Novak@acme.example")
    );
    assert_eq!(
        mail.reply_to().unwrap().first().unwrap().address(),
        Some("it@acme.example")
    );
    assert_eq!(mail.subject(), Some("Your OneLogin password expires soon"));
    assert_eq!(mail.date().unwrap().to_rfc3339(), "2026-11-23T13:05:00Z");
    let id = mail.message_id().unwrap();
    assert!(
        id.len() == 64 + "@acme.example".len() && id.ends_with("@acme.example"),
        "{id}"
    );
    let raw = String::from_utf8_lossy(&bytes);
    for header in [
        "Auto-Submitted: auto-generated",
        "X-Auto-Response-Suppress: All",
        "Content-Language: en",
        "MIME-Version: 1.0",
    ] {
        assert_eq!(raw.matches(&format!("{header}\r\n")).count(), 1, "{header}");
    }
    assert!(raw.contains("Content-Type: multipart/alternative"));
    assert!(mail.body_text(0).unwrap().contains("in 7 days"));
    assert!(mail.body_html(0).unwrap().contains("in 7 days"));
    assert_eq!(mail.attachment_count(), 0);
}

#[test]
fn nothing_from_outside_becomes_a_header() {
    let bytes = message_with(|settings, content| {
        let evil = "Evil\r\nBcc: all@acme.example\r\n\r\n\0\u{1b}<script>";
        settings.from.name = Some(evil.to_owned());
        settings.reply_to.as_mut().unwrap().name = Some("\r\n".to_owned());
        content.subject = format!("Soon {evil}");
        content.text += &"x".repeat(5000);
        content.html.push_str(&"é".repeat(5000));
    });
    let mail = MessageParser::default().parse(&bytes).unwrap();
    assert!(mail.bcc().is_none());
    assert_eq!(
        mail.from().unwrap().first().unwrap().name(),
        Some("Evil Bcc: all@acme.example <script>")
    );
    assert_eq!(
        mail.from().unwrap().first().unwrap().address(),
        Some("it@acme.example")
    );
    let unknown = mail
        .headers()
        .iter()
        .filter(|header| matches!(header.value, HeaderValue::Empty));
    assert_eq!(unknown.count(), 0);
    assert!(mail.body_text(0).unwrap().contains(&"x".repeat(5000)));
}

#[test]
fn names_of_every_kind_can_be_written() {
    for name in [
        "👩\u{200d}🚀 Desk",
        "ليلى",
        "IT \"Desk\" (Acme), <x@y>",
        "\u{202e}gro",
        &"long ".repeat(80),
        &"x".repeat(300),
    ] {
        let bytes = message_with(|settings, _| settings.from.name = Some(name.to_owned()));
        let mail = MessageParser::default().parse(&bytes).unwrap();
        let from = mail.from().unwrap().first().unwrap();
        assert_eq!(from.name(), Some(crate::mail::clean::clean(name).as_str()));
        assert_eq!(from.address(), Some("it@acme.example"));
    }
}

#[test]
fn a_redirected_mail_names_the_person_in_its_first_line() {
    let bytes = message_with(|settings, _| {
        settings.redirect_to = Some("rehearsal@acme.example".parse().unwrap());
    });
    let mail = MessageParser::default().parse(&bytes).unwrap();
    assert_eq!(
        mail.to().unwrap().first().unwrap().address(),
        Some("rehearsal@acme.example")
    );
    let line = "REHEARSAL: this mail was meant for Ana.Novak@acme.example";
    assert_eq!(mail.body_text(0).unwrap().lines().next(), Some(line));
    let html = mail.body_html(0).unwrap();
    let body = &html[html.find("<body").unwrap()..];
    let first = body[body.find('>').unwrap() + 1..].trim_start();
    assert!(
        first.starts_with("<div") && first.split('<').nth(1).unwrap().ends_with(line),
        "{first}"
    );
}

#[test]
fn the_message_id_follows_from_every_field() {
    let key = due_in(7, Audience::Person).key;
    let id = message_id(&key, "acme", "acme.example");
    assert_eq!(id, message_id(&key.clone(), "acme", "acme.example"));
    let mut others = vec![key.clone(); 6];
    others[0].user_id.0 += 1;
    others[1].occasion.push('x');
    others[2].threshold.0 -= 1;
    others[3].recipient.push('x');
    others[4].rehearsal = true;
    others[5].resend += 1;
    let mut ids: Vec<String> = others
        .iter()
        .map(|key| message_id(key, "acme", "acme.example"))
        .collect();
    ids.push(message_id(&key, "other", "acme.example"));
    ids.push(id);
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 8);
    assert!(message_id(&key, "acme", "bücher.example\r\nX: y").ends_with("@onelogin-steward.invalid>"));
}

#[test]
fn what_is_no_address_is_refused_without_being_repeated() {
    let letterhead = Letterhead::new(&mail_settings(Transport::Files {
        directory: "outbox".into(),
    }));
    let content = Content {
        subject: "s".into(),
        text: "t".into(),
        html: "h".into(),
        language: "en".into(),
    };
    for address in [
        "",
        "ana",
        "ana@acme.example, bob@acme.example",
        "a@b\r\nBcc: c@d",
        &format!("{}@acme.example", "x".repeat(300)),
    ] {
        let error =
            Message::new(content.clone(), address, &letterhead, "<a@b>".into(), sent_at(7)).unwrap_err();
        assert!(error.to_string().contains("***"), "{error}");
    }
}

#[test]
fn every_language_arrives_as_it_was_written() {
    let settings = mail_settings(Transport::Files {
        directory: "outbox".into(),
    });
    for tag in BUILT_IN_LANGUAGES {
        let bytes = message_with(|_, content| {
            *content = Templates::load(None)
                .unwrap()
                .render_notice(
                    &notice_to(Some(tag), 7, Audience::Person),
                    &Letterhead::new(&settings),
                )
                .unwrap();
            // Long enough for several encoded words.
            content.subject = format!("{0} {0}", content.subject);
        });
        let content = Templates::load(None)
            .unwrap()
            .render_notice(
                &notice_to(Some(tag), 7, Audience::Person),
                &Letterhead::new(&settings),
            )
            .unwrap();
        let mail = MessageParser::default().parse(&bytes).unwrap();
        assert_eq!(mail.subject(), Some(format!("{0} {0}", content.subject).as_str()));
        assert_eq!(mail.body_text(0).unwrap().replace("\r\n", "\n"), content.text);
        assert_eq!(mail.body_html(0).unwrap().replace("\r\n", "\n"), content.html);
        let raw = String::from_utf8(bytes).unwrap();
        assert!(raw.is_ascii(), "no server has to know 8BITMIME or SMTPUTF8");
        assert_eq!(raw.matches(&format!("Content-Language: {tag}\r\n")).count(), 1);
        let headers = raw.split("\r\n\r\n").next().unwrap();
        for line in headers.lines() {
            // The Message-ID is one word.
            assert!(line.len() <= 78 || line.starts_with("Message-ID:"), "{line}");
            for word in line.split(' ').filter(|word| word.starts_with("=?")) {
                // RFC 2047, 2 and 5: at most 75 characters, and no letter cut in two.
                assert!(word.len() <= 75, "{word}");
                let alone = format!("Subject: {word}\r\n\r\n");
                let alone = MessageParser::default().parse(alone.as_bytes()).unwrap();
                assert!(!alone.subject().unwrap().contains('\u{fffd}'), "{word}");
            }
        }
    }
}
