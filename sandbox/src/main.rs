//! The sandbox as a program.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::Parser;
use jiff::Timestamp;
use onelogin_sandbox::{Credential, Knobs, Sandbox, Scope, Synthetic, Tenant, parse_faults, parse_knobs};
use tokio::signal::unix::{SignalKind, signal};

/// Serves an invented OneLogin account on 127.0.0.1 until it is told to stop.
#[derive(Debug, Parser)]
#[command(version)]
struct Arguments {
    /// Port on 127.0.0.1; 0 takes a free one
    #[arg(long, default_value_t = 0)]
    port: u16,
    /// How many people to invent
    #[arg(long, default_value_t = 200)]
    users: usize,
    /// How many roles to invent
    #[arg(long, default_value_t = 12)]
    roles: usize,
    /// What the inventions follow from
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// The instant around which passwords expire, and at which the clock stands still; else the machine's clock
    #[arg(long)]
    now: Option<Timestamp>,
    /// The client id that may ask for tokens
    #[arg(long, default_value = "sandbox-client")]
    client_id: String,
    /// Its secret
    #[arg(long, default_value = "sandbox-secret")]
    client_secret: String,
    /// What its tokens may do: authentication-only, read-users, manage-users, read-all or manage-all
    #[arg(long, default_value = "manage-all")]
    scope: Scope,
    /// A JSON array of faults
    #[arg(long, value_name = "FILE")]
    faults: Option<PathBuf>,
    /// A JSON object of knobs; those it does not name keep their defaults
    #[arg(long, value_name = "FILE")]
    knobs: Option<PathBuf>,
    /// A file to which every request is added, as one line of JSON
    #[arg(long, value_name = "FILE")]
    log: Option<PathBuf>,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let faults = match &arguments.faults {
        Some(path) => {
            parse_faults(&read(path)?).with_context(|| format!("{} is no list of faults", path.display()))?
        }
        None => Vec::new(),
    };
    let knobs = match &arguments.knobs {
        Some(path) => {
            parse_knobs(&read(path)?).with_context(|| format!("{} holds no knobs", path.display()))?
        }
        None => Knobs::default(),
    };
    // Before the address is printed, so that whoever reads it may send a signal at once.
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let sandbox = Sandbox::start_on(tenant(&arguments, knobs), arguments.port)
        .await
        .with_context(|| format!("could not listen on 127.0.0.1:{}", arguments.port))?;
    let control = sandbox.control();
    if let Some(now) = arguments.now {
        control.set_now(now);
    }
    if let Some(path) = &arguments.log {
        let opened = File::options().create(true).append(true).open(path);
        control.log_to(opened.with_context(|| format!("could not open {}", path.display()))?);
    }
    for fault in faults {
        control.add_fault(fault);
    }
    let mut stdout = std::io::stdout();
    writeln!(stdout, "listening on {}", sandbox.url())?;
    stdout.flush()?;
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    sandbox.stop().await;
    Ok(())
}

fn read(path: &Path) -> anyhow::Result<String> {
    std::fs::read_to_string(path).with_context(|| format!("could not read {}", path.display()))
}

fn tenant(arguments: &Arguments, knobs: Knobs) -> Tenant {
    let mut tenant = Tenant::synthetic(&Synthetic {
        users: arguments.users,
        roles: arguments.roles,
        seed: arguments.seed,
        now: arguments.now.unwrap_or_else(machine_now),
    });
    tenant.knobs = knobs;
    tenant.credentials = vec![Credential {
        client_id: arguments.client_id.clone(),
        client_secret: arguments.client_secret.clone(),
        scope: arguments.scope,
    }];
    tenant
}

#[expect(
    clippy::disallowed_methods,
    reason = "a sandbox started by hand shows people whose passwords expire today"
)]
fn machine_now() -> Timestamp {
    let now = Timestamp::now();
    Timestamp::from_second(now.as_second()).unwrap_or(now)
}
