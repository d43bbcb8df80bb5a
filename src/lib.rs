//! onelogin-steward looks after the people side of a OneLogin tenant.
//!
//! The modules stand in the order of the data: settings and the tenant come in, pure decisions are
//! made, and what follows from them is recorded before it leaves. `docs/ARCHITECTURE.md` holds the
//! map and the invariants.

pub mod account;
pub mod app;
pub mod cli;
pub mod clock;
pub mod config;
pub mod cut;
pub mod desired_file;
pub mod domain;
pub mod jobs;
pub mod lifecycle;
pub mod mail;
pub mod onelogin;
pub mod pace;
pub mod problem;
pub mod report;
pub mod scheduler;
pub mod store;
pub mod telemetry;
