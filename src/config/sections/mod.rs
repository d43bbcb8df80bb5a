//! One file per section: typed values in, a part of the settings out.

mod housekeeping;
mod mail;
mod matching;
mod onelogin;
mod password_expiry;
mod paths;
mod role_sync;
mod rule;
mod small;

pub(super) use housekeeping::read_housekeeping;
pub(super) use mail::read_mail;
pub(super) use onelogin::read_onelogin;
pub(super) use password_expiry::read_password_expiry;
pub(super) use paths::Paths;
pub(super) use role_sync::{read_desired_state, read_role_sync};
pub(super) use small::{read_daemon, read_log, read_time_zone};
