//! OneLogin over HTTP: complete lists or an error, never half of one.
//!
//! Nothing outside this module speaks to the API. [`Client`] reads and has no way to write;
//! [`RoleWriter`] is a value of its own, made only where a plan is carried out. What OneLogin is
//! known to do, and what is only guessed, stands at the place that relies on it.

mod access;
mod auth;
mod client;
mod error;
mod http;
mod pages;
mod patience;
mod policies;
mod quota;
mod roles;
mod users;
mod watch;
mod wire;
mod writer;

pub use access::Door;
pub use client::{Client, ClockReading};
pub use error::Error;
pub use patience::{LONGEST_RESET, PATIENCE};
pub use quota::Quota;
pub use users::{UserList, UserSample};
pub use watch::Watch;
pub use writer::{RoleWriter, Verdict, Written};
