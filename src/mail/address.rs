//! Addresses as mail servers take them.

use lettre::Address;

use crate::domain::recipient::is_quoted_local_part;

/// The longest address that SMTP carries.
const LONGEST: usize = 254;

/// Reads one address. `None` for what SMTP cannot carry.
pub(super) fn parse(text: &str) -> Option<Address> {
    let address = match text.rsplit_once('@') {
        // Valid, and refused by lettre.
        Some((local, domain)) if is_quoted_local_part(local) => {
            // The domain is checked with a local part that is beyond doubt.
            let checked: Address = format!("postmaster@{domain}").parse().ok()?;
            Address::new_dangerous(local, checked.domain())
        }
        _ => text.parse().ok()?,
    };
    Some(address).filter(|address| on_the_wire(address).to_string().len() <= LONGEST)
}

/// The same address with its domain in ASCII (RFC 5890, A-labels), so that only a local part beyond
/// ASCII needs a server with SMTPUTF8. As it is where the domain has no such form.
pub(super) fn on_the_wire(address: &Address) -> Address {
    if address.domain().is_ascii() {
        return address.clone();
    }
    idna::domain_to_ascii(address.domain()).map_or_else(
        |_| address.clone(),
        |domain| Address::new_dangerous(address.user(), domain),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wire(text: &str) -> Option<String> {
        parse(text).map(|address| on_the_wire(&address).to_string())
    }

    #[test]
    fn a_domain_beyond_ascii_travels_as_a_labels_and_the_local_part_as_it_is() {
        for (text, expected) in [
            ("ana@münchen.example", "ana@xn--mnchen-3ya.example"),
            ("ana@MÜNCHEN.example", "ana@xn--mnchen-3ya.example"),
            (
                "ana@bücher.münchen.example",
                "ana@xn--bcher-kva.xn--mnchen-3ya.example",
            ),
            ("ana@例え.テスト", "ana@xn--r8jz45g.xn--zckzah"),
            ("élodie@acme.example", "élodie@acme.example"),
            ("élodie@münchen.example", "élodie@xn--mnchen-3ya.example"),
            ("Ana.Novak@ACME.example", "Ana.Novak@ACME.example"),
            ("ana@xn--mnchen-3ya.example", "ana@xn--mnchen-3ya.example"),
        ] {
            assert_eq!(wire(text).as_deref(), Some(expected), "{text}");
        }
    }

    #[test]
    fn a_quoted_local_part_is_taken_and_nothing_can_hide_in_it() {
        for good in [
            "\"ana novak\"@acme.example",
            "\"a@b\"@acme.example",
            "\"a..b,<c>\"@acme.example",
        ] {
            assert_eq!(wire(good).as_deref(), Some(good));
        }
        assert_eq!(
            wire("\"ana novak\"@münchen.example").as_deref(),
            Some("\"ana novak\"@xn--mnchen-3ya.example")
        );
        for bad in [
            "\"\"@acme.example",
            "\"@acme.example",
            "\"a\"b\"@acme.example",
            "\"a\\\"@acme.example",
            "\"a\r\nDATA\"@acme.example",
            "\"a\"@acme.example>",
            "\"a\"@acme .example",
            "\"é\"@acme.example",
            "\"x\"@a.example, \"y\"@b.example",
        ] {
            assert_eq!(parse(bad), None, "{bad:?}");
        }
    }

    #[test]
    fn an_address_too_long_for_smtp_is_none() {
        let fits = format!(
            "{}@{}.example",
            "a".repeat(60),
            "b.".repeat(90).trim_end_matches('.')
        );
        assert!(parse(&fits).is_some(), "{}", fits.len());
        let long = format!(
            "{}@{}.example",
            "a".repeat(60),
            "b.".repeat(95).trim_end_matches('.')
        );
        assert_eq!(parse(&long), None, "{}", long.len());
    }
}
