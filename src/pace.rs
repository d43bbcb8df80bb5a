//! A pace that is kept: never more than so many in a period, which may be spent in one burst. And how
//! long something that keeps failing is tried.

use std::collections::VecDeque;
use std::time::Duration;

use backon::{BackoffBuilder, ExponentialBackoff, ExponentialBuilder};
use tokio::sync::Mutex;
use tokio::time::Instant;

/// At most `count` in any stretch of `period`.
#[derive(Debug)]
pub struct Pace {
    count: usize,
    period: Duration,
    /// When the last `count` were taken, the oldest first.
    taken: Mutex<VecDeque<Instant>>,
}

impl Pace {
    /// `count` in each `period`; at least one.
    pub fn new(count: u32, period: Duration) -> Self {
        Self {
            count: count.max(1) as usize,
            period,
            taken: Mutex::default(),
        }
    }

    /// Takes one, waiting until there is one.
    pub async fn take(&self) {
        let mut taken = self.taken.lock().await;
        if taken.len() >= self.count
            && let Some(oldest) = taken.front().copied()
        {
            tokio::time::sleep_until(oldest + self.period).await;
            taken.pop_front();
        }
        taken.push_back(Instant::now());
    }
}

/// How long something that keeps failing is tried.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    /// Tries in all.
    pub tries: usize,
    /// The first pause; it doubles, and gets as much again of jitter.
    pub first_pause: Duration,
    /// The most waiting in all.
    pub waiting: Duration,
}

impl Patience {
    /// The pauses between the tries. Whoever takes them keeps count of the waiting.
    pub fn pauses(&self) -> ExponentialBackoff {
        ExponentialBuilder::default()
            .with_min_delay(self.first_pause)
            .with_max_times(self.tries.saturating_sub(1))
            .with_jitter()
            .build()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_burst_is_allowed_and_then_the_period_has_to_pass() {
        let pace = Pace::new(3, Duration::from_secs(60));
        let start = Instant::now();
        let mut at = Vec::new();
        for _ in 0..7 {
            pace.take().await;
            at.push(start.elapsed().as_secs());
        }
        assert_eq!(at, [0, 0, 0, 60, 60, 60, 120]);
    }
}
