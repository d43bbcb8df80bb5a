//! Logs: one sink, and nothing in them that is not for everybody who reads logs.

use std::ffi::OsStr;
use std::sync::OnceLock;

use anyhow::Context as _;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, Layer, Registry, fmt, reload};

use crate::config::settings::{Log, LogFormat};

/// Quieter than the rest: the scheduler crate announces its own life at INFO.
const QUIET: &str = "tokio_cron_scheduler=warn,hyper=warn,rustls=warn";

/// Where logs go and which of them, as one value that a reload replaces.
type Sink = Box<dyn Layer<Registry> + Send + Sync>;

static SINK: OnceLock<reload::Handle<Sink, Registry>> = OnceLock::new();

/// Starts the log of the process; the first start counts, and later ones change nothing.
///
/// `journal_stream` is systemd's variable of that name: where stderr is the journal, its own
/// protocol is spoken, so that each line is logged once and with its fields.
pub fn start(log: &Log, journal_stream: Option<&OsStr>, colour: bool) -> anyhow::Result<()> {
    let (sink, handle) = reload::Layer::new(sink(log, journal_stream, colour)?);
    if tracing_subscriber::registry().with(sink).try_init().is_ok() {
        let _first = SINK.set(handle);
    }
    Ok(())
}

/// Lets the log of the process follow other settings from here on.
pub fn restart(log: &Log, journal_stream: Option<&OsStr>, colour: bool) -> anyhow::Result<()> {
    let sink = sink(log, journal_stream, colour)?;
    match SINK.get() {
        Some(handle) => handle.reload(sink).context("the log"),
        None => Ok(()),
    }
}

fn sink(log: &Log, journal_stream: Option<&OsStr>, colour: bool) -> anyhow::Result<Sink> {
    let filter = EnvFilter::try_new(format!("{QUIET},{}", log.level)).context("log.level")?;
    let journald = match log.format {
        LogFormat::Journald => true,
        LogFormat::Auto => stderr_is(journal_stream),
        LogFormat::Text | LogFormat::Json => false,
    };
    Ok(if journald {
        let layer = tracing_journald::layer();
        let layer = layer.context("log.format is journald, and journald does not answer")?;
        layer.and_then(filter).boxed()
    } else if log.format == LogFormat::Json {
        let layer = fmt::layer().json().with_writer(std::io::stderr);
        layer.and_then(filter).boxed()
    } else {
        let layer = fmt::layer()
            .with_target(false)
            .with_ansi(colour)
            .with_writer(std::io::stderr);
        layer.and_then(filter).boxed()
    })
}

/// Whether stderr is the stream of that `device:inode`. The variable alone tells nothing: a shell
/// inherits it from the service that started it.
fn stderr_is(journal_stream: Option<&OsStr>) -> bool {
    let Ok(stat) = rustix::fs::fstat(std::io::stderr()) else {
        return false;
    };
    journal_stream.is_some_and(|stream| stream == OsStr::new(&format!("{}:{}", stat.st_dev, stat.st_ino)))
}
