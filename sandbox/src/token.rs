//! Tokens: one per credential, handed out again and again until it dies.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use crate::random;

/// Life of a token, always told as this number however old the token is (observed).
pub(crate) const LIFE_SECONDS: i64 = 36_000;

#[derive(Debug, Clone)]
pub(crate) struct Token {
    pub(crate) value: String,
    pub(crate) created_at: Timestamp,
}

impl Token {
    fn is_alive(&self, now: Timestamp) -> bool {
        now < self
            .created_at
            .saturating_add(SignedDuration::from_secs(LIFE_SECONDS))
            .unwrap_or(now)
    }
}

/// The live tokens by client id.
#[derive(Debug, Default)]
pub(crate) struct TokenStore {
    live: BTreeMap<String, Token>,
    minted: u64,
}

impl TokenStore {
    /// The credential's token: the one still alive, else a new one.
    ///
    /// Its very first token was made `first_age_seconds` ago, as if by another process.
    pub(crate) fn issue(&mut self, client_id: &str, now: Timestamp, first_age_seconds: i64) -> Token {
        let known = self.live.get(client_id);
        if let Some(token) = known.filter(|token| token.is_alive(now)) {
            return token.clone();
        }
        let age = if known.is_none() { first_age_seconds } else { 0 };
        self.minted += 1;
        let token = Token {
            value: token_value(client_id, self.minted),
            created_at: now.saturating_sub(SignedDuration::from_secs(age)).unwrap_or(now),
        };
        self.live.insert(client_id.to_owned(), token.clone());
        token
    }

    /// A new token in the place of the one before.
    pub(crate) fn reissue(&mut self, client_id: &str, now: Timestamp) -> Token {
        self.revoke(client_id);
        self.issue(client_id, now, 0)
    }

    /// Kills the token of one credential.
    pub(crate) fn revoke(&mut self, client_id: &str) {
        if let Some(token) = self.live.get_mut(client_id) {
            token.created_at = Timestamp::MIN;
        }
    }

    /// Whose live token this is.
    pub(crate) fn owner_of(&self, value: &str, now: Timestamp) -> Option<&str> {
        self.live
            .iter()
            .find(|(_, token)| token.value == value && token.is_alive(now))
            .map(|(client_id, _)| client_id.as_str())
    }

    /// Kills every token at once; the credentials get new ones when they ask.
    pub(crate) fn revoke_all(&mut self) {
        for token in self.live.values_mut() {
            // The entry stays, so that the next token counts as a fresh one and not as the first.
            token.created_at = Timestamp::MIN;
        }
    }
}

/// Sixty-four hexadecimal digits that follow from the client id and a counter.
fn token_value(client_id: &str, count: u64) -> String {
    let mut state = client_id.bytes().fold(count, |seed, byte| {
        seed.wrapping_mul(31).wrapping_add(byte.into())
    });
    random::hex_digits(&mut state, 64)
}
