//! onelogin-steward.

pub mod clock;
pub mod config;
pub mod domain;
pub mod onelogin;
pub mod pace;
pub mod report;
pub mod store;
