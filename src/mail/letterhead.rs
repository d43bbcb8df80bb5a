//! What every mail carries, whatever it says: sender, answers, link, and a rehearsal's address.

use lettre::Address;
use lettre::message::Mailbox;
use serde::Serialize;

use super::address::on_the_wire;
use super::clean::clean;
use crate::config::settings;

/// The part of `[mail]` that shows in a mail, made safe to show.
#[derive(Debug, Clone)]
pub struct Letterhead {
    pub(super) from: Mailbox,
    pub(super) envelope_from: Address,
    pub(super) reply_to: Option<Mailbox>,
    pub(super) redirect_to: Option<Address>,
    /// `[mail] language`
    pub(super) language: String,
    pub(super) lines: Lines,
}

/// The same as templates see it.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Lines {
    /// Who sends: the name in From, else its address.
    pub(super) sender: String,
    /// The address in From.
    pub(super) sender_address: String,
    /// Where answers go, if that is set.
    pub(super) reply_to: Option<String>,
    /// The one link, if one is set.
    pub(super) link: Option<String>,
}

impl Letterhead {
    /// Takes over what the settings say.
    pub fn new(settings: &settings::Mail) -> Self {
        let from = safe(&settings.from);
        let envelope_from = settings.envelope_from.as_ref().map(on_the_wire);
        let reply_to = settings.reply_to.as_ref().map(safe);
        let lines = Lines {
            sender: from.name.clone().unwrap_or_else(|| from.email.to_string()),
            sender_address: from.email.to_string(),
            reply_to: reply_to.as_ref().map(|mailbox| mailbox.email.to_string()),
            // Escaping does not make "javascript:" harmless.
            link: settings
                .link
                .as_ref()
                .filter(|link| matches!(link.scheme(), "https" | "http"))
                .map(|link| link.as_str().to_owned()),
        };
        Self {
            envelope_from: envelope_from.unwrap_or_else(|| from.email.clone()),
            from,
            reply_to,
            redirect_to: settings.redirect_to.as_ref().map(on_the_wire),
            language: settings.language.clone(),
            lines,
        }
    }

    /// The domain of the sender's address, which a Message-ID ends in.
    pub fn domain(&self) -> &str {
        self.from.email.domain()
    }
}

/// The mailbox as it travels, with a name that lettre can write: a line end or a NUL in it is a panic
/// there.
fn safe(mailbox: &Mailbox) -> Mailbox {
    let name = mailbox.name.as_deref().map(clean).filter(|name| !name.is_empty());
    Mailbox::new(name, on_the_wire(&mailbox.email))
}
