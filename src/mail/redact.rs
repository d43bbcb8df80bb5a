//! Addresses as logs may show them.

use super::clean::clean;

/// `ana.novak@acme.example` as `a***@acme.example`: enough to recognise, not enough to write to.
/// What is no address becomes `***`.
pub fn redact(address: &str) -> String {
    match clean(address).rsplit_once('@') {
        Some((local, domain)) if !domain.is_empty() => {
            let first: String = local.chars().take(1).collect();
            format!("{first}***@{domain}")
        }
        _ => "***".to_owned(),
    }
}

/// A sentence, such as a server's reply, with every address in it redacted.
pub fn redact_in(text: &str) -> String {
    let ends_a_word = |c: char| c.is_whitespace() || "<>()[]{}\"',;:=".contains(c);
    without_quoted(text)
        .split_inclusive(ends_a_word)
        .map(|piece| {
            let word = piece.trim_end_matches(ends_a_word);
            let rest = &piece[word.len()..];
            if word.contains('@') {
                redact(word) + rest
            } else {
                piece.to_owned()
            }
        })
        .collect()
}

/// The text with quoted local parts, as in `"ana novak"@acme.example`, cut down to their first letter.
fn without_quoted(text: &str) -> String {
    let mut kept = String::new();
    let mut rest = text;
    while let Some(end) = rest.find("\"@") {
        let start = rest[..end].rfind('"').unwrap_or(end);
        kept.push_str(&rest[..start]);
        kept.extend(rest[start + 1..=end].chars().find(|c| c.is_alphanumeric()));
        rest = &rest[end + 1..];
    }
    kept + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_first_letter_and_the_domain_remain() {
        assert_eq!(redact("ana.novak@acme.example"), "a***@acme.example");
        assert_eq!(redact("a@acme.example"), "a***@acme.example");
        assert_eq!(redact("élodie@acme.example"), "é***@acme.example");
        assert_eq!(redact("ana@home@acme.example"), "a***@acme.example");
        assert_eq!(redact("ana\r\n@acme.example"), "a***@acme.example");
    }

    #[test]
    fn what_is_no_address_is_hidden_whole() {
        for text in ["", "ana", "ana@"] {
            assert_eq!(redact(text), "***", "{text}");
        }
    }

    #[test]
    fn addresses_inside_a_reply_are_redacted() {
        assert_eq!(
            redact_in("550 5.1.1 <ana.novak@acme.example>: no such user, ask it@acme.example"),
            "550 5.1.1 <a***@acme.example>: no such user, ask i***@acme.example"
        );
        assert_eq!(
            redact_in("550 <\"ana novak\"@acme.example>: no; \"b,c@d\"@x.example \"@y"),
            "550 <a***@acme.example>: no; b***@x.example ***@y"
        );
        assert_eq!(
            redact_in("250 2.0.0 Ok: queued as 4F3B"),
            "250 2.0.0 Ok: queued as 4F3B"
        );
    }
}
