//! Text made harmless, and made to fit, for where it is shown.

/// Narrow enough for every terminal.
const WIDTH: usize = 80;

/// For a terminal: no control characters, so no ANSI sequences, and no change of direction.
pub fn plain(text: &str) -> String {
    let steers = |c: char| {
        c.is_control()
            || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    text.chars()
        .map(|c| if steers(c) { '\u{fffd}' } else { c })
        .collect()
}

/// Like [`plain`], for text of several lines.
pub fn plain_lines(text: &str) -> String {
    let lines: Vec<String> = text.split('\n').map(plain).collect();
    lines.join("\n")
}

/// For one field of a CSV file: quoted where needed, and never a formula when a spreadsheet opens it.
pub fn csv(text: &str) -> String {
    let text = plain(text);
    let is_formula = text.starts_with(['=', '+', '-', '@']);
    let text = if is_formula { format!("'{text}") } else { text };
    if text.contains([',', '"', '\'']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text
    }
}

/// Broken at blanks, so that it stays within 80 columns below a text that begins at this column.
pub fn wrap_under(text: &str, column: usize) -> String {
    let mut wrapped = String::new();
    let mut used = column;
    for word in text.split(' ') {
        let width = word.chars().count();
        if used > column && used + 1 + width > WIDTH {
            wrapped.push('\n');
            wrapped.extend(std::iter::repeat_n(' ', column));
            used = column;
        } else if used > column {
            wrapped.push(' ');
            used += 1;
        }
        wrapped.push_str(word);
        used += width;
    }
    wrapped
}
