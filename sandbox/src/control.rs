//! The handle by which a test looks at the sandbox and changes it.

use std::fmt;
use std::fs::File;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;

use crate::clock::Clock;
use crate::faults::{Fault, FaultId};
use crate::log::RecordedRequest;
use crate::sweep;
use crate::tenant::Tenant;
use crate::world::World;

/// A handle on a running sandbox; clones steer the same one.
#[derive(Clone)]
pub struct Control {
    world: Arc<Mutex<World>>,
}

impl Control {
    pub(crate) fn new(tenant: Tenant) -> Self {
        Self {
            world: Arc::new(Mutex::new(World::new(tenant))),
        }
    }

    /// A panic in a test's closure must not take the sandbox down with it.
    pub(crate) fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Every request so far, in the order they arrived.
    pub fn requests(&self) -> Vec<RecordedRequest> {
        self.world().log.clone()
    }

    /// The requests that change the tenant, refused or not.
    pub fn mutations(&self) -> Vec<RecordedRequest> {
        let world = self.world();
        let writes = world.log.iter().filter(|request| request.is_mutation());
        writes.cloned().collect()
    }

    /// Forgets the requests so far.
    pub fn clear_requests(&self) {
        self.world().log.clear();
    }

    /// Writes every request from now on to a file too, one line of JSON each; bodies are in it, tokens are not.
    pub fn log_to(&self, file: File) {
        self.world().log_file = Some(file);
    }

    /// Somebody signs in with the right password. Gives the status after it; only status 1 lets people in
    /// (documented). `None` if there is no such user.
    pub fn sign_in_user(&self, user_id: i64) -> Option<i64> {
        let mut world = self.world();
        let now = world.clock.now();
        sweep::sign_in(&mut world.tenant, user_id, now)
    }

    /// Somebody fails to sign in, so many times in a row, which may lead to a lock. Gives the status after it;
    /// `None` if there is no such user.
    pub fn fail_logins(&self, user_id: i64, times: i64) -> Option<i64> {
        let mut world = self.world();
        let now = world.clock.now();
        sweep::fail_logins(&mut world.tenant, user_id, times, now)
    }

    /// Looks at the tenant or changes it, between two requests. The closure must not use this handle.
    pub fn with_tenant<R>(&self, act: impl FnOnce(&mut Tenant) -> R) -> R {
        act(&mut self.world().tenant)
    }

    /// The sandbox's time.
    pub fn now(&self) -> Timestamp {
        self.world().clock.now()
    }

    /// Stops the sandbox's clock at an instant; dates, token lives and the `Date` header follow it.
    pub fn set_now(&self, now: Timestamp) {
        self.world().clock = Clock::Fixed(now);
    }

    /// Lets the sandbox's clock run with the machine's, as it does at the start.
    pub fn follow_system_clock(&self) {
        self.world().clock = Clock::System;
    }

    /// Kills every live token, as a revocation or an early expiry would; the next token request mints new ones.
    pub fn revoke_tokens(&self) {
        self.world().tokens.revoke_all();
    }

    /// Lets something go wrong from the next request on.
    pub fn add_fault(&self, fault: Fault) -> FaultId {
        self.world().faults.add(fault)
    }

    /// How often a fault has fired, cleared or not.
    pub fn fault_fired(&self, id: FaultId) -> u64 {
        self.world().faults.fired(id)
    }

    /// Every fault added so far with how often it has fired, cleared or not.
    pub fn fault_counts(&self) -> Vec<(FaultId, u64)> {
        self.world().faults.counts()
    }

    /// Ends every fault.
    pub fn clear_faults(&self) {
        self.world().faults.clear();
    }
}

impl fmt::Debug for Control {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Control").finish_non_exhaustive()
    }
}
