//! What the server has seen so far, shared between its sessions and the test.

use std::collections::BTreeMap;
use std::sync::{Condvar, Mutex, MutexGuard};

use super::script::{Act, Rule, Step};
use crate::support::PATIENCE;

/// A mail that the server took.
#[derive(Debug, Clone)]
pub(crate) struct Received {
    /// The address of `MAIL FROM`; empty for `<>`.
    pub(crate) envelope_from: String,
    /// The addresses of `RCPT TO` that were accepted.
    pub(crate) recipients: Vec<String>,
    /// The mail as sent, without the dots of the protocol.
    pub(crate) data: Vec<u8>,
    /// Whether it came over TLS.
    pub(crate) tls: bool,
    /// The user name of the session.
    pub(crate) authenticated_as: Option<String>,
}

/// The mails, the counts and the script.
#[derive(Default)]
pub(super) struct Ledger {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    received: Vec<Received>,
    rules: Vec<Rule>,
    occasions: BTreeMap<Step, usize>,
    concerned: BTreeMap<(Step, Vec<String>), usize>,
    hanging: usize,
    in_flight: usize,
    most_in_flight: usize,
}

impl Ledger {
    pub(super) fn add_rule(&self, rule: Rule) {
        self.lock().rules.push(rule);
    }

    pub(super) fn clear_rules(&self) {
        self.lock().rules.clear();
    }

    /// Counts an occasion of `step` and asks the script about it. The first line that fits counts.
    pub(super) fn act_at(&self, step: Step, recipients: &[String]) -> Option<Act> {
        let mut state = self.lock();
        let count = state.occasions.entry(step).or_default();
        *count += 1;
        let nth = *count;
        let of_them = state.concerned.entry((step, recipients.to_vec())).or_default();
        *of_them += 1;
        let nth_of_them = *of_them;
        state
            .rules
            .iter()
            .find(|rule| rule.meets(step, nth, recipients, nth_of_them))
            .map(|rule| rule.act)
    }

    pub(super) fn occasions_of(&self, step: Step) -> usize {
        self.lock().occasions.get(&step).copied().unwrap_or_default()
    }

    pub(super) fn keep(&self, received: Received) {
        self.lock().received.push(received);
        self.changed.notify_all();
    }

    pub(super) fn received(&self) -> Vec<Received> {
        self.lock().received.clone()
    }

    pub(super) fn note_hang(&self) {
        self.lock().hanging += 1;
        self.changed.notify_all();
    }

    /// A mail is being handed over, from `MAIL` to the answer after `DATA`, for as long as the value lives.
    pub(super) fn in_flight(&self) -> InFlight<'_> {
        let mut state = self.lock();
        state.in_flight += 1;
        state.most_in_flight = state.most_in_flight.max(state.in_flight);
        InFlight(self)
    }

    pub(super) fn most_in_flight(&self) -> usize {
        self.lock().most_in_flight
    }

    pub(super) fn wait_for_mails(&self, wanted: usize) -> Vec<Received> {
        self.wait_until(|state| state.received.len() >= wanted, &format!("{wanted} mails"));
        self.received()
    }

    pub(super) fn wait_for_hangs(&self, wanted: usize) {
        self.wait_until(
            |state| state.hanging >= wanted,
            &format!("{wanted} clients that wait in vain"),
        );
    }

    fn wait_until(&self, done: impl Fn(&State) -> bool, what: &str) {
        let (state, timeout) = self
            .changed
            .wait_timeout_while(self.lock(), PATIENCE, |state| !done(state))
            .unwrap();
        assert!(
            !timeout.timed_out(),
            "waited for {what}; the server has {} mails and {} waiting clients",
            state.received.len(),
            state.hanging
        );
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }
}

/// See [`Ledger::in_flight`].
pub(super) struct InFlight<'a>(&'a Ledger);

impl Drop for InFlight<'_> {
    fn drop(&mut self) {
        self.0.lock().in_flight -= 1;
    }
}
