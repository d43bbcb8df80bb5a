//! Colour on a terminal.

use crate::domain::role::change::Direction;

/// Whether the place where a text is shown wants colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Colour {
    /// A terminal, and `NO_COLOR` is not set.
    Yes,
    /// A pipe, a file, a mail.
    No,
}

/// Green for what comes in, red for what goes out. The text must be escaped already.
pub(super) fn paint(colour: Colour, direction: Direction, text: &str) -> String {
    match (colour, direction) {
        (Colour::No, _) => text.to_owned(),
        (Colour::Yes, Direction::Add) => format!("\u{1b}[32m{text}\u{1b}[0m"),
        (Colour::Yes, Direction::Remove) => format!("\u{1b}[31m{text}\u{1b}[0m"),
    }
}
