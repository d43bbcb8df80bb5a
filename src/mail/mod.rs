//! Mail.

pub mod clean;
pub mod english;
pub mod redact;
pub mod wrap;
