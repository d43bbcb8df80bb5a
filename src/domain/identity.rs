//! When two ways of writing a person are the same person: one normalisation for the file, the
//! configuration and the directory.

use unicode_normalization::UnicodeNormalization as _;

/// The form in which emails and usernames are compared: without surrounding white space, composed
/// (NFC), in lower case, and of an email the domain as DNS has it (IDNA, so that `münchen.de` equals
/// `xn--mnchen-3ya.de`). Dots and `+` of a mailbox are left alone: they make different people.
pub fn normal(text: &str) -> String {
    let text: String = text
        .trim()
        .nfc()
        .collect::<String>()
        .to_lowercase()
        .nfc()
        .collect();
    match text.rsplit_once('@') {
        Some((local, domain)) if !domain.is_empty() => match idna::domain_to_ascii(domain) {
            Ok(ascii) => format!("{local}@{ascii}"),
            // No domain that DNS could have: compared as it is written.
            Err(_) => text,
        },
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use super::normal;

    #[test]
    fn case_composition_and_domain_make_no_difference() {
        assert_eq!(normal(" Ana@Acme.Example "), "ana@acme.example");
        assert_eq!(
            normal("ju\u{308}rgen@acme.example"),
            normal("J\u{dc}RGEN@acme.example")
        );
        assert_eq!(
            normal("ana@m\u{fc}nchen.example"),
            normal("ana@xn--mnchen-3ya.example")
        );
    }

    #[test]
    fn plus_and_dots_make_different_people() {
        assert_ne!(normal("a.na@acme.example"), normal("ana@acme.example"));
        assert_ne!(normal("ana+x@acme.example"), normal("ana@acme.example"));
    }
}
