//! Which way text runs, and where a line of it may break.

use unicode_width::UnicodeWidthChar as _;

/// Columns that a text takes on a screen of fixed width.
pub fn width(text: &str) -> usize {
    text.chars().map(|c| c.width().unwrap_or(0)).sum()
}

/// Whether this is a letter or a mark of Chinese or Japanese, which is written without blanks.
pub fn is_east_asian(c: char) -> bool {
    matches!(c,
        '\u{2e80}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{ff00}'..='\u{ffef}' | '\u{20000}'..='\u{3ffff}')
}

/// Whether a text holds letters that run from the right to the left.
pub fn runs_to_the_left(text: &str) -> bool {
    let is_such = |c: char| {
        matches!(c,
            '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{fefe}'
            | '\u{10800}'..='\u{10fff}' | '\u{1e800}'..='\u{1efff}')
    };
    text.chars().any(is_such)
}

/// Whether a line may end between these two, with no blank there: beside a Chinese or Japanese
/// letter, but no line begins with a closing mark or ends with an opening one.
pub fn may_break_between(before: char, after: char) -> bool {
    let is_beside = is_east_asian(before) || is_east_asian(after);
    let closes = "、。，．・：；？！）］｝」』】〕〉》々ー〜…‥’”,.:;?!)]}%ぁぃぅぇぉっゃゅょゎァィゥェォッャュョヮヵヶ";
    let opens = "（［｛「『【〔〈《‘“([{";
    // A combining mark belongs to what it stands on.
    let is_mark = after.width().unwrap_or(0) == 0;
    is_beside && !is_mark && !closes.contains(after) && !opens.contains(before) && before != '\u{200d}'
}
