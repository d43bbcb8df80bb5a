//! What a batch must know of the notices that it sends.

use jiff::Timestamp;

use crate::domain::notice::{NoticeKey, Threshold};
use crate::domain::plan::Obsolete;
use crate::mail::Content;

/// A notice that is owed.
pub(in crate::jobs) trait Owed {
    /// Its key in the ledger.
    fn key(&self) -> &NoticeKey;

    /// Where it goes, as it is written in the directory.
    fn address(&self) -> &str;

    /// Wider thresholds that this notice takes the place of.
    fn supersedes(&self) -> &[Threshold];
}

/// Notices of one kind, with the facts that they are made from.
pub(in crate::jobs) trait Notices {
    /// One of them.
    type Owed: Owed;

    /// Looks at the facts again, where they have grown old. After an error, which says why, nobody may
    /// be mailed on them.
    async fn refresh(&self) -> Result<(), String>;

    /// Whether the notice is still true.
    fn look(&self, owed: &Self::Owed, now: Timestamp) -> Truth;

    /// Its words. The error says why there are none in this run.
    fn content(&self, owed: &Self::Owed) -> Result<Content, String>;
}

/// What newer facts say of a notice that is about to leave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::jobs) enum Truth {
    /// It is still true.
    Stands,
    /// Nobody can say; a later run will.
    Waits,
    /// What it announces has come to pass; a later run tells that.
    TooLate,
    /// It must not go out any more.
    Obsolete(Obsolete),
}
