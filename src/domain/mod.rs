//! The decisions, pure: no clock, no async, no HTTP, no SQL, no configuration file.
//!
//! Same input, same output, same order. `now` is always an argument and every collection whose
//! order can be seen is ordered.

pub mod actor;
pub mod age;
pub mod alert;
pub mod budget;
pub mod calendar;
pub mod due;
pub mod expiry;
pub mod explain;
pub mod field;
pub mod forecast;
pub mod guard;
pub mod identity;
pub mod language;
pub mod notice;
pub mod person;
pub mod plan;
pub mod policy;
pub mod recipient;
pub mod refusal;
pub mod resend;
pub mod retention;
pub mod retry;
pub mod role;
pub mod rule;
pub mod run;
pub mod selector;
pub mod skip;
pub mod timetable;
pub mod truth;
pub mod user;
pub mod warned;

#[cfg(test)]
mod tests;
