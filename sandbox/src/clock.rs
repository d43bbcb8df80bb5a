//! The time the sandbox believes in.

use jiff::Timestamp;

/// Where the sandbox takes its instants from.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) enum Clock {
    /// The machine's clock.
    #[default]
    System,
    /// An instant that stands still until it is set again.
    Fixed(Timestamp),
}

impl Clock {
    pub(crate) fn now(self) -> Timestamp {
        match self {
            Self::System => system_now(),
            Self::Fixed(now) => now,
        }
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "this is the sandbox's only look at the machine's clock"
)]
fn system_now() -> Timestamp {
    // The API knows milliseconds and no more, so that a date read from it can be used as a filter.
    let now = Timestamp::now();
    Timestamp::from_millisecond(now.as_millisecond()).unwrap_or(now)
}
