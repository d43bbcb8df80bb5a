//! The values in force and where each comes from, for `config show`.

use std::fmt::Write;
use std::path::Path;

use figment::value::Value;
use serde::Serialize;

use super::environment::Environment;
use super::file::Part;
use super::key::{self, Key, Kind};
use super::layer::Origin;
use super::layers::Layers;
use super::node::{Node, date, integer};
use super::reader::Reader;
use super::secrets::{CLIENT_SECRET, Found, MAIL_PASSWORD};
use super::sections::Paths;
use super::value::holds_credentials;
use crate::problem::{Place, Problems};

/// One value in force.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Entry {
    /// The dotted key; `password_expiry.rule[0].name` in a rule.
    pub key: String,
    /// The value, a date as text; of a secret only `(set)`, `(not set)` or `(wrong)`.
    pub value: serde_json::Value,
    /// `default`, the file with its line, an environment variable, or the source of a secret.
    pub origin: String,
    /// The line of TOML that opens its table, and how many of the same line stand before.
    #[serde(skip)]
    header: (String, usize),
    #[serde(skip)]
    name: String,
}

/// All values in force, in the order of config.toml.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Shown(Vec<Entry>);

impl Shown {
    /// Each of them.
    pub fn entries(&self) -> &[Entry] {
        &self.0
    }

    /// As TOML, with the origin of each value behind it where that is asked for.
    pub fn to_toml(&self, with_origin: bool) -> String {
        let mut text = String::new();
        let mut header = &(String::new(), 0);
        for entry in &self.0 {
            if entry.header != *header {
                header = &entry.header;
                // Writing to a String cannot fail.
                let _ = writeln!(text, "\n{}", header.0);
            }
            let line = format!("{} = {}", entry.name, toml_of(&entry.value));
            let _ = if with_origin {
                writeln!(text, "{line:<44} # {}", entry.origin.escape_debug())
            } else {
                writeln!(text, "{line}")
            };
        }
        text
    }
}

/// The values in force, also where some of them are wrong. Only a file that cannot be read as TOML
/// is an error.
pub fn show(path: &Path, env: &Environment) -> Result<Shown, Problems> {
    let layers = Layers::read(path, env, &mut Vec::new())?;
    let reader = Reader::new(&layers, Vec::new());
    let paths = Paths::read(&reader, env);
    let mut entries = Vec::new();
    for key in key::KEYS {
        match (key.kind, reader.find(key.dotted)) {
            (Kind::Secret, _) => {
                let secrets = [CLIENT_SECRET, MAIL_PASSWORD];
                let secret = secrets.iter().find(|secret| secret.key == key.dotted);
                let found = secret.map(|secret| secret.read(&reader, env, &paths.folder));
                entries.extend(found.map(|found| masked(key, found)));
            }
            (Kind::Text | Kind::Toml, Some(node)) => {
                let (section, name) = key.split();
                let header = if section.is_empty() {
                    String::new()
                } else {
                    format!("[{section}]")
                };
                entries.push(entry(&layers, &node, (header, 0), name));
            }
            (Kind::Tables, Some(node)) => entries.extend(table_entries(&layers, key, &node)),
            (_, None) => {}
        }
    }
    Ok(Shown(entries))
}

fn table_entries(layers: &Layers, key: &Key, node: &Node<'_>) -> Vec<Entry> {
    let mut entries = Vec::new();
    for (index, rule) in node.entries().unwrap_or_default().iter().enumerate() {
        let header = (format!("[[{}]]", key.dotted), index + 1);
        for name in key::keys_of_tables(key.dotted) {
            let field = rule.get(name);
            entries.extend(field.map(|field| entry(layers, &field, header.clone(), name)));
        }
    }
    entries
}

fn entry(layers: &Layers, node: &Node<'_>, header: (String, usize), name: &str) -> Entry {
    let origin = match layers.origin(node.value.tag()) {
        Origin::Default => "default".to_owned(),
        Origin::File | Origin::Environment => {
            match layers.locate(&node.path, node.value.tag(), Part::Key).0 {
                Place::Line { file, line, .. } => format!("{}:{line}", file.display()),
                Place::File(file) => file.display().to_string(),
                Place::Variable(name) => name,
            }
        }
    };
    let value = match node.value.as_str() {
        Some(text) if holds_credentials(text) => "(a URL with a user name or a password)".into(),
        _ => json_of(node.value),
    };
    Entry {
        key: node.path.to_string(),
        value,
        origin,
        header,
        name: name.to_owned(),
    }
}

fn masked(key: &Key, found: Found) -> Entry {
    let (value, origin) = match found {
        Found::Secret(_, source) => ("(set)", source),
        Found::Nothing => ("(not set)", "default".to_owned()),
        Found::Mistakes => ("(wrong)", "see `onelogin-steward check`".to_owned()),
    };
    let (section, name) = key.split();
    Entry {
        key: key.dotted.to_owned(),
        value: value.into(),
        origin,
        header: (format!("[{section}]"), 0),
        name: name.to_owned(),
    }
}

fn json_of(value: &Value) -> serde_json::Value {
    match value {
        Value::String(_, text) => text.as_str().into(),
        Value::Char(_, c) => c.to_string().into(),
        Value::Bool(_, truth) => (*truth).into(),
        Value::Num(_, number) => integer(value).map_or_else(|| number.to_f64().into(), Into::into),
        Value::Empty(..) => serde_json::Value::Null,
        Value::Array(_, entries) => entries.iter().map(json_of).collect(),
        Value::Dict(_, fields) => match date(value) {
            Some(date) => date.into(),
            None => fields
                .iter()
                .map(|(name, value)| (name.clone(), json_of(value)))
                .collect(),
        },
    }
}

fn toml_of(value: &serde_json::Value) -> toml_edit::Value {
    match value {
        serde_json::Value::Null => "".into(),
        serde_json::Value::Bool(truth) => (*truth).into(),
        serde_json::Value::Number(number) => match (number.as_i64(), number.as_f64()) {
            (Some(whole), _) => whole.into(),
            (None, fraction) => fraction.unwrap_or_default().into(),
        },
        serde_json::Value::String(text) => text.as_str().into(),
        serde_json::Value::Array(entries) => entries.iter().map(toml_of).collect::<toml_edit::Array>().into(),
        serde_json::Value::Object(fields) => {
            let fields = fields.iter().map(|(name, value)| (name.as_str(), toml_of(value)));
            fields.collect::<toml_edit::InlineTable>().into()
        }
    }
}
