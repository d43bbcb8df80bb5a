//! Which request goes where, and who may send it.

mod auth;
mod table;
mod v1;
mod v2;

use crate::auth as tokens;
use crate::errors;
use crate::mapping;
use crate::reply::Reply;
use crate::request::Request;
use crate::scope::Need;
use crate::sweep;
use crate::tenant::{Exhausted, Knobs, ScopeRefusal};
use crate::v2::{role_users, user_update};
use crate::world::World;

use table::{Entry, find};

/// Which generation of the API a path belongs to; they differ in headers and errors.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Face {
    Auth,
    V1,
    V2,
}

impl Face {
    pub(crate) fn of(path: &str) -> Self {
        if path.starts_with("/api/1/") {
            Self::V1
        } else if path.starts_with("/api/2/") {
            Self::V2
        } else {
            Self::Auth
        }
    }
}

/// Answers one request: route, token, quota, scope, and then the thing itself.
pub(crate) fn answer(world: &mut World, request: &Request) -> Reply {
    let face = Face::of(&request.path);
    sweep::let_time_pass(&mut world.tenant, world.clock.now());
    mapping::restore_due(world);
    role_users::show_due(world);
    let table: &[Entry] = match face {
        Face::Auth => &auth::ROUTES,
        Face::V1 => &v1::ROUTES,
        Face::V2 => &v2::ROUTES,
    };
    let is_hidden = hides(&world.tenant.knobs, request);
    let Some((entry, parts)) = find(table, request).filter(|_| !is_hidden) else {
        return unknown_route(request);
    };
    if let Err(refusal) = check(world, request, face, entry.need) {
        return refusal;
    }
    let mut reply = (entry.handler)(world, request, &parts);
    if reply.status < 300 {
        for (field, variant) in &world.tenant.knobs.field_variants {
            reply.change_objects(|object| {
                if object.contains_key(field) {
                    variant.apply(object, field);
                }
            });
        }
    }
    reply
}

/// Token, quota and scope, in this order. What needs no token is counted too (documented for event types).
fn check(world: &mut World, request: &Request, face: Face, need: Need) -> Result<(), Reply> {
    let scope = match need {
        Need::Open => None,
        _ => Some(tokens::scope_of(world, request).map_err(|refusal| match face {
            Face::V2 => refusal.named(),
            Face::Auth | Face::V1 => refusal.envelope(),
        })?),
    };
    let knobs = &world.tenant.knobs;
    if face == Face::V1 && !world.quota.take(knobs.v1_hourly_limit, world.clock.now()) {
        return Err(match knobs.v1_exhausted {
            Exhausted::Envelope => errors::envelope(429, "Rate limit exceeded"),
            Exhausted::EdgePage => errors::edge_throttle(),
        });
    }
    if let (Face::V2, Some(limit)) = (face, knobs.v2_hourly_limit)
        && !world.v2_quota.take(limit, world.clock.now())
    {
        return Err(errors::edge_throttle());
    }
    let covers = |need: Need| scope.is_none_or(|scope| scope.covers(need, knobs));
    if covers(need) && (!user_update::sets_password(request) || covers(Need::WriteAll)) {
        Ok(())
    } else {
        Err(out_of_scope(face, knobs))
    }
}

/// Parts of v2 that an account may lack.
fn hides(knobs: &Knobs, request: &Request) -> bool {
    let below = |path: &str| request.path == path || request.path.starts_with(&format!("{path}/"));
    (!knobs.policies_offered && below("/api/2/policies"))
        || (!knobs.groups_v2_offered && below("/api/2/groups"))
}

/// Below `/api/2/users/` an unknown route looks like a bad token (observed), elsewhere it says what it is.
fn unknown_route(request: &Request) -> Reply {
    if request.path.starts_with("/api/2/users/") {
        errors::named(401, "Unauthorized")
    } else {
        errors::no_route()
    }
}

/// v1 says so with 401 (documented); for v2 both 401 and 403 are named.
fn out_of_scope(face: Face, knobs: &Knobs) -> Reply {
    match (face, knobs.v2_scope_refusal) {
        (Face::Auth | Face::V1, _) => errors::envelope(401, "Insufficient Permission"),
        (Face::V2, ScopeRefusal::Unauthorized) => errors::named(401, "Unauthorized"),
        (Face::V2, ScopeRefusal::Forbidden) => errors::named(403, "Forbidden"),
    }
}
