//! The facts that mails leave on, asked for again where they have grown old.

use std::cell::{Ref, RefCell};
use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use tokio::sync::Mutex;

use super::{Reading, Tools};
use crate::domain::expiry::Facts;
use crate::domain::field::FieldNeeds;
use crate::domain::plan::NoticePlan;
use crate::domain::user::UserId;
use crate::onelogin::Error;

/// Nobody is mailed on facts older than this.
const OLDEST: SignedDuration = SignedDuration::from_mins(5);

/// How much further back than the last read the question goes: `Date` is cut to seconds, and a change
/// may show in the list a moment after its own time.
const OVERLAP: SignedDuration = SignedDuration::from_mins(2);

/// The facts about the people who are about to be mailed, as they are by now.
pub(super) struct Recheck<'a> {
    tools: &'a Tools<'a>,
    facts: RefCell<Facts>,
    /// Whose facts decide about a mail: the people themselves and their managers.
    people: BTreeSet<UserId>,
    /// One asks at a time, and whoever waited finds the answer.
    read: Mutex<Read>,
}

/// When the facts were read.
#[derive(Debug, Clone, Copy)]
struct Read {
    /// The beginning of the newest read, by our clock.
    at: Timestamp,
    /// The facts were asked for again at all; before the first mail they always are.
    is_recheck: bool,
}

impl<'a> Recheck<'a> {
    pub(super) fn new(tools: &'a Tools<'a>, now: Timestamp, reading: &Reading, plan: &NoticePlan) -> Self {
        let all = &reading.facts;
        let mut people: BTreeSet<UserId> = plan.due.iter().map(|due| due.key.user_id).collect();
        let managers = people.iter().filter_map(|id| all.users.get(id)?.manager_user_id);
        people.extend(managers.collect::<Vec<_>>());
        let users = people
            .iter()
            .filter_map(|id| Some((*id, all.users.get(id)?.clone())));
        let facts = Facts {
            users: users.collect(),
            policies: all.policies.clone(),
            group_names: all.group_names.clone(),
            role_members: all.role_members.clone(),
        };
        Self {
            tools,
            facts: RefCell::new(facts),
            people,
            read: Mutex::new(Read {
                at: now,
                is_recheck: false,
            }),
        }
    }

    /// Asks who changed since the last read, where that is due. After an error the facts are as old
    /// as before, and nobody may be mailed on them.
    pub(super) async fn refresh(&self) -> Result<(), Error> {
        let Tools {
            settings,
            client,
            clock,
            ..
        } = self.tools;
        let mut read = self.read.lock().await;
        let now = clock.now();
        // A clock that was set back says nothing about their age.
        let is_young = now >= read.at && now.duration_since(read.at) < OLDEST;
        if read.is_recheck && is_young {
            return Ok(());
        }
        // By OneLogin's clock, where it tells the time.
        let ahead = client.clock_reading().map_or(SignedDuration::ZERO, |clocks| {
            clocks.onelogins.duration_since(clocks.ours)
        });
        let since = read.at.min(now).saturating_add(ahead.saturating_sub(OVERLAP));
        let needs = FieldNeeds::of(&settings.password_expiry.terms);
        let changed = client
            .list_changed_users(&needs, since.unwrap_or(Timestamp::MIN), &self.people)
            .await?;
        tracing::debug!(
            changed = changed.len(),
            "the people about to be mailed were looked at again"
        );
        let mut facts = self.facts.borrow_mut();
        for (id, mut user) in changed {
            if let Some(earlier) = facts.users.get(&id) {
                user.complete_from(earlier);
            }
            facts.users.insert(id, user);
        }
        *read = Read {
            at: now,
            is_recheck: true,
        };
        Ok(())
    }

    /// The facts as they are known by now. Not to be held over an await.
    pub(super) fn facts(&self) -> Ref<'_, Facts> {
        self.facts.borrow()
    }
}
