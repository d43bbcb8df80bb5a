//! One request and its answer: log, faults, the answer itself, and the headers that stand on everything.

use axum::http::StatusCode;

use crate::faults::{Delivery, before_effect, deface};
use crate::log::RecordedRequest;
use crate::random;
use crate::reply::{Body, Reply};
use crate::request::Request;
use crate::route::{self, Face};
use crate::wire;
use crate::world::World;

/// Answers a request and records it.
pub(crate) fn exchange(world: &mut World, mut request: Request) -> (Reply, Delivery) {
    let mut record = RecordedRequest::of(&request);
    let fault = world.faults.strike(&request.method, &request.path);
    record.fault = fault.as_ref().map(|(id, _)| *id);
    let fault = fault.map(|(_, fault)| fault);
    let mut delivery = Delivery::Whole;
    let mut reply = if let Some(fault) = &fault {
        delivery = fault.kind.delivery();
        before_effect(&fault.kind, world, &mut request);
        let instead = fault.kind.instead(world.clock.now());
        let real = (fault.takes_effect || instead.is_none()).then(|| route::answer(world, &request));
        let mut reply = instead.or(real).unwrap_or_else(|| Reply::empty(500));
        deface(&fault.kind, &request, &mut reply);
        reply
    } else {
        route::answer(world, &request)
    };
    add_common_headers(world, &request, &mut reply);
    record.status = (delivery != Delivery::Never).then_some(reply.status);
    if let Some(file) = &world.log_file {
        // A full disk must not change what the sandbox answers; the request is kept below all the same.
        drop(record.append_to(file));
    }
    world.log.push(record);
    (reply, delivery)
}

fn add_common_headers(world: &mut World, request: &Request, reply: &mut Reply) {
    let now = world.clock.now();
    reply.set_header("date", wire::http_date(now));
    if reply.is_from_edge {
        return;
    }
    world.answered += 1;
    let face = Face::of(&request.path);
    if matches!(reply.body, Body::Json(_)) {
        reply.set_header("content-type", content_type(face));
    }
    let request_id = request_id(face, world.answered);
    if face == Face::V1 {
        let quota = world.quota.state(world.tenant.knobs.v1_hourly_limit, now);
        reply.set_header("x-ratelimit-limit", quota.limit.to_string());
        reply.set_header("x-ratelimit-remaining", quota.remaining.to_string());
        reply.set_header("x-ratelimit-reset", quota.reset_seconds.to_string());
        reply.set_header("cache-control", "max-age=0, private, must-revalidate");
        reply.set_header("x-frame-options", "SAMEORIGIN");
        reply.set_header("status", status_line(reply.status));
    } else {
        reply.set_header("cache-control", "private");
        reply.set_header("x-correlation-id", request_id.clone());
    }
    reply.set_header("x-request-id", request_id);
}

/// Only v1 names a character set (observed).
fn content_type(face: Face) -> &'static str {
    match face {
        Face::V1 => "application/json; charset=utf-8",
        Face::V2 | Face::Auth => "application/json",
    }
}

/// v1 repeats the status as a header (observed).
fn status_line(status: u16) -> String {
    let reason = StatusCode::from_u16(status)
        .ok()
        .and_then(|code| code.canonical_reason());
    format!("{status} {}", reason.unwrap_or_default())
}

/// Groups of 8-8-4-8-4-6-4 hexadecimal digits in v1 (observed), of 8-4-4-4-12 elsewhere (guess).
fn request_id(face: Face, number: u64) -> String {
    let mut state = number;
    let groups: &[usize] = match face {
        Face::V1 => &[8, 8, 4, 8, 4, 6, 4],
        Face::V2 | Face::Auth => &[8, 4, 4, 4, 12],
    };
    let parts: Vec<String> = groups
        .iter()
        .map(|&length| random::hex_digits(&mut state, length))
        .collect();
    let id = parts.join("-");
    if face == Face::V1 {
        id.to_ascii_uppercase()
    } else {
        id
    }
}
