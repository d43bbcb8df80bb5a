//! Text from outside, made fit for a header, a sentence and a screen.

/// The longest value that a mail shows, in characters.
pub const LONGEST: usize = 80;

/// The text on one line, without what could end a header, paint a terminal or turn a line around,
/// and not longer than [`LONGEST`].
pub fn clean(text: &str) -> String {
    clean_to(text, LONGEST)
}

/// Like [`clean`], with another limit.
///
/// Line ends and tabs become blanks, runs of blanks become one, every other control character and
/// every bidirectional override or isolate goes. Right-to-left text itself stays as it is.
pub fn clean_to(text: &str, longest: usize) -> String {
    let spaced: String = text
        .chars()
        .map(|c| if c.is_whitespace() { ' ' } else { c })
        .filter(|c| !c.is_control() && !turns_text(*c))
        .collect();
    let line = spaced
        .split(' ')
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ");
    if line.chars().count() <= longest {
        return line;
    }
    let kept: String = line.chars().take(longest.saturating_sub(1)).collect();
    // A joiner at the cut would pull the ellipsis into the emoji before it.
    format!("{}…", kept.trim_end_matches([' ', '\u{200d}', '\u{fe0f}']))
}

/// Embeddings, overrides and isolates: they reorder the text after them, beyond their own line.
fn turns_text(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_ends_and_control_characters_cannot_pass() {
        assert_eq!(clean("Evil\r\nBcc: z@acme.example"), "Evil Bcc: z@acme.example");
        assert_eq!(clean("a\0b\u{1b}[31mc\u{9b}d"), "ab[31mcd");
        assert_eq!(clean("one\u{2028}two\u{85}three"), "one two three");
        assert_eq!(clean(" \t\r\n\u{a0} "), "");
    }

    #[test]
    fn blanks_are_collapsed() {
        assert_eq!(clean("  Ana \t  Novak\n"), "Ana Novak");
    }

    #[test]
    fn overrides_go_and_right_to_left_text_stays() {
        assert_eq!(clean("\u{202e}gpj.exe\u{202c}"), "gpj.exe");
        assert_eq!(clean("\u{2067}שלום\u{2069} ليلى"), "שלום ليلى");
    }

    #[test]
    fn long_text_is_cut_with_an_ellipsis() {
        assert_eq!(clean(&"x".repeat(80)), "x".repeat(80));
        let cut = clean(&"é".repeat(300));
        assert_eq!(cut.chars().count(), LONGEST);
        assert!(cut.ends_with("é…"));
        assert_eq!(clean_to("👩\u{200d}🚀 flies", 3), "👩…");
    }

    proptest::proptest! {
        #[test]
        fn whatever_comes_in_one_short_line_comes_out(text in "\\PC*|[\\x00-\\x{2fff}]*") {
            let line = clean(&text);
            assert!(line.chars().count() <= LONGEST);
            assert!(!line.chars().any(|c| c.is_control() || turns_text(c)));
            assert_eq!(clean(&line), line);
        }
    }
}
