//! The file: its text, its TOML, and the place of everything in it.

use std::fs;
use std::io::{ErrorKind, Read};
use std::ops::Range;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use toml_edit::{Document, Item, TableLike};

use super::key::{KeyPath, Step, looks_secret};
use super::value::holds_credentials;
use crate::problem::{Excerpt, Lines, Place, Problem, Problems};

/// No configuration is larger; a file that is was named by mistake.
const MOST_BYTES: u64 = 1024 * 1024;

/// The file as it was read.
pub(super) struct Source {
    path: PathBuf,
    text: String,
    document: Document<String>,
    /// Byte ranges that hold secrets; their lines are never shown.
    hidden: Vec<Range<usize>>,
    /// Who may do what with the file.
    mode: u32,
}

/// Which part of an entry is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    Key,
    Value,
}

impl Source {
    /// Reads the file. What stands in it is not looked at beyond its syntax.
    pub(super) fn read(path: &Path) -> Result<Self, Problems> {
        let (bytes, mode) = read_bytes(path)?;
        let text = String::from_utf8(bytes).map_err(|error| {
            let (good, _) = error.as_bytes().split_at(error.utf8_error().valid_up_to());
            let good = String::from_utf8_lossy(good);
            Problem::general(
                Lines::new(&good).place(path, good.len()..good.len()),
                "the file is not UTF-8 text from here on",
                "save the file as UTF-8",
            )
        })?;
        let text = text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text);
        let document = Document::parse(text.clone()).map_err(|error| syntax_problem(path, &text, &error))?;
        let mut hidden = Vec::new();
        collect_secrets(document.as_table(), &mut hidden);
        Ok(Self {
            path: path.to_owned(),
            text,
            document,
            hidden,
            mode,
        })
    }

    pub(super) fn document(&self) -> &Document<String> {
        &self.document
    }

    /// The mistake of a file that any user of the machine may write.
    pub(super) fn permission_problem(&self) -> Option<Problem> {
        (self.mode & 0o002 != 0).then(|| {
            Problem::general(
                Place::File(self.path.clone()),
                "every user of this machine may write this file, and so decide who is mailed",
                format!("chmod o-w {}", self.path.display()),
            )
        })
    }

    /// The mistake of a file that a group may write, where it holds the guards of memberships.
    pub(super) fn group_problem(&self) -> Option<Problem> {
        (self.mode & 0o022 == 0o020).then(|| {
            Problem::general(
                Place::File(self.path.clone()),
                "others than its owner may write this file, and so lift the guards of role_sync",
                format!("chmod g-w {}", self.path.display()),
            )
        })
    }

    /// The place of a key or of its value, and the line as it may be shown.
    pub(super) fn locate(&self, path: &KeyPath, part: Part) -> Option<(Place, Option<Excerpt>)> {
        let span = self.span(path, part)?;
        let lines = Lines::new(&self.text);
        let excerpt = (!self.is_hidden(&span)).then(|| lines.excerpt(&span));
        Some((lines.place(&self.path, span), excerpt.flatten()))
    }

    fn span(&self, path: &KeyPath, part: Part) -> Option<Range<usize>> {
        let mut item = self.document.as_item();
        let mut key_span = None;
        for step in path.steps() {
            match step {
                Step::Index(index) => {
                    item = item.get(*index)?;
                    key_span = item.span();
                }
                Step::Key(name) => {
                    let (key, below) = item.as_table_like()?.get_key_value(name)?;
                    key_span = key.span();
                    item = below;
                }
            }
        }
        match part {
            Part::Value => item.span().or(key_span),
            Part::Key => key_span.or_else(|| item.span()),
        }
    }

    fn is_hidden(&self, span: &Range<usize>) -> bool {
        let lines = whole_lines(&self.text, span);
        self.hidden.iter().any(|hidden| {
            let hidden = whole_lines(&self.text, hidden);
            hidden.start < lines.end && lines.start < hidden.end
        })
    }
}

