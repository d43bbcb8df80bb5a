//! API v1: envelopes, and keyset cursors in the body.

pub(crate) mod account;
pub(crate) mod events;
pub(crate) mod groups;
pub(crate) mod invites;
mod keyset;
pub(crate) mod otp_devices;
pub(crate) mod passwords;
pub(crate) mod roles;
pub(crate) mod user_roles;
pub(crate) mod users;
