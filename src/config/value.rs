//! Text of the configuration, read into what it means. Pure.

use std::net::IpAddr;
use std::time::Duration;

use jiff::fmt::friendly::SpanParser;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, SpanRelativeTo};
use lettre::Address;
use lettre::message::Mailbox;
use reqwest::Url;
use tracing_subscriber::EnvFilter;

use crate::domain::calendar::Schedule;
use crate::domain::recipient::usable_address;
use crate::problem::nearest;

/// No duration is longer; beyond it dates leave the calendar.
const LONGEST: SignedDuration = SignedDuration::from_hours(24 * 36_500);

/// What is wrong with a value, and what to do.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Wrong {
    pub(super) message: String,
    pub(super) help: String,
}

impl Wrong {
    pub(super) fn new(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            help: help.into(),
        }
    }
}

/// Any text.
#[expect(
    clippy::unnecessary_wraps,
    reason = "stands where other keys have a reader that can fail"
)]
pub(super) fn text(text: &str) -> Result<String, Wrong> {
    Ok(text.to_owned())
}

/// One of a few words.
pub(super) fn choice<T: Copy>(text: &str, known: &[(&'static str, T)]) -> Result<T, Wrong> {
    if let Some((_, value)) = known.iter().find(|(word, _)| *word == text) {
        return Ok(*value);
    }
    let words = known.iter().map(|(word, _)| *word);
    let list: Vec<String> = words.clone().map(|word| format!("{word:?}")).collect();
    let help = nearest(text, words).map(|near| format!("the nearest is {near:?}"));
    Err(Wrong::new(
        format!("expected {}, found {text:?}", list.join(" or ")),
        help.unwrap_or_default(),
    ))
}

/// The longest time after which a missed run is made up for.
const LONGEST_CATCH_UP: Duration = Duration::from_secs(31 * 86_400);

/// How long ago a missed run may lie; zero: it is never made up for.
pub(super) fn catch_up(text: &str) -> Result<Duration, Wrong> {
    let catch_up = span(text)?;
    if catch_up > LONGEST_CATCH_UP {
        return Err(Wrong::new(
            format!("{text:?} is longer than 31 days"),
            "a run that was missed that long ago is of no use; write a shorter one",
        ));
    }
    Ok(catch_up)
}

/// A positive span of time.
pub(super) fn duration(text: &str) -> Result<Duration, Wrong> {
    let duration = span(text)?;
    if duration.is_zero() {
        return Err(Wrong::new(
            format!("{text:?} is not longer than zero"),
            "a duration must be positive",
        ));
    }
    Ok(duration)
}

/// A span of time that is not negative.
fn span(text: &str) -> Result<Duration, Wrong> {
    let wrong = || {
        Wrong::new(
            format!("{text:?} is not a duration"),
            "write a number and a unit: \"30s\", \"15m\", \"24h\", \"7d\"",
        )
    };
    let span = SpanParser::new().parse_span(text).map_err(|_| wrong())?;
    let duration = span
        .to_duration(SpanRelativeTo::days_are_24_hours())
        .map_err(|_| wrong())?;
    if duration.is_negative() {
        return Err(Wrong::new(
            format!("{text:?} is not longer than zero"),
            "a duration must be positive",
        ));
    }
    if duration > LONGEST {
        return Err(Wrong::new(
            format!("{text:?} is longer than 100 years"),
            "write a shorter one",
        ));
    }
    Duration::try_from(duration).map_err(|_| wrong())
}

/// A name of the IANA time zone database.
pub(super) fn time_zone(text: &str) -> Result<TimeZone, Wrong> {
    TimeZone::get(text).map_err(|_| {
        let names = jiff::tz::db().available();
        let names: Vec<String> = names.map(|name| name.as_str().to_owned()).collect();
        let near = nearest(text, names.iter().map(String::as_str));
        Wrong::new(
            format!("{text:?} is not a time zone"),
            match near {
                Some(near) => format!("the nearest name is {near:?}"),
                None => "use an IANA name, such as \"Europe/Berlin\" or \"UTC\"".to_owned(),
            },
        )
    })
}

/// A 5-field cron expression.
pub(super) fn schedule(text: &str) -> Result<Schedule, Wrong> {
    Schedule::parse(text).map_err(|error| {
        Wrong::new(
            error,
            "write minute, hour, day of month, month and weekday: \"0 8 * * *\"",
        )
    })
}

/// A bare email address.
pub(super) fn address(text: &str) -> Result<Address, Wrong> {
    let wrong = || {
        Wrong::new(
            format!("{text:?} is not an email address"),
            "write one bare address: \"it@acme.example\"",
        )
    };
    if usable_address(Some(text)) != Some(text) {
        return Err(wrong());
    }
    text.parse().map_err(|_| wrong())
}

/// An email address, with a name or without.
pub(super) fn mailbox(text: &str) -> Result<Mailbox, Wrong> {
    let wrong = || {
        Wrong::new(
            format!("{text:?} is not one email address"),
            "write \"it@acme.example\" or \"IT Service Desk <it@acme.example>\"",
        )
    };
    // A line break in the name would end the header.
    if text.contains(char::is_control) {
        return Err(wrong());
    }
    let mailbox: Mailbox = text.parse().map_err(|_| wrong())?;
    let address: &str = mailbox.email.as_ref();
    if usable_address(Some(address)) != Some(address) {
        return Err(wrong());
    }
    Ok(mailbox)
}

/// Whether a host is this machine.
pub(crate) fn is_loopback(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    host.eq_ignore_ascii_case("localhost") || bare.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

/// The name or the number of a host, without a port.
pub(super) fn host(text: &str) -> Result<String, Wrong> {
    let in_name = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '.' || c == '_';
    if text.parse::<IpAddr>().is_ok() || text.chars().all(in_name) {
        return Ok(text.to_owned());
    }
    Err(Wrong::new(
        format!("{text:?} is not a host name"),
        "write the bare name, such as \"smtp.acme.example\"; the port has a key of its own",
    ))
}

/// The base URL of a tenant.
pub(super) fn base_url(text: &str) -> Result<Url, Wrong> {
    let example = "write \"https://acme.onelogin.com\"";
    let url = parse_url(text, example)?;
    let is_bare = matches!(url.path(), "" | "/") && url.query().is_none() && url.fragment().is_none();
    if !is_bare {
        return Err(Wrong::new(
            "the URL has more than a host after the scheme",
            example,
        ));
    }
    if url.scheme() == "https" || url.scheme() == "http" && url.host_str().is_some_and(is_loopback) {
        return Ok(url);
    }
    Err(Wrong::new(
        "the URL must begin with https://; http is for loopback only",
        example,
    ))
}

/// A page that mails link to.
pub(super) fn link(text: &str) -> Result<Url, Wrong> {
    let example = "write the https URL of the page, or leave it empty";
    let url = parse_url(text, example)?;
    if url.scheme() == "https" {
        return Ok(url);
    }
    Err(Wrong::new("the link must begin with https://", example))
}

fn parse_url(text: &str, example: &str) -> Result<Url, Wrong> {
    if holds_credentials(text) {
        return Err(Wrong::new(
            "the URL holds a user name or a password",
            format!("take them out; {example}"),
        ));
    }
    Url::parse(text).map_err(|error| Wrong::new(format!("{text:?} is not a URL: {error}"), example))
}

/// Whether the text is a URL that carries a user name or a password, well-formed or not.
pub(super) fn holds_credentials(text: &str) -> bool {
    // "https:user:pw@host" is one as well, to a lenient parser.
    let rest = text.split_once(':').map(|(_, rest)| rest.trim_start_matches('/'));
    let authority = rest.and_then(|rest| rest.split(['/', '?', '#']).next());
    authority.is_some_and(|authority| authority.contains('@'))
}

/// A log level, or directives.
pub(super) fn log_level(text: &str) -> Result<String, Wrong> {
    const LEVELS: [&str; 6] = ["error", "warn", "info", "debug", "trace", "off"];
    let wrong = |part: &str| {
        let near = nearest(part, LEVELS).map(|near| format!("the nearest level is {near:?}"));
        Wrong::new(
            format!("{part:?} is not a log level"),
            near.unwrap_or_else(|| "write error, warn, info, debug, trace or off, or directives".to_owned()),
        )
    };
    // The filter would take a misspelt level for the name of a module.
    let is_level = |part: &str| LEVELS.contains(&part.trim().to_ascii_lowercase().as_str());
    let bare = |part: &&str| !part.contains(['=', '[', ':']);
    if let Some(part) = text.split(',').filter(bare).find(|part| !is_level(part)) {
        return Err(wrong(part));
    }
    EnvFilter::builder()
        .parse(text)
        .map(|_| text.to_owned())
        .map_err(|_| wrong(text))
}
