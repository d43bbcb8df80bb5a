//! The access token: fetched when it is needed, shared while it lives.

use jiff::{SignedDuration, Timestamp};
use reqwest::Method;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use super::error::Error;
use super::http::{Answer, Http};
use super::wire;

const PATH: &str = "/auth/oauth2/v2/token";

/// An API credential.
#[derive(Debug)]
pub(super) struct Credential {
    pub(super) id: String,
    pub(super) secret: SecretString,
}

/// A token and the account it is for.
#[derive(Debug, Clone)]
pub(super) struct Token {
    pub(super) secret: SecretString,
    /// `created_at + expires_in`: OneLogin hands out the same token again while it lives, and
    /// `expires_in` does not shrink meanwhile (observed in recorded traffic).
    pub(super) expires_at: Timestamp,
    pub(super) account_id: i64,
}

#[derive(Deserialize)]
struct Body {
    access_token: SecretString,
    created_at: Timestamp,
    expires_in: i64,
    account_id: i64,
}

/// One token request. HTTP Basic with a JSON body is one of the documented forms.
pub(super) fn request(http: &Http, credential: &Credential) -> reqwest::RequestBuilder {
    http.request(Method::POST, PATH)
        .basic_auth(&credential.id, Some(credential.secret.expose_secret()))
        .json(&serde_json::json!({ "grant_type": "client_credentials" }))
}

/// The name of the call in messages.
pub(super) const CALL: &str = "POST /auth/oauth2/v2/token";

/// Reads the answer to a token request.
pub(super) fn read(http: &Http, answer: Answer) -> Result<Token, Error> {
    let answer = match answer.status.as_u16() {
        401 => return Err(Error::Credential { host: http.host() }),
        500 => return Err(Error::OrphanedCredential { host: http.host() }),
        _ => wire::expect_ok(CALL, answer)?,
    };
    // The body holds the token, so a parse error may say where, but never what.
    let body: Body = serde_json::from_slice(&answer.body).map_err(|error| Error::Unreadable {
        call: CALL.to_owned(),
        why: format!(
            "it is not the documented JSON (line {}, column {}). Check that onelogin.url is the tenant's, and that no \
             proxy answers in its place",
            error.line(),
            error.column()
        ),
    })?;
    let life = SignedDuration::from_secs(body.expires_in);
    Ok(Token {
        secret: body.access_token,
        expires_at: body.created_at.checked_add(life).unwrap_or(body.created_at),
        account_id: body.account_id,
    })
}
