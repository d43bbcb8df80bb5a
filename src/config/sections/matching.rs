//! `match` in a rule: whom it matches, and whether it can match anybody.

use std::collections::{BTreeMap, BTreeSet};

use crate::config::key::MATCH_KEYS;
use crate::config::names::note_unknown;
use crate::config::node::Node;
use crate::config::reader::{Reader, read_all};
use crate::config::value::Wrong;
use crate::domain::rule::{Condition, Field, Pattern};

/// A match that was read.
pub(super) struct Match {
    pub(super) conditions: Vec<Condition>,
    /// Key and values in the form in which two matches can be compared.
    values: BTreeMap<String, BTreeSet<String>>,
}

impl Match {
    /// Why nobody is left for a later rule with the match `later`, if that is certain.
    pub(super) fn shadows(&self, later: &Self) -> Option<&'static str> {
        let takes_all = self
            .values
            .values()
            .all(|values| values.iter().any(|value| is_anything(value)));
        // Everybody signs in by one of these two.
        let is_everybody = |key: &String| key == "email" || key == "username";
        if self.values == later.values {
            Some("has the same match")
        } else if takes_all && self.values.keys().all(is_everybody) {
            Some("matches everybody")
        } else if takes_all && self.values.keys().all(|key| later.values.contains_key(key)) {
            Some("matches everybody whom this one could match")
        } else {
            None
        }
    }
}

fn is_anything(pattern: &str) -> bool {
    !pattern.is_empty() && pattern.chars().all(|c| c == '*')
}

/// Reads the `match` of a rule.
pub(super) fn read_match(reader: &Reader<'_>, rule: &Node<'_>) -> Option<Match> {
    let help = "say whom the rule concerns: match = { email = [\"*@ext.acme.example\"] }";
    let Some(node) = rule.get("match") else {
        reader.missing_in(rule, "match", Wrong::new("the rule has no match", help));
        return None;
    };
    if !reader.is_table(&node, "a table, such as { group_id = [411] }") {
        return None;
    }
    let fields = node.fields();
    if fields.is_empty() {
        reader.wrong(&node, Wrong::new("the match is empty", help));
        return None;
    }
    let mut matching = Match {
        conditions: Vec::new(),
        values: BTreeMap::new(),
    };
    let mut whole = true;
    for (name, field) in fields {
        if name == "custom" {
            whole &= read_custom(reader, &field, &mut matching);
        } else {
            whole &= read_key(reader, name, &field, &mut matching);
        }
    }
    whole.then_some(matching)
}

/// `custom = { NAME = [...] }`
fn read_custom(reader: &Reader<'_>, node: &Node<'_>, matching: &mut Match) -> bool {
    if !reader.is_table(node, "a table of custom attributes") {
        return false;
    }
    let fields = node.fields();
    if fields.is_empty() {
        let help = "name an attribute: custom = { site = \"Berlin\" }";
        reader.wrong(node, Wrong::new("the table is empty", help));
        return false;
    }
    fields.iter().fold(true, |whole, (name, field)| {
        read_key(reader, &format!("custom.{name}"), field, matching) && whole
    })
}

fn read_key(reader: &Reader<'_>, name: &str, node: &Node<'_>, matching: &mut Match) -> bool {
    let Some(key) = MatchKey::of(name) else {
        note_unknown(reader, node, name, MATCH_KEYS);
        return false;
    };
    // `"custom.site"` and `custom.site` are the same key, which TOML cannot know.
    if matching.values.contains_key(name) {
        reader.wrong_key(
            node,
            Wrong::new("the key stands twice", "put its values into one list"),
        );
        return false;
    }
    let Some(values) = read_values(reader, node) else {
        return false;
    };
    let condition = match key {
        MatchKey::GroupId => group_ids(reader, &values).map(Condition::GroupId),
        MatchKey::Text(make) => patterns(reader, name, &values).map(make),
        MatchKey::Field(field) => patterns(reader, name, &values).map(|list| Condition::Field(field, list)),
    };
    let Some(condition) = condition else {
        return false;
    };
    let comparable = values.iter().filter_map(|value| {
        let number = value.value.to_i128().map(|number| number.to_string());
        number.or_else(|| value.value.as_str().map(str::to_lowercase))
    });
    matching.values.insert(name.to_owned(), comparable.collect());
    matching.conditions.push(condition);
    true
}

/// What a key of `match` looks at.
enum MatchKey {
    GroupId,
    Text(fn(Vec<Pattern>) -> Condition),
    Field(Field),
}

impl MatchKey {
    fn of(name: &str) -> Option<Self> {
        Some(match name {
            "group_id" => Self::GroupId,
            "group" => Self::Text(Condition::Group),
            "onelogin_policy" => Self::Text(Condition::OneloginPolicy),
            "role" => Self::Text(Condition::Role),
            _ => Self::Field(Field::of_key(name)?),
        })
    }
}

/// One value or a list of them.
fn read_values<'a>(reader: &Reader<'a>, node: &Node<'a>) -> Option<Vec<Node<'a>>> {
    if node.value.as_array().is_none() {
        return Some(vec![node.clone()]);
    }
    let values = reader.list_of(node, "a list")?;
    if values.is_empty() {
        let message = "the list is empty, so the rule can never match";
        reader.wrong(node, Wrong::new(message, "name a value, or take the key out"));
        return None;
    }
    Some(values)
}

fn group_ids(reader: &Reader<'_>, values: &[Node<'_>]) -> Option<BTreeSet<i64>> {
    read_all(values, |value| reader.integer_of(value, 1..=i64::MAX))
}

fn patterns(reader: &Reader<'_>, key: &str, values: &[Node<'_>]) -> Option<Vec<Pattern>> {
    let parse = |text: &str| {
        if text.trim().is_empty() {
            let message = "the pattern is empty, so it can never match";
            return Err(Wrong::new(message, "name a value; * stands for anything"));
        }
        if key == "email" && !text.contains(['@', '*']) {
            let message = format!("{text:?} is no email address, so it can never match");
            let help = "write a whole address, or a pattern: \"*@ext.acme.example\"";
            return Err(Wrong::new(message, help));
        }
        Ok(Pattern::new(text))
    };
    read_all(values, |value| reader.parsed_of(value, parse))
}
