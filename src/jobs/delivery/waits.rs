//! How long one run waits for a mail server that takes nothing, or not yet.

use std::time::Duration;

use backon::ExponentialBackoff;
use tokio::time::Instant;

use crate::pace::Patience;

/// The waiting for temporary refusals and lost connections in one run, at most 30 seconds in all.
pub const MAIL_PATIENCE: Patience = Patience {
    tries: 5,
    first_pause: Duration::from_secs(1),
    waiting: Duration::from_secs(30),
};

/// What one run has waited so far, and may wait still.
#[derive(Debug)]
pub(super) struct Waits {
    patience: Patience,
    waited: Duration,
    /// While the server takes nothing.
    pauses: ExponentialBackoff,
    /// Before those whom it put off are tried again.
    rounds: ExponentialBackoff,
    /// It answered since it was last in trouble.
    answered: bool,
    in_trouble_since: Option<Instant>,
    resume_at: Option<Instant>,
    over_at: Option<Instant>,
}

impl Waits {
    pub(super) fn new(patience: Patience) -> Self {
        Self {
            patience,
            waited: Duration::ZERO,
            pauses: patience.pauses(),
            rounds: patience.pauses(),
            answered: false,
            in_trouble_since: None,
            resume_at: None,
            over_at: None,
        }
    }

    /// The server gave an answer about a mail, whatever it was.
    pub(super) fn answered(&mut self) {
        self.answered = true;
        self.pauses = self.patience.pauses();
    }

    /// The server failed an attempt that began then. False where it was waited for long enough.
    ///
    /// As long as it answers in between there is nothing to wait for: one mail at which it hangs up
    /// each time keeps nobody else.
    pub(super) fn failed(&mut self, began: Instant) -> bool {
        if self.in_trouble_since.is_some_and(|since| began <= since) {
            // Under way beside the one that failed first: the same trouble.
            return true;
        }
        let now = Instant::now();
        self.in_trouble_since = Some(now);
        self.waited += now - began;
        if std::mem::take(&mut self.answered) {
            return true;
        }
        let pause = self.pauses.next();
        let Some(pause) = pause.filter(|pause| self.waited + *pause <= self.patience.waiting) else {
            return false;
        };
        self.waited += pause;
        self.resume_at = Some(now + pause);
        true
    }

    /// No mail begins before this instant.
    pub(super) fn resume_at(&self) -> Option<Instant> {
        self.resume_at.filter(|at| *at > Instant::now())
    }

    /// The pause before another round of those who were put off; `None` where it is left to another
    /// run. All that follows the first round counts as waiting.
    pub(super) fn next_round(&mut self) -> Option<Duration> {
        let now = Instant::now();
        let left = self.patience.waiting.saturating_sub(self.waited);
        let over_at = *self.over_at.get_or_insert(now + left);
        self.rounds.next().filter(|pause| now + *pause < over_at)
    }

    /// When the last round must have begun its last mail; `None` in the first round.
    pub(super) fn over_at(&self) -> Option<Instant> {
        self.over_at
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How long a run waits whose every attempt fails at once.
    async fn waiting_in_vain(waits: &mut Waits) -> Duration {
        let start = Instant::now();
        loop {
            if let Some(at) = waits.resume_at() {
                tokio::time::sleep_until(at).await;
            }
            let began = Instant::now();
            tokio::time::advance(Duration::from_millis(1)).await;
            if !waits.failed(began) {
                return start.elapsed();
            }
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_server_that_is_gone_is_waited_for_at_most_30_seconds() {
        for _ in 0..50 {
            let waited = waiting_in_vain(&mut Waits::new(MAIL_PATIENCE)).await;
            assert!(
                (Duration::from_secs(7)..=Duration::from_secs(30)).contains(&waited),
                "{waited:?}"
            );
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_long_silence_is_waiting_too() {
        let mut waits = Waits::new(MAIL_PATIENCE);
        let began = Instant::now();
        tokio::time::advance(Duration::from_secs(30)).await;
        assert!(!waits.failed(began));
    }

    #[tokio::test(start_paused = true)]
    async fn attempts_side_by_side_that_fail_together_are_one_trouble() {
        let mut waits = Waits::new(MAIL_PATIENCE);
        let began = Instant::now();
        tokio::time::advance(Duration::from_secs(1)).await;
        assert!((0..100).all(|_| waits.failed(began)));
    }

    #[tokio::test(start_paused = true)]
    async fn a_server_that_answers_in_between_is_not_waited_for() {
        let mut waits = Waits::new(MAIL_PATIENCE);
        for _ in 0..100 {
            waits.answered();
            let began = Instant::now();
            tokio::time::advance(Duration::from_millis(5)).await;
            assert!(waits.failed(began));
            assert_eq!(waits.resume_at(), None);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn all_rounds_after_the_first_fit_into_what_is_left_of_30_seconds() {
        for silence in [0, 20, 30, 40] {
            let mut waits = Waits::new(MAIL_PATIENCE);
            waits.answered();
            let began = Instant::now();
            tokio::time::advance(Duration::from_secs(silence)).await;
            assert!(waits.failed(began));
            let start = Instant::now();
            let mut rounds = 0;
            while let Some(pause) = waits.next_round() {
                tokio::time::sleep(pause).await;
                rounds += 1;
            }
            let left = Duration::from_secs(30_u64.saturating_sub(silence));
            assert!(start.elapsed() <= left, "{silence}");
            assert_eq!(rounds > 0, silence < 30, "{silence}");
        }
    }
}
