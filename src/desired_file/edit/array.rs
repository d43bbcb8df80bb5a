//! Entries of a TOML list, with the comments and line breaks around them.
//!
//! What stands before an entry is its prefix: the rest of the line of the entry before it (a comment
//! about that one), whole lines of comments, and the indentation. What stands before the closing
//! bracket is the tail.

use toml_edit::{Array, InlineTable, Item, Value};

use crate::domain::role::desired::Member;

/// A list with a line for each entry.
pub(super) fn new_list() -> Item {
    let mut array = Array::new();
    array.set_trailing("\n");
    Item::Value(Value::Array(array))
}

/// An entry of `members`.
pub(super) fn entry(member: &Member) -> Value {
    let written = member.listed.written.as_str();
    let days = [("from", member.from), ("until", member.until)];
    let mut table = InlineTable::new();
    table.insert("user", written.into());
    for (name, day) in days {
        if let Some(day) = day {
            table.insert(name, day.to_string().into());
        }
    }
    if let Some(reason) = &member.reason {
        table.insert("reason", reason.as_str().into());
    }
    Value::InlineTable(table)
}

/// Text that neither ends a comment nor a line.
pub(super) fn one_line(text: &str) -> String {
    let text: String = text
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    text.trim().to_owned()
}

/// Adds an entry at the end, in the style of the list. The comment is written behind it where it has
/// a line of its own.
pub(super) fn push(array: &mut Array, mut value: Value, comment: Option<&str>) {
    let tail = take_tail(array);
    let of = |value: &Value| Some(prefix_of(value).rsplit_once('\n')?.1.to_owned());
    let indentation = array.iter().filter_map(of).last();
    if indentation.is_none() && !tail.contains('\n') {
        // All on one line.
        let (before, after) = if array.is_empty() {
            ("", "")
        } else {
            (" ", tail.as_str())
        };
        *value.decor_mut() = toml_edit::Decor::new(before, after);
        array.push_formatted(value);
        return;
    }
    let indentation = indentation.unwrap_or_else(|| "  ".to_owned());
    if array.is_empty() {
        array.set_trailing_comma(true);
    }
    let (same_line, rest) = tail
        .split_once('\n')
        .map_or((tail.as_str(), None), |(line, rest)| (line, Some(rest)));
    *value.decor_mut() = toml_edit::Decor::new(format!("{same_line}\n{indentation}"), "");
    array.push_formatted(value);
    if let Some(rest) = rest {
        let comment = comment.map_or(String::new(), |comment| format!("   # {comment}"));
        array.set_trailing(format!("{comment}\n{rest}"));
    }
}

/// Takes an entry away, with the comment behind it on its line. Whole lines of comments stay.
pub(super) fn remove(array: &mut Array, index: usize) {
    let is_last = index + 1 == array.len();
    let before = array.get(index).map(prefix_of).unwrap_or_default();
    let after = if is_last {
        take_tail(array)
    } else {
        array.get(index + 1).map(prefix_of).unwrap_or_default()
    };
    array.remove(index);
    let kept = match (before.rfind('\n'), after.split_once('\n')) {
        (Some(end), Some((_, rest))) => format!("{}{rest}", &before[..=end]),
        (None, Some((_, rest))) => format!("\n{rest}"),
        (Some(end), None) if is_last && before.contains('#') => before[..=end].to_owned(),
        (Some(_), None) if !is_last => before,
        (None, None) if index == 0 && is_last => String::new(),
        (None, None) if index == 0 => before,
        (_, None) => after,
    };
    if is_last {
        array.set_trailing(kept);
    } else if let Some(next) = array.get_mut(index) {
        next.decor_mut().set_prefix(kept);
    }
    if array.is_empty() {
        array.set_trailing_comma(false);
    }
}

fn prefix_of(value: &Value) -> String {
    let prefix = value.decor().prefix().and_then(toml_edit::RawString::as_str);
    prefix.unwrap_or_default().to_owned()
}

/// What stands between the last entry and the closing bracket, but for a comma.
fn take_tail(array: &mut Array) -> String {
    let trailing = array.trailing().as_str().unwrap_or_default().to_owned();
    let last = array.len().checked_sub(1).and_then(|last| array.get_mut(last));
    let suffix = last.map_or(String::new(), |last| {
        let decor = last.decor_mut();
        let suffix = decor
            .suffix()
            .and_then(toml_edit::RawString::as_str)
            .unwrap_or_default()
            .to_owned();
        decor.set_suffix("");
        suffix
    });
    array.set_trailing("");
    format!("{suffix}{trailing}")
}
