//! OneLogin over HTTP: complete lists or an error, never half of one.
//!
//! Nothing outside this module speaks to the API, and nothing inside it writes: every call is a
//! read. What OneLogin is known to do, and what is only guessed, stands at the place that relies
//! on it.

mod access;
mod auth;
mod client;
mod error;
mod http;
mod pages;
mod policies;
mod quota;
mod roles;
mod users;
mod watch;
mod wire;

pub use access::Door;
pub use client::{Client, ClockReading, PATIENCE};
pub use error::Error;
pub use quota::Quota;
pub use users::{UserList, UserSample};
pub use watch::Watch;
