//! The forms in which a credential may come.

use base64::{Engine, engine::general_purpose::STANDARD};

use crate::request::Request;

/// A token request, whichever of the known forms it came in.
#[derive(Debug, Default)]
pub(crate) struct TokenRequest {
    pub(crate) client_id: Option<String>,
    pub(crate) client_secret: Option<String>,
    pub(crate) grant_type: Option<String>,
}

/// Reads header and body together; `None` if the body is no JSON although it should be.
pub(crate) fn read_token_request(request: &Request) -> Option<TokenRequest> {
    let mut asked = TokenRequest::default();
    let is_form = request
        .header("content-type")
        .is_some_and(|kind| kind.starts_with("application/x-www-form-urlencoded"));
    if is_form {
        for (key, value) in form_urlencoded::parse(request.body.as_bytes()) {
            asked.set(&key, &value);
        }
    } else if !request.body.trim().is_empty() {
        for (key, value) in request.json()?.as_object()? {
            asked.set(key, value.as_str().unwrap_or_default());
        }
    }
    if let Some((id, secret)) = request.header("authorization").and_then(header_credential) {
        asked.client_id = Some(id);
        asked.client_secret = Some(secret);
    }
    Some(asked)
}

impl TokenRequest {
    fn set(&mut self, key: &str, value: &str) {
        let field = match key {
            "client_id" => &mut self.client_id,
            "client_secret" => &mut self.client_secret,
            "grant_type" => &mut self.grant_type,
            _ => return,
        };
        *field = Some(value.to_owned());
    }
}

/// `Basic …` or `client_id:…, client_secret:…`, with or without the space.
pub(crate) fn header_credential(header: &str) -> Option<(String, String)> {
    if let Some((scheme, encoded)) = header.split_once(' ')
        && scheme.eq_ignore_ascii_case("basic")
    {
        let decoded = String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()?;
        let (id, secret) = decoded.split_once(':')?;
        return Some((id.to_owned(), secret.to_owned()));
    }
    let (id, secret) = header.split_once(',')?;
    let id = id.trim().strip_prefix("client_id:")?;
    let secret = secret.trim().strip_prefix("client_secret:")?;
    Some((id.trim().to_owned(), secret.trim().to_owned()))
}
