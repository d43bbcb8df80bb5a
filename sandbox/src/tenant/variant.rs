//! Fields that look otherwise than the documentation says.

use serde::Deserialize;
use serde_json::{Map, Value};

/// How a field deviates on the wire; each of these was reported for some field or other.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FieldVariant {
    /// The key is missing.
    Absent,
    /// The value is null.
    Null,
    /// The value is `""`.
    EmptyString,
    /// A number is sent as a string.
    AsString,
    /// The value is this one, whatever its type.
    Value(Value),
}

impl FieldVariant {
    /// Rewrites one field of an object; an object without the field gains it only from [`Self::Value`].
    pub(crate) fn apply(&self, object: &mut Map<String, Value>, field: &str) {
        if let Self::Value(value) = self {
            object.insert(field.to_owned(), value.clone());
            return;
        }
        if *self == Self::Absent {
            object.shift_remove(field);
            return;
        }
        let Some(current) = object.get_mut(field) else {
            return;
        };
        match self {
            Self::Null => *current = Value::Null,
            Self::EmptyString => *current = Value::String(String::new()),
            Self::AsString => {
                if let Value::Number(number) = current {
                    *current = Value::String(number.to_string());
                }
            }
            Self::Absent | Self::Value(_) => {}
        }
    }
}
