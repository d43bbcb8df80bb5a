//! Logs: one sink, and nothing in them that is not for everybody who reads logs.

use std::ffi::OsStr;

use anyhow::Context as _;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, fmt};

use crate::config::settings::{Log, LogFormat};

/// Quieter than the rest: the scheduler crate announces its own life at INFO.
const QUIET: &str = "tokio_cron_scheduler=warn,hyper=warn,rustls=warn";

/// Starts the log of the process; the first start counts, and later ones change nothing.
///
/// `journal_stream` is systemd's variable of that name: where stderr is the journal, its own
/// protocol is spoken, so that each line is logged once and with its fields.
pub fn start(log: &Log, journal_stream: Option<&OsStr>, colour: bool) -> anyhow::Result<()> {
    let filter = EnvFilter::try_new(format!("{QUIET},{}", log.level)).context("log.level")?;
    let registry = tracing_subscriber::registry().with(filter);
    let journald = match log.format {
        LogFormat::Journald => true,
        LogFormat::Auto => stderr_is(journal_stream),
        LogFormat::Text | LogFormat::Json => false,
    };
    let _started_before = if journald {
        let layer = tracing_journald::layer();
        registry
            .with(layer.context("log.format is journald, and journald does not answer")?)
            .try_init()
    } else if log.format == LogFormat::Json {
        registry
            .with(fmt::layer().json().with_writer(std::io::stderr))
            .try_init()
    } else {
        let layer = fmt::layer()
            .with_target(false)
            .with_ansi(colour)
            .with_writer(std::io::stderr);
        registry.with(layer).try_init()
    };
    Ok(())
}

/// Whether stderr is the stream of that `device:inode`. The variable alone tells nothing: a shell
/// inherits it from the service that started it.
fn stderr_is(journal_stream: Option<&OsStr>) -> bool {
    let Ok(stat) = rustix::fs::fstat(std::io::stderr()) else {
        return false;
    };
    journal_stream.is_some_and(|stream| stream == OsStr::new(&format!("{}:{}", stat.st_dev, stat.st_ino)))
}
