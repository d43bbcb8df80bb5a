//! Reads typed values out of the merged layers, and notes every mistake instead of stopping at one.
//!
//! A reading function returns `None` where a mistake was noted, or where nothing stands that need
//! not stand. So `?` leaves out what cannot be built, and the list of mistakes decides at the end.

use std::cell::RefCell;
use std::ops::RangeInclusive;

use super::file::Part;
use super::key::KeyPath;
use super::layers::Layers;
use super::node::{Node, date, integer, table, words_for};
use super::value::Wrong;
use crate::problem::{Excerpt, Place, Problem, Severity};

/// What to do where the message says it all.
const SEE_DEFAULT: &str = "`onelogin-steward config show --default` prints every key with an example";

/// The typed view on the layers.
pub(super) struct Reader<'a> {
    layers: &'a Layers,
    problems: RefCell<Vec<Problem>>,
}

/// Reads every node, so that each mistake is noted; `None` if there was one.
pub(super) fn read_all<'a, T, C: FromIterator<T>>(
    nodes: &[Node<'a>],
    read: impl Fn(&Node<'a>) -> Option<T>,
) -> Option<C> {
    let read: Vec<Option<T>> = nodes.iter().map(read).collect();
    read.into_iter().collect()
}

impl<'a> Reader<'a> {
    /// A reader that has noted these problems already.
    pub(super) fn new(layers: &'a Layers, problems: Vec<Problem>) -> Self {
        let problems = RefCell::new(problems);
        Self { layers, problems }
    }

    pub(super) fn layers(&self) -> &'a Layers {
        self.layers
    }

    /// What was noted.
    pub(super) fn into_problems(self) -> Vec<Problem> {
        self.problems.into_inner()
    }

    /// The value of a dotted key, if one stands in some layer.
    pub(super) fn find(&self, dotted: &str) -> Option<Node<'a>> {
        let value = self.layers.find(dotted)?;
        let path = KeyPath::of(dotted);
        Some(Node { path, value })
    }

    /// Notes a mistake in a value.
    pub(super) fn wrong(&self, node: &Node<'_>, wrong: Wrong) {
        self.note(node, Part::Value, Severity::Error, wrong);
    }

    /// Notes a mistake in a key, rather than in its value.
    pub(super) fn wrong_key(&self, node: &Node<'_>, wrong: Wrong) {
        self.note(node, Part::Key, Severity::Error, wrong);
    }

    /// Notes what probably is not meant so.
    pub(super) fn doubtful(&self, node: &Node<'_>, wrong: Wrong) {
        self.note(node, Part::Value, Severity::Warning, wrong);
    }

    /// Notes a problem as it is.
    pub(super) fn add(&self, problem: Problem) {
        self.problems.borrow_mut().push(problem);
    }

    /// Notes a key that need not stand, and whose absence probably is not meant so.
    pub(super) fn doubtful_absence(&self, dotted: &str, wrong: Wrong) {
        let section = dotted.rsplit_once('.').map_or("", |(section, _)| section);
        let place = self.layers.locate_section(section);
        self.push(place, dotted.to_owned(), Severity::Warning, wrong);
    }

    /// Notes a key that must stand and does not.
    pub(super) fn missing(&self, dotted: &str, wrong: Wrong) {
        let section = dotted.rsplit_once('.').map_or("", |(section, _)| section);
        // A section that is no table was reported as such; its keys are not missing beside that.
        let broken = self.find(section).is_some_and(|node| table(node.value).is_none());
        if !broken {
            let place = self.layers.locate_section(section);
            self.push(place, dotted.to_owned(), Severity::Error, wrong);
        }
    }

    /// Notes a key that must stand below `parent`, and does not.
    pub(super) fn missing_in(&self, parent: &Node<'_>, name: &str, wrong: Wrong) {
        let place = self.place(parent, Part::Key);
        self.push(place, parent.path.key(name).to_string(), Severity::Error, wrong);
    }

    fn note(&self, node: &Node<'_>, part: Part, severity: Severity, wrong: Wrong) {
        self.push(self.place(node, part), node.path.to_string(), severity, wrong);
    }

    fn push(
        &self,
        (place, excerpt): (Place, Option<Excerpt>),
        key: String,
        severity: Severity,
        wrong: Wrong,
    ) {
        self.problems.borrow_mut().push(Problem {
            severity,
            place,
            key,
            message: wrong.message,
            help: if wrong.help.is_empty() {
                SEE_DEFAULT.to_owned()
            } else {
                wrong.help
            },
            excerpt,
        });
    }

    fn place(&self, node: &Node<'_>, part: Part) -> (Place, Option<Excerpt>) {
        self.layers.locate(&node.path, node.value.tag(), part)
    }

    fn mistyped(&self, node: &Node<'_>, expected: &str) {
        let found = words_for(node.value);
        self.wrong(
            node,
            Wrong::new(format!("expected {expected}, found {found}"), ""),
        );
    }

    /// The text of a node.
    pub(super) fn text_of(&self, node: &Node<'a>) -> Option<&'a str> {
        let text = node.value.as_str();
        if text.is_none() {
            self.mistyped(node, "text in quotes");
        }
        text
    }

    /// The text of a node, read further.
    pub(super) fn parsed_of<T>(
        &self,
        node: &Node<'a>,
        parse: impl Fn(&str) -> Result<T, Wrong>,
    ) -> Option<T> {
        match parse(self.text_of(node)?) {
            Ok(value) => Some(value),
            Err(wrong) => {
                self.wrong(node, wrong);
                None
            }
        }
    }

    /// The whole number of a node.
    pub(super) fn integer_of(&self, node: &Node<'_>, range: RangeInclusive<i64>) -> Option<i64> {
        let expected = format!("a whole number from {} to {}", range.start(), range.end());
        let Some(number) = integer(node.value) else {
            self.mistyped(node, &expected);
            return None;
        };
        if !range.contains(&number) {
            self.wrong(
                node,
                Wrong::new(format!("expected {expected}, found {number}"), ""),
            );
            return None;
        }
        Some(number)
    }

    /// The entries of a list.
    pub(super) fn list_of(&self, node: &Node<'a>, expected: &str) -> Option<Vec<Node<'a>>> {
        let entries = node.entries();
        if entries.is_none() {
            self.mistyped(node, expected);
        }
        entries
    }

    /// Whether the node is a table; if not, that is noted.
    pub(super) fn is_table(&self, node: &Node<'_>, expected: &str) -> bool {
        let is_table = table(node.value).is_some();
        if !is_table {
            self.mistyped(node, expected);
        }
        is_table
    }

    /// The date of a node: a TOML date, or text in the same form.
    pub(super) fn date_of(&self, node: &Node<'_>) -> Option<jiff::civil::Date> {
        let text = node.value.as_str().or_else(|| date(node.value));
        let Some(text) = text else {
            self.mistyped(node, "a day such as \"2026-12-25\"");
            return None;
        };
        // jiff would also read a date with a time of day, and leave the time out.
        let day = text.parse().ok().filter(|_| text.len() == "2026-12-25".len());
        if day.is_none() {
            let message = format!("{text:?} is not a day of the calendar");
            self.wrong(node, Wrong::new(message, "write it as \"2026-12-25\""));
        }
        day
    }

    /// A key that has a default, so it always stands.
    fn standing(&self, dotted: &str) -> Option<Node<'a>> {
        let node = self.find(dotted);
        if node.is_none() {
            self.missing(dotted, Wrong::new("the key is missing", ""));
        }
        node
    }

    /// Text of a key that may be left out or empty.
    pub(super) fn optional_text(&self, dotted: &str) -> Option<(Node<'a>, &'a str)> {
        let node = self.find(dotted)?;
        let text = self.text_of(&node)?;
        (!text.is_empty()).then_some((node, text))
    }

    /// Whether a key of text holds something else.
    pub(super) fn is_mistyped(&self, dotted: &str) -> bool {
        self.find(dotted)
            .is_some_and(|node| node.value.as_str().is_none())
    }

    /// Text of a key that has a default, read further.
    pub(super) fn parsed<T>(&self, dotted: &str, parse: impl Fn(&str) -> Result<T, Wrong>) -> Option<T> {
        self.parsed_of(&self.standing(dotted)?, parse)
    }

    /// Text of a key that may be left out or empty, read further.
    pub(super) fn optional<T>(&self, dotted: &str, parse: impl Fn(&str) -> Result<T, Wrong>) -> Option<T> {
        let (node, _) = self.optional_text(dotted)?;
        self.parsed_of(&node, parse)
    }

    /// Text of a key that must stand and has no default, read further.
    pub(super) fn required<T>(
        &self,
        dotted: &str,
        parse: impl Fn(&str) -> Result<T, Wrong>,
        help: &str,
    ) -> Option<T> {
        match self.find(dotted) {
            Some(node) if node.value.as_str() != Some("") => self.parsed_of(&node, parse),
            _ => {
                self.missing(dotted, Wrong::new("the key is missing", help));
                None
            }
        }
    }

    /// True or false.
    pub(super) fn boolean(&self, dotted: &str) -> Option<bool> {
        let node = self.standing(dotted)?;
        let truth = node.value.to_bool();
        if truth.is_none() {
            self.mistyped(&node, "true or false");
        }
        truth
    }

    /// A whole number.
    pub(super) fn integer<T: TryFrom<i64>>(&self, dotted: &str, range: RangeInclusive<i64>) -> Option<T> {
        let number = self.integer_of(&self.standing(dotted)?, range)?;
        T::try_from(number).ok()
    }

    /// A list.
    pub(super) fn list(&self, dotted: &str, expected: &str) -> Option<Vec<Node<'a>>> {
        self.list_of(&self.standing(dotted)?, expected)
    }
}
