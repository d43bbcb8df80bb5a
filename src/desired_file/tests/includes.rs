//! F7, F8: roles that include others.

use super::*;

fn roles(list: &[(&str, &[&str])]) -> String {
    let role = |(name, include): &(&str, &[&str])| {
        format!("[[role]]\nname = {name:?}\nmembers = [\"ana@acme.example\"]\ninclude = {include:?}\n")
    };
    list.iter().map(role).collect()
}

#[test]
fn f7_a_circle_is_named() {
    let found = mistake(roles(&[("A", &["B"]), ("B", &["A"])]));
    assert!(found.message.ends_with("A -> B -> A"), "{}", found.message);
    assert_eq!(place(&found), (4, 12));
    let found = mistake(roles(&[
        ("X", &["A"]),
        ("A", &["B"]),
        ("B", &["C"]),
        ("C", &["A"]),
    ]));
    assert!(found.message.ends_with("A -> B -> C -> A"), "{}", found.message);
    assert_eq!(place(&found).0, 8);
    let problems = mistakes(roles(&[
        ("A", &["B"]),
        ("B", &["A"]),
        ("C", &["D"]),
        ("D", &["C"]),
    ]));
    assert_eq!(problems.len(), 2);
}

#[test]
fn f7_itself_unknown_and_twice_are_mistakes() {
    assert!(
        mistake(roles(&[("A", &["A"])]))
            .message
            .contains("includes itself")
    );
    let found = mistake(roles(&[("Sales Team", &[]), ("B", &["Sale Team"])]));
    assert_eq!(place(&found), (8, 12));
    assert!(found.help.contains("\"Sales Team\""), "{}", found.help);
    assert!(
        mistake(roles(&[("A", &[]), ("B", &["A", "A"])]))
            .message
            .contains("twice")
    );
}

#[test]
fn f7_a_chain_as_long_as_the_file_is_followed_to_its_end() {
    let count = 20_000;
    let role = |at: usize| {
        let next = (at + 1) % count;
        format!("[[role]]\nname = \"R{at}\"\nmembers = [\"ana@acme.example\"]\ninclude = [\"R{next}\"]\n")
    };
    let text: String = (0..count).map(role).collect();
    assert!(mistake(&text).message.contains("in a circle"));
}

#[test]
fn f8_a_diamond_is_no_circle() {
    let state = good(&roles(&[
        ("Top", &["Left", "Right"]),
        ("Left", &["Base"]),
        ("Right", &["Base"]),
        ("Base", &[]),
    ]));
    assert_eq!(state.roles[0].include, [1, 2]);
    assert_eq!(state.roles[1].include, [3]);
}
