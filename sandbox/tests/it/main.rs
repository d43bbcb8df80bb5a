//! Drives the sandbox over real HTTP, as any client would.

mod auth;
mod faults;
mod lists;
mod policies;
mod program;
mod roles;
mod support;
mod synthetic;
mod users;
mod v1;
