//! Runs, plans and explanations in words: for a terminal, a log line, or a program.

pub mod escape;
pub mod explain;
pub mod forecast;
pub mod history;
pub mod notices;
pub mod plan;
pub mod summary;
mod table;
pub mod time;
