//! Plain text that reads well in a window of 80 columns.

use super::script::{may_break_between, width};

/// The longest line of a text part in columns, where no single word is longer. A Japanese letter
/// takes two.
pub const COLUMNS: usize = 76;

/// Breaks long lines between words, takes blanks off the ends of lines, and leaves one empty line
/// where there were several.
///
/// Lines are never joined, so a template keeps its shape. The rest of a broken line starts under
/// the text of its first part: behind the blanks, the `- ` or the `1. ` that the line begins with.
pub fn wrap(text: &str) -> String {
    let mut wrapped = String::with_capacity(text.len() + 64);
    let mut empty_before = true;
    for line in text.lines() {
        let line = line.trim_end();
        if line.is_empty() {
            if !empty_before {
                wrapped.push('\n');
            }
            empty_before = true;
            continue;
        }
        empty_before = false;
        wrap_line(line, &mut wrapped);
    }
    wrapped.truncate(wrapped.trim_end().len());
    wrapped.push('\n');
    wrapped
}

fn wrap_line(line: &str, wrapped: &mut String) {
    let text = &line[lead_len(line)..];
    let lead = &line[..line.len() - text.len()];
    let indent = width(lead);
    wrapped.push_str(lead);
    let mut column = indent;
    for (nth, word) in text.split(' ').enumerate() {
        let mut blanks = usize::from(nth > 0);
        for piece in pieces(word) {
            let columns = width(piece);
            if column > indent && column + blanks + columns > COLUMNS {
                wrapped.truncate(wrapped.trim_end_matches(' ').len());
                wrapped.push('\n');
                wrapped.extend(std::iter::repeat_n(' ', indent));
                column = indent;
            } else {
                wrapped.extend(std::iter::repeat_n(' ', blanks));
                column += blanks;
            }
            wrapped.push_str(piece);
            column += columns;
            blanks = 0;
        }
    }
    wrapped.push('\n');
}

/// The parts of a word that stay whole. Most words are one; Chinese and Japanese have no blanks, and
/// break between most letters.
fn pieces(word: &str) -> impl Iterator<Item = &str> {
    let mut rest = word;
    let mut is_first = true;
    std::iter::from_fn(move || {
        if rest.is_empty() && !is_first {
            return None;
        }
        is_first = false;
        let neighbours = rest.char_indices().zip(rest.chars().skip(1));
        let mut breaks = neighbours.filter(|((_, before), after)| may_break_between(*before, *after));
        let end = breaks.next().map(|((at, before), _)| at + before.len_utf8());
        let (piece, tail) = rest.split_at(end.unwrap_or(rest.len()));
        rest = tail;
        Some(piece)
    })
}

/// Bytes of the blanks and the list mark at the start of a line.
fn lead_len(line: &str) -> usize {
    let blanks = line.len() - line.trim_start().len();
    let rest = &line[blanks..];
    let digits = rest.chars().take_while(char::is_ascii_digit).count();
    let mark = if rest.starts_with("- ") {
        2
    } else if digits > 0 && rest[digits..].starts_with(". ") {
        digits + 2
    } else {
        0
    };
    blanks + mark
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_lines_break_between_words_and_short_ones_stay() {
        let text = format!("{}end\nshort\n", "word ".repeat(30));
        let wrapped = wrap(&text);
        assert!(wrapped.lines().all(|line| line.chars().count() <= COLUMNS));
        assert!(wrapped.lines().count() == 4 && wrapped.ends_with("end\nshort\n"));
    }

    #[test]
    fn the_rest_of_a_list_item_stands_under_its_text() {
        let wrapped = wrap(&format!("12. {}\n  - {}", "word ".repeat(20), "mot ".repeat(30)));
        let lines: Vec<&str> = wrapped.lines().collect();
        assert!(lines[0].starts_with("12. word") && lines[1].starts_with("    word"));
        assert!(lines[2].starts_with("  - mot") && lines[3].starts_with("    mot"));
    }

    #[test]
    fn empty_lines_are_single_and_no_line_ends_in_blanks() {
        assert_eq!(wrap("\n\n a  \n\n \t\n\nb\n\n\n"), " a\n\nb\n");
    }

    #[test]
    fn a_word_longer_than_a_line_is_left_whole() {
        let long = "x".repeat(200);
        assert_eq!(
            wrap(&format!("see {long} there")),
            format!("see\n{long}\nthere\n")
        );
    }

    #[test]
    fn japanese_breaks_between_letters_and_fills_its_lines() {
        let text = "1. パスワードの有効期限が切れると、新しいパスワードを設定するまで、OneLogin とその先のアプリケーションを利用できません。\n";
        let wrapped = wrap(&text.repeat(3));
        for line in wrapped.lines() {
            assert!(width(line) <= COLUMNS, "{line}");
            assert!(line.starts_with("1. ") || line.starts_with("   "), "{line}");
        }
        assert!(wrapped.contains("OneLogin"), "a word of letters stays whole");
        let joined: String = wrapped.split_whitespace().collect();
        assert_eq!(
            joined,
            text.repeat(3).split_whitespace().collect::<String>(),
            "nothing is lost"
        );
        assert!(
            wrapped.lines().any(|line| width(line) > COLUMNS - 6),
            "lines are filled\n{wrapped}"
        );
    }

    #[test]
    fn no_line_begins_with_a_closing_mark_or_ends_with_an_opening_one() {
        for shift in 0..8 {
            let text = format!(
                "{}{}",
                "字".repeat(30 + shift),
                "字、「字ー」字。（字）".repeat(9)
            );
            let wrapped = wrap(&text);
            assert!(wrapped.lines().count() > 2);
            for line in wrapped.lines() {
                assert!(width(line) <= COLUMNS, "{line}");
                assert!(!line.starts_with(['、', '。', 'ー', '」', '）']), "{line}");
                assert!(!line.ends_with(['「', '（']), "{line}");
            }
        }
    }

    #[test]
    fn an_emoji_of_several_characters_stays_whole() {
        let crew = "👩\u{200d}🚀".repeat(60);
        assert_eq!(wrap(&crew), format!("{crew}\n"));
    }

    #[test]
    fn empty_text_is_one_line_end() {
        assert_eq!(wrap(" \n"), "\n");
    }
}
