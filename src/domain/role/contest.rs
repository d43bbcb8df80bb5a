//! Memberships that somebody else changes back.

use jiff::{SignedDuration, Timestamp};

use super::actual::Origin;
use super::change::Direction;
use super::memory::PastChange;

/// How far back returns count.
const WINDOW: SignedDuration = SignedDuration::from_hours(7 * 24);
/// How often somebody is removed again whom a person keeps putting back.
const AT_MOST_EVERY: SignedDuration = SignedDuration::from_hours(24);
/// So many times in vain, and the membership is contested.
const IN_VAIN: usize = 2;

/// What our own earlier changes say about a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Contest {
    /// Nothing.
    No,
    /// It was done twice and did not last: left alone.
    Contested,
    /// A person, by this name, put the member back: removed again, at most daily.
    PutBack {
        /// Who did.
        by: String,
        /// Whether the last removal is less than a day ago.
        too_soon: bool,
    },
}

/// Looks at the changes of one membership, oldest first, before it is changed in this direction
/// once more.
pub(super) fn contest(
    changes: &[PastChange],
    direction: Direction,
    origin: Option<&Origin>,
    now: Timestamp,
) -> Contest {
    let recent: Vec<&PastChange> = changes
        .iter()
        .filter(|change| now.duration_since(change.at) <= WINDOW)
        .collect();
    // In vain: followed by the same again, or by what is seen now. What we changed back ourselves
    // is nobody else's doing.
    let in_vain = recent
        .iter()
        .enumerate()
        .filter(|(index, change)| {
            change.direction == direction
                && recent
                    .get(index + 1)
                    .is_none_or(|next| next.direction == direction)
        })
        .count();
    if in_vain < IN_VAIN {
        return Contest::No;
    }
    let by = origin
        .and_then(|origin| origin.added_by.as_deref())
        .map(str::trim)
        .filter(|by| !by.is_empty());
    match by {
        Some(by) if direction == Direction::Remove => Contest::PutBack {
            by: by.to_owned(),
            too_soon: recent
                .last()
                .is_some_and(|change| now.duration_since(change.at) < AT_MOST_EVERY),
        },
        _ => Contest::Contested,
    }
}
