//! The person at the terminal: who they are, and what they say when asked.

use std::io::{self, BufRead as _, IsTerminal as _};

use super::exit::Failure;
use super::session::Session;
use crate::config::Environment;
use crate::domain::actor::Actor;

/// What the kernel shows for a process outside of any login session.
const NO_LOGIN: u32 = u32::MAX;

/// Who asks. A kernel without audit sessions tells no login.
pub(super) fn actor(environment: &Environment) -> Actor {
    let number = |text: &str| text.trim().parse().ok();
    let login_uid = std::fs::read_to_string("/proc/self/loginuid")
        .ok()
        .and_then(|text| number(&text))
        .filter(|uid| *uid != NO_LOGIN);
    let sudo_uid = environment
        .get("SUDO_UID")
        .and_then(|value| value.to_str())
        .and_then(number);
    Actor {
        login_uid,
        sudo_uid,
        uid: rustix::process::getuid().as_raw(),
    }
}

/// Whether a person can be asked, or has said yes on the command line already. Looked at before a
/// long preparation would turn out to be in vain.
pub(super) fn can_ask(yes: bool) -> Result<(), Failure> {
    if yes || io::stdin().is_terminal() {
        return Ok(());
    }
    Err(Failure::Usage(
        "this changes something, and there is no terminal to ask on: say --yes".to_owned(),
    ))
}

/// Asks before something is changed. `yes`: was said on the command line already.
pub(super) fn consents(session: &mut Session<'_>, question: &str, yes: bool) -> Result<bool, Failure> {
    can_ask(yes)?;
    if yes {
        return Ok(true);
    }
    session.say(&format!("{question} [y/N] "))?;
    let mut line = String::new();
    io::stdin().lock().read_line(&mut line)?;
    Ok(matches!(line.trim(), "y" | "Y" | "yes"))
}
