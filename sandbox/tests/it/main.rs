//! Drives the sandbox over real HTTP, as any client would.

mod account;
mod auth;
mod events;
mod fault_pages;
mod faults;
mod groups;
mod lists;
mod locks;
mod mappings;
mod mfa;
mod passwords;
mod policies;
mod program;
mod readme;
mod role_writes;
mod roles;
mod support;
mod synthetic;
mod tokens;
mod users;
mod v1;
mod v1_roles;
