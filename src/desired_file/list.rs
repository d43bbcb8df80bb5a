//! `members` and `exclude`: lists of people.

use std::collections::BTreeMap;

use jiff::civil::Date;
use toml_edit::{InlineTable, Item, Value};

use super::notes::{Notes, Span, Wrong};
use crate::domain::person;
use crate::domain::role::desired::{Listed, Member};
use crate::domain::selector::Selector;

/// The keys of an entry of `members` that is a table.
pub(super) const ENTRY_KEYS: &[&str] = &["user", "from", "until", "reason"];

const PERSON: &str = "write a person as \"ana@acme.example\"; a number as \"id:123\"";
const DAY: &str = "write a day as \"2026-12-31\"; it counts in the time_zone of the configuration";

/// People of one list, to find those who stand in it twice.
#[derive(Default)]
struct Seen(BTreeMap<Selector, usize>);

impl Seen {
    fn note(&mut self, notes: &Notes<'_>, at: &Span, key: &str, selector: &Selector) {
        let line = notes.line(at);
        if let Some(earlier) = self.0.insert(selector.clone(), line) {
            let message = format!("{selector} stands in line {earlier} already, and again in line {line}");
            notes.wrong(at, key, Wrong::new(message, "take one of the two away"));
        }
    }
}

/// The entries of a list in [ ]; `None` where it is none.
pub(super) fn values_of<'a>(notes: &Notes<'_>, item: &'a Item, key: &str) -> Option<Vec<&'a Value>> {
    let values = item.as_array().map(|array| array.iter().collect());
    if values.is_none() {
        notes.mistyped(item, key, "a list in [ ]", "put the value or the values into [ ]");
    }
    values
}

/// `members`
pub(super) fn read_members(notes: &Notes<'_>, item: &Item, key: &str) -> Vec<Member> {
    let mut seen = Seen::default();
    let values = values_of(notes, item, key).unwrap_or_default();
    let read = |(index, value): (usize, &Value)| {
        let key = format!("{key}[{index}]");
        match value {
            Value::InlineTable(table) => read_entry(notes, table, &key, &mut seen),
            _ => Some(Member {
                listed: read_person(notes, value, &key, &mut seen)?,
                from: None,
                until: None,
                reason: None,
            }),
        }
    };
    values.into_iter().enumerate().filter_map(read).collect()
}

/// `exclude`
pub(super) fn read_exclude(notes: &Notes<'_>, item: &Item, key: &str) -> Vec<Listed> {
    let mut seen = Seen::default();
    let values = values_of(notes, item, key).unwrap_or_default();
    let read =
        |(index, value): (usize, &Value)| read_person(notes, value, &format!("{key}[{index}]"), &mut seen);
    values.into_iter().enumerate().filter_map(read).collect()
}

fn read_person(notes: &Notes<'_>, value: &Value, key: &str, seen: &mut Seen) -> Option<Listed> {
    let at = value.span();
    let Some(written) = value.as_str() else {
        notes.mistyped(&Item::Value(value.clone()), key, "a person in quotes", PERSON);
        return None;
    };
    let (selector, wrong) = person::read(written);
    let is_good = wrong.is_none();
    if let Some(wrong) = wrong {
        notes.wrong(&at, key, Wrong::new(wrong.message, wrong.help));
    }
    let selector = selector?;
    seen.note(notes, &at, key, &selector);
    is_good.then(|| Listed {
        person: selector,
        written: written.to_owned(),
        line: notes.line(&at),
    })
}

fn read_entry(notes: &Notes<'_>, table: &InlineTable, key: &str, seen: &mut Seen) -> Option<Member> {
    for (name, _) in table {
        if !ENTRY_KEYS.contains(&name) {
            let at = table.key(name).and_then(toml_edit::Key::span);
            notes.unknown_key(&at, &format!("{key}.{name}"), name, ENTRY_KEYS, None);
        }
    }
    let below = |name: &str| format!("{key}.{name}");
    let user = table.get("user");
    if user.is_none() {
        let help = "write { user = \"ana@acme.example\", ... }";
        notes.wrong(&table.span(), key, Wrong::new("the entry names nobody", help));
    }
    let listed = user.and_then(|user| read_person(notes, user, &below("user"), seen));
    let day = |name: &str| {
        let value = table.get(name)?;
        read_day(notes, value, &below(name))
    };
    let (from, until) = (day("from"), day("until"));
    if from.zip(until).is_some_and(|(from, until)| from > until) {
        let at = table.get("until").and_then(Value::span);
        let message = "the last day comes before the first one";
        notes.wrong(
            &at,
            &below("until"),
            Wrong::new(message, "let from be no later than until"),
        );
    }
    let reason = table.get("reason").and_then(|value| {
        let reason = value.as_str();
        if reason.is_none() {
            notes.mistyped(
                &Item::Value(value.clone()),
                &below("reason"),
                "text in quotes",
                "put it in quotes",
            );
        }
        reason.map(str::to_owned)
    });
    Some(Member {
        listed: listed?,
        from,
        until,
        reason,
    })
}

/// A day: a TOML date, or text in the same form. A time of day is refused, since only days count.
fn read_day(notes: &Notes<'_>, value: &Value, key: &str) -> Option<Date> {
    let day = match value {
        Value::Datetime(moment) => {
            let moment = moment.value();
            let is_day = moment.time.is_none() && moment.offset.is_none();
            let date = moment.date.filter(|_| is_day);
            date.and_then(|date| {
                let number = |part: u8| i8::try_from(part).ok();
                let year = i16::try_from(date.year).ok()?;
                Date::new(year, number(date.month)?, number(date.day)?).ok()
            })
        }
        // jiff would also read a date with a time of day, and leave the time out.
        Value::String(text) => {
            let text = text.value();
            text.parse().ok().filter(|_| text.len() == "2026-12-31".len())
        }
        _ => None,
    };
    if day.is_none() {
        let shown = value.as_datetime().map(ToString::to_string);
        let shown = shown.or_else(|| value.as_str().map(|text| format!("{text:?}")));
        let message = match shown {
            Some(shown) => format!("{shown} is not a day of the calendar"),
            None => "this is not a day of the calendar".to_owned(),
        };
        notes.wrong(&value.span(), key, Wrong::new(message, DAY));
    }
    day
}
