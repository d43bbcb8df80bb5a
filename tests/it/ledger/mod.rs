//! The ledger and the store: what is remembered over crashes, outages and other processes.

mod crash;
mod damage;
mod outage;
mod reading;
#[cfg(feature = "cut-points")]
pub(crate) mod sweep;
mod time;
mod two;
