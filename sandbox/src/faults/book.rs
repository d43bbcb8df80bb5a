//! The faults in force, with their counters.

use super::{Fault, FaultId};

/// Faults in the order they were added.
#[derive(Debug, Default)]
pub(crate) struct FaultBook {
    entries: Vec<Entry>,
    added: u64,
}

#[derive(Debug)]
struct Entry {
    id: FaultId,
    fault: Fault,
    /// Calls of the route since the fault was added.
    seen: u64,
    fired: u64,
    is_cleared: bool,
}

impl FaultBook {
    pub(crate) fn add(&mut self, fault: Fault) -> FaultId {
        self.added += 1;
        let id = FaultId(self.added);
        self.entries.push(Entry {
            id,
            fault,
            seen: 0,
            fired: 0,
            is_cleared: false,
        });
        id
    }

    /// Counts a call for every fault on its route and gives the first that is due.
    pub(crate) fn strike(&mut self, method: &str, path: &str) -> Option<(FaultId, Fault)> {
        let mut due = None;
        for entry in &mut self.entries {
            if entry.is_cleared || !entry.fault.is_on(method, path) {
                continue;
            }
            entry.seen += 1;
            if due.is_none() && entry.is_due() {
                entry.fired += 1;
                due = Some((entry.id, entry.fault.clone()));
            }
        }
        due
    }

    /// How often a fault has fired; counters outlive [`Self::clear`].
    pub(crate) fn fired(&self, id: FaultId) -> u64 {
        self.entries
            .iter()
            .find(|entry| entry.id == id)
            .map_or(0, |entry| entry.fired)
    }

    /// Every fault ever added, with how often it has fired.
    pub(crate) fn counts(&self) -> Vec<(FaultId, u64)> {
        self.entries.iter().map(|entry| (entry.id, entry.fired)).collect()
    }

    pub(crate) fn clear(&mut self) {
        for entry in &mut self.entries {
            entry.is_cleared = true;
        }
    }
}

impl Entry {
    fn is_due(&self) -> bool {
        self.seen >= self.fault.from
            && self.fault.to.is_none_or(|to| self.seen <= to)
            && self.fault.times.is_none_or(|times| self.fired < times)
    }
}
