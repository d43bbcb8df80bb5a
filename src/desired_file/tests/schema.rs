//! docs/roles.schema.json, which editors use: made from the types below, which the reader's own
//! lists of keys are held against.

mod fits;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde_json::{Value, json};

use fits::{fits, json_of};

use super::sample::with_examples;
use super::*;
use crate::desired_file::{list, matching, parse as reader, role as role_reader};

const COMMITTED: &str = include_str!("../../../docs/roles.schema.json");

macro_rules! shapes {
    ($($(#[$meta:meta])* $name:ident { $($(#[$field_meta:meta])* $field:ident: $type:ty,)+ })+) => {
        $(#[derive(JsonSchema)]
        #[schemars(deny_unknown_fields)]
        $(#[$meta])*
        #[expect(dead_code, reason = "the fields are there for the schema")]
        struct $name { $($(#[$field_meta])* $field: $type,)+ })+
    };
}

shapes! {
    /// The desired state of onelogin-steward: who is to be in which role of OneLogin.
    File {
        /// The tenant that the file is for: the first label of its host, or the account's number.
        tenant: Option<Tenant>,
        /// The roles to look after. Roles that do not stand here are never touched.
        #[schemars(length(min = 1))]
        role: Vec<Role>,
    }
    /// One role: by its name or by its number, with members, include or match.
    #[schemars(transform = one_name)]
    Role {
        /// The exact name.
        #[schemars(length(min = 1))]
        name: Option<String>,
        /// OneLogin's number.
        #[schemars(range(min = 1))]
        id: Option<i64>,
        /// Whether people whom the file does not name are removed ("exact", the default) or stay.
        membership: Option<Membership>,
        /// The people.
        members: Option<Vec<Member>>,
        /// Names of other roles of this file, whose people are in this role too.
        include: Option<Vec<String>>,
        /// People who are never in this role; wins over everything else.
        exclude: Option<Vec<String>>,
        /// Whom the directory describes so: all keys fit, of each key any value.
        r#match: Option<Match>,
        /// Whether an empty role is meant.
        allow_empty: Option<bool>,
    }
    /// A person for some time, or with a reason.
    Entry {
        /// An email, a username, "id:123" or "external:abc".
        user: String,
        /// The first day, such as "2027-01-01".
        #[schemars(regex(pattern = DAY))]
        from: Option<String>,
        /// The last day, which counts, such as "2026-12-31".
        #[schemars(regex(pattern = DAY))]
        until: Option<String>,
        /// Why.
        reason: Option<String>,
    }
    /// Attributes of a person; values are exact, but for the case.
    #[schemars(extend("minProperties" = 1, "patternProperties" = {"^custom\\..": {"$ref": "#/$defs/Values"}}))]
    Match {
        #[schemars(description = "The email.")]
        email: Option<Values>,
        #[schemars(description = "The username.")]
        username: Option<Values>,
        #[schemars(description = "The department.")]
        department: Option<Values>,
        #[schemars(description = "The title.")]
        title: Option<Values>,
        #[schemars(description = "The company.")]
        company: Option<Values>,
        #[schemars(description = "The external id.")]
        external_id: Option<Values>,
        /// Custom attributes by their short names.
        custom: Option<std::collections::BTreeMap<String, Values>>,
    }
}

const DAY: &str = "^[0-9]{4}-[0-9]{2}-[0-9]{2}$";

/// The first label of the tenant's host, or the account's number.
#[derive(JsonSchema)]
#[schemars(untagged)]
#[expect(dead_code, reason = "the variants are there for the schema")]
enum Tenant {
    Label(String),
    Account(i64),
}

#[derive(JsonSchema)]
#[schemars(rename_all = "lowercase")]
#[expect(dead_code, reason = "the variants are there for the schema")]
enum Membership {
    Exact,
    Additive,
}

/// A person: an email, a username, "id:123" or "external:abc"; or a table that says more.
#[derive(JsonSchema)]
#[schemars(untagged)]
#[expect(dead_code, reason = "the variants are there for the schema")]
enum Member {
    Person(String),
    Entry(Entry),
}

/// One value, or a list of them.
#[derive(JsonSchema)]
#[schemars(untagged)]
#[expect(dead_code, reason = "the variants are there for the schema")]
enum Values {
    One(String),
    Any(#[schemars(length(min = 1))] Vec<String>),
}

/// `name` xor `id`, and somebody who is in the role.
fn one_name(schema: &mut Schema) {
    schema.insert(
        "allOf".to_owned(),
        json!([
            { "oneOf": [{ "required": ["name"] }, { "required": ["id"] }] },
            { "anyOf": [{ "required": ["members"] }, { "required": ["include"] }, { "required": ["match"] }] },
        ]),
    );
}

fn schema() -> Value {
    // A key that is left out is no null, which TOML does not have.
    let settings = schemars::generate::SchemaSettings::draft2020_12();
    let generator = SchemaGenerator::new(settings);
    let mut schema = generator.into_root_schema_for::<File>().to_value();
    without_null(&mut schema);
    schema
}

fn without_null(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            if let Some(Value::Array(types)) = fields.get_mut("type") {
                types.retain(|kind| kind != "null");
                if let [only] = types.as_slice() {
                    let only = only.clone();
                    fields.insert("type".to_owned(), only);
                }
            }
            let choice = fields
                .get("anyOf")
                .and_then(Value::as_array)
                .cloned()
                .unwrap_or_default();
            if let [reference, null] = choice.as_slice()
                && *null == json!({ "type": "null" })
            {
                let reference = reference.clone();
                fields.remove("anyOf");
                fields.extend(reference.as_object().cloned().unwrap_or_default());
            }
            fields.values_mut().for_each(without_null);
        }
        Value::Array(values) => values.iter_mut().for_each(without_null),
        _ => {}
    }
}

#[test]
fn the_committed_schema_is_the_generated_one() {
    let generated = serde_json::to_string_pretty(&schema()).unwrap() + "\n";
    if generated != COMMITTED {
        let (mut file, path) = tempfile::NamedTempFile::new().unwrap().keep().unwrap();
        std::io::Write::write_all(&mut file, generated.as_bytes()).unwrap();
        panic!(
            "docs/roles.schema.json is not up to date; copy {} over it",
            path.display()
        );
    }
}

#[test]
fn the_schema_has_the_keys_that_the_reader_knows() {
    let schema = schema();
    let keys = |at: &str| {
        let fields = schema.pointer(at).and_then(Value::as_object).unwrap();
        let mut keys: Vec<&str> = fields.keys().map(String::as_str).collect();
        keys.sort_unstable();
        keys
    };
    let sorted = |known: &[&'static str]| {
        let mut known = known.to_vec();
        known.sort_unstable();
        known
    };
    assert_eq!(keys("/properties"), sorted(reader::TOP_KEYS));
    assert_eq!(keys("/$defs/Role/properties"), sorted(role_reader::ROLE_KEYS));
    assert_eq!(keys("/$defs/Entry/properties"), sorted(list::ENTRY_KEYS));
    assert_eq!(keys("/$defs/Match/properties"), sorted(matching::MATCH_KEYS));
    let words = schema.pointer("/$defs/Membership/enum").unwrap();
    assert_eq!(*words, json!(role_reader::MEMBERSHIPS.map(|(word, _)| word)));
}

fn is_taken(text: &str) -> bool {
    let document: toml_edit::DocumentMut = text.parse().unwrap();
    let root = schema();
    fits(&root, &root, &json_of(document.as_item()))
}

#[test]
fn the_schema_takes_the_sample_and_refuses_what_the_reader_refuses() {
    assert!(is_taken(&with_examples()));
    let custom = role("match = { \"custom.site\" = \"Berlin\", custom = { team = [\"A\"] } }");
    assert!(is_taken(&custom) && read(&custom).is_ok());
    for text in [
        String::new(),
        "role = []".to_owned(),
        "[[roles]]\nname = \"A\"\n".to_owned(),
        format!("tenant = true\n{}", role("members = [\"ana@acme.example\"]")),
        role(""),
        role("member = [\"ana@acme.example\"]"),
        role("members = \"ana@acme.example\""),
        role("members = [7]"),
        role("members = [{ until = \"2026-12-31\" }]"),
        role("members = [{ user = \"ana@acme.example\", untl = \"2026-12-31\" }]"),
        role("members = [\"ana@acme.example\"]\nid = 7"),
        role("members = [\"ana@acme.example\"]\nmembership = \"all\""),
        role("members = [\"ana@acme.example\"]\nallow_empty = \"yes\""),
        role("include = \"B\""),
        role("match = {}"),
        role("match = { status = \"1\" }"),
        role("match = { department = [] }"),
        "[[role]]\nmembers = [\"ana@acme.example\"]\n".to_owned(),
        "[[role]]\nid = 0\nmembers = [\"ana@acme.example\"]\n".to_owned(),
    ] {
        assert!(read(&text).is_err(), "{text}");
        assert!(!is_taken(&text), "{text}");
    }
}
