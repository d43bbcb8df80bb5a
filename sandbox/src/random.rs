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
