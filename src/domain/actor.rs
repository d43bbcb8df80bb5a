//! Who acted.

use serde::Serialize;

/// The person behind a command, as the kernel and sudo tell it. All three are kept; the first that
/// is there counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Actor {
    /// The login uid of the audit session, which survives `sudo` and `su`.
    pub login_uid: Option<u32>,
    /// `SUDO_UID`.
    pub sudo_uid: Option<u32>,
    /// The uid of the process.
    pub uid: u32,
}
