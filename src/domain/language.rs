//! Which language a reader is written to in.

use std::collections::BTreeSet;

use super::run::names;

/// The language that every mail exists in.
pub const ENGLISH: &str = "en";

names! {
    /// What a language was chosen by.
    LanguageReason {
        /// The reader's own locale in OneLogin.
        Locale = "locale",
        /// `[mail] language`.
        Config = "config",
        /// Neither of these has templates.
        Default = "default",
    }
}

/// A language, and why it is this one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LanguageChoice {
    /// Its tag, as the templates name it: `de`, `pt-BR`.
    pub tag: String,
    /// What led to it.
    pub reason: LanguageReason,
}

/// The language for a reader with this locale, among those that the mail exists in: the locale's,
/// then the configured one, then English.
///
/// A locale is matched as RFC 4647 looks up a tag: `de-AT` takes `de-AT`, else `de`. Case is ignored,
/// and `_` is as good as `-`: what OneLogin's field may hold is documented nowhere. What is no tag
/// matches nothing.
pub fn choose_language(
    locale: Option<&str>,
    configured: &str,
    available: &BTreeSet<String>,
) -> LanguageChoice {
    let wishes = [
        (locale, LanguageReason::Locale),
        (Some(configured), LanguageReason::Config),
    ];
    let found = wishes.into_iter().find_map(|(wish, reason)| {
        let tag = look_up(wish?, available)?.clone();
        Some(LanguageChoice { tag, reason })
    });
    found.unwrap_or_else(|| LanguageChoice {
        tag: ENGLISH.to_owned(),
        reason: LanguageReason::Default,
    })
}

fn look_up<'a>(wish: &str, available: &'a BTreeSet<String>) -> Option<&'a String> {
    // POSIX writes de_DE.UTF-8@euro.
    let wish = wish.trim().split(['.', '@']).next()?.replace('_', "-");
    let mut range = wish.as_str();
    loop {
        if let Some(tag) = available.iter().find(|tag| tag.eq_ignore_ascii_case(range)) {
            return Some(tag);
        }
        range = range.rsplit_once('-')?.0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn available() -> BTreeSet<String> {
        ["en", "de", "fr", "ja", "pt-BR"].map(str::to_owned).into()
    }

    fn chosen(locale: Option<&str>, configured: &str) -> (String, LanguageReason) {
        let LanguageChoice { tag, reason } = choose_language(locale, configured, &available());
        (tag, reason)
    }

    #[test]
    fn a_locale_leads_to_itself_or_to_its_language_however_it_is_written() {
        for (locale, tag) in [
            ("de", "de"),
            ("de-AT", "de"),
            ("DE_at", "de"),
            ("fr_CA", "fr"),
            ("ja-JP", "ja"),
            ("de_DE.UTF-8@euro", "de"),
            (" fr ", "fr"),
            ("pt-br", "pt-BR"),
            ("de-Latn-CH-1996", "de"),
            ("en-GB", "en"),
        ] {
            let told = chosen(Some(locale), "fr");
            assert_eq!(told, (tag.to_owned(), LanguageReason::Locale), "{locale}");
        }
    }

    #[test]
    fn what_has_no_templates_falls_to_the_configuration_then_to_english() {
        for locale in [
            None,
            Some(""),
            Some("it"),
            Some("pt"),
            Some("-"),
            Some("deu"),
            Some("d"),
            Some("German"),
        ] {
            assert_eq!(
                chosen(locale, "fr"),
                ("fr".to_owned(), LanguageReason::Config),
                "{locale:?}"
            );
            assert_eq!(
                chosen(locale, "it"),
                ("en".to_owned(), LanguageReason::Default),
                "{locale:?}"
            );
        }
    }

    proptest::proptest! {
        #[test]
        fn whatever_stands_in_the_field_a_language_comes_out(locale in "\\PC{0,40}|[a-zA-Z_.@/\\\\-]{0,300}") {
            let (tag, _) = chosen(Some(&locale), "de");
            assert!(available().contains(&tag));
        }
    }
}
