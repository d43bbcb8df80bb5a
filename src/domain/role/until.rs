//! Whose temporary access ends soon, and who is told so.
//!
//! An access ends on a day where the person is in the role and wanted there today, and the file no
//! longer wants them on the day after, since last days have passed by then. Whoever another entry,
//! an include or a rule keeps in is told nothing, and so is whoever would stay for another reason.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use jiff::civil::Date;
use jiff::{Timestamp, ToSpan as _};

use super::RoleId;
use super::change::Cause;
use super::decide::{RoleFacts, RoleTerms};
use super::desired::{DesiredState, Membership};
use super::memory::Memory;
use super::names::name_roles;
use super::protect::Protection;
use super::resolve::Directory;
use super::want::{Wanted, Wishes, wanted};
use crate::domain::due::Book;
use crate::domain::notice::{NoticeKey, NoticeState, Threshold};
use crate::domain::plan::Obsolete;
use crate::domain::recipient::usable_address;
use crate::domain::user::UserId;

/// What such a notice is about: another last day is another notice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct AccessOccasion {
    /// The role.
    pub role: RoleId,
    /// The last day in it.
    pub until: Date,
}

impl AccessOccasion {
    /// Reads the written form; `None` for another kind of occasion.
    pub fn parse(text: &str) -> Option<Self> {
        let (role, until) = text.strip_prefix("access-end:")?.split_once(':')?;
        Some(Self {
            role: RoleId(role.parse().ok()?),
            until: until.parse().ok()?,
        })
    }
}

impl fmt::Display for AccessOccasion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "access-end:{}:{}", self.role, self.until)
    }
}

/// A notice that is due now, whether it was staged before or not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessEnd {
    /// Its key in the ledger.
    pub key: NoticeKey,
    /// Where it goes, as it is written in the directory.
    pub address: String,
    /// The role's name in OneLogin.
    pub role: String,
    /// The last day in it.
    pub until: Date,
    /// Days from today to the last one; 0: it is today.
    pub days_left: i32,
    /// Wider thresholds that this notice takes the place of.
    pub supersedes: Vec<Threshold>,
}

/// Which notices about the end of an access are owed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AccessPlan {
    /// The notices to send, by role and person.
    pub due: Vec<AccessEnd>,
    /// People who would be told, and have no usable address.
    pub without_address: u64,
    /// People who would be told, and are out of good standing.
    pub out_of_standing: u64,
    /// People who are not told, since the mail server refused their addresses for good.
    pub refused: u64,
    /// Rows of earlier runs that are still owed but must not go out any more.
    pub obsolete: Vec<(NoticeKey, Obsolete)>,
}

/// Why no notice goes out about an access that ends.
enum Untold {
    /// Its first day lies ahead.
    NotDue,
    /// It was sent, or given up.
    Told(Threshold),
    /// The same, and it was the recipient whom the server refused.
    Refused,
    Paused,
    OutOfStanding,
    WithoutAddress,
}

/// Decides who is told. `notice_days` are the numbers of days before the last one.
pub fn plan_access_ends(
    desired: &DesiredState,
    facts: &RoleFacts<'_>,
    terms: &RoleTerms,
    memory: &Memory,
    notice_days: &BTreeSet<u16>,
    book: Book<'_>,
    now: Timestamp,
) -> AccessPlan {
    let directory = Directory::new(facts.users, &memory.identities, facts.gone);
    let ending = Ending {
        desired,
        facts,
        terms,
        memory,
        notice_days,
        book,
        protected: Protection::of(&terms.protected, &directory).people,
        today: now.to_zoned(terms.time_zone.clone()).date(),
    };
    let mut plan = AccessPlan::default();
    let mut verdicts = BTreeMap::new();
    for ((role, user), until) in ending.ends(&directory) {
        let verdict = ending.verdict(role, user, until);
        match &verdict {
            Ok(due) => plan.due.push(due.clone()),
            Err(Untold::WithoutAddress) => plan.without_address += 1,
            Err(Untold::OutOfStanding) => plan.out_of_standing += 1,
            Err(Untold::Refused) => plan.refused += 1,
            Err(Untold::NotDue | Untold::Told(_) | Untold::Paused) => {}
        }
        verdicts.insert((user, AccessOccasion { role, until }), verdict);
    }
    for key in book
        .ledger
        .pending()
        .filter(|key| key.rehearsal == book.rehearsal)
    {
        let Some(occasion) = AccessOccasion::parse(&key.occasion) else {
            continue;
        };
        let verdict = verdicts.get(&(key.user_id, occasion));
        if let Some(fate) = ending.fate_of(key, occasion, verdict) {
            plan.obsolete.push((key.clone(), fate));
        }
    }
    plan
}

struct Ending<'a> {
    desired: &'a DesiredState,
    facts: &'a RoleFacts<'a>,
    terms: &'a RoleTerms,
    memory: &'a Memory,
    notice_days: &'a BTreeSet<u16>,
    book: Book<'a>,
    protected: BTreeSet<UserId>,
    today: Date,
}

