//! O4: what is written out means what was there.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::*;
use crate::desired_file::{Export, export};
use crate::domain::role::RoleId;
use crate::domain::role::actual::{ActualRole, Members, Reading};
use crate::domain::role::desired::{Pin, RoleName};
use crate::domain::user::{User, UserId};

fn actual(id: i64, name: &str, members: impl IntoIterator<Item = i64>) -> ActualRole {
    let ids = members.into_iter().map(UserId).collect();
    ActualRole {
        id: RoleId(id),
        name: name.to_owned(),
        members: Reading::Proven(Members {
            ids,
            ..Members::default()
        }),
    }
}

fn people(list: &[(i64, Option<&str>, Option<&str>)]) -> BTreeMap<UserId, User> {
    let user = |(id, email, username): &(i64, Option<&str>, Option<&str>)| {
        let mut user = User::new(*id);
        user.email = email.map(str::to_owned);
        user.username = username.map(str::to_owned);
        (user.id, user)
    };
    list.iter().map(user).collect()
}

/// The members that the file asks for, by role.
fn asked(state: &DesiredState, users: &BTreeMap<UserId, User>) -> BTreeMap<RoleName, BTreeSet<UserId>> {
    let role = |role: &crate::domain::role::desired::DesiredRole| {
        let ids = role.members.iter().map(|member| match &member.listed.person {
            crate::domain::selector::Selector::Id(id) => UserId(*id),
            other => other.find(users).unwrap().id,
        });
        assert_eq!(role.members.is_empty(), role.allow_empty);
        (role.role.clone(), ids.collect())
    };
    state.roles.iter().map(role).collect()
}

#[track_caller]
fn comes_back(roles: &[ActualRole], users: &BTreeMap<UserId, User>) -> Export {
    let export = export(roles, users, None);
    let asked = asked(&good(&export.text), users);
    assert_eq!(asked.len(), roles.len(), "{}", export.text);
    for role in roles {
        let by_name = asked.get(&RoleName::Name(role.name.clone()));
        let found = by_name.or_else(|| asked.get(&RoleName::Id(role.id)));
        assert_eq!(
            found,
            role.members.proven().map(|members| &members.ids),
            "{}",
            export.text
        );
    }
    export
}

#[test]
fn o4_odd_names_and_people_come_back() {
    let users = people(&[
        (1, Some("ana@acme.example"), Some("ana")),
        (2, Some("Shared@acme.example"), None),
        (3, Some("shared@ACME.example"), None),
        (4, None, Some("svc\n[[role]]\nname = \"evil\"")),
        (5, Some("bo@acme.example"), None),
        // Somebody's username is another one's email.
        (6, Some("cy@acme.example"), Some("bo@acme.example")),
        (7, Some("not an address"), None),
        (8, Some("id:1"), None),
        (9, Some("\u{430}na@acme.example"), None),
        (10, Some("dan@acme.example\u{200b}"), None),
        (11, Some("o'neil\"q\\@acme.example"), None),
    ]);
    let roles = [
        actual(1, "quote \" and \\ and 'single'", 1..=11),
        actual(2, "dots.and = [brackets] # and", [1, 99]),
        actual(3, "line\nbreak\r\n\ttab", [2]),
        actual(4, "\u{fc}n\u{ef}c\u{f6}de \u{1f600} \u{200b}", [3]),
        actual(5, "twice", [1]),
        actual(6, "twice", [5]),
        actual(7, "Twice", []),
        actual(8, "", [6]),
        actual(9, "'''\"\"\"", [6]),
        actual(10, " leading", [6]),
    ];
    let export = comes_back(&roles, &users);
    assert!(export.left_out.is_empty());
    for text in [
        "\"ana@acme.example\",",
        "\"id:2\",",
        "\"id:3\",",
        "\"id:4\",",
        "\"id:5\",",
        "\"cy@acme.example\"",
        "id = 5 ",
        "id = 6 ",
    ] {
        assert!(export.text.contains(text), "{text}\n{}", export.text);
    }
}

#[test]
fn o4_the_text_does_not_depend_on_the_order_of_the_input() {
    let users = people(&[
        (1, Some("ana@acme.example"), None),
        (2, Some("bo@acme.example"), None),
    ]);
    let mut roles = vec![actual(3, "B", [2, 1]), actual(1, "A", []), actual(2, "A", [1])];
    let one = export(&roles, &users, Some(&Pin::Label("acme".to_owned())));
    roles.reverse();
    assert_eq!(export(&roles, &users, Some(&Pin::Label("acme".to_owned()))), one);
    assert_eq!(good(&one.text).tenant, Some(Pin::Label("acme".to_owned())));
    let two = export(&roles, &users, Some(&Pin::Account(7)));
    assert_eq!(good(&two.text).tenant, Some(Pin::Account(7)));
}

#[test]
fn a_role_whose_members_are_not_certain_is_left_out_and_named() {
    let users = people(&[(1, Some("ana@acme.example"), None)]);
    let mut roles = [actual(1, "A", [1]), actual(2, "B\nb", [1]), actual(3, "C", [1])];
    roles[1].members = Reading::Unreadable("403\nForbidden".to_owned());
    roles[2].members = Reading::Unproven(Members::default(), "98 of 100".to_owned());
    let export = export(&roles, &users, None);
    assert_eq!(good(&export.text).roles.len(), 1);
    assert!(
        export.text.contains("# Left out: role 2 (B b): 403 Forbidden"),
        "{}",
        export.text
    );
    assert_eq!(
        export.left_out,
        [
            ("B\nb".to_owned(), "403\nForbidden".to_owned()),
            ("C".to_owned(), "98 of 100".to_owned())
        ]
    );
}

proptest! {
    #[test]
    fn o4_whatever_names_people_have_the_file_means_them(
        names in prop::collection::vec(any::<String>(), 0..6),
        emails in prop::collection::vec(prop::option::of("[a-b\u{430}\u{200b}\"\\\\]{1,3}(@[a-b]\\.example)?"), 0..12),
        picks in prop::collection::vec(prop::collection::btree_set(0_i64..14, 0..6), 6),
    ) {
        let users: Vec<(i64, Option<&str>, Option<&str>)> = (0_i64..).zip(&emails).map(|(id, email)| (id + 1, email.as_deref(), None)).collect();
        let users = people(&users);
        let roles: Vec<ActualRole> = (1_i64..).zip(&names).zip(picks).map(|((id, name), pick)| actual(id, name, pick.into_iter().map(|id| id + 1))).collect();
        prop_assume!(!roles.is_empty());
        comes_back(&roles, &users);
    }
}
