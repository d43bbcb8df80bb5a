//! The sandbox as a program.

use std::io::Write;
use std::path::PathBuf;

use anyhow::Context;
use clap::Parser;
use jiff::Timestamp;
use onelogin_sandbox::{Credential, Sandbox, Scope, Synthetic, Tenant, parse_faults};
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
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let faults = match &arguments.faults {
        Some(path) => {
            let text = std::fs::read_to_string(path)
                .with_context(|| format!("could not read {}", path.display()))?;
            parse_faults(&text).with_context(|| format!("{} is no list of faults", path.display()))?
        }
        None => Vec::new(),
    };
    // Before the address is printed, so that whoever reads it may send a signal at once.
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let sandbox = Sandbox::start_on(tenant(&arguments), arguments.port)
        .await
        .with_context(|| format!("could not listen on 127.0.0.1:{}", arguments.port))?;
    let control = sandbox.control();
    if let Some(now) = arguments.now {
        control.set_now(now);
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

fn tenant(arguments: &Arguments) -> Tenant {
    let mut tenant = Tenant::synthetic(&Synthetic {
        users: arguments.users,
        roles: arguments.roles,
        seed: arguments.seed,
        now: arguments.now.unwrap_or_else(machine_now),
    });
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
    Timestamp::now()
}
