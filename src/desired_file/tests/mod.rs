//! What people write into roles.toml, what they are told, and what the edits leave.

mod edits;
mod exports;
mod files;
mod good;
mod includes;
mod mistakes;
mod people;
mod sample;
mod schema;
mod texts;

use std::path::Path;

use super::parse;
use crate::domain::role::desired::DesiredState;
use crate::problem::{Place, Problem, Problems};

fn read(text: impl AsRef<[u8]>) -> Result<DesiredState, Problems> {
    parse(text.as_ref(), Path::new("roles.toml"))
}

#[track_caller]
fn good(text: &str) -> DesiredState {
    read(text).unwrap_or_else(|problems| panic!("{problems}"))
}

#[track_caller]
fn mistakes(text: impl AsRef<[u8]>) -> Problems {
    read(text).expect_err("the file has mistakes")
}

/// The one mistake that there is.
#[track_caller]
fn mistake(text: impl AsRef<[u8]>) -> Problem {
    let problems = mistakes(text);
    assert_eq!(problems.len(), 1, "{problems}");
    problems.iter().next().unwrap().clone()
}

/// Line and column.
#[track_caller]
fn place(problem: &Problem) -> (usize, usize) {
    match &problem.place {
        Place::Line { line, column, .. } => (*line, *column),
        other => panic!("{other:?} is no line: {}", problem.message),
    }
}

/// A role with these lines in it, from line 3 on.
fn role(lines: &str) -> String {
    format!("[[role]]\nname = \"Sales\"\n{lines}\n")
}
