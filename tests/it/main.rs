//! The integration tests: one binary, so that it is linked once.
//!
//! A topic is a module beside this file. What several topics share stands in [`support`].
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "clippy.toml exempts test functions; the helpers they call end a test in the same way"
)]

mod architecture;
mod commands;
mod daemon;
mod expiry_run;
mod helpers;
mod ledger;
mod sending;
mod smtp_server;
mod support;
