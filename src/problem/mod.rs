//! What is wrong with a file that a person wrote, where, and what to do about it.

mod lines;
mod near;

use std::fmt;
use std::ops::Range;
use std::path::PathBuf;

use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};
use serde::ser::SerializeStruct;
use serde::{Serialize, Serializer};

pub(crate) use lines::Lines;
pub(crate) use near::nearest;

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// What is written cannot be used.
    Error,
    /// It can be used, and probably does not say what was meant.
    Warning,
}

/// Where it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// A place in a file.
    Line {
        /// The file.
        file: PathBuf,
        /// Its line, from 1.
        line: usize,
        /// The character in the line, from 1.
        column: usize,
        /// The bytes of the file's text (without a byte order mark).
        span: Range<usize>,
    },
    /// A file as a whole.
    File(PathBuf),
    /// An environment variable.
    Variable(String),
}

/// One mistake.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// How bad it is.
    pub severity: Severity,
    /// Where it is.
    pub place: Place,
    /// The dotted key that it concerns; empty where it concerns none.
    pub key: String,
    /// What is wrong, and what was expected.
    pub message: String,
    /// What to do.
    pub help: String,
    /// The line as it may be shown. A line that holds a secret never gets here.
    pub(crate) excerpt: Option<Excerpt>,
}

/// One line of a file, and the part of it that matters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Excerpt {
    pub(crate) line: String,
    pub(crate) mark: Range<usize>,
}

impl Problem {
    /// A problem of no particular key.
    pub(crate) fn general(place: Place, message: impl Into<String>, help: impl Into<String>) -> Self {
        Self {
            severity: Severity::Error,
            place,
            key: String::new(),
            message: message.into(),
            help: help.into(),
            excerpt: None,
        }
    }

    /// In one line, for a log: place, what is wrong, what to do.
    pub fn to_line(&self) -> String {
        let place = match &self.place {
            Place::Line {
                file, line, column, ..
            } => format!("{}:{line}:{column}", file.display()),
            Place::File(file) => file.display().to_string(),
            Place::Variable(name) => format!("environment variable {name}"),
        };
        let help = if self.help.is_empty() { "" } else { "; " };
        format!("{place}: {}{help}{}", self.title(), self.help)
    }

    fn title(&self) -> String {
        if self.key.is_empty() {
            self.message.clone()
        } else {
            format!("{}: {}", self.key, self.message)
        }
    }

    fn group(&self) -> Group<'_> {
        let level = match self.severity {
            Severity::Error => Level::ERROR,
            Severity::Warning => Level::WARNING,
        };
        let title = level.primary_title(self.title());
        let group = match (&self.place, &self.excerpt) {
            (Place::Line { file, line, .. }, Some(excerpt)) => {
                let mark = AnnotationKind::Primary.span(excerpt.mark.clone());
                let snippet = Snippet::source(excerpt.line.as_str()).line_start(*line);
                title.element(snippet.path(file.display().to_string()).annotation(mark))
            }
            (
                Place::Line {
                    file, line, column, ..
                },
                None,
            ) => {
                let origin = Origin::path(file.display().to_string());
                title.element(origin.line(*line).char_column(*column))
            }
            (Place::File(file), _) => title.element(Origin::path(file.display().to_string())),
            (Place::Variable(name), _) => title.element(Origin::path(format!("environment variable {name}"))),
        };
        if self.help.is_empty() {
            group
        } else {
            group.element(Level::HELP.message(self.help.as_str()))
        }
    }
}

impl Serialize for Problem {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (file, line, column, variable) = match &self.place {
            Place::Line {
                file, line, column, ..
            } => (Some(file), Some(line), Some(column), None),
            Place::File(file) => (Some(file), None, None, None),
            Place::Variable(name) => (None, None, None, Some(name)),
        };
        let mut fields = serializer.serialize_struct("Problem", 8)?;
        // A path need not be Unicode, JSON must be.
        fields.serialize_field("file", &file.map(|file| file.display().to_string()))?;
        fields.serialize_field("line", &line)?;
        fields.serialize_field("column", &column)?;
        fields.serialize_field("variable", &variable)?;
        fields.serialize_field("key", &self.key)?;
        fields.serialize_field("severity", &self.severity)?;
        fields.serialize_field("message", &self.message)?;
        fields.serialize_field("help", &self.help)?;
        fields.end()
    }
}

/// All problems of a configuration or a desired state, in the order of the file, then those of the
/// environment.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[serde(transparent)]
pub struct Problems(Vec<Problem>);

impl Problems {
    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// These, and behind them those of another file.
    #[must_use]
    pub fn with(mut self, others: Self) -> Self {
        self.0.extend(others.0);
        self
    }

    /// Each of them.
    pub fn iter(&self) -> std::slice::Iter<'_, Problem> {
        self.0.iter()
    }

    /// Whether one of them forbids to use what is written.
    pub fn has_errors(&self) -> bool {
        self.iter().any(|problem| problem.severity == Severity::Error)
    }

    /// Drawn for people: each with its line, a mark below it, and what to do. Whole lines; nothing
    /// where there is no problem.
    pub fn render(&self, colour: bool) -> String {
        let renderer = if colour {
            Renderer::styled()
        } else {
            Renderer::plain()
        };
        let drawn = self
            .iter()
            .map(|problem| renderer.render(&[problem.group()]) + "\n");
        drawn.collect::<Vec<_>>().join("\n")
    }
}

impl From<Problem> for Problems {
    fn from(problem: Problem) -> Self {
        Self(vec![problem])
    }
}

impl FromIterator<Problem> for Problems {
    fn from_iter<I: IntoIterator<Item = Problem>>(problems: I) -> Self {
        let mut problems: Vec<Problem> = problems.into_iter().collect();
        problems.sort_by_key(|problem| match &problem.place {
            Place::File(_) => (0, 0),
            Place::Line { span, .. } => (1, span.start),
            Place::Variable(_) => (2, 0),
        });
        Self(problems)
    }
}

impl<'a> IntoIterator for &'a Problems {
    type Item = &'a Problem;
    type IntoIter = std::slice::Iter<'a, Problem>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.render(false).trim_end())
    }
}

impl std::error::Error for Problems {}
