//! F4 to F6: every mistake with its place and what to do, and all of them at once.

use super::*;

/// The lines of a role, and of the one mistake in them line, column, and words of message and help.
type Row<'a> = (&'a str, usize, usize, &'a str, &'a str);

#[track_caller]
fn check(rows: &[Row<'_>]) {
    for (lines, line, column, message, help) in rows {
        let found = mistake(role(lines));
        assert_eq!(place(&found), (*line, *column), "{lines}: {found:?}");
        assert!(found.message.contains(message), "{lines}: {}", found.message);
        assert!(found.help.contains(help), "{lines}: {}", found.help);
    }
}

#[test]
fn f4_a_misspelt_key_is_told_with_the_nearest_name() {
    check(&[
        ("member = [\"ana@acme.example\"]", 3, 1, "unknown key", "members"),
        (
            "members = [\"ana@acme.example\"]\nmembershp = \"exact\"",
            4,
            1,
            "unknown key",
            "membership",
        ),
        (
            "members = [{ user = \"ana@acme.example\", untl = \"2026-12-31\" }]",
            3,
            41,
            "unknown key",
            "until",
        ),
        (
            "match = { departmet = \"Sales\" }",
            3,
            11,
            "unknown key",
            "department",
        ),
        (
            "members = [\"ana@acme.example\"]\ntenant = \"acme\"",
            4,
            1,
            "unknown key",
            "above the first [[role]]",
        ),
        (
            "members = [\"ana@acme.example\"]\nzzz = 1",
            4,
            1,
            "unknown key",
            "known here: name, id",
        ),
        (
            "members = [\"ana@acme.example\"]\nmembership = \"Exact\"",
            4,
            14,
            "expected \"exact\" or \"additive\"",
            "\"exact\"",
        ),
    ]);
}

#[test]
fn f4_a_misspelt_table_is_told_with_the_nearest_name() {
    let found = mistake("[[roles]]\nname = \"Sales\"\nmembers = []\n");
    assert_eq!((place(&found).0, found.message.as_str()), (1, "unknown key"));
    assert_eq!(found.help, "the nearest known name is role");
    let found = mistake("[role]\nname = \"Sales\"\nmembers = []\n");
    assert!(found.help.contains("[[role]]"), "{}", found.help);
    let found = mistake("name = \"Sales\"\n[[role]]\nname = \"Sales\"\nmembers = [\"ana@acme.example\"]\n");
    assert_eq!(found.help, "it belongs below a line [[role]]");
}

#[test]
fn f4_duplicate_keys_and_roles_are_refused() {
    let found = mistake(role("members = [\"ana@acme.example\"]\nmembers = []"));
    assert_eq!(place(&found).0, 4);
    assert!(found.message.contains("duplicate key"), "{}", found.message);
    let twice = role("members = [\"ana@acme.example\"]").repeat(2);
    let found = mistake(&twice);
    assert_eq!(place(&found), (5, 8));
    assert!(
        found.message.contains("line 2") && found.message.contains("line 5"),
        "{}",
        found.message
    );
    let by_number = "[[role]]\nid = 7\nmembers = [\"ana@acme.example\"]\n".repeat(2);
    assert!(
        mistake(&by_number)
            .message
            .contains("id 7 has a [[role]] in line 2")
    );
    // Names are exact, so these are two roles.
    good(&(role("members = [\"ana@acme.example\"]") + &twice[..twice.len() / 2].replace("Sales", "sales")));
}

#[test]
fn f4_all_mistakes_are_told_at_once() {
    let text = "tenant = true\n[[role]]\nmember = []\n[[role]]\nname = \"B\"\nid = 3\nmembers = [1, \"\", { until = \"x\" }]\n\
        include = [\"C\"]\nallow_empty = \"yes\"\n";
    let problems = mistakes(text);
    let found: Vec<(usize, &str)> = problems
        .iter()
        .map(|found| (place(found).0, found.key.as_str()))
        .collect();
    assert_eq!(
        found,
        [
            (1, "tenant"),
            (2, "role[0]"),
            (3, "role[0].member"),
            (6, "role[1].id"),
            (7, "role[1].members[0]"),
            (7, "role[1].members[1]"),
            (7, "role[1].members[2]"),
            (7, "role[1].members[2].until"),
            (8, "role[1].include[0]"),
            (9, "role[1].allow_empty"),
        ],
        "{problems}"
    );
    let drawn = problems.render(false);
    assert!(
        drawn.contains("roles.toml:7:12") && drawn.contains('^'),
        "{drawn}"
    );
}

#[test]
fn f4_a_file_full_of_mistakes_is_told_in_part_and_read_in_no_time() {
    let text = role(&format!("members = [{}]", "1,".repeat(200_000)));
    let problems = mistakes(&text);
    assert_eq!(problems.len(), 201);
    assert!(problems.iter().next().unwrap().message.contains("199800 more"));
    assert!(problems.render(false).len() < 1_000_000);
}

#[test]
fn f5_members_must_stand_and_an_empty_role_must_be_meant() {
    check(&[
        ("", 1, 1, "says nothing about who is in it", "allow_empty = true"),
        ("include = []", 1, 1, "says nothing about who is in it", "members"),
        ("allow_empty = true", 1, 1, "says nothing", "members = []"),
        (
            "exclude = [\"zoe@acme.example\"]",
            1,
            1,
            "says nothing",
            "members",
        ),
        ("members = []", 3, 11, "would become empty", "allow_empty = true"),
        (
            "members = []\nallow_empty = false",
            3,
            11,
            "would become empty",
            "allow_empty = true",
        ),
    ]);
    let state = good(&role("members = []\nallow_empty = true"));
    assert!(state.roles[0].members.is_empty() && state.roles[0].allow_empty);
}

#[test]
fn f6_what_is_no_person_is_told_as_such() {
    check(&[
        (
            "members = [36216766]",
            3,
            12,
            "found a whole number",
            "\"id:123\"",
        ),
        (
            "members = [2026-12-31]",
            3,
            12,
            "found a date",
            "ana@acme.example",
        ),
        ("members = [true]", 3, 12, "found true or false", ""),
        ("members = [[\"ana@acme.example\"]]", 3, 12, "found a list", ""),
        ("members = \"ana@acme.example\"", 3, 11, "expected a list", "[ ]"),
        (
            "members = { user = \"ana@acme.example\" }",
            3,
            11,
            "expected a list",
            "[ ]",
        ),
        ("members = [{ user = 7 }]", 3, 21, "found a whole number", ""),
        (
            "members = [{ until = \"2026-12-31\" }]",
            3,
            12,
            "names nobody",
            "user",
        ),
        (
            "members = [{ user = \"ana@acme.example\", reason = 12 }]",
            3,
            50,
            "found a whole number",
            "quotes",
        ),
        (
            "members = [\"ana@acme.example\"]\nexclude = [7]",
            4,
            12,
            "found a whole number",
            "",
        ),
        (
            "members = [\"ana@acme.example\"]\ninclude = [7]",
            4,
            12,
            "found a whole number",
            "",
        ),
        (
            "members = [\"ana@acme.example\"]\ninclude = \"B\"",
            4,
            11,
            "expected a list",
            "",
        ),
    ]);
}

#[test]
fn match_takes_exact_text_of_known_attributes() {
    check(&[
        ("match = {}", 3, 9, "everybody", "department"),
        ("match = \"Sales\"", 3, 9, "expected a table", "department"),
        (
            "match = { status = 1 }",
            3,
            11,
            "whether an account is active",
            "suspended_members",
        ),
        (
            "match = { department = \"Sales\", state = [1] }",
            3,
            33,
            "whether an account is active",
            "",
        ),
        (
            "match = { group_id = 4 }",
            3,
            11,
            "unknown key",
            "known here: email",
        ),
        (
            "match = { department = 7 }",
            3,
            24,
            "found a whole number",
            "department",
        ),
        ("match = { department = [] }", 3, 24, "list is empty", ""),
        (
            "match = { department = [\"Sales\", \" \"] }",
            3,
            34,
            "text is empty",
            "",
        ),
        (
            "match = { department = \"Sa*\" }",
            3,
            24,
            "values of a role's match are exact",
            "as a list",
        ),
        ("match = { custom = {} }", 3, 20, "empty", ""),
        (
            "match = { custom = { site = \"Berlin\" }, \"custom.site\" = \"Rome\" }",
            3,
            41,
            "stands twice",
            "one list",
        ),
        ("match = { \"custom.\" = \"Rome\" }", 3, 11, "unknown key", ""),
    ]);
}

#[test]
fn a_role_has_a_name_or_a_number_and_not_both() {
    for (text, message) in [
        (
            "[[role]]\nmembers = [\"ana@acme.example\"]\n",
            "neither a name nor an id",
        ),
        (
            "[[role]]\nname = \"A\"\nid = 7\nmembers = [\"ana@acme.example\"]\n",
            "both a name and an id",
        ),
        (
            "[[role]]\nname = \"\"\nmembers = [\"ana@acme.example\"]\n",
            "the name is empty",
        ),
        (
            "[[role]]\nname = 7\nmembers = [\"ana@acme.example\"]\n",
            "found a whole number",
        ),
        (
            "[[role]]\nid = \"7\"\nmembers = [\"ana@acme.example\"]\n",
            "OneLogin's number",
        ),
        (
            "[[role]]\nid = 0\nmembers = [\"ana@acme.example\"]\n",
            "OneLogin's number",
        ),
    ] {
        let found = mistake(text);
        assert!(found.message.contains(message), "{text}: {}", found.message);
    }
}
