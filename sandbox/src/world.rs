//! Everything that one sandbox remembers.

use std::fs::File;

use jiff::Timestamp;

use crate::clock::Clock;
use crate::faults::FaultBook;
use crate::log::RecordedRequest;
use crate::mapping::Returning;
use crate::quota::Quota;
use crate::tenant::Tenant;
use crate::token::TokenStore;
use crate::v2::role_users::LateWrite;

/// The state behind the one lock: a request is answered in one piece.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) tenant: Tenant,
    pub(crate) clock: Clock,
    pub(crate) tokens: TokenStore,
    pub(crate) quota: Quota,
    /// Counts only while a knob limits v2.
    pub(crate) v2_quota: Quota,
    pub(crate) faults: FaultBook,
    pub(crate) log: Vec<RecordedRequest>,
    /// Where requests are written down as well.
    pub(crate) log_file: Option<File>,
    /// Mapped members who were removed and will be back.
    pub(crate) returning: Vec<Returning>,
    /// Membership writes that were answered and do not show yet.
    pub(crate) late: Vec<LateWrite>,
    /// When bad token requests came, as far as they still count.
    pub(crate) bad_token_requests: Vec<Timestamp>,
    /// Requests answered so far; request ids follow from it.
    pub(crate) answered: u64,
}

impl World {
    pub(crate) fn new(tenant: Tenant) -> Self {
        Self {
            tenant,
            clock: Clock::default(),
            tokens: TokenStore::default(),
            quota: Quota::default(),
            v2_quota: Quota::default(),
            faults: FaultBook::default(),
            log: Vec::new(),
            log_file: None,
            returning: Vec::new(),
            late: Vec::new(),
            bad_token_requests: Vec::new(),
            answered: 0,
        }
    }
}
