//! Whom a rule matches.

use super::*;
use crate::domain::rule::{Condition, Field, Notify, Pattern, Rule, needs_of};
use crate::domain::user::GroupId;

fn rule(conditions: Vec<Condition>) -> Rule {
    Rule {
        name: "a rule".to_owned(),
        conditions,
        max_age: Some(MaxAge::Days(30)),
        notice_days: None,
        notify: Notify::User,
    }
}

fn patterns(texts: &[&str]) -> Vec<Pattern> {
    texts.iter().map(|text| Pattern::new(text)).collect()
}

fn matches(user: &User, conditions: Vec<Condition>) -> bool {
    let terms = Terms {
        rules: vec![rule(conditions)],
        ..terms()
    };
    let mut facts = facts([user.clone()]);
    facts.role_members = BTreeMap::from([("Admins".to_owned(), BTreeSet::from([id(1)]))]);
    assess(user, &facts, &terms).rule.is_some()
}

#[test]
fn a_star_stands_for_anything_and_case_does_not_count() {
    for (pattern, text, expected) in [
        ("svc-*", "SVC-backup", true),
        ("*@ext.acme.example", "Bo@EXT.acme.example", true),
        ("*@ext.acme.example", "bo@acme.example", false),
        ("a*b*c", "aXbYc", true),
        ("a*b*c", "acb", false),
        ("aa*aa", "aaa", false),
        ("*", "", true),
        ("plain", "plain", true),
        ("plain", "plainer", false),
        ("ÄRZTE", "ärzte", true),
    ] {
        assert_eq!(
            Pattern::new(pattern).matches(text),
            expected,
            "{pattern} on {text}"
        );
    }
}

#[test]
fn any_value_of_a_key_and_every_key_of_a_rule() {
    let user = User {
        group_id: Some(GroupId(411)),
        department: Some("Sales".to_owned()),
        custom_attributes: BTreeMap::from([
            ("site".to_owned(), Some("Bonn".to_owned())),
            ("unset".to_owned(), None),
        ]),
        ..person(at("2026-11-26 12:00"))
    };
    let group = |ids: &[i64]| Condition::GroupId(ids.iter().copied().collect());
    let department = |texts: &[&str]| Condition::Field(Field::Department, patterns(texts));
    let custom = |name: &str, text: &str| Condition::Field(Field::Custom(name.to_owned()), patterns(&[text]));
    assert!(matches(&user, vec![group(&[1, 411])]));
    assert!(matches(&user, vec![group(&[411]), department(&["hr", "sales"])]));
    assert!(!matches(&user, vec![group(&[411]), department(&["hr"])]));
    assert!(matches(&user, vec![custom("site", "b*")]));
    assert!(
        !matches(&user, vec![custom("unset", "*")]),
        "no value is no match"
    );
    assert!(matches(&user, vec![Condition::Group(patterns(&["contractors"]))]));
    assert!(matches(
        &user,
        vec![Condition::OneloginPolicy(patterns(&["short"]))]
    ));
    assert!(matches(&user, vec![Condition::Role(patterns(&["admin*"]))]));
}

#[test]
fn a_rule_that_cannot_be_decided_for_somebody_leaves_their_age_unknown() {
    let terms = Terms {
        rules: vec![rule(vec![Condition::OneloginPolicy(patterns(&["Short"]))])],
        ..terms()
    };
    let orphan = User {
        group_id: Some(GroupId(412)),
        ..person(at("2026-11-26 12:00"))
    };
    assert_eq!(
        threshold(&orphan, &terms, at("2026-11-23 08:00")),
        Err(Skip::AgeUnknown)
    );
}

#[test]
fn a_rule_never_overrides_the_skip_of_directory_users() {
    let terms = Terms {
        rules: vec![rule(Vec::new())],
        ..terms()
    };
    let user = User {
        directory_id: Some(1),
        ..person(at("2026-11-26 12:00"))
    };
    assert_eq!(
        threshold(&user, &terms, at("2026-11-23 08:00")),
        Err(Skip::Directory)
    );
}

#[test]
fn the_first_match_wins_and_may_leave_the_age_to_onelogin() {
    let everyone = || vec![Condition::Field(Field::Email, patterns(&["*"]))];
    let first = Rule {
        max_age: None,
        notice_days: Some([2].into()),
        ..rule(everyone())
    };
    let terms = Terms {
        rules: vec![first, rule(everyone())],
        ..terms()
    };
    let user = person(at("2026-11-25 12:00"));
    assert_eq!(threshold(&user, &terms, at("2026-11-23 08:00")), Ok(2));
}

#[test]
fn the_needs_of_the_rules_are_collected() {
    let needs = needs_of(&[
        rule(vec![Condition::Field(
            Field::Custom("site".to_owned()),
            patterns(&["x"]),
        )]),
        rule(vec![
            Condition::Role(patterns(&["Admins"])),
            Condition::Group(patterns(&["Staff"])),
        ]),
    ]);
    assert_eq!(needs.fields, BTreeSet::from(["custom_attributes".to_owned()]));
    assert_eq!(needs.custom_attributes, BTreeSet::from(["site".to_owned()]));
    assert!(needs.group_names && !needs.policies);
    assert_eq!(needs.roles.len(), 1);
}
