//! I2, I3, I10, I13: one person twice, and people who only look right.

use super::*;

#[test]
fn i2_one_person_twice_is_told_with_both_lines() {
    for (one, other) in [
        ("ana@acme.example", "ANA@acme.example"),
        ("ana@acme.example", " ana@acme.example "),
        ("ju\u{308}rgen@acme.example", "j\u{fc}rgen@acme.example"),
        ("ana@m\u{fc}nchen.example", "ana@xn--mnchen-3ya.example"),
        ("id:7", "id:007"),
    ] {
        for key in ["members", "exclude"] {
            let own = if key == "exclude" {
                "members = [\"bo@acme.example\"]\n"
            } else {
                ""
            };
            let text = role(&format!("{own}{key} = [\n\"{one}\",\n\"{other}\",\n]"));
            let found = mistake(&text);
            let line = if key == "exclude" { 6 } else { 5 };
            assert_eq!(place(&found), (line, 1), "{one:?} {other:?}");
            let both = found.message.contains(&format!("line {} already", line - 1))
                && found.message.contains(&format!("line {line}"));
            assert!(both, "{}", found.message);
        }
    }
}

#[test]
fn i2_an_invisible_character_hides_no_duplicate() {
    for hidden in ["\u{a0}", "\u{200b}", "\u{feff}", "\u{ad}", "\u{200e}", "\u{3000}"] {
        for other in [
            format!("ana@acme.example{hidden}"),
            format!("{hidden}ana@acme.example"),
            format!("a{hidden}na@acme.example"),
        ] {
            let text = role(&format!(
                "members = [\n\"ana@acme.example\",\n{{ user = \"{other}\" }},\n]"
            ));
            let problems = mistakes(&text);
            let messages: Vec<&str> = problems.iter().map(|found| found.message.as_str()).collect();
            assert_eq!(messages.len(), 2, "{other:?}: {messages:?}");
            assert!(messages[0].contains("invisible character U+"), "{messages:?}");
            assert!(
                messages[1].contains("line 4 already") && messages[1].contains("line 5"),
                "{messages:?}"
            );
        }
    }
}

#[test]
fn look_alikes_are_refused() {
    for (text, message) in [
        ("\u{430}na@acme.example", "mixes Cyrillic and Latin"),
        ("ana@\u{430}cme.example", "mixes Cyrillic and Latin"),
        ("\u{3b1}na@acme.example", "mixes Greek and Latin"),
        ("a\u{301}n\u{430}@acme.example", "mixes Latin and Cyrillic"),
        ("\u{ff41}na@acme.example", "only looks like a plain letter"),
        ("\u{1d41a}na@acme.example", "only looks like a plain letter"),
        ("\u{fb01}ona@acme.example", "only looks like a plain letter"),
    ] {
        let found = mistake(role(&format!("members = [\"{text}\"]")));
        assert!(found.message.contains(message), "{text}: {}", found.message);
    }
    // A name in one script, and each label of an address in a script of its own, are honest.
    for text in [
        "\u{438}\u{432}\u{430}\u{43d}@acme.example",
        "j\u{fc}rgen@acme.example",
        "\u{5c71}\u{7530}taro@acme.example",
    ] {
        good(&role(&format!("members = [\"{text}\"]")));
    }
}

#[test]
fn i10_the_kind_of_a_name_is_told_and_never_guessed() {
    for (text, message) in [
        ("", "empty"),
        ("  ", "empty"),
        ("id:", "number"),
        ("id:abc", "number"),
        ("id:-7", "number"),
        ("id:+7", "number"),
        ("id:0", "number"),
        ("id: 7", "number"),
        ("id:99999999999999999999", "number"),
        ("ID:7", "no way to name"),
        ("external:", "external id is empty"),
        ("External:abc", "no way to name"),
        ("email:ana@acme.example", "no way to name"),
        ("Ana <ana@acme.example>", "not one bare email"),
        ("ana@acme.example, bo@acme.example", "not one bare email"),
        ("ana@acme.example bo@acme.example", "not one bare email"),
        ("ana@@acme.example", "not one bare email"),
        ("@acme.example", "not one bare email"),
        ("ana@", "not one bare email"),
    ] {
        let found = mistake(role(&format!("members = [\"{text}\"]")));
        assert!(found.message.contains(message), "{text:?}: {}", found.message);
        assert_eq!(place(&found), (3, 12), "{text:?}");
    }
    good(&role(
        "members = [\"12345\", \"id:12345\", \"external:12345\", \"ACME\\\\ana\", \"urn:ana\"]",
    ));
}

#[test]
fn i13_plus_and_dots_make_different_people() {
    let state = good(&role(
        "members = [\"ana@acme.example\", \"a.na@acme.example\", \"ana+x@acme.example\"]",
    ));
    assert_eq!(state.roles[0].members.len(), 3);
}
