//! The paths that a file names, with the braces of imports spread out.

use super::source::Source;

/// A path such as `crate::domain::user`, as it stands in the code, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Named {
    /// Its parts; `*` for a glob.
    pub(super) parts: Vec<String>,
    /// The line, from 1.
    pub(super) line: usize,
}

impl Named {
    /// Whether this is `path` or something inside it. A glob right above `path` brings it in as well.
    pub(super) fn is_within(&self, path: &str) -> bool {
        let wanted: Vec<&str> = path.split("::").collect();
        let same = self.parts.iter().zip(&wanted).take_while(|(a, b)| a == b).count();
        same == wanted.len() || (same > 0 && same + 1 == wanted.len() && self.is_glob_at(same))
    }

    fn is_glob_at(&self, at: usize) -> bool {
        self.parts.get(at).is_some_and(|part| part == "*")
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Token {
    Word(String),
    Colons,
    Open,
    Close,
    Comma,
    Other,
}

/// Every path of a file, imported or written out; also single words.
pub(super) fn named_in(source: &Source) -> Vec<Named> {
    let tokens = tokens_of(&source.code);
    let mut found = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        if matches!(tokens[at].0, Token::Word(_)) {
            at = read_path(&tokens, at, &[], &mut found);
        } else {
            at += 1;
        }
    }
    found
}

/// Reads the path at `at` under `prefix`, with what stands in its braces; gives the place after it.
fn read_path(tokens: &[(Token, usize)], mut at: usize, prefix: &[String], found: &mut Vec<Named>) -> usize {
    let mut parts = prefix.to_vec();
    let line = tokens[at].1;
    while let Some((Token::Word(word), _)) = tokens.get(at) {
        parts.push(word.clone());
        at += 1;
        match (tokens.get(at), tokens.get(at + 1)) {
            (Some((Token::Colons, _)), Some((Token::Word(_), _))) => at += 1,
            (Some((Token::Colons, _)), Some((Token::Open, _))) => {
                return read_braces(tokens, at + 2, &parts, found);
            }
            _ => break,
        }
    }
    found.push(Named { parts, line });
    at
}

fn read_braces(tokens: &[(Token, usize)], mut at: usize, prefix: &[String], found: &mut Vec<Named>) -> usize {
    while let Some((token, _)) = tokens.get(at) {
        match token {
            Token::Word(_) => {
                at = read_path(tokens, at, prefix, found);
                // `as other`: a new name for the same thing.
                while matches!(tokens.get(at), Some((Token::Word(_), _))) {
                    at += 1;
                }
            }
            Token::Close => return at + 1,
            _ => at += 1,
        }
    }
    at
}

fn tokens_of(code: &str) -> Vec<(Token, usize)> {
    let mut tokens = Vec::new();
    let mut line = 1;
    let mut chars = code.chars().peekable();
    while let Some(c) = chars.next() {
        let token = match c {
            '\n' => {
                line += 1;
                continue;
            }
            c if c.is_whitespace() => continue,
            ':' if chars.next_if_eq(&':').is_some() => Token::Colons,
            '{' => Token::Open,
            '}' => Token::Close,
            ',' => Token::Comma,
            // A glob counts as a word only behind `::`; elsewhere it multiplies or points.
            '*' if matches!(tokens.last(), Some((Token::Colons, _))) => Token::Word("*".to_owned()),
            c if c.is_alphanumeric() || c == '_' => {
                let mut word = c.to_string();
                while let Some(more) = chars.next_if(|c| c.is_alphanumeric() || *c == '_') {
                    word.push(more);
                }
                Token::Word(word)
            }
            _ => Token::Other,
        };
        tokens.push((token, line));
    }
    tokens
}