impl Ending<'_> {
    /// The last day of each membership that ends within the widest threshold; the first one, where
    /// the file asks for the person again later.
    fn ends(&self, directory: &Directory<'_>) -> BTreeMap<(RoleId, UserId), Date> {
        let mut ends = BTreeMap::new();
        let widest = self.notice_days.last().map_or(0, |days| i32::from(*days));
        let members = self.desired.roles.iter().flat_map(|role| &role.members);
        let last_days: BTreeSet<Date> = members
            .filter_map(|member| member.until)
            .filter(|until| (0..=widest).contains(&self.days_to(*until)))
            .collect();
        if last_days.is_empty() {
            return ends;
        }
        let sets_on = |day: Date| {
            wanted(&Wishes {
                desired: self.desired,
                users: self.facts.users,
                unknown_fields: self.facts.unknown_fields,
                directory,
                unknown_user: self.terms.unknown_user,
                today: day,
            })
        };
        let now = sets_on(self.today);
        let named = name_roles(self.desired, self.facts.roles);
        for until in last_days {
            let Ok(day_after) = until.checked_add(1.day()) else {
                continue;
            };
            for ((set, after), (file, named)) in now
                .iter()
                .zip(sets_on(day_after))
                .zip(self.desired.roles.iter().zip(&named))
            {
                let Some(id) = named.as_ref().ok() else { continue };
                let Some(seen) = self.facts.members.get(id).and_then(|reading| reading.seen()) else {
                    continue;
                };
                for user in set.people.keys().filter(|user| seen.ids.contains(user)) {
                    if !self.protected.contains(user) && is_let_go(&after, *user, file.membership) {
                        ends.entry((*id, *user)).or_insert(until);
                    }
                }
            }
        }
        ends
    }

    fn verdict(&self, role: RoleId, user: UserId, until: Date) -> Result<AccessEnd, Untold> {
        let days_left = self.days_to(until);
        let thresholds: Vec<Threshold> = self
            .notice_days
            .iter()
            .map(|days| Threshold(i32::from(*days)))
            .filter(|threshold| days_left <= threshold.0)
            .collect();
        let (smallest, wider) = thresholds.split_first().ok_or(Untold::NotDue)?;
        if self.memory.paused.contains_key(&role) {
            return Err(Untold::Paused);
        }
        let person = self.facts.users.get(&user).filter(|user| user.in_good_standing());
        let person = person.ok_or(Untold::OutOfStanding)?;
        let address = usable_address(person.email.as_deref()).ok_or(Untold::WithoutAddress)?;
        let key_of = |threshold: Threshold| NoticeKey {
            user_id: user,
            occasion: AccessOccasion { role, until }.to_string(),
            threshold,
            recipient: address.to_lowercase(),
            rehearsal: self.book.rehearsal,
            resend: 0,
        };
        let state_of = |threshold: Threshold| self.book.ledger.state_of(&key_of(threshold));
        let is_open = |state: NoticeState| state.is_pending() || state == NoticeState::Cancelled;
        match state_of(*smallest) {
            Some(NoticeState::Failed) => return Err(Untold::Refused),
            Some(state) if !is_open(state) => return Err(Untold::Told(*smallest)),
            _ => {}
        }
        let unsettled = |threshold: &Threshold| state_of(*threshold).is_none_or(NoticeState::is_pending);
        Ok(AccessEnd {
            key: key_of(*smallest),
            address: address.to_owned(),
            role: self.facts.roles.get(&role).cloned().unwrap_or_default(),
            until,
            days_left,
            supersedes: wider.iter().copied().filter(unsettled).collect(),
        })
    }

    /// What becomes of a row that an earlier run left over. `None`: it is sent now, or waits.
    ///
    /// A cancelled row is staged anew once it is true again.
    fn fate_of(
        &self,
        key: &NoticeKey,
        occasion: AccessOccasion,
        verdict: Option<&Result<AccessEnd, Untold>>,
    ) -> Option<Obsolete> {
        let cancelled = |why| Some(Obsolete::Cancelled(why));
        if occasion.until < self.today {
            return cancelled("the last day is over");
        }
        match verdict {
            Some(Ok(due)) if due.key == *key => None,
            Some(Ok(due)) if due.key.recipient != key.recipient => cancelled("the address has changed"),
            Some(Ok(due)) if due.key.threshold < key.threshold => Some(Obsolete::Superseded),
            Some(Err(Untold::Told(told))) if *told < key.threshold => Some(Obsolete::Superseded),
            Some(Ok(_) | Err(Untold::Told(_) | Untold::Refused | Untold::NotDue)) => None,
            Some(Err(Untold::Paused)) => cancelled("the role is paused"),
            Some(Err(Untold::OutOfStanding)) => cancelled("the account is not in use at present"),
            Some(Err(Untold::WithoutAddress)) => cancelled("there is no usable address any more"),
            // Nobody knows whether it is true; a later run will.
            None if !self.is_readable(occasion.role) => None,
            None => cancelled("the access does not end on that day any more"),
        }
    }

    /// Whether the role was read, or is none of the file any more.
    fn is_readable(&self, role: RoleId) -> bool {
        let reading = self.facts.members.get(&role);
        reading.is_none_or(|reading| reading.seen().is_some())
    }

    fn days_to(&self, day: Date) -> i32 {
        self.today.until(day).map_or(i32::MAX, |span| span.get_days())
    }
}

/// Whether the person goes on that day, as far as the file alone decides.
fn is_let_go(after: &Wanted, user: UserId, membership: Membership) -> bool {
    let is_sent_away = after.away.get(&user).is_some_and(|away| {
        away.cause == Cause::UntilPassed && (away.own || membership == Membership::Exact)
    });
    // Who might fit a rule, or be meant by another entry, might stay.
    is_sent_away && !after.doubtful.contains(&user) && after.unknown_fields.is_empty()
}
