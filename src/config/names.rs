//! Which keys stand in the layers, and which of them do not exist.

use super::key::{self, KeyPath, Kind};
use super::node::{Node, table};
use super::reader::Reader;
use super::value::Wrong;
use crate::problem::nearest;

/// Notes every key that does not exist, and secrets that stand in the file.
pub(super) fn check_names(reader: &Reader<'_>) {
    for (name, value) in reader.layers().merged() {
        let path = KeyPath::default().key(name);
        check_name(reader, &Node { path, value }, "", name);
    }
}

fn check_name(reader: &Reader<'_>, node: &Node<'_>, section: &str, name: &str) {
    let dotted = if section.is_empty() {
        name.to_owned()
    } else {
        format!("{section}.{name}")
    };
    // A quoted key with a dot in it is one name, and never one that exists.
    if name.contains('.') {
        return note_unknown(reader, node, name, &key::names_in(section));
    }
    if key::is_section(&dotted) {
        if reader.is_table(node, &format!("a section, [{dotted}]")) {
            for (below, field) in node.fields() {
                check_name(reader, &field, &dotted, below);
            }
        }
        return;
    }
    match key::find(&dotted) {
        None => note_unknown(reader, node, name, &key::names_in(section)),
        Some(known) if known.kind == Kind::Secret => reader.wrong_key(
            node,
            Wrong::new(
                "a secret must not stand in the file",
                format!(
                    "put it into a file of its own, named by {name}_file, and change it: it was readable here"
                ),
            ),
        ),
        Some(_) => {}
    }
}

/// Notes a key that does not exist.
pub(super) fn note_unknown(reader: &Reader<'_>, node: &Node<'_>, name: &str, known: &[&str]) {
    let elsewhere = key::KEYS
        .iter()
        .find(|key| key.split().1 == name && key.kind != Kind::Secret);
    let help = match (nearest(name, known.iter().copied()), elsewhere) {
        (Some(near), _) => format!("the nearest known name is {near}"),
        (None, Some(key)) if !key.split().0.is_empty() => {
            format!("{name} belongs in [{}]", key.split().0)
        }
        _ => format!("known here: {}", known.join(", ")),
    };
    let is_section = node.path.steps().len() == 1 && table(node.value).is_some();
    let message = if is_section {
        "unknown section"
    } else {
        "unknown key"
    };
    reader.wrong_key(node, Wrong::new(message, help));
}
