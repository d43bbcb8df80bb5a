//! `[[password_expiry.rule]]`

use std::collections::BTreeSet;

use crate::config::key::RULE_KEYS;
use crate::config::names::note_unknown;
use crate::config::node::Node;
use crate::config::reader::Reader;
use crate::config::value::Wrong;
use crate::domain::policy::MaxAge;
use crate::domain::rule::{Notify, Rule};

use super::matching::{Match, read_match};
use super::password_expiry::recipient;

/// The longest age, in days: a hundred years.
const LONGEST_AGE: i64 = 36_500;

/// A rule that was read, with its match as written.
struct Entry<'a> {
    rule: Rule,
    matching: Match,
    node: Node<'a>,
}

/// All rules, in the order of the file.
pub(super) fn read_rules(reader: &Reader<'_>, notice_days: Option<&BTreeSet<u16>>) -> Vec<Rule> {
    let Some(node) = reader.find("password_expiry.rule") else {
        return Vec::new();
    };
    let expected = "tables, each below a line [[password_expiry.rule]]";
    let nodes = reader.list_of(&node, expected).unwrap_or_default();
    check_names(reader, &nodes);
    let tables = nodes.iter().filter(|node| reader.is_table(node, expected));
    let entries: Vec<Entry<'_>> = tables
        .filter_map(|node| read_rule(reader, node, notice_days))
        .collect();
    check_order(reader, &entries);
    entries.into_iter().map(|entry| entry.rule).collect()
}

fn read_rule<'a>(
    reader: &Reader<'a>,
    node: &Node<'a>,
    notice_days: Option<&BTreeSet<u16>>,
) -> Option<Entry<'a>> {
    for (name, field) in node.fields() {
        if !RULE_KEYS.contains(&name) {
            note_unknown(reader, &field, name, RULE_KEYS);
        }
    }
    let name = read_name(reader, node);
    let matching = read_match(reader, node);
    let age_node = node.get("max_age_days");
    let max_age = age_node.as_ref().and_then(|node| read_max_age(reader, node));
    let days_node = node.get("notice_days");
    let own_days = days_node.as_ref().map(|node| read_notice_days(reader, node));
    let notify = node.get("notify");
    if age_node.is_none() && days_node.is_none() && notify.is_none() {
        reader.wrong_key(
            node,
            Wrong::new(
                "the rule says nothing about the people it matches",
                "give it max_age_days, notice_days or notify",
            ),
        );
    }
    if let (Some(age_node), Some(max_age), Some(days)) =
        (&age_node, max_age, own_days.as_ref().or(notice_days))
    {
        let place = days_node.as_ref().unwrap_or(age_node);
        warn_of_idle_thresholds(reader, place, max_age, days);
    }
    let notify = match notify {
        Some(node) => reader.parsed_of(&node, parse_notify)?,
        None => Notify::default(),
    };
    let matching = matching?;
    Some(Entry {
        rule: Rule {
            name: name?,
            conditions: matching.conditions.clone(),
            max_age,
            notice_days: own_days,
            notify,
        },
        matching,
        node: node.clone(),
    })
}

fn read_name(reader: &Reader<'_>, node: &Node<'_>) -> Option<String> {
    let help = "reports show it: name = \"contractors\"";
    let Some(name) = node.get("name") else {
        reader.missing_in(node, "name", Wrong::new("the rule has no name", help));
        return None;
    };
    reader.parsed_of(&name, |text| {
        if text.trim().is_empty() {
            return Err(Wrong::new("the name is empty", help));
        }
        Ok(text.to_owned())
    })
}

fn check_names(reader: &Reader<'_>, nodes: &[Node<'_>]) {
    let mut seen = BTreeSet::new();
    for name in nodes.iter().filter_map(|node| node.get("name")) {
        if name.value.as_str().is_some_and(|text| !seen.insert(text)) {
            let message = "an earlier rule has the same name";
            reader.wrong(&name, Wrong::new(message, "give each rule a name of its own"));
        }
    }
}

/// Rules that never get their turn, because earlier ones take everybody they match.
fn check_order(reader: &Reader<'_>, entries: &[Entry<'_>]) {
    for (at, entry) in entries.iter().enumerate() {
        let mut earlier = entries.iter().take(at);
        let Some((before, why)) =
            earlier.find_map(|before| Some((before, before.matching.shadows(&entry.matching)?)))
        else {
            continue;
        };
        let message = format!("the rule {:?} before this one {why}", before.rule.name);
        let help = "the first match wins: put the narrower rule first, or take one away";
        if let Some(node) = entry.node.get("match") {
            reader.wrong_key(&node, Wrong::new(message, help));
        }
    }
}

fn parse_notify(text: &str) -> Result<Notify, Wrong> {
    match text {
        "user" => Ok(Notify::User),
        "manager" => Ok(Notify::Manager),
        "none" => Ok(Notify::Nobody),
        _ => recipient(text, "\"user\", \"manager\", \"none\"").map(Notify::Address),
    }
}

/// An age in days; 0 means never.
pub(super) fn read_max_age(reader: &Reader<'_>, node: &Node<'_>) -> Option<MaxAge> {
    let days = reader.integer_of(node, 0..=LONGEST_AGE)?;
    u32::try_from(days).ok().map(MaxAge::from_days)
}

/// Thresholds. A wrong one is noted and left out.
pub(super) fn read_notice_days(reader: &Reader<'_>, node: &Node<'_>) -> BTreeSet<u16> {
    let days = reader.list_of(node, "a list of whole numbers from 0 to 365");
    let days = days.unwrap_or_default();
    days.iter()
        .filter_map(|day| reader.integer_of(day, 0..=365))
        .filter_map(|day| u16::try_from(day).ok())
        .collect()
}

/// A threshold that is not below the age would be due from the day of the change on.
pub(super) fn warn_of_idle_thresholds(
    reader: &Reader<'_>,
    node: &Node<'_>,
    max_age: MaxAge,
    notice_days: &BTreeSet<u16>,
) {
    let MaxAge::Days(age) = max_age else { return };
    for threshold in notice_days.iter().filter(|day| u32::from(**day) >= age) {
        reader.doubtful(
            node,
            Wrong::new(
                format!("threshold {threshold} is not below the age and is left out"),
                format!("the age is {max_age}; name smaller notice_days, or a larger age"),
            ),
        );
    }
}
