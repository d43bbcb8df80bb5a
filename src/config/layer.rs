//! One layer: values out of TOML or out of the environment, in figment's form.

use std::collections::BTreeMap;

use figment::value::{Dict, Map, Value};
use figment::{Metadata, Profile, Provider};
use toml_edit::{Item, TableLike};

use super::environment::{Environment, variable_of};
use super::key::{self, Kind};
use crate::problem::{Place, Problem, nearest};

/// Figment has no dates; one is a dictionary with this single key, which no TOML file can clash
/// with by accident.
pub(super) const DATE: &str = "$date";

/// Where a value comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Origin {
    Default,
    File,
    Environment,
}

impl Origin {
    /// The lowest first.
    pub(super) const ALL: [Self; 3] = [Self::Default, Self::File, Self::Environment];

    /// The name that figment carries along.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Default => "default",
            Self::File => "file",
            Self::Environment => "environment",
        }
    }
}

/// Values of one layer.
pub(super) struct Layer {
    pub(super) origin: Origin,
    pub(super) values: Dict,
}

impl Provider for Layer {
    fn metadata(&self) -> Metadata {
        Metadata::named(self.origin.name())
    }

    fn data(&self) -> Result<Map<Profile, Dict>, figment::Error> {
        Ok(Map::from([(Profile::Default, self.values.clone())]))
    }
}

/// The values of a TOML table.
pub(super) fn values_of(table: &dyn TableLike) -> Dict {
    let entries = table.iter();
    entries
        .filter_map(|(name, item)| Some((name.to_owned(), value_of(item)?)))
        .collect()
}

fn value_of(item: &Item) -> Option<Value> {
    match item {
        Item::None => None,
        Item::Table(table) => Some(Value::from(values_of(table))),
        Item::ArrayOfTables(tables) => {
            let tables = tables.iter().map(|table| Value::from(values_of(table)));
            Some(Value::from(tables.collect::<Vec<_>>()))
        }
        Item::Value(value) => Some(value_of_value(value)),
    }
}

fn value_of_value(value: &toml_edit::Value) -> Value {
    match value {
        toml_edit::Value::String(text) => Value::from(text.value().as_str()),
        toml_edit::Value::Integer(number) => Value::from(*number.value()),
        toml_edit::Value::Float(number) => Value::from(*number.value()),
        toml_edit::Value::Boolean(truth) => Value::from(*truth.value()),
        toml_edit::Value::Datetime(date) => Value::from(Dict::from([(
            DATE.to_owned(),
            Value::from(date.value().to_string()),
        )])),
        toml_edit::Value::Array(entries) => {
            Value::from(entries.iter().map(value_of_value).collect::<Vec<_>>())
        }
        toml_edit::Value::InlineTable(table) => Value::from(values_of(table)),
    }
}

/// The settings among the variables. Secrets stay out: they are no values to merge or to show.
pub(super) fn values_of_environment(
    env: &Environment,
    variables: &mut BTreeMap<String, String>,
    problems: &mut Vec<Problem>,
) -> Dict {
    let mut values = Dict::new();
    for setting in env.settings() {
        let dotted = setting.key();
        let mut problem = |message: String, help: String| {
            problems.push(Problem {
                key: dotted.clone(),
                ..Problem::general(Place::Variable(setting.variable.to_owned()), message, help)
            });
        };
        let in_tables = |key: &&key::Key| {
            let rest = dotted.strip_prefix(key.dotted);
            key.kind == Kind::Tables && rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        };
        if let Some(tables) = key::KEYS.iter().find(in_tables) {
            problem(
                "tables cannot be set in the environment".to_owned(),
                format!("write them into the file, as [[{}]]", tables.dotted),
            );
            continue;
        }
        let Some(known) = key::find(&dotted) else {
            let all = key::KEYS.iter().map(|key| key.dotted);
            problem(
                "unknown key".to_owned(),
                match nearest(&dotted, all) {
                    Some(near) => format!("the nearest known name is {}", variable_of(near)),
                    None => "the form is ONELOGIN_STEWARD__SECTION__KEY".to_owned(),
                },
            );
            continue;
        };
        if let Some(other) = variables.insert(dotted.clone(), setting.variable.to_owned()) {
            problem(
                format!("{other} sets the same key"),
                "keep one of the two".to_owned(),
            );
        }
        let Some(text) = setting.value.to_str() else {
            problem("the value is not UTF-8 text".to_owned(), "set it anew".to_owned());
            continue;
        };
        let value = match known.kind {
            Kind::Secret => continue,
            Kind::Text | Kind::Tables => Value::from(text),
            // What is no TOML stays text, and is reported as a value of the wrong type.
            Kind::Toml => text
                .parse::<toml_edit::Value>()
                .map_or_else(|_| Value::from(text), |value| value_of_value(&value)),
        };
        insert(&mut values, &dotted, value);
    }
    values
}

fn insert(values: &mut Dict, dotted: &str, value: Value) {
    let Some((section, rest)) = dotted.split_once('.') else {
        values.insert(dotted.to_owned(), value);
        return;
    };
    let below = values
        .entry(section.to_owned())
        .or_insert_with(|| Value::from(Dict::new()));
    if let Value::Dict(_, below) = below {
        insert(below, rest, value);
    }
}
