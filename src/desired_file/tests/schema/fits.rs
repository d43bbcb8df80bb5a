//! As much of JSON Schema as the schema of roles.toml uses.

use serde_json::Value;

/// Whether a value fits a schema, as far as this schema goes; patterns are not looked at.
pub(super) fn fits(root: &Value, schema: &Value, value: &Value) -> bool {
    let of = |key: &str| schema.get(key);
    let all = |key: &str| of(key).and_then(Value::as_array).cloned().unwrap_or_default();
    let type_fits = of("type").and_then(Value::as_str).is_none_or(|kind| match kind {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "integer" => value.is_i64(),
        "boolean" => value.is_boolean(),
        other => panic!("{other} is no type of this schema"),
    });
    let reference = of("$ref")
        .and_then(Value::as_str)
        .map(|name| root.pointer(&name[1..]).unwrap());
    let count = |key: &str| of(key).and_then(Value::as_u64);
    let size = value
        .as_array()
        .map(Vec::len)
        .or_else(|| value.as_object().map(serde_json::Map::len));
    let size = size.or_else(|| value.as_str().map(str::len)).unwrap_or_default() as u64;
    let fields_fit = value.as_object().is_none_or(|fields| {
        let required = all("required")
            .iter()
            .all(|name| fields.contains_key(name.as_str().unwrap()));
        required
            && fields.iter().all(
                |(name, field)| match of("properties").and_then(|known| known.get(name)) {
                    Some(schema) => fits(root, schema, field),
                    None => match of("additionalProperties") {
                        Some(Value::Bool(false)) => {
                            of("patternProperties").is_some() && name.starts_with("custom.")
                        }
                        Some(schema) => fits(root, schema, field),
                        None => true,
                    },
                },
            )
    });
    type_fits
        && reference.is_none_or(|schema| fits(root, schema, value))
        && of("enum").is_none_or(|words| words.as_array().unwrap().contains(value))
        && ["minItems", "minLength", "minProperties"]
            .iter()
            .all(|key| count(key).is_none_or(|least| size >= least))
        && of("minimum")
            .and_then(Value::as_i64)
            .is_none_or(|least| value.as_i64().is_none_or(|number| number >= least))
        && of("items").is_none_or(|schema| {
            value
                .as_array()
                .is_none_or(|items| items.iter().all(|item| fits(root, schema, item)))
        })
        && (all("anyOf").is_empty() || all("anyOf").iter().any(|schema| fits(root, schema, value)))
        && (all("oneOf").is_empty()
            || all("oneOf")
                .iter()
                .filter(|schema| fits(root, schema, value))
                .count()
                == 1)
        && all("allOf").iter().all(|schema| fits(root, schema, value))
        && fields_fit
}

/// TOML as JSON, which editors check it as.
pub(super) fn json_of(item: &toml_edit::Item) -> Value {
    match item {
        toml_edit::Item::None => Value::Null,
        toml_edit::Item::Table(table) => table
            .iter()
            .map(|(name, item)| (name.to_owned(), json_of(item)))
            .collect(),
        toml_edit::Item::ArrayOfTables(tables) => tables
            .iter()
            .map(|table| json_of(&toml_edit::Item::Table(table.clone())))
            .collect(),
        toml_edit::Item::Value(value) => match value {
            toml_edit::Value::String(text) => text.value().as_str().into(),
            toml_edit::Value::Integer(number) => (*number.value()).into(),
            toml_edit::Value::Boolean(truth) => (*truth.value()).into(),
            toml_edit::Value::Array(values) => values
                .iter()
                .map(|value| json_of(&toml_edit::Item::Value(value.clone())))
                .collect(),
            toml_edit::Value::InlineTable(table) => table
                .iter()
                .map(|(name, value)| (name.to_owned(), json_of(&toml_edit::Item::Value(value.clone()))))
                .collect(),
            other => other.to_string().trim().into(),
        },
    }
}
