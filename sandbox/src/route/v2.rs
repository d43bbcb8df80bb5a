//! The routes of API v2.

use super::table::{Entry, on};
use crate::scope::Need::{
    ReadAll, ReadDevices, ReadPeople, ReadPolicies, ReadRoles, Unlock, WriteAll, WritePeople,
};
use crate::v2::{
    group_writes, groups, mappings, mfa, policies, role_admins, role_apps, role_users, role_writes, roles,
    unlock, user_update, users,
};

#[rustfmt::skip] // A table is read by its lines.
pub(super) static ROUTES: [Entry; 31] = [
    on("GET", "/api/2/users", ReadPeople, |world, request, _| users::list(world, request)),
    on("GET", "/api/2/users/:id", ReadPeople, |world, _, parts| users::get(world, parts.id)),
    on("PUT", "/api/2/users/:id", WritePeople, |world, request, parts| user_update::update(world, request, parts.id)),
    on("POST", "/api/2/users/:id/unlock", Unlock, |world, _, parts| unlock::unlock(world, parts.id)),
    on("GET", "/api/2/policies", ReadPolicies, |world, request, _| policies::list(world, request)),
    on("GET", "/api/2/policies/:id", ReadPolicies, |world, _, parts| policies::get(world, parts.id)),
    on("PUT", "/api/2/policies/:id/set_default", WriteAll, |world, _, parts| policies::set_default(world, parts.id)),
    on("GET", "/api/2/groups", ReadPeople, |world, request, _| groups::list(world, request)),
    on("POST", "/api/2/groups", WritePeople, |world, request, _| group_writes::create(world, request)),
    on("GET", "/api/2/groups/:id", ReadPeople, |world, _, parts| groups::get(world, parts.id)),
    on("PUT", "/api/2/groups/:id", WritePeople, |world, request, parts| group_writes::update(world, request, parts.id)),
    on("DELETE", "/api/2/groups/:id", WritePeople, |world, _, parts| group_writes::delete(world, parts.id)),
    on("GET", "/api/2/roles", ReadRoles, |world, request, _| roles::list(world, request)),
    on("POST", "/api/2/roles", WriteAll, |world, request, _| role_writes::create(world, request)),
    on("GET", "/api/2/roles/:id", ReadRoles, |world, _, parts| roles::get(world, parts.id)),
    on("PUT", "/api/2/roles/:id", WriteAll, |world, request, parts| role_writes::update(world, request, parts.id)),
    on("DELETE", "/api/2/roles/:id", WriteAll, |world, _, parts| role_writes::delete(world, parts.id)),
    on("GET", "/api/2/roles/:id/users", ReadRoles, |world, request, parts| role_users::list(world, request, parts.id)),
    on("POST", "/api/2/roles/:id/users", WriteAll, |world, request, parts| role_users::add(world, request, parts.id)),
    on("DELETE", "/api/2/roles/:id/users", WriteAll, |world, request, parts| role_users::remove(world, request, parts.id)),
    on("GET", "/api/2/roles/:id/admins", ReadRoles, |world, request, parts| role_admins::list(world, request, parts.id)),
    on("POST", "/api/2/roles/:id/admins", WriteAll, |world, request, parts| role_admins::add(world, request, parts.id)),
    on("DELETE", "/api/2/roles/:id/admins", WriteAll, |world, request, parts| role_admins::remove(world, request, parts.id)),
    on("GET", "/api/2/roles/:id/apps", ReadRoles, |world, request, parts| role_apps::list(world, request, parts.id)),
    on("PUT", "/api/2/roles/:id/apps", WriteAll, |world, request, parts| role_apps::replace(world, request, parts.id)),
    on("GET", "/api/2/mappings", ReadAll, |world, request, _| mappings::list(world, request)),
    on("GET", "/api/2/mappings/:id", ReadAll, |world, _, parts| mappings::get(world, parts.id)),
    on("GET", "/api/2/mfa/users/:id/devices", ReadDevices, |world, _, parts| mfa::devices(world, parts.id)),
    on("DELETE", "/api/2/mfa/users/:id/devices/:key", WriteAll, |world, _, parts| mfa::remove(world, parts.id, parts.key)),
    on("POST", "/api/2/mfa/users/:id/mfa_token", WriteAll, |world, request, parts| mfa::token(world, request, parts.id)),
    on("GET", "/api/2/mfa/users/:id/factors", ReadDevices, |world, _, parts| mfa::factors(world, parts.id)),
];
