//! Whole runs of `run role-sync`: one undisturbed world (see [`company`]), and per test the one thing
//! that is different in it.
//!
//! Tests that begin with a letter and a number show the case of that name.

mod apply;
mod company;
mod crash;
mod file;
mod identity;
mod limits;
mod operations;
mod reading;
mod trouble;
