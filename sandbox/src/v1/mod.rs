//! API v1: envelopes, and keyset cursors in the body.

pub(crate) mod groups;
mod keyset;
pub(crate) mod users;
