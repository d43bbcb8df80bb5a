//! The whole file.

use std::collections::BTreeMap;
use std::path::Path;

use sha2::{Digest as _, Sha256};
use toml_edit::{Document, Item, Value};

use super::notes::{Notes, Wrong};
use super::role::{self, ReadRole};
use super::{include, text};
use crate::domain::role::RoleId;
use crate::domain::role::desired::{DesiredState, Pin, RoleName};
use crate::problem::Problems;

/// The keys at the top of the file.
pub(super) const TOP_KEYS: &[&str] = &["tenant", "role"];

/// Checks the whole file, and gives what it asks for or every mistake in it. `path` is for the
/// messages alone; nothing is read here.
pub fn parse(bytes: &[u8], path: &Path) -> Result<DesiredState, Problems> {
    let text = text::text_of(bytes, path)?;
    let document = text::toml_of(text, path)?;
    let notes = Notes::new(path, text);
    let tenant = read_top(&notes, &document);
    let mut roles = read_roles(&notes, &document);
    check_duplicates(&notes, &roles);
    include::resolve(&notes, &mut roles);
    if !notes.is_empty() {
        return Err(notes.into_problems());
    }
    Ok(DesiredState {
        tenant,
        roles: roles.into_iter().map(|read| read.role).collect(),
        digest: hexadecimal(&Sha256::digest(bytes)),
    })
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes
        .iter()
        .fold(String::new(), |text, byte| format!("{text}{byte:02x}"))
}

fn read_top(notes: &Notes<'_>, document: &Document<&str>) -> Option<Pin> {
    for (name, _) in document.iter() {
        if !TOP_KEYS.contains(&name) {
            let at = document.key(name).and_then(toml_edit::Key::span);
            let of_role = role::ROLE_KEYS.contains(&name);
            let help = of_role.then_some("it belongs below a line [[role]]");
            notes.unknown_key(&at, name, name, TOP_KEYS, help);
        }
    }
    read_pin(notes, document.get("tenant")?)
}

fn read_pin(notes: &Notes<'_>, item: &Item) -> Option<Pin> {
    let help = "write the first label of the tenant's host, tenant = \"acme\", or its account number, tenant = 12345";
    let label = match item {
        Item::Value(Value::Integer(number)) if *number.value() > 0 => {
            return Some(Pin::Account(*number.value()));
        }
        Item::Value(Value::String(label)) => label.value().to_lowercase(),
        _ => {
            notes.mistyped(item, "tenant", "a label in quotes or a positive number", help);
            return None;
        }
    };
    let in_label = |c: char| c.is_ascii_alphanumeric() || c == '-';
    let message = if label.is_empty() || !label.chars().all(in_label) {
        format!("{label:?} is not one label of a host name")
    } else if label.chars().all(|c| c.is_ascii_digit()) {
        format!("{label:?} is a number in quotes")
    } else {
        return Some(Pin::Label(label));
    };
    notes.wrong(&item.span(), "tenant", Wrong::new(message, help));
    None
}

fn read_roles(notes: &Notes<'_>, document: &Document<&str>) -> Vec<ReadRole> {
    const BELOW: &str = "write each role below a line [[role]], in double brackets";
    let roles = match document.get("role") {
        Some(Item::ArrayOfTables(tables)) => {
            let read = |(index, table)| role::read(notes, index, table);
            tables.iter().enumerate().map(read).collect()
        }
        None => Vec::new(),
        Some(item) if item.as_array().is_some_and(toml_edit::Array::is_empty) => Vec::new(),
        Some(item) => {
            notes.mistyped(item, "role", "tables, each below a line [[role]]", BELOW);
            return Vec::new();
        }
    };
    // A misspelt [[role]] is told already.
    if roles.is_empty() && notes.is_empty() {
        let at = document.get("role").and_then(Item::span);
        let message = "the file is empty: it has no [[role]]";
        let help = "name the roles to look after, each below a line [[role]]; nothing is changed until then";
        notes.wrong(&at, "", Wrong::new(message, help));
    }
    roles
}

fn check_duplicates(notes: &Notes<'_>, roles: &[ReadRole]) {
    let mut lines: BTreeMap<&RoleName, usize> = BTreeMap::new();
    for read in roles
        .iter()
        .filter(|read| read.role.role != RoleName::Id(RoleId(0)))
    {
        let line = notes.line(&read.name_at);
        if let Some(earlier) = lines.insert(&read.role.role, line) {
            let message = format!(
                "{} has a [[role]] in line {earlier} already, and again in line {line}",
                quoted(&read.role.role)
            );
            notes.wrong(&read.name_at, &read.key, Wrong::new(message, "put both into one"));
        }
    }
}

fn quoted(role: &RoleName) -> String {
    match role {
        RoleName::Name(name) => format!("{name:?}"),
        RoleName::Id(id) => format!("id {id}"),
    }
}
