//! The points at which a crash makes a difference: around every commit, every answer of the mail
//! server and every answer of OneLogin.
//!
//! A test kills the process at each of them in turn. That takes the feature `cut-points`, which no
//! release has; without it a point is nothing.

/// A point that a run passes.
#[cfg(not(feature = "cut-points"))]
#[inline]
pub fn here(_point: &'static str) {}

#[cfg(feature = "cut-points")]
pub use self::armed::{arm, here};

#[cfg(feature = "cut-points")]
mod armed {
    use std::io::Write as _;
    use std::sync::atomic::{AtomicU64, Ordering};

    use rustix::process::{Signal, getpid, kill_process};

    /// The points passed so far.
    static PASSED: AtomicU64 = AtomicU64::new(0);
    /// The one at which the process ends; 0 for none.
    static LAST: AtomicU64 = AtomicU64::new(0);

    /// Lets the process end at the point with this number, counted from 1.
    pub fn arm(last: u64) {
        LAST.store(last, Ordering::SeqCst);
    }

    /// A point that a run passes, or does not: SIGKILL leaves nothing to be tidied up.
    pub fn here(point: &'static str) {
        let passed = PASSED.fetch_add(1, Ordering::SeqCst) + 1;
        if passed == LAST.load(Ordering::SeqCst) {
            let _told = writeln!(std::io::stderr(), "cut {point}");
            let _killed = kill_process(getpid(), Signal::KILL);
        }
    }
}
