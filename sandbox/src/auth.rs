//! Tokens over HTTP: handing them out, checking them, and the rate-limit probe.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::errors;
use crate::reply::Reply;
use crate::request::Request;
use crate::scope::Scope;
use crate::token::{LIFE_SECONDS, Token};
use crate::token_request::{header_credential, read_token_request};
use crate::wire;
use crate::world::World;

/// Said when the Authorization header is missing or unreadable; 400 and not 401 (documented).
const BAD_HEADER: &str = "Authorization Information is incorrect";
/// Said for a wrong secret and for a dead token (observed).
const FAILURE: &str = "Authentication Failure";

/// `POST /auth/oauth2/v2/token`: flat, and the same token as long as it lives (documented).
pub(crate) fn token(world: &mut World, request: &Request) -> Reply {
    match credential(world, request) {
        Ok(client_id) => {
            let first_age = world.tenant.knobs.first_token_age_seconds;
            let token = world.tokens.issue(&client_id, world.clock.now(), first_age);
            Reply::json(200, describe(&token, world.tenant.account_id))
        }
        Err(reply) => reply,
    }
}

/// `POST /auth/oauth2/token`: an envelope, and a new token every time, which kills the one before (documented).
pub(crate) fn legacy_token(world: &mut World, request: &Request) -> Reply {
    match credential(world, request) {
        Ok(client_id) => {
            let token = world.tokens.reissue(&client_id, world.clock.now());
            Reply::envelope(vec![describe(&token, world.tenant.account_id)])
        }
        Err(reply) => reply,
    }
}

/// `POST /auth/oauth2/revoke`: kills a token of the credential in the header (documented).
///
/// Which refusal belongs to which mistake is a guess.
pub(crate) fn revoke(world: &mut World, request: &Request) -> Reply {
    let Some((id, secret)) = request.header("authorization").and_then(header_credential) else {
        return errors::envelope(400, BAD_HEADER);
    };
    if !is_known(world, &id, &secret) {
        return errors::envelope(401, FAILURE);
    }
    let body = request.json();
    let Some(token) = body.as_ref().and_then(|body| body.get("access_token")?.as_str()) else {
        return errors::no_input(request);
    };
    match world.tokens.owner_of(token, world.clock.now()) {
        Some(owner) if owner == id => {
            world.tokens.revoke(&id);
            Reply::done("Success")
        }
        Some(_) => errors::envelope(401, FAILURE),
        None => errors::envelope(404, "The access token was not found"),
    }
}

/// The client id of a good token request; bad ones count towards the edge's patience.
fn credential(world: &mut World, request: &Request) -> Result<String, Reply> {
    let now = world.clock.now();
    if let Some(throttle) = world.tenant.knobs.token_throttle {
        let counts_from = now.saturating_sub(SignedDuration::from_secs(throttle.seconds));
        let counts_from = counts_from.unwrap_or(Timestamp::MIN);
        world.bad_token_requests.retain(|at| *at > counts_from);
        if world.bad_token_requests.len() >= throttle.tries {
            return Err(errors::edge_throttle());
        }
    }
    let checked = check_credential(world, request);
    if checked.is_err() {
        world.bad_token_requests.push(now);
    }
    checked
}

fn check_credential(world: &World, request: &Request) -> Result<String, Reply> {
    let asked =
        read_token_request(request).ok_or_else(|| errors::envelope(400, "Input JSON is not valid"))?;
    let (Some(client_id), Some(secret)) = (asked.client_id, asked.client_secret) else {
        return Err(errors::envelope(400, BAD_HEADER));
    };
    if asked.grant_type.as_deref() != Some("client_credentials") {
        let message = "grant_type is incorrect. It should be -> client_credentials";
        return Err(errors::envelope(400, message));
    }
    if !is_known(world, &client_id, &secret) {
        return Err(errors::envelope(401, FAILURE));
    }
    if world.tenant.knobs.orphaned_credentials.contains(&client_id) {
        return Err(errors::envelope(500, "Internal Server Error"));
    }
    Ok(client_id)
}

fn is_known(world: &World, client_id: &str, secret: &str) -> bool {
    let mut credentials = world.tenant.credentials.iter();
    credentials.any(|known| known.client_id == client_id && known.client_secret == secret)
}

/// A token, its keys in the recorded order.
fn describe(token: &Token, account_id: i64) -> Value {
    json!({
        "access_token": token.value,
        "created_at": wire::date(token.created_at),
        "expires_in": LIFE_SECONDS,
        // Sent, but of no use any more (documented).
        "refresh_token": token.value.chars().rev().collect::<String>(),
        "token_type": "bearer",
        "account_id": account_id,
    })
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
