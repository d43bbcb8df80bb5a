//! One `[[role]]`.

use toml_edit::{Item, Table, Value};

use super::include::Named;
use super::list::{read_exclude, read_members, values_of};
use super::matching;
use super::notes::{Notes, Span, Wrong};
use crate::domain::role::RoleId;
use crate::domain::role::desired::{DesiredRole, Membership, RoleName};
use crate::problem::nearest;

/// The keys of a role.
pub(super) const ROLE_KEYS: &[&str] = &[
    "name",
    "id",
    "membership",
    "members",
    "include",
    "exclude",
    "match",
    "allow_empty",
];

/// The words of `membership`.
pub(super) const MEMBERSHIPS: [(&str, Membership); 2] =
    [("exact", Membership::Exact), ("additive", Membership::Additive)];

/// A role that was read. Its includes are names still.
pub(super) struct ReadRole {
    /// The role; `include` is empty, and a name that is missing or wrong is `id 0`.
    pub(super) role: DesiredRole,
    /// `include`
    pub(super) include: Vec<Named>,
    /// Where its name or its number stands.
    pub(super) name_at: Span,
    /// `role[3]`
    pub(super) key: String,
}

/// Reads one table. What is wrong is noted and left out.
pub(super) fn read(notes: &Notes<'_>, index: usize, table: &Table) -> ReadRole {
    let key = format!("role[{index}]");
    let below = |name: &str| format!("{key}.{name}");
    let at = table.span();
    for (name, _) in table {
        if !ROLE_KEYS.contains(&name) {
            let at = table.key(name).and_then(toml_edit::Key::span);
            let help = (name == "tenant").then_some("tenant stands once, above the first [[role]]");
            notes.unknown_key(&at, &below(name), name, ROLE_KEYS, help);
        }
    }
    let (role, name_at) = read_name(notes, table, &key);
    let membership = table
        .get("membership")
        .map(|item| read_membership(notes, item, &below("membership")));
    let members = table
        .get("members")
        .map(|item| read_members(notes, item, &below("members")));
    let include = table
        .get("include")
        .map(|item| read_include(notes, item, &below("include")));
    let exclude = table
        .get("exclude")
        .map(|item| read_exclude(notes, item, &below("exclude")));
    let matching = table
        .get("match")
        .map(|item| matching::read(notes, item, &below("match")));
    let allow_empty = table
        .get("allow_empty")
        .is_some_and(|item| read_truth(notes, item, &below("allow_empty")));
    let brings_nobody = include.as_ref().is_none_or(Vec::is_empty) && matching.is_none();
    if members.is_none() && brings_nobody {
        // A misspelt key is told already, and its people are not missing beside that.
        let misspelt = table.iter().any(|(name, _)| {
            !ROLE_KEYS.contains(&name)
                && nearest(name, ROLE_KEYS.iter().copied())
                    .is_some_and(|near| matches!(near, "members" | "include" | "match"))
        });
        let message = "the role says nothing about who is in it";
        let help = "give it members, include or match; for nobody write members = [] and allow_empty = true";
        if !misspelt {
            notes.wrong(&at, &key, Wrong::new(message, help));
        }
    }
    let is_empty_list = table
        .get("members")
        .and_then(Item::as_array)
        .is_some_and(toml_edit::Array::is_empty);
    if is_empty_list && brings_nobody && !allow_empty {
        let at = table.get("members").and_then(Item::span);
        let help = "if everybody is to leave this role, write allow_empty = true below it";
        notes.wrong(
            &at,
            &below("members"),
            Wrong::new("the role would become empty", help),
        );
    }
    let line = notes.line(&at);
    ReadRole {
        role: DesiredRole {
            role,
            membership: membership.unwrap_or_default(),
            members: members.unwrap_or_default(),
            include: Vec::new(),
            exclude: exclude.unwrap_or_default(),
            matching,
            allow_empty,
            line,
        },
        include: include.unwrap_or_default(),
        name_at,
        key,
    }
}

fn read_name(notes: &Notes<'_>, table: &Table, key: &str) -> (RoleName, Span) {
    let nameless = RoleName::Id(RoleId(0));
    match (table.get("name"), table.get("id")) {
        (Some(name), None) => {
            let key = format!("{key}.name");
            let role = match name.as_str() {
                Some("") => {
                    let help = "write the role's exact name, or its id";
                    notes.wrong(&name.span(), &key, Wrong::new("the name is empty", help));
                    nameless
                }
                Some(text) => RoleName::Name(text.to_owned()),
                None => {
                    notes.mistyped(
                        name,
                        &key,
                        "text in quotes",
                        "a role's number is written as id = 123",
                    );
                    nameless
                }
            };
            (role, name.span())
        }
        (None, Some(id)) => {
            let number = id.as_integer().filter(|number| *number > 0);
            if number.is_none() {
                notes.mistyped(
                    id,
                    &format!("{key}.id"),
                    "OneLogin's number of the role",
                    "write it as id = 123",
                );
            }
            (RoleName::Id(RoleId(number.unwrap_or(0))), id.span())
        }
        (Some(_), Some(id)) => {
            let message = "the role has both a name and an id";
            notes.wrong(
                &id.span(),
                &format!("{key}.id"),
                Wrong::new(message, "keep one of the two"),
            );
            (nameless, None)
        }
        (None, None) => {
            let help = "write its exact name as name = \"Sales\", or its number as id = 123";
            notes.wrong(
                &table.span(),
                key,
                Wrong::new("the role has neither a name nor an id", help),
            );
            (nameless, None)
        }
    }
}

fn read_membership(notes: &Notes<'_>, item: &Item, key: &str) -> Membership {
    let known = item
        .as_str()
        .and_then(|text| MEMBERSHIPS.iter().find(|(word, _)| *word == text));
    let Some((_, membership)) = known else {
        let found = item.as_str().map_or_else(
            || super::notes::words_for(item).to_owned(),
            |text| format!("{text:?}"),
        );
        let near = item
            .as_str()
            .and_then(|text| nearest(text, MEMBERSHIPS.map(|(word, _)| word)));
        let help = near.map_or(
            "exact: others are removed; additive: others stay".to_owned(),
            |near| format!("the nearest is {near:?}"),
        );
        let message = format!("expected \"exact\" or \"additive\", found {found}");
        notes.wrong(&item.span(), key, Wrong::new(message, help));
        return Membership::default();
    };
    *membership
}

fn read_include(notes: &Notes<'_>, item: &Item, key: &str) -> Vec<Named> {
    let values = values_of(notes, item, key).unwrap_or_default();
    let read = |(index, value): (usize, &Value)| {
        let key = format!("{key}[{index}]");
        let Some(name) = value.as_str() else {
            let help = "write the name that the other [[role]] of this file has";
            notes.mistyped(
                &Item::Value(value.clone()),
                &key,
                "the name of a role in quotes",
                help,
            );
            return None;
        };
        Some(Named {
            name: name.to_owned(),
            at: value.span(),
            key,
        })
    };
    values.into_iter().enumerate().filter_map(read).collect()
}

fn read_truth(notes: &Notes<'_>, item: &Item, key: &str) -> bool {
    let truth = item.as_bool();
    if truth.is_none() {
        notes.mistyped(item, key, "true or false", "write it without quotes");
    }
    truth.unwrap_or(false)
}
