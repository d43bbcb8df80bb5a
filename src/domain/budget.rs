//! How many calls a run will make, as far as the last one tells.

use super::user::UserSource;

/// Rows on a page of API v1 (documented).
const V1_PAGE: u64 = 50;

/// Token, first page of the policies, first page of the groups.
const FIXED: u64 = 3;

/// Calls that are to be expected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Calls {
    /// All of them.
    pub all: u64,
    /// Those to API v1, which alone count against the account's hourly quota (observed).
    pub v1: u64,
}

/// What a run needs for this many users. `page` is the size of a page of the v2 list, where it was
/// seen; without it the list is taken to fit on one.
pub fn calls_needed(users: u64, source: UserSource, page: Option<u64>) -> Calls {
    let (v1, v2) = match source {
        UserSource::V1 => (users.div_ceil(V1_PAGE), 0),
        UserSource::V2 => (0, page.map_or(1, |page| users.div_ceil(page.max(1)))),
    };
    Calls {
        all: FIXED + v1 + v2,
        v1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_calls_to_api_v1_count_against_the_quota() {
        assert_eq!(
            calls_needed(100_000, UserSource::V2, Some(1000)),
            Calls { all: 103, v1: 0 }
        );
        assert_eq!(
            calls_needed(1001, UserSource::V1, None),
            Calls { all: 24, v1: 21 }
        );
        assert_eq!(calls_needed(80, UserSource::V2, None), Calls { all: 4, v1: 0 });
    }
}
