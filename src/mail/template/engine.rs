//! The template engine, set up: strict about variables, bounded in steps, and careful with values.

use std::fmt;

use minijinja::{AutoEscape, Environment, ErrorKind, Output, State, UndefinedBehavior, Value};

use crate::mail::script;

/// Steps that one rendering may take; ours take some hundreds.
const FUEL: u64 = 50_000;

/// Without templates yet.
pub(super) fn environment() -> Environment<'static> {
    let mut environment = Environment::new();
    environment.set_auto_reload(false);
    environment.set_debug(true);
    environment.set_fuel(Some(FUEL));
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_auto_escape_callback(|name| {
        if name.contains(".html.") {
            AutoEscape::Html
        } else {
            AutoEscape::None
        }
    });
    environment.set_formatter(write_value);
    environment
}

/// Writes a value into a part. In plain text, a value that runs from the right to the left is
/// isolated from the sentence around it (U+2068, U+2069), as `<bdi>` does in HTML: otherwise figures
/// and marks beside it would be drawn on its other side.
fn write_value(
    out: &mut Output<'_>,
    state: &mut State<'_, '_>,
    value: &Value,
) -> Result<(), minijinja::Error> {
    let is_text = matches!(state.auto_escape(), AutoEscape::None);
    match value.as_str() {
        Some(text) if is_text && script::runs_to_the_left(text) => {
            fmt::Write::write_fmt(out, format_args!("\u{2068}{text}\u{2069}"))
                .map_err(|_| minijinja::Error::new(ErrorKind::WriteFailure, "out of room"))
        }
        _ => minijinja::escape_formatter(out, state, value),
    }
}
