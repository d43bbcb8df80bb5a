//! Ages that look wrong, and those that do not.

use super::*;
use crate::domain::truth::{LooksLike, doubts};

const NOW: &str = "2026-11-23 08:00";

fn days(days: i64) -> SignedDuration {
    SignedDuration::from_hours(24 * days)
}

/// A person of the default policy, told to be 90 days, with a password of this age.
fn aged(number: i64, age: i64, status: UserStatus) -> User {
    User {
        id: id(number),
        status,
        password_changed_at: Some(at(NOW) - days(age)),
        ..User::new(number)
    }
}

fn expired(number: i64, age: i64) -> User {
    aged(number, age, UserStatus::PasswordExpired)
}

/// An active person who signed in so many days ago.
fn seen(number: i64, age: i64, ago: i64) -> User {
    User {
        last_login: Some(at(NOW) - days(ago)),
        ..aged(number, age, UserStatus::Active)
    }
}

/// What the default policy looks like, where its age was first seen so many days ago.
fn looks_since(first_seen: i64, users: &[User]) -> Vec<(u64, LooksLike)> {
    let mut facts = facts(users.iter().cloned());
    if let PolicyKnowledge::Read(book) = &mut facts.policies {
        book.ages_since.insert(PolicyId(1), at(NOW) - days(first_seen));
    }
    let found = doubts(&facts, &terms(), at(NOW)).into_iter();
    found.map(|doubt| (doubt.people, doubt.looks_like)).collect()
}

fn looks(users: &[User]) -> Vec<(u64, LooksLike)> {
    looks_since(100, users)
}

fn shorter(at_least: Option<i64>, at_most: i64) -> LooksLike {
    LooksLike::Shorter { at_least, at_most }
}

#[test]
fn three_people_expired_early_show_it_and_two_do_not() {
    let people = [expired(1, 61), expired(2, 75), expired(3, 62)];
    assert_eq!(looks(&people), [(3, shorter(None, 61))]);
    assert_eq!(looks(&people[..2]), []);
    // Past the computed date there is nothing to wonder about.
    assert_eq!(looks(&[expired(1, 90), expired(2, 91), expired(3, 92)]), []);
}

#[test]
fn a_password_that_expired_younger_than_one_that_works_was_expired_by_hand() {
    let mut people = vec![expired(1, 61), expired(2, 75), expired(3, 62), expired(4, 5)];
    people.push(seen(5, 60, 2));
    assert_eq!(looks(&people), [(3, shorter(Some(59), 61))]);
    people.push(seen(6, 70, 2));
    assert_eq!(looks(&people), [], "one is left");
    // Two weeks ago another policy may have been in force.
    people.pop();
    people.push(seen(6, 80, 14));
    assert_eq!(looks(&people), [(3, shorter(Some(59), 61))]);
}

#[test]
fn three_sign_ins_long_after_the_date_show_it_and_two_do_not() {
    let people = [seen(1, 100, 0), seen(2, 120, 1), seen(3, 97, 1)];
    assert_eq!(looks(&people), [(3, LooksLike::Longer { at_least: 97 })]);
    assert_eq!(looks(&people[..2]), []);
    let at_the_date = [seen(1, 92, 0), seen(2, 92, 1), seen(3, 95, 4)];
    assert_eq!(looks(&at_the_date), [], "not long after it");
    let long_ago = [seen(1, 110, 8), seen(2, 120, 9), seen(3, 130, 10)];
    assert_eq!(looks(&long_ago), []);
}

#[test]
fn sign_ins_before_the_age_was_first_seen_show_nothing() {
    // A policy that was 180 days until yesterday, and 90 from then on.
    let people = [seen(1, 130, 2), seen(2, 120, 1), seen(3, 140, 3)];
    assert_eq!(looks_since(1, &people), []);
    assert_eq!(
        looks_since(4, &people),
        [(3, LooksLike::Longer { at_least: 120 })]
    );
}

#[test]
fn each_policy_is_judged_by_its_own_people() {
    let contractor = |user: User| User {
        group_id: Some(crate::domain::user::GroupId(411)),
        ..user
    };
    // Contractors are told 45 days.
    let people = [
        expired(1, 61),
        expired(2, 75),
        contractor(expired(3, 30)),
        contractor(expired(4, 31)),
        contractor(expired(5, 33)),
    ];
    let found = doubts(&facts(people), &terms(), at(NOW));
    assert_eq!(found.len(), 1);
    assert_eq!(
        found[0].text(),
        "OneLogin policy \"Short\" (id 2) looks like at most 30 days, OneLogin tells 45 days: 3 people have the status \
         \"password expired\" before their date"
    );
    assert_eq!(found[0].example, id(3));
}

#[test]
fn people_whose_password_lives_elsewhere_show_nothing() {
    let people: Vec<User> = (1..=4)
        .map(|number| User {
            directory_id: Some(1),
            ..expired(number, 61)
        })
        .collect();
    assert_eq!(looks(&people), []);
}

#[test]
fn a_configured_age_is_judged_too_and_never_is_no_exception() {
    let people = [expired(1, 61), expired(2, 75), expired(3, 62)];
    let mut facts = facts(people);
    facts.policies = PolicyKnowledge::NotOffered;
    let mut terms = terms();
    terms.default_max_age = Some(MaxAge::Never);
    let found = doubts(&facts, &terms, at(NOW));
    assert_eq!(
        found[0].text(),
        "default_max_age_days looks like at most 61 days, configured never expires: 3 people have the status \
         \"password expired\" before their date"
    );
}
