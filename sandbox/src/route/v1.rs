//! The routes of API v1.

use super::table::{Entry, on};
use crate::scope::Need::{AddRoles, LogOut, Open, ReadPeople, ReadRoles, WriteAll, WritePeople};
use crate::v1::{account, events, groups, invites, otp_devices, passwords, roles, user_roles, users};

#[rustfmt::skip] // A table is read by its lines.
pub(super) static ROUTES: [Entry; 21] = [
    on("GET", "/api/1/users", ReadPeople, |world, request, _| users::list(world, request)),
    on("GET", "/api/1/users/:id", ReadPeople, |world, _, parts| users::get(world, parts.id)),
    on("GET", "/api/1/users/:id/roles", ReadPeople, |world, _, parts| user_roles::list(world, parts.id)),
    on("PUT", "/api/1/users/:id/add_roles", AddRoles, |world, request, parts| user_roles::add(world, request, parts.id)),
    on("PUT", "/api/1/users/:id/remove_roles", WriteAll, |world, request, parts| user_roles::remove(world, request, parts.id)),
    on("PUT", "/api/1/users/:id/lock_user", WriteAll, |world, request, parts| account::lock(world, request, parts.id)),
    on("PUT", "/api/1/users/:id/set_state", WriteAll, |world, request, parts| account::set_state(world, request, parts.id)),
    on("PUT", "/api/1/users/:id/logout", LogOut, |world, _, parts| account::log_out(world, parts.id)),
    on("PUT", "/api/1/users/set_password_clear_text/:id", WriteAll, |world, request, parts| passwords::set_clear(world, request, parts.id)),
    on("PUT", "/api/1/users/set_password_using_salt/:id", WriteAll, |world, request, parts| passwords::set_salted(world, request, parts.id)),
    on("GET", "/api/1/users/:id/otp_devices", ReadPeople, |world, _, parts| otp_devices::list(world, parts.id)),
    on("DELETE", "/api/1/users/:id/otp_devices/:key", WritePeople, |world, _, parts| otp_devices::remove(world, parts.id, parts.key)),
    on("GET", "/api/1/groups", ReadPeople, |world, request, _| groups::list(world, request)),
    on("GET", "/api/1/groups/:id", ReadPeople, |world, _, parts| groups::get(world, parts.id)),
    on("GET", "/api/1/roles", ReadRoles, |world, request, _| roles::list(world, request)),
    on("GET", "/api/1/roles/:id", ReadRoles, |world, _, parts| roles::get(world, parts.id)),
    on("GET", "/api/1/events/types", Open, |world, _, _| events::types(world)),
    on("GET", "/api/1/events", ReadPeople, |world, request, _| events::list(world, request)),
    on("GET", "/api/1/events/:id", ReadPeople, |world, _, parts| events::get(world, parts.id)),
    on("POST", "/api/1/invites/get_invite_link", WriteAll, |world, request, _| invites::link(world, request)),
    on("POST", "/api/1/invites/send_invite_link", WriteAll, |world, request, _| invites::send(world, request)),
];
