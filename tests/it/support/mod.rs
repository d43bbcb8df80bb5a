//! What several topics of the tests share. Every helper here is itself tried in `helpers.rs` or
//! `smtp_server.rs`, so that a red test elsewhere speaks of the product.

pub(crate) mod admins;
pub(crate) mod company;
pub(crate) mod daemon;
pub(crate) mod home;
pub(crate) mod mailbox;
pub(crate) mod process;
pub(crate) mod runs;
pub(crate) mod smtp;
pub(crate) mod staff;
pub(crate) mod systemd;
pub(crate) mod world;

use std::time::Duration;

/// The longest that any helper waits for something. Generous, as it only ends tests that fail anyway.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);
