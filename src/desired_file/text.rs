//! From bytes to TOML: what is no text, and what is no TOML.

use std::path::Path;

use toml_edit::Document;

use crate::problem::{Lines, Place, Problem, Problems};

/// No desired state is larger: 60 roles of 10,000 people each need less.
pub(super) const MOST_BYTES: u64 = 16 * 1024 * 1024;

/// The mistake of a file that is too large.
pub(super) fn too_large(path: &Path) -> Problem {
    Problem::general(
        Place::File(path.to_owned()),
        "the file is larger than 16 MiB, so it is not a desired state",
        "name the right file in role_sync.desired_state",
    )
}

/// The text of the file, without a byte order mark.
pub(super) fn text_of<'a>(bytes: &'a [u8], path: &Path) -> Result<&'a str, Problems> {
    if bytes.len() as u64 > MOST_BYTES {
        return Err(too_large(path).into());
    }
    let (text, good_until) = match std::str::from_utf8(bytes) {
        Ok(text) => (text, None),
        Err(error) => {
            let (good, _) = bytes.split_at(error.valid_up_to());
            (std::str::from_utf8(good).unwrap_or_default(), Some(good.len()))
        }
    };
    let bare = text.strip_prefix('\u{feff}').unwrap_or(text);
    let (offset, message) = match (good_until, bare.find('\0')) {
        (Some(_), _) => (bare.len(), "the file is not UTF-8 text from here on"),
        (None, Some(offset)) => (offset, "a NUL byte stands here, so the file is not text"),
        (None, None) => return Ok(bare),
    };
    let place = Lines::new(bare).place(path, offset..offset);
    Err(Problem::general(place, message, "save the file as UTF-8 text").into())
}

/// The TOML of the text, with the place of everything in it.
pub(super) fn toml_of<'a>(text: &'a str, path: &Path) -> Result<Document<&'a str>, Problems> {
    Document::parse(text).map_err(|error| {
        let span = error.span().unwrap_or(text.len()..text.len());
        let lines = Lines::new(text);
        Problems::from(Problem {
            excerpt: lines.excerpt(&span),
            ..Problem::general(
                lines.place(path, span),
                format!("this is not TOML: {}", error.message()),
                "text stands in double quotes, a list in [ ], each role below a line [[role]], and each key once",
            )
        })
    })
}
