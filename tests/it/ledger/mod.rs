//! The ledger and the store: what is remembered over crashes, outages and other processes.

mod crash;
mod damage;
mod reading;
mod time;
mod two;
