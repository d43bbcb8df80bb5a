//! `match` of a role: whom the directory describes so.

use std::collections::BTreeMap;

use toml_edit::{Item, TableLike, Value};

use super::notes::{Notes, Wrong};
use crate::domain::rule::Field;

/// The keys of `match`; `custom` stands for `custom.NAME`.
pub(super) const MATCH_KEYS: &[&str] = &[
    "email",
    "username",
    "department",
    "title",
    "company",
    "external_id",
    "custom",
];

const EXAMPLE: &str = "write it as match = { department = \"Sales\" }";

type Matching = BTreeMap<Field, Vec<String>>;

/// Reads the whole of it. What is wrong is noted and left out.
pub(super) fn read(notes: &Notes<'_>, item: &Item, key: &str) -> Matching {
    let mut matching = Matching::new();
    read_table(notes, item, key, "", &mut matching);
    matching
}

fn read_table(notes: &Notes<'_>, item: &Item, key: &str, prefix: &str, matching: &mut Matching) {
    let Some(table) = item.as_table_like() else {
        return notes.mistyped(item, key, "a table", EXAMPLE);
    };
    if table.is_empty() {
        notes.wrong(
            &item.span(),
            key,
            Wrong::new("it is empty, so it would fit everybody", EXAMPLE),
        );
    }
    for (name, value) in table.iter() {
        let below = format!("{key}.{name}");
        if prefix.is_empty() && name == "custom" {
            read_table(notes, value, &below, "custom.", matching);
        } else {
            read_key(notes, table, name, &below, prefix, matching);
        }
    }
}

fn read_key(
    notes: &Notes<'_>,
    table: &dyn TableLike,
    name: &str,
    key: &str,
    prefix: &str,
    matching: &mut Matching,
) {
    let Some((written, item)) = table.get_key_value(name) else {
        return;
    };
    let at = written.span();
    if matches!(name, "status" | "state") && prefix.is_empty() {
        let message = "whether an account is active never gives a role";
        let help =
            "take it out: nobody out of standing is added, and suspended_members in config.toml removes";
        return notes.wrong(&at, key, Wrong::new(message, help));
    }
    let Some(field) = Field::of_key(&format!("{prefix}{name}")) else {
        return notes.unknown_key(&at, key, name, MATCH_KEYS, None);
    };
    // `"custom.site"` and `custom.site` are the same key, which TOML cannot know.
    if matching.contains_key(&field) {
        return notes.wrong(
            &at,
            key,
            Wrong::new("the key stands twice", "put its values into one list"),
        );
    }
    matching.insert(field, read_values(notes, item, key));
}

/// One value or a list of them.
fn read_values(notes: &Notes<'_>, item: &Item, key: &str) -> Vec<String> {
    let Some(values) = item.as_array() else {
        return read_value(notes, item, key).into_iter().collect();
    };
    if values.is_empty() {
        let message = "the list is empty, so nobody could fit";
        notes.wrong(
            &item.span(),
            key,
            Wrong::new(message, "name a value, or take the key out"),
        );
    }
    let read = |value: &Value| read_value(notes, &Item::Value(value.clone()), key);
    values.iter().filter_map(read).collect()
}

fn read_value(notes: &Notes<'_>, item: &Item, key: &str) -> Option<String> {
    let Some(text) = item.as_str() else {
        notes.mistyped(item, key, "text in quotes, or a list of it", EXAMPLE);
        return None;
    };
    let wrong = if text.trim().is_empty() {
        Wrong::new("the text is empty, so nobody could fit", "name a value")
    } else if text.contains('*') {
        Wrong::new(
            format!("{text:?}: values of a role's match are exact, and * stands for nothing"),
            "write each value out, as a list",
        )
    } else {
        return Some(text.to_owned());
    };
    notes.wrong(&item.span(), key, wrong);
    None
}
