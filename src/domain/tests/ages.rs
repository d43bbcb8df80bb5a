//! Where an age comes from.

use super::*;
use crate::domain::age::{AgeSource, age_without_rule};
use crate::domain::user::GroupId;

fn in_group(group: Option<i64>) -> User {
    User {
        group_id: group.map(GroupId),
        ..User::new(1)
    }
}

fn age_of(group: Option<i64>, knowledge: &PolicyKnowledge, configured: Option<u32>) -> Option<MaxAge> {
    age_without_rule(&in_group(group), knowledge, configured.map(MaxAge::from_days)).max_age
}

#[test]
fn the_policy_of_the_group_comes_before_the_account_default() {
    let read = PolicyKnowledge::Read(book());
    assert_eq!(age_of(Some(411), &read, None), Some(MaxAge::Days(45)));
    assert_eq!(age_of(Some(410), &read, None), Some(MaxAge::Days(90)));
    assert_eq!(age_of(None, &read, None), Some(MaxAge::Days(90)));
}

#[test]
fn a_group_that_was_not_read_or_whose_policy_is_gone_is_unknown_and_not_the_default() {
    let read = PolicyKnowledge::Read(book());
    for group in [412, 9999] {
        assert_eq!(age_of(Some(group), &read, Some(30)), None, "group {group}");
    }
}

#[test]
fn no_default_policy_or_two_of_them_is_unknown() {
    let mut none = book();
    none.policies.get_mut(&PolicyId(1)).unwrap().is_default = false;
    assert_eq!(age_of(None, &PolicyKnowledge::Read(none), None), None);
    let mut two = book();
    two.policies.get_mut(&PolicyId(2)).unwrap().is_default = true;
    assert_eq!(age_of(None, &PolicyKnowledge::Read(two), None), None);
}

#[test]
fn a_policy_without_an_age_is_unknown() {
    let mut book = book();
    book.policies.get_mut(&PolicyId(1)).unwrap().max_age = None;
    assert_eq!(age_of(None, &PolicyKnowledge::Read(book), None), None);
}

#[test]
fn the_configured_default_serves_only_where_onelogin_is_silent() {
    assert_eq!(
        age_of(Some(9999), &PolicyKnowledge::NotOffered, Some(60)),
        Some(MaxAge::Days(60))
    );
    assert_eq!(
        age_of(None, &PolicyKnowledge::NotAsked, Some(0)),
        Some(MaxAge::Never)
    );
    assert_eq!(age_of(None, &PolicyKnowledge::NotOffered, None), None);
    let stored = PolicyKnowledge::Stored(book(), at("2026-11-20 08:00"));
    assert_eq!(age_of(Some(412), &stored, Some(60)), None);
    assert_eq!(age_of(Some(411), &stored, Some(60)), Some(MaxAge::Days(45)));
}

#[test]
fn the_source_of_an_age_is_told() {
    let read = PolicyKnowledge::Read(book());
    let source = age_without_rule(&in_group(Some(411)), &read, None).source;
    assert_eq!(
        source.to_string(),
        "OneLogin policy \"Short\" (id 2) of the group \"Contractors\""
    );
    assert!(matches!(
        age_without_rule(&in_group(Some(412)), &read, None).source,
        AgeSource::Unknown(_)
    ));
}
