//! Tokens over HTTP: handing them out, checking them, and the rate-limit probe.

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

use crate::errors;
use crate::reply::Reply;
use crate::request::Request;
use crate::scope::Scope;
use crate::token::LIFE_SECONDS;
use crate::wire;
use crate::world::World;

/// Said when the Authorization header is missing or unreadable; 400 and not 401 (documented).
const BAD_HEADER: &str = "Authorization Information is incorrect";
/// Said for a wrong secret and for a dead token (observed).
const FAILURE: &str = "Authentication Failure";

/// A token request, whichever of the known forms it came in.
#[derive(Debug, Default)]
struct TokenRequest {
    client_id: Option<String>,
    client_secret: Option<String>,
    grant_type: Option<String>,
}

/// `POST /auth/oauth2/v2/token`
pub(crate) fn token(world: &mut World, request: &Request) -> Reply {
    let Some(asked) = read_token_request(request) else {
        return errors::envelope(400, "Input JSON is not valid");
    };
    let (Some(client_id), Some(secret)) = (asked.client_id, asked.client_secret) else {
        return errors::envelope(400, BAD_HEADER);
    };
    if asked.grant_type.as_deref() != Some("client_credentials") {
        return errors::envelope(400, "grant_type is incorrect. It should be -> client_credentials");
    }
    let is_known = world
        .tenant
        .credentials
        .iter()
        .any(|known| known.client_id == client_id && known.client_secret == secret);
    if !is_known {
        return errors::envelope(401, FAILURE);
    }
    let knobs = &world.tenant.knobs;
    if knobs.orphaned_credentials.contains(&client_id) {
        return errors::envelope(500, "Internal Server Error");
    }
    let first_age = knobs.first_token_age_seconds;
    let token = world.tokens.issue(&client_id, world.clock.now(), first_age);
    Reply::json(
        200,
        json!({
            "access_token": token.value,
            "created_at": wire::date(token.created_at),
            "expires_in": LIFE_SECONDS,
            // Sent, but of no use any more (documented).
            "refresh_token": token.value.chars().rev().collect::<String>(),
            "token_type": "bearer",
            "account_id": world.tenant.account_id,
        }),
    )
}

/// Reads header and body together; `None` if the body is no JSON although it should be.
fn read_token_request(request: &Request) -> Option<TokenRequest> {
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
fn header_credential(header: &str) -> Option<(String, String)> {
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

/// The scope of the request's token, or why it has none.
pub(crate) fn scope_of(world: &World, request: &Request) -> Result<Scope, Refusal> {
    let token = request
        .header("authorization")
        .and_then(bearer_token)
        .ok_or(Refusal::BadHeader)?;
    let client_id = world
        .tokens
        .owner_of(token, world.clock.now())
        .ok_or(Refusal::DeadToken)?;
    world
        .tenant
        .credentials
        .iter()
        .find(|credential| credential.client_id == client_id)
        .map(|credential| credential.scope)
        .ok_or(Refusal::DeadToken)
}

/// Why a request has no scope.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refusal {
    BadHeader,
    DeadToken,
}

impl Refusal {
    /// The v1 and `/auth` answer (documented, observed).
    pub(crate) fn envelope(self) -> Reply {
        match self {
            Self::BadHeader => errors::envelope(400, BAD_HEADER),
            Self::DeadToken => errors::envelope(401, FAILURE),
        }
    }

    /// The v2 answer; that a bad header looks as in v1 is a guess.
    pub(crate) fn named(self) -> Reply {
        match self {
            Self::BadHeader => errors::envelope(400, BAD_HEADER),
            Self::DeadToken => errors::named(401, "Unauthorized"),
        }
    }
}

/// The token after `bearer`, which stands in any case and with a space or a colon (documented, observed).
fn bearer_token(header: &str) -> Option<&str> {
    let scheme = header.get(..6)?;
    let rest = header.get(6..)?;
    let token = rest.strip_prefix([' ', ':'])?.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then_some(token)
}

/// `GET /auth/rate_limit`; the probe itself does not count (observed).
pub(crate) fn rate_limit(world: &mut World) -> Reply {
    let limit = world.tenant.knobs.v1_hourly_limit;
    let state = world.quota.state(limit, world.clock.now());
    let data: Value = json!({
        "X-RateLimit-Limit": state.limit,
        "X-RateLimit-Remaining": state.remaining,
        "X-RateLimit-Reset": state.reset_seconds,
    });
    Reply::envelope(data)
}
