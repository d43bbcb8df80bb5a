//! Who asked for something on the command line.

use std::fmt;

use serde::Serialize;

/// The three marks of a person at a terminal. The first that there is names them: it survives
/// `sudo` and `su`, which the later ones do not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Actor {
    /// The uid that signed in, as the kernel's audit session has it.
    pub login_uid: Option<u32>,
    /// The uid that `sudo` was called by.
    pub sudo_uid: Option<u32>,
    /// The uid of the process.
    pub uid: u32,
}

impl Actor {
    /// The uid that counts.
    pub fn acting_uid(&self) -> u32 {
        self.login_uid.or(self.sudo_uid).unwrap_or(self.uid)
    }
}

impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "uid {}", self.acting_uid())
    }
}
