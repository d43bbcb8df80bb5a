//! Guards hold above their limit and not at it.

use super::*;
use crate::domain::guard::{Flood, NoticeLimits, Release, hold_on_clock, hold_on_notices, hold_on_user_drop};

const LIMITS: NoticeLimits = NoticeLimits {
    notices: 500,
    notices_percent: 30,
    user_drop_percent: 30,
};

fn holds_notices(fresh: u64, can_expire: u64, max_notices: Option<u64>) -> bool {
    hold_on_notices(
        Flood {
            fresh,
            can_expire,
            urgent: 0,
            late: 0,
        },
        LIMITS,
        Release {
            max_notices,
            ..Release::default()
        },
    )
    .is_some()
}

#[test]
fn a_flood_is_held_only_above_both_caps() {
    assert!(!holds_notices(500, 500, None), "not above the number");
    assert!(!holds_notices(600, 2000, None), "exactly the share");
    assert!(holds_notices(601, 2000, None));
    assert!(holds_notices(501, 0, None), "no division by nobody");
}

#[test]
fn a_release_takes_the_place_of_both_caps() {
    assert!(!holds_notices(601, 2000, Some(601)));
    assert!(holds_notices(602, 2000, Some(601)));
    assert!(holds_notices(5, 2000, Some(4)), "a release may also be tighter");
}

#[test]
fn a_shrunken_user_list_is_held_and_can_be_accepted() {
    let holds = |users, before, accept_user_count| {
        hold_on_user_drop(
            users,
            before,
            LIMITS,
            Release {
                accept_user_count,
                ..Release::default()
            },
        )
        .is_some()
    };
    assert!(!holds(70, Some(100), false), "exactly the share");
    assert!(holds(69, Some(100), false));
    assert!(!holds(69, Some(100), true));
    assert!(!holds(1, None, false), "nothing to compare with");
    assert!(!holds(200, Some(100), false), "growth is no drop");
}

#[test]
fn clocks_may_differ_by_ten_minutes_and_no_more() {
    let now = at("2026-11-23 08:00");
    for (seconds, held) in [
        (600, false),
        (-600, false),
        (601, true),
        (-601, true),
        (3600 * 24 * 3650, true),
    ] {
        let theirs = now + SignedDuration::from_secs(seconds);
        assert_eq!(hold_on_clock(now, theirs).is_some(), held, "{seconds} s");
    }
}
