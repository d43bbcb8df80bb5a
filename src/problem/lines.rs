//! From bytes of a text to lines that people count.

use std::ops::Range;
use std::path::Path;

use super::{Excerpt, Place};

/// A longer line is named by its place and not drawn.
const LONGEST_DRAWN: usize = 400;

/// A text and where its lines begin.
pub(crate) struct Lines<'a> {
    text: &'a str,
    starts: Vec<usize>,
}

impl<'a> Lines<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        let after = text.match_indices('\n').map(|(at, _)| at + 1);
        Self {
            text,
            starts: std::iter::once(0).chain(after).collect(),
        }
    }

    /// The line that this byte is in, from 1.
    pub(crate) fn number(&self, at: usize) -> usize {
        self.starts.partition_point(|start| *start <= at)
    }

    /// The place of a span in this text, read from `file`.
    pub(crate) fn place(&self, file: &Path, span: Range<usize>) -> Place {
        let line = self.number(span.start);
        let start = self.starts[line - 1];
        let before = self.text.as_bytes().get(start..span.start).unwrap_or_default();
        Place::Line {
            file: file.to_owned(),
            line,
            column: String::from_utf8_lossy(before).chars().count() + 1,
            span,
        }
    }

    /// The first line of the span: a value over many lines is shown by where it begins.
    pub(crate) fn excerpt(&self, span: &Range<usize>) -> Option<Excerpt> {
        let start = self.starts[self.number(span.start) - 1];
        let line = self.text.get(start..)?.lines().next().unwrap_or_default();
        if line.len() > LONGEST_DRAWN {
            return None;
        }
        let from = (span.start - start).min(line.len());
        let to = span.end.saturating_sub(start).clamp(from, line.len());
        // A syntax error may begin in the middle of a character.
        let whole = |at: &usize| line.is_char_boundary(*at);
        let from = (0..=from).rev().find(whole).unwrap_or(0);
        let to = (to..=line.len()).find(whole).unwrap_or(line.len());
        Some(Excerpt {
            line: line.to_owned(),
            mark: from..to,
        })
    }
}
