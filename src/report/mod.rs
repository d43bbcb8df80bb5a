//! Runs, plans and explanations in words: for a terminal, a log line, or a program.

pub mod escape;
pub mod explain;
pub mod forecast;
pub mod history;
pub mod housekeeping;
pub mod notices;
pub mod paint;
pub mod plan;
mod role_drift;
pub mod role_explain;
pub mod role_plan;
#[cfg(test)]
mod role_tests;
pub mod role_undo;
pub mod service;
pub mod status;
pub mod summary;
mod table;
pub mod time;
