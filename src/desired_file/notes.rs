//! Mistakes, collected while the file is read on.

use std::cell::{Cell, RefCell};
use std::ops::Range;
use std::path::Path;

use toml_edit::{Item, Value};

use crate::problem::{Lines, Place, Problem, Problems, Severity, nearest};

/// More are counted and not told: a person reads the first ones.
const MOST_TOLD: usize = 200;

/// Bytes of the text.
pub(super) type Span = Option<Range<usize>>;

/// What is wrong, and what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Wrong {
    pub(super) message: String,
    pub(super) help: String,
}

impl Wrong {
    pub(super) fn new(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            help: help.into(),
        }
    }
}

/// The mistakes of one file.
pub(super) struct Notes<'a> {
    file: &'a Path,
    lines: Lines<'a>,
    found: RefCell<Vec<Problem>>,
    untold: Cell<usize>,
}

impl<'a> Notes<'a> {
    pub(super) fn new(file: &'a Path, text: &'a str) -> Self {
        Self {
            file,
            lines: Lines::new(text),
            found: RefCell::default(),
            untold: Cell::default(),
        }
    }

    /// Notes a mistake. `None` as the place: the file as a whole.
    pub(super) fn wrong(&self, at: &Span, key: &str, wrong: Wrong) {
        let mut found = self.found.borrow_mut();
        if found.len() == MOST_TOLD {
            self.untold.set(self.untold.get() + 1);
            return;
        }
        let (place, excerpt) = match at {
            Some(span) => (
                self.lines.place(self.file, span.clone()),
                self.lines.excerpt(span),
            ),
            None => (Place::File(self.file.to_owned()), None),
        };
        found.push(Problem {
            severity: Severity::Error,
            place,
            key: key.to_owned(),
            message: wrong.message,
            help: wrong.help,
            excerpt,
        });
    }

    /// Notes a value of the wrong type.
    pub(super) fn mistyped(&self, item: &Item, key: &str, expected: &str, help: &str) {
        let message = format!("expected {expected}, found {}", words_for(item));
        self.wrong(&item.span(), key, Wrong::new(message, help));
    }

    /// Notes a key that does not exist.
    pub(super) fn unknown_key(&self, at: &Span, key: &str, name: &str, known: &[&str], help: Option<&str>) {
        let help = match (help, nearest(name, known.iter().copied())) {
            (Some(help), _) => help.to_owned(),
            (None, Some(near)) => format!("the nearest known name is {near}"),
            (None, None) => format!("known here: {}", known.join(", ")),
        };
        self.wrong(at, key, Wrong::new("unknown key", help));
    }

    /// The line of a place, from 1.
    pub(super) fn line(&self, at: &Span) -> usize {
        at.as_ref().map_or(1, |span| self.lines.number(span.start))
    }

    pub(super) fn is_empty(&self) -> bool {
        self.found.borrow().is_empty()
    }

    pub(super) fn into_problems(self) -> Problems {
        let untold = self.untold.get();
        let more = (untold > 0).then(|| {
            Problem::general(
                Place::File(self.file.to_owned()),
                format!("the first {MOST_TOLD} mistakes are told, {untold} more are not"),
                "mend these and look again",
            )
        });
        more.into_iter().chain(self.found.into_inner()).collect()
    }
}

/// What a value is, for people.
pub(super) fn words_for(item: &Item) -> &'static str {
    match item {
        Item::None => "nothing",
        Item::Table(_) | Item::Value(Value::InlineTable(_)) => "a table",
        Item::ArrayOfTables(_) => "tables below [[ ]]",
        Item::Value(Value::String(_)) => "text",
        Item::Value(Value::Integer(_)) => "a whole number",
        Item::Value(Value::Float(_)) => "a number with a fraction",
        Item::Value(Value::Boolean(_)) => "true or false",
        Item::Value(Value::Datetime(_)) => "a date or a time",
        Item::Value(Value::Array(_)) => "a list",
    }
}
