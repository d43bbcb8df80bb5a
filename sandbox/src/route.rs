//! Which request goes where, and who may send it.

use crate::auth;
use crate::errors;
use crate::reply::Reply;
use crate::request::Request;
use crate::scope::Need;
use crate::tenant::{Knobs, ScopeRefusal};
use crate::world::World;
use crate::{v1, v2};

/// An API call with the ids of its path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Route {
    RateLimit,
    V1Users,
    V1User(i64),
    V1Groups,
    V1Group(i64),
    Users,
    User(i64),
    UpdateUser(i64),
    Policies,
    Policy(i64),
    Groups,
    Group(i64),
    Roles,
    Role(i64),
    RoleUsers(i64),
    AddRoleUsers(i64),
    RemoveRoleUsers(i64),
}

impl Route {
    fn find(request: &Request, knobs: &Knobs) -> Option<Self> {
        let segments = request.segments();
        let id = |text: &str| text.parse::<i64>().ok();
        let route = match (request.method.as_str(), segments.as_slice()) {
            ("GET", ["auth", "rate_limit"]) => Self::RateLimit,
            ("GET", ["api", "1", "users"]) => Self::V1Users,
            ("GET", ["api", "1", "users", user]) => Self::V1User(id(user)?),
            ("GET", ["api", "1", "groups"]) => Self::V1Groups,
            ("GET", ["api", "1", "groups", group]) => Self::V1Group(id(group)?),
            ("GET", ["api", "2", "users"]) => Self::Users,
            ("GET", ["api", "2", "users", user]) => Self::User(id(user)?),
            ("PUT", ["api", "2", "users", user]) => Self::UpdateUser(id(user)?),
            ("GET", ["api", "2", "policies", ..]) if !knobs.policies_offered => return None,
            ("GET", ["api", "2", "policies"]) => Self::Policies,
            ("GET", ["api", "2", "policies", policy]) => Self::Policy(id(policy)?),
            ("GET", ["api", "2", "groups", ..]) if !knobs.groups_v2_offered => return None,
            ("GET", ["api", "2", "groups"]) => Self::Groups,
            ("GET", ["api", "2", "groups", group]) => Self::Group(id(group)?),
            ("GET", ["api", "2", "roles"]) => Self::Roles,
            ("GET", ["api", "2", "roles", role]) => Self::Role(id(role)?),
            ("GET", ["api", "2", "roles", role, "users"]) => Self::RoleUsers(id(role)?),
            ("POST", ["api", "2", "roles", role, "users"]) => Self::AddRoleUsers(id(role)?),
            ("DELETE", ["api", "2", "roles", role, "users"]) => Self::RemoveRoleUsers(id(role)?),
            _ => return None,
        };
        Some(route)
    }

    fn need(self) -> Need {
        match self {
            Self::RateLimit
            | Self::V1Users
            | Self::V1User(_)
            | Self::V1Groups
            | Self::V1Group(_)
            | Self::Users
            | Self::User(_)
            | Self::Groups
            | Self::Group(_) => Need::ReadPeople,
            Self::Policies | Self::Policy(_) => Need::ReadPolicies,
            Self::Roles | Self::Role(_) | Self::RoleUsers(_) => Need::ReadRoles,
            Self::UpdateUser(_) => Need::WritePeople,
            Self::AddRoleUsers(_) | Self::RemoveRoleUsers(_) => Need::WriteAll,
        }
    }

    fn serve(self, world: &mut World, request: &Request) -> Reply {
        match self {
            Self::RateLimit => auth::rate_limit(world),
            Self::V1Users => v1::users::list(world, request),
            Self::V1User(id) => v1::users::get(world, id),
            Self::V1Groups => v1::groups::list(world, request),
            Self::V1Group(id) => v1::groups::get(world, id),
            Self::Users => v2::users::list(world, request),
            Self::User(id) => v2::users::get(world, id),
            Self::UpdateUser(id) => v2::user_update::update(world, request, id),
            Self::Policies => v2::policies::list(world, request),
            Self::Policy(id) => v2::policies::get(world, id),
            Self::Groups => v2::groups::list(world, request),
            Self::Group(id) => v2::groups::get(world, id),
            Self::Roles => v2::roles::list(world, request),
            Self::Role(id) => v2::roles::get(world, id),
            Self::RoleUsers(id) => v2::role_users::list(world, request, id),
            Self::AddRoleUsers(id) => v2::role_users::add(world, request, id),
            Self::RemoveRoleUsers(id) => v2::role_users::remove(world, request, id),
        }
    }
}

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
    if request.method == "POST" && request.path == "/auth/oauth2/v2/token" {
        return auth::token(world, request);
    }
    let Some(route) = Route::find(request, &world.tenant.knobs) else {
        return unknown_route(request);
    };
    let scope = match auth::scope_of(world, request) {
        Ok(scope) => scope,
        Err(refusal) if face == Face::V2 => return refusal.named(),
        Err(refusal) => return refusal.envelope(),
    };
    if face == Face::V1 {
        let limit = world.tenant.knobs.v1_hourly_limit;
        if !world.quota.take(limit, world.clock.now()) {
            return errors::envelope(429, "Rate limit exceeded");
        }
    }
    if !scope.covers(route.need())
        || (v2::user_update::sets_password(request) && !scope.covers(Need::WriteAll))
    {
        return out_of_scope(face, &world.tenant.knobs);
    }
    let mut reply = route.serve(world, request);
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
