//! The program: what the command line says, done on this machine.

use std::io::{self, IsTerminal as _};
use std::process::ExitCode;
use std::sync::Arc;

use onelogin_steward::cli::{self, Host};
use onelogin_steward::clock::SystemClock;
use onelogin_steward::config::Environment;
#[cfg(feature = "cut-points")]
use onelogin_steward::cut;
use onelogin_steward::jobs::password_expiry;
use onelogin_steward::jobs::role_sync::Rereads;
use onelogin_steward::onelogin;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let environment = Environment::from_process();
    #[cfg(feature = "cut-points")]
    if let Some(last) = environment.get("CUT_AT") {
        cut::arm(
            last.to_str()
                .and_then(|last| last.parse().ok())
                .unwrap_or_default(),
        );
    }
    let wants_colour = environment.get("NO_COLOR").is_none_or(std::ffi::OsStr::is_empty);
    let host = Host {
        clock: Arc::new(SystemClock),
        colour: wants_colour && io::stdout().is_terminal(),
        stderr_colour: wants_colour && io::stderr().is_terminal(),
        environment,
        patience: onelogin::PATIENCE,
        mail_patience: password_expiry::MAIL_PATIENCE,
        rereads: Rereads::default(),
    };
    let exit = cli::run(std::env::args_os(), &host, &mut io::stdout(), &mut io::stderr()).await;
    ExitCode::from(exit as u8)
}