fn read_bytes(path: &Path) -> Result<(Vec<u8>, u32), Problems> {
    let problem = |message: String, help: &str| {
        Problems::from(Problem::general(Place::File(path.to_owned()), message, help))
    };
    let unreadable = |error: std::io::Error| match error.kind() {
        ErrorKind::NotFound => problem(
            "there is no configuration file here".to_owned(),
            "`onelogin-steward init DIRECTORY` writes one; --config names another",
        ),
        ErrorKind::PermissionDenied => problem(
            "this user may not read the configuration file".to_owned(),
            "let the group of the service user read it (chgrp, chmod 640), and run as that user",
        ),
        _ => problem(format!("the configuration file cannot be read: {error}"), ""),
    };
    let facts = fs::metadata(path).map_err(unreadable)?;
    if facts.is_dir() {
        return Err(problem(
            "this is a directory, not a configuration file".to_owned(),
            "name the file in it, usually config.toml",
        ));
    }
    if !facts.is_file() {
        return Err(problem(
            "this is not a regular file".to_owned(),
            "name a regular file: it is read again at every reload",
        ));
    }
    let mut bytes = Vec::new();
    let file = fs::File::open(path).map_err(unreadable)?;
    file.take(MOST_BYTES + 1)
        .read_to_end(&mut bytes)
        .map_err(unreadable)?;
    if bytes.len() as u64 > MOST_BYTES {
        return Err(problem(
            "the file is larger than 1 MiB, so it is not a configuration file".to_owned(),
            "name the right file with --config",
        ));
    }
    Ok((bytes, facts.permissions().mode()))
}

/// A syntax error. Nothing is known of the structure yet, so one line that may hold a secret
/// hides all of them.
fn syntax_problem(path: &Path, text: &str, error: &toml_edit::TomlError) -> Problem {
    let at = error.span().unwrap_or(text.len()..text.len());
    let lines = Lines::new(text);
    let excerpt = (!text.lines().any(may_set_secret)).then(|| lines.excerpt(&at));
    Problem {
        excerpt: excerpt.flatten(),
        ..Problem::general(
            lines.place(path, at),
            format!("this is not TOML: {}", error.message()),
            "text stands in double quotes, a list in [ ], and each key once",
        )
    }
}

/// Whether the line looks as if it gave a value to a secret key. Made for files that are not TOML.
fn may_set_secret(line: &str) -> bool {
    if line.trim_start().starts_with('#') {
        return false;
    }
    if holds_credentials(line) {
        return true;
    }
    let outside_word = |c: char| !(c.is_alphanumeric() || c == '_' || c == '-');
    // What stands before the last "=" ends in a key; before the first one it is nothing but keys.
    let mut pieces = line.split('=');
    let first = pieces.next().unwrap_or_default();
    let later = pieces.filter_map(|piece| piece.split(outside_word).rfind(|word| !word.is_empty()));
    first.split(outside_word).chain(later).any(looks_secret)
}

fn collect_secrets(table: &dyn TableLike, hidden: &mut Vec<Range<usize>>) {
    for (name, _) in table.iter() {
        let Some((key, item)) = table.get_key_value(name) else {
            continue;
        };
        if looks_secret(name) || item.as_str().is_some_and(holds_credentials) {
            let start = key.span().map_or(0, |span| span.start);
            let end = item.span().map_or(start, |span| span.end);
            hidden.push(start.min(end)..start.max(end));
        }
        collect_secrets_below(item, hidden);
    }
}

fn collect_secrets_below(item: &Item, hidden: &mut Vec<Range<usize>>) {
    if let Some(table) = item.as_table_like() {
        collect_secrets(table, hidden);
    } else if let Some(tables) = item.as_array_of_tables() {
        tables.iter().for_each(|table| collect_secrets(table, hidden));
    } else if let Some(array) = item.as_array() {
        let tables = array.iter().filter_map(toml_edit::Value::as_inline_table);
        tables.for_each(|table| collect_secrets(table, hidden));
    }
}

fn whole_lines(text: &str, span: &Range<usize>) -> Range<usize> {
    let start = text.get(..span.start).and_then(|before| before.rfind('\n'));
    let end = text.get(span.end..).and_then(|after| after.find('\n'));
    start.map_or(0, |at| at + 1)..end.map_or(text.len(), |at| span.end + at).max(span.start + 1)
}
