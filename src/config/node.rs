//! A value of the merged layers, with the way that leads to it.

use figment::value::{Dict, Value};

use super::key::KeyPath;
use super::layer::DATE;

/// A value and the way to it.
#[derive(Clone)]
pub(super) struct Node<'a> {
    pub(super) path: KeyPath,
    pub(super) value: &'a Value,
}

impl<'a> Node<'a> {
    /// The entry of this table with the given name.
    pub(super) fn get(&self, name: &str) -> Option<Self> {
        let value = self.value.as_dict()?.get(name)?;
        let path = self.path.key(name);
        Some(Self { path, value })
    }

    /// The entries of this list.
    pub(super) fn entries(&self) -> Option<Vec<Self>> {
        let entries = self.value.as_array()?.iter().enumerate();
        let node = |(index, value)| Self {
            path: self.path.index(index),
            value,
        };
        Some(entries.map(node).collect())
    }

    /// The fields of this table.
    pub(super) fn fields(&self) -> Vec<(&'a str, Self)> {
        let fields = self.value.as_dict().into_iter().flatten();
        let node = |(name, value): (&'a String, &'a Value)| {
            let path = self.path.key(name);
            (name.as_str(), Self { path, value })
        };
        fields.map(node).collect()
    }
}

/// A whole number, if the value is one that TOML can hold.
pub(super) fn integer(value: &Value) -> Option<i64> {
    i64::try_from(value.to_i128()?).ok()
}

/// The text of a date.
pub(super) fn date(value: &Value) -> Option<&str> {
    value.as_dict()?.get(DATE)?.as_str()
}

/// The fields, if the value is a table.
pub(super) fn table(value: &Value) -> Option<&Dict> {
    value.as_dict().filter(|_| date(value).is_none())
}

/// What the value is, for people.
pub(super) fn words_for(value: &Value) -> &'static str {
    match value {
        Value::String(..) | Value::Char(..) => "text",
        Value::Bool(..) => "true or false",
        Value::Num(..) if integer(value).is_some() => "a whole number",
        Value::Num(..) => "a number with a fraction",
        Value::Dict(..) if date(value).is_some() => "a date",
        Value::Dict(..) => "a table",
        Value::Array(..) => "a list",
        Value::Empty(..) => "nothing",
    }
}
