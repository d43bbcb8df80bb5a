//! The integration tests: one binary, so that it is linked once.
//!
//! A topic is a module beside this file. What several topics share stands in [`support`].
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "clippy.toml exempts test functions; the helpers they call end a test in the same way"
)]

mod alerts;
mod alerts_of_sending;
mod architecture;
mod bad_access;
mod bad_input;
mod bounds;
mod catch_up;
mod check_online;
mod commands;
mod daemon;
mod daemon_jobs;
mod every_fault;
mod expiry_run;
mod guards;
mod helpers;
mod housekeeping;
mod languages;
mod learned;
mod ledger;
mod list_proof;
mod notice_cases;
mod notice_days;
mod onelogin_reading;
mod onelogin_trouble;
mod operations;
mod policies;
mod policy_rules;
mod private_secret;
mod roles;
mod sending;
mod service;
mod smtp_server;
mod support;
mod truth;
mod unknown_fields;
mod week;
mod year;
