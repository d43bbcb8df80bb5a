//! Everything that one sandbox remembers.

use crate::clock::Clock;
use crate::faults::FaultBook;
use crate::log::RecordedRequest;
use crate::quota::Quota;
use crate::tenant::Tenant;
use crate::token::TokenStore;

/// The state behind the one lock: a request is answered in one piece.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) tenant: Tenant,
    pub(crate) clock: Clock,
    pub(crate) tokens: TokenStore,
    pub(crate) quota: Quota,
    pub(crate) faults: FaultBook,
    pub(crate) log: Vec<RecordedRequest>,
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
            faults: FaultBook::default(),
            log: Vec::new(),
            answered: 0,
        }
    }
}
