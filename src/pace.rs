//! A pace that is kept: so many in a period, which may be spent in one burst.

use std::time::Duration;

use tokio::sync::Mutex;
use tokio::time::Instant;

/// A token bucket that starts full.
#[derive(Debug)]
pub struct Pace {
    capacity: f64,
    per_second: f64,
    left: Mutex<(f64, Instant)>,
}

impl Pace {
    /// `count` in each `period`.
    pub fn new(count: u32, period: Duration) -> Self {
        let capacity = f64::from(count.max(1));
        Self {
            capacity,
            per_second: capacity / period.as_secs_f64(),
            left: Mutex::new((capacity, Instant::now())),
        }
    }

    /// Takes one, waiting until there is one.
    pub async fn take(&self) {
        let mut bucket = self.left.lock().await;
        let (left, since) = *bucket;
        let refilled = (left + since.elapsed().as_secs_f64() * self.per_second).min(self.capacity);
        if refilled < 1.0 {
            tokio::time::sleep(Duration::from_secs_f64((1.0 - refilled) / self.per_second)).await;
            *bucket = (0.0, Instant::now());
        } else {
            *bucket = (refilled - 1.0, Instant::now());
        }
    }
}
