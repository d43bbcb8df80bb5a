//! Numbers that look random and follow from a seed.

/// The next number of a sequence; the step is the golden ratio's, the mixing two multiplications.
pub(crate) fn next_random(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut mixed = *state;
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

/// So many hexadecimal digits that follow from a state.
pub(crate) fn hex_digits(state: &mut u64, count: usize) -> String {
    (0..count)
        .map(|_| char::from(b"0123456789abcdef"[(next_random(state) >> 60) as usize]))
        .collect()
}

/// A sequence of choices that follows from a seed.
#[derive(Debug)]
pub(crate) struct Random {
    state: u64,
}

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self { state: seed }
    }

    /// A number from 0 up to, but without, `end`; 0 if there is none.
    pub(crate) fn below(&mut self, end: i64) -> i64 {
        // The top bit goes, so that the number fits.
        let number = (next_random(&mut self.state) >> 1).cast_signed();
        if end > 0 { number % end } else { 0 }
    }

    pub(crate) fn chance(&mut self, percent: i64) -> bool {
        self.below(100) < percent
    }

    /// One of the choices; the fallback only if there are none.
    pub(crate) fn pick<T: Copy + Default>(&mut self, choices: &[T]) -> T {
        let end = i64::try_from(choices.len()).unwrap_or(0);
        let index = usize::try_from(self.below(end)).unwrap_or(0);
        choices.get(index).copied().unwrap_or_default()
    }
}
