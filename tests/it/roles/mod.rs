//! Role sync below the plan: how memberships are read and written, and what the journal says of it.
//!
//! Tests that begin with a letter and a number show the case of that name. A row of plan and file
//! (identity, guards, the words of a report) is shown where plan and file are.

mod alerts;
mod apply_faults;
mod apply_plain;
mod commands;
mod crash;
mod memory;
mod network;
mod reading;
mod scene;
mod scheduled;
mod until;
mod whole;
