//! Logs: one sink, and nothing in them that is not for everybody who reads logs.

use std::io::IsTerminal as _;

use anyhow::Context as _;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, fmt};

use crate::config::settings::{Log, LogFormat};

/// Quieter than the rest: the scheduler crate announces its own life at INFO.
const QUIET: &str = "tokio_cron_scheduler=warn,hyper=warn,rustls=warn";

/// Starts the log of the process. `under_journald`: stderr is the journal, so that one sink and not
/// two is written to.
pub fn start(log: &Log, under_journald: bool) -> anyhow::Result<()> {
    let filter = EnvFilter::try_new(format!("{QUIET},{}", log.level)).context("log.level")?;
    let registry = tracing_subscriber::registry().with(filter);
    let journald = match log.format {
        LogFormat::Journald => true,
        LogFormat::Auto => under_journald,
        LogFormat::Text | LogFormat::Json => false,
    };
    if journald {
        let layer =
            tracing_journald::layer().context("log.format is journald, and journald does not answer")?;
        registry.with(layer).try_init()?;
    } else if log.format == LogFormat::Json {
        registry
            .with(fmt::layer().json().with_writer(std::io::stderr))
            .try_init()?;
    } else {
        let colour = std::io::stderr().is_terminal();
        let layer = fmt::layer()
            .with_target(false)
            .with_ansi(colour)
            .with_writer(std::io::stderr);
        registry.with(layer).try_init()?;
    }
    Ok(())
}
