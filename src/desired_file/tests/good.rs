//! What a file says.

use jiff::civil::date;

use super::*;
use crate::domain::role::RoleId;
use crate::domain::role::desired::{Membership, Pin, RoleName};
use crate::domain::rule::Field;
use crate::domain::selector::Selector;

const WHOLE: &str = r#"tenant = "Acme"

[[role]]
name = "Salesforce Users"
membership = "additive"
members = [
  "ana@acme.example",
  { user = "bo@acme.example", until = "2026-12-31", reason = "TICKET-12" },
  { user = "id:36216766", from = 2027-01-01 },
  "12345", # a username
  "external:E-7",
]
include = ["Sales Team"]
exclude = ["Zoe@Acme.Example"]
match = { department = "Sales", title = ["Rep", "Lead"], custom.site = "Berlin" }

[[role]]
name = "Sales Team"
members = []
allow_empty = true

[[role]]
id = 123
[role.match]
company = "Acme"
"custom.team" = "A"
"#;

#[test]
fn every_key_means_what_the_manual_says() {
    let state = good(WHOLE);
    assert_eq!(state.tenant, Some(Pin::Label("acme".to_owned())));
    assert_eq!(state.roles.len(), 3);
    let role = &state.roles[0];
    assert_eq!(role.role, RoleName::Name("Salesforce Users".to_owned()));
    assert_eq!(
        (role.membership, role.include.as_slice(), role.line),
        (Membership::Additive, &[1][..], 3)
    );
    let people: Vec<Selector> = role
        .members
        .iter()
        .map(|member| member.listed.person.clone())
        .collect();
    assert_eq!(
        people,
        [
            Selector::Name("ana@acme.example".to_owned()),
            Selector::Name("bo@acme.example".to_owned()),
            Selector::Id(36_216_766),
            Selector::Name("12345".to_owned()),
            Selector::External("E-7".to_owned()),
        ]
    );
    let lines: Vec<usize> = role.members.iter().map(|member| member.listed.line).collect();
    assert_eq!(lines, [7, 8, 9, 10, 11]);
    assert_eq!(role.members[1].until, Some(date(2026, 12, 31)));
    assert_eq!(role.members[1].reason.as_deref(), Some("TICKET-12"));
    assert_eq!(role.members[2].from, Some(date(2027, 1, 1)));
    assert_eq!(
        role.exclude[0].person,
        Selector::Name("zoe@acme.example".to_owned())
    );
    assert_eq!(
        (role.exclude[0].written.as_str(), role.exclude[0].line),
        ("Zoe@Acme.Example", 14)
    );
    let matching = role.matching.clone().unwrap();
    assert_eq!(matching[&Field::Title], ["Rep", "Lead"]);
    assert_eq!(matching[&Field::Custom("site".to_owned())], ["Berlin"]);
    assert_eq!(state.roles[1].membership, Membership::Exact);
    assert_eq!(state.roles[2].role, RoleName::Id(RoleId(123)));
    assert_eq!(
        state.roles[2].matching.as_ref().unwrap()[&Field::Custom("team".to_owned())],
        ["A"]
    );
}

#[test]
fn o9_a_number_pins_the_account() {
    let state = good(&format!(
        "tenant = 98765\n{}",
        role("members = [\"ana@acme.example\"]")
    ));
    assert_eq!(state.tenant, Some(Pin::Account(98_765)));
}

#[test]
fn f6_a_byte_order_mark_and_windows_line_ends_change_nothing_but_the_digest() {
    let plain = good(WHOLE);
    let mut windows = good(&format!("\u{feff}{}", WHOLE.replace('\n', "\r\n")));
    assert_ne!(windows.digest, plain.digest);
    windows.digest.clone_from(&plain.digest);
    assert_eq!(windows, plain);
    // Places count from the text behind the mark, in lines of either kind.
    let found = mistake(format!("\u{feff}{}", role("member = []")).replace('\n', "\r\n"));
    assert_eq!(place(&found), (3, 1));
}

#[test]
fn the_digest_is_the_sha_256_of_the_bytes() {
    let text = role("members = [\"ana@acme.example\"]");
    assert_eq!(good(&text).digest.len(), 64);
    assert_eq!(good(&text).digest, good(&text).digest);
    assert_ne!(good(&text).digest, good(&format!("{text}#\n")).digest);
}

#[test]
fn f11_the_last_day_counts_and_a_far_one_is_fine() {
    let entry = |rest: &str| role(&format!("members = [{{ user = \"ana@acme.example\", {rest} }}]"));
    let member = |rest: &str| good(&entry(rest)).roles[0].members[0].clone();
    let last = member("until = \"2028-02-29\"");
    assert!(last.in_force(date(2028, 2, 29)) && !last.has_passed(date(2028, 2, 29)));
    assert!(!last.in_force(date(2028, 3, 1)) && last.has_passed(date(2028, 3, 1)));
    assert_eq!(member("until = \"9999-12-31\"").until, Some(date(9999, 12, 31)));
    assert_eq!(member("until = 2026-12-31"), member("until = \"2026-12-31\""));
    let one_day = member("from = \"2026-12-31\", until = \"2026-12-31\"");
    assert!(one_day.in_force(date(2026, 12, 31)) && !one_day.in_force(date(2026, 12, 30)));
}
