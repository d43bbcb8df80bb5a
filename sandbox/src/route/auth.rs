//! The routes around tokens.

use super::table::{Entry, on};
use crate::auth;
use crate::scope::Need::{Open, ReadPeople};

pub(super) static ROUTES: [Entry; 4] = [
    on("POST", "/auth/oauth2/v2/token", Open, |world, request, _| {
        auth::token(world, request)
    }),
    on("POST", "/auth/oauth2/token", Open, |world, request, _| {
        auth::legacy_token(world, request)
    }),
    on("POST", "/auth/oauth2/revoke", Open, |world, request, _| {
        auth::revoke(world, request)
    }),
    on("GET", "/auth/rate_limit", ReadPeople, |world, _, _| {
        auth::rate_limit(world)
    }),
];
