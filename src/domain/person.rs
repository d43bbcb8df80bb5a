//! A person as a file names them, and what speaks against the way they are written.

use unicode_normalization::UnicodeNormalization as _;
use unicode_script::{Script, UnicodeScript as _};

use super::selector::Selector;

/// How a person is written.
pub const FORMS: &str = "write an email, a username, \"id:123\" or \"external:abc\"";

/// What somebody probably meant as a kind, and is none.
const NO_KINDS: [&str; 6] = ["id", "external", "email", "mail", "username", "user"];

/// What is wrong with the way a person is written, and what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wrong {
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub help: String,
}

impl Wrong {
    fn new(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            help: help.into(),
        }
    }
}

/// Scripts that share letters which look the same.
const LOOK_ALIKE: [Script; 6] = [
    Script::Latin,
    Script::Greek,
    Script::Cyrillic,
    Script::Armenian,
    Script::Cherokee,
    Script::Coptic,
];

/// Whom the text means as far as that can be said, and what is wrong with it.
pub fn read(text: &str) -> (Option<Selector>, Option<Wrong>) {
    let visible: String = text.chars().filter(|c| !is_invisible(*c)).collect();
    let wrong = complaint(text, &visible);
    (Selector::parse(visible.trim()).ok(), wrong)
}

/// Whom the text means, if nothing speaks against it.
pub fn read_plain(text: &str) -> Option<Selector> {
    match read(text) {
        (selector, None) => selector,
        (_, Some(_)) => None,
    }
}

fn complaint(text: &str, visible: &str) -> Option<Wrong> {
    if let Some(c) = text.chars().find(|c| is_invisible(*c)) {
        let message = format!("the invisible character U+{:04X} stands in it", u32::from(c));
        return Some(Wrong::new(message, "type the text anew instead of pasting it"));
    }
    let text = visible.trim();
    if text.is_empty() {
        return Some(Wrong::new("the text is empty", FORMS));
    }
    match text.split_once(':') {
        Some(("id", number)) => return complaint_about_number(number),
        Some(("external", external)) => {
            let empty = external.trim().is_empty();
            return empty.then(|| Wrong::new("the external id is empty", "write it as \"external:abc\""));
        }
        Some((kind, _)) if NO_KINDS.contains(&kind.trim().to_lowercase().as_str()) => {
            let message = format!("{kind:?} is no way to name a person");
            return Some(Wrong::new(message, FORMS));
        }
        _ => {}
    }
    if let Some(c) = text.chars().find(|c| !c.is_ascii() && has_ascii_form(*c)) {
        let message = format!("{c:?} (U+{:04X}) only looks like a plain letter", u32::from(c));
        return Some(Wrong::new(message, "type the text anew instead of pasting it"));
    }
    if let Some((word, one, other)) = mixed_word(text) {
        let message = format!(
            "{word:?} mixes {} and {} letters, which look alike",
            one.full_name(),
            other.full_name()
        );
        return Some(Wrong::new(message, "type the text anew in one alphabet"));
    }
    complaint_about_address(text)
}

fn complaint_about_number(number: &str) -> Option<Wrong> {
    let digits = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    let good = digits && number.parse().is_ok_and(|number: i64| number > 0);
    let message = "OneLogin's number of a person stands behind id:";
    (!good).then(|| Wrong::new(message, "write it as \"id:36216766\""))
}

fn complaint_about_address(text: &str) -> Option<Wrong> {
    if !text.contains('@') {
        return None;
    }
    let outside = |c: char| c.is_whitespace() || "<>,;()".contains(c);
    let halves: Vec<&str> = text.split('@').collect();
    let is_one = halves.len() == 2 && halves.iter().all(|half| !half.is_empty());
    let message = "this is not one bare email address";
    (!is_one || text.contains(outside)).then(|| Wrong::new(message, "write it as \"ana@acme.example\""))
}

/// Whether a character takes no visible room, or looks like an ordinary space without being one.
fn is_invisible(c: char) -> bool {
    c.is_control()
        || (c.is_whitespace() && c != ' ')
        || matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
            | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}

/// Whether a character is another form of ASCII letters, such as a full-width or a ligature one.
fn has_ascii_form(c: char) -> bool {
    std::iter::once(c).nfkc().all(|c| c.is_ascii())
}

/// The first word with letters of two scripts that look alike.
fn mixed_word(text: &str) -> Option<(&str, Script, Script)> {
    let words = text.split(|c: char| !(c.is_alphanumeric() || c.script() == Script::Inherited));
    words.into_iter().find_map(|word| {
        let mut scripts = word
            .chars()
            .map(|c| c.script())
            .filter(|script| LOOK_ALIKE.contains(script));
        let first = scripts.next()?;
        let other = scripts.find(|script| *script != first)?;
        Some((word, first, other))
    })
}
