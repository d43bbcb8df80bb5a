//! Which people a call names: lists of a bounded length, halved where they are refused.

use std::collections::VecDeque;

use crate::domain::user::UserId;

/// People a call. No cap is documented; OneLogin's own tools send so many.
const BATCH: usize = 50;

/// The calls that a direction of a role still needs.
pub(super) struct Queue {
    pieces: VecDeque<Vec<UserId>>,
    rest: VecDeque<UserId>,
    size: usize,
    /// Since the last piece was cut from the rest: whether a list was refused.
    list_refused: bool,
    /// And whether a person was.
    pub(super) person_refused: bool,
    /// And the longest list that was taken.
    pub(super) taken: usize,
    /// Single people refused one after the other.
    pub(super) refused_in_a_row: u32,
    /// Whether the role was asked for after a 404.
    pub(super) is_there: bool,
    /// Lost calls in a row without any effect.
    pub(super) lost: u32,
}

impl Queue {
    /// All of them, in lists of [`BATCH`].
    pub(super) fn new(people: impl Iterator<Item = UserId>) -> Self {
        Self {
            rest: people.collect(),
            pieces: VecDeque::new(),
            size: BATCH,
            list_refused: false,
            person_refused: false,
            taken: 0,
            refused_in_a_row: 0,
            is_there: false,
            lost: 0,
        }
    }

    /// The people of the next call.
    pub(super) fn next(&mut self) -> Option<Vec<UserId>> {
        if let Some(piece) = self.pieces.pop_front() {
            return Some(piece);
        }
        if self.list_refused && !self.person_refused {
            // Nobody in it was to blame, so it was too long.
            self.size = self.taken.max(1);
        }
        (self.list_refused, self.person_refused, self.taken) = (false, false, 0);
        let size = self.size.min(self.rest.len());
        (size > 0).then(|| self.rest.drain(..size).collect())
    }

    /// Puts a refused list back as two.
    pub(super) fn halve(&mut self, mut piece: Vec<UserId>) {
        self.list_refused = true;
        let second = piece.split_off(piece.len().div_ceil(2));
        self.pieces.push_front(second);
        self.pieces.push_front(piece);
    }

    /// Puts people back who are to be called next.
    pub(super) fn put_back(&mut self, people: Vec<UserId>) {
        self.pieces.push_front(people);
    }
}
