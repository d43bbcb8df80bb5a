//! F1, F6, F11, O9: files that are empty or no text, days that are none, pins that pin nothing.

use super::*;

#[test]
fn f1_a_file_without_a_role_is_refused_as_empty() {
    for text in [
        "",
        "\n\n",
        "# roles\n# [[role]]\n",
        "role = []\n",
        "tenant = \"acme\"\n",
        "\u{feff}",
    ] {
        let found = mistake(text);
        assert!(found.message.contains("empty"), "{text:?}: {}", found.message);
        assert!(found.help.contains("[[role]]"), "{text:?}: {}", found.help);
    }
}

#[test]
fn f6_bytes_that_are_no_text_are_told_with_their_line() {
    for (bytes, line, column, message) in [
        (&b"# ok\n[[role]]\nname = \"\xff\"\n"[..], 3, 9, "not UTF-8"),
        (&b"[[role]]\nname = \"a\0b\"\n"[..], 2, 10, "NUL"),
        (&b"\xff\xfe[\0["[..], 1, 1, "not UTF-8"),
        (
            &b"[[role]]\nname = \"Sales\"\nmembers = [\"ana@acme.example\"\n"[..],
            3,
            30,
            "not TOML",
        ),
        (&b"[[role]]\nname = Sales\n"[..], 2, 8, "not TOML"),
    ] {
        let found = mistake(bytes);
        assert_eq!(place(&found), (line, column), "{found:?}");
        assert!(found.message.contains(message), "{}", found.message);
    }
}

#[test]
fn f6_a_file_beyond_the_limit_is_refused() {
    let found = mistake(vec![b'#'; 16 * 1024 * 1024 + 1]);
    assert!(found.message.contains("16 MiB"), "{}", found.message);
}

#[test]
fn f6_deep_nesting_is_a_mistake_and_no_crash() {
    mistake(role(&format!("members = {}", "[".repeat(100_000))));
}

#[test]
fn f11_days_that_are_none_are_refused() {
    let entry = |rest: &str| format!("members = [{{ user = \"ana@acme.example\", {rest} }}]");
    for (rest, column, message) in [
        ("until = \"2026-02-29\"", 49, "\"2026-02-29\" is not a day"),
        ("until = \"2026-12-31T10:00:00\"", 49, "is not a day"),
        ("until = \"31.12.2026\"", 49, "is not a day"),
        ("until = \"2026-1-1\"", 49, "is not a day"),
        ("until = \"\"", 49, "is not a day"),
        (
            "until = 2026-12-31T10:00:00Z",
            49,
            "2026-12-31T10:00:00Z is not a day",
        ),
        ("until = 2026-12-31T00:00:00", 49, "is not a day"),
        ("until = 10:00:00", 49, "is not a day"),
        ("until = 20261231", 49, "not a day"),
        (
            "from = \"2027-01-01\", until = \"2026-12-31\"",
            70,
            "before the first",
        ),
    ] {
        let found = mistake(role(&entry(rest)));
        assert_eq!(place(&found), (3, column), "{rest}: {found:?}");
        assert!(found.message.contains(message), "{rest}: {}", found.message);
    }
    // A day that TOML itself refuses.
    let found = mistake(role(&entry("until = 2026-02-30")));
    assert_eq!(place(&found).0, 3);
}

#[test]
fn o9_a_pin_that_pins_nothing_is_refused() {
    for pin in [
        "\"\"",
        "\"acme.onelogin.com\"",
        "\"https://acme\"",
        "\"12345\"",
        "0",
        "-5",
        "true",
        "[\"acme\"]",
    ] {
        let found = mistake(format!(
            "tenant = {pin}\n{}",
            role("members = [\"ana@acme.example\"]")
        ));
        assert_eq!((place(&found), found.key.as_str()), ((1, 10), "tenant"), "{pin}");
        assert!(found.help.contains("\"acme\""), "{pin}: {}", found.help);
    }
}
