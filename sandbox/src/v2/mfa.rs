//! `/api/2/mfa/users/:id`: second factors.

use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::errors;
use crate::random;
use crate::reply::Reply;
use crate::request::Request;
use crate::tenant::{Device, OTP_DEVICE_REMOVED};
use crate::wire;
use crate::world::World;

/// Default and most seconds of a temporary token (documented).
const MOST_SECONDS: i64 = 259_200;
/// Fewest seconds (a client's bound; that the API keeps it is a guess).
const LEAST_SECONDS: i64 = 120;

/// `GET …/devices`: what is enrolled and can be verified through the API (documented).
pub(crate) fn devices(world: &World, user_id: i64) -> Reply {
    if !world.tenant.users.contains_key(&user_id) {
        return errors::not_found();
    }
    let devices = world
        .tenant
        .devices
        .get(&user_id)
        .map(Vec::as_slice)
        .unwrap_or_default();
    let visible = devices.iter().filter(|device| !device.is_hidden);
    Reply::json(200, visible.map(render).collect())
}

/// `DELETE …/devices/:device_id`: 204 (documented).
pub(crate) fn remove(world: &mut World, user_id: i64, device_id: &str) -> Reply {
    let now = world.clock.now();
    if world.tenant.remove_device(user_id, device_id) {
        world.tenant.record_event(OTP_DEVICE_REMOVED, user_id, now);
        Reply::empty(204)
    } else {
        errors::not_found()
    }
}

/// `POST …/mfa_token`: 201 and a token of eight digits (documented).
pub(crate) fn token(world: &mut World, request: &Request, user_id: i64) -> Reply {
    let now = world.clock.now();
    if !world.tenant.users.contains_key(&user_id) {
        return errors::not_found();
    }
    let wish = request.json().unwrap_or_default();
    let seconds = match wish.get("expires_in") {
        None => Some(MOST_SECONDS),
        Some(Value::String(text)) => text.parse().ok(),
        Some(value) => value.as_i64(),
    };
    let Some(seconds) = seconds.filter(|seconds| (LEAST_SECONDS..=MOST_SECONDS).contains(seconds)) else {
        return errors::invalid("expires_in is out of range");
    };
    let reusable = wish.get("reusable") == Some(&Value::Bool(true));
    let device_id = format!("user_temp_otp_{user_id}");
    if world.tenant.knobs.temporary_token_is_device {
        world.tenant.remove_device(user_id, &device_id);
        world
            .tenant
            .add_device(user_id, Device::new(&device_id, "Temporary OTP Token"));
    }
    let mut state = world.answered.wrapping_add(user_id.unsigned_abs());
    let digits = random::next_random(&mut state) % 90_000_000 + 10_000_000;
    let expires_at = now
        .saturating_add(SignedDuration::from_secs(seconds))
        .unwrap_or(now);
    Reply::json(
        201,
        json!({
            "mfa_token": digits.to_string(),
            "expires_at": wire::date(expires_at),
            "reusable": reusable,
            "device_id": device_id,
        }),
    )
}

/// `GET …/factors`: a bare array, although the specification says object (observed).
pub(crate) fn factors(world: &World, user_id: i64) -> Reply {
    if !world.tenant.users.contains_key(&user_id) {
        return errors::not_found();
    }
    let factors = world.tenant.factors.iter().map(|factor| {
        json!({
            "factor_id": factor.factor_id,
            "name": factor.name,
            "auth_factor_name": factor.auth_factor_name,
        })
    });
    Reply::json(200, factors.collect())
}

fn render(device: &Device) -> Value {
    json!({
        "device_id": device.device_id,
        "user_display_name": device.user_display_name,
        "type_display_name": device.type_display_name,
        "auth_factor_name": device.auth_factor_name,
        "default": device.is_default,
    })
}
