//! A year of a company of 8,000, day by day on a clock of its own: policies of 90, 45 and 180 days,
//! service accounts with an owner, weekends, holidays, and a policy that falls from 180 to 90 in
//! June. People change their passwords when they are warned, or some days after it is too late.
//!
//! The picture of it is `docs/year.svg`.

mod company;
mod picture;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use jiff::civil::{Date, date};
use jiff::{Timestamp, ToSpan as _};
use onelogin_steward::domain::due::{Book, Due};
use onelogin_steward::domain::expiry::{Facts, Terms, assess};
use onelogin_steward::domain::guard::{NoticeLimits, Release, hold_on_notices};
use onelogin_steward::domain::notice::{Ledger, NoticeKey, NoticeState, Threshold};
use onelogin_steward::domain::plan::{Obsolete, plan_notices};
use onelogin_steward::domain::skip::Skip;
use onelogin_steward::domain::user::{UserId, UserStatus};

use company::{Dice, SERVICE_OWNER, is_service_account};

/// The first run. What it finds due comes from before; the picture begins a month later.
const FIRST_RUN: Date = date(2026, 12, 1);
/// The first day of the picture, and the last.
const YEAR: (Date, Date) = (date(2027, 1, 1), date(2027, 12, 31));
/// In the night before this day the policy falls from 180 days to 90.
const POLICY_CHANGE: Date = date(2027, 6, 16);

/// The defaults.
const LIMITS: NoticeLimits = NoticeLimits {
    notices: 500,
    notices_percent: 30,
    user_drop_percent: 30,
};

/// The company on its way through the year.
struct Year {
    facts: Facts,
    terms: Terms,
    ledger: Ledger,
    dice: Dice,
    /// When people will change their passwords.
    changes: BTreeMap<UserId, Timestamp>,
    /// Passwords that were over by a date that they were only given after it.
    moved: BTreeSet<UserId>,
    tally: Tally,
}

/// What came of it.
#[derive(Debug, Default)]
struct Tally {
    mails: BTreeMap<Date, u64>,
    held: Vec<Date>,
    expired: u64,
    expired_by_the_policy: u64,
    told_afterwards: u64,
    to_the_owner: u64,
}

impl Year {
    fn new() -> Self {
        let mut dice = Dice::new(8_000);
        Self {
            facts: company::facts(FIRST_RUN, &mut dice),
            terms: company::terms(),
            ledger: Ledger::default(),
            dice,
            changes: BTreeMap::new(),
            moved: BTreeSet::new(),
            tally: Tally::default(),
        }
    }

    fn at(&self, day: Date, hour: i8) -> Timestamp {
        let zone = self.terms.calendar.time_zone.clone();
        day.at(hour, 0, 0, 0).to_zoned(zone).unwrap().timestamp()
    }

    /// What happens to passwords up to now; everybody whose password expires was warned.
    fn live(&mut self, now: Timestamp, policy_changed: bool) {
        let due: Vec<_> = self
            .changes
            .iter()
            .filter(|(_, at)| **at <= now)
            .map(|(id, at)| (*id, *at))
            .collect();
        for (id, at) in due {
            // Late in the night before, the password may have expired first.
            self.expire(at, Some(id), policy_changed);
            self.changes.remove(&id);
            self.moved.remove(&id);
            let user = self.facts.users.get_mut(&id).unwrap();
            user.password_changed_at = Some(at);
            user.status = UserStatus::Active;
        }
        self.expire(now, None, policy_changed);
    }

    /// Lets passwords expire whose time has come.
    fn expire(&mut self, now: Timestamp, only: Option<UserId>, policy_changed: bool) {
        let ids: Vec<UserId> = match only {
            Some(id) => vec![id],
            None => self.facts.users.keys().copied().collect(),
        };
        for id in ids {
            let user = &self.facts.users[&id];
            if user.status != UserStatus::Active || !company::is_over(user, &self.facts, now) {
                continue;
            }
            let assessment = assess(user, &self.facts, &self.terms);
            let Ok(deadline) = &assessment.deadline else {
                continue;
            };
            let Some(expires_at) = deadline.expires_at.filter(|at| *at <= now) else {
                continue;
            };
            if policy_changed && company::is_in_sales(user) {
                self.moved.insert(id);
                self.tally.expired_by_the_policy += 1;
            } else {
                self.tally.expired += 1;
                let recipient = assessment.recipient.as_ref().unwrap();
                for threshold in &assessment.notice_days {
                    let key = deadline.notice(id, Threshold(i32::from(*threshold)), recipient, false);
                    let state = self.ledger.state_of(&key);
                    let told = match threshold {
                        1 => state == Some(NoticeState::Sent),
                        _ => matches!(state, Some(NoticeState::Sent | NoticeState::Superseded)),
                    };
                    assert!(
                        told,
                        "{id} expired at {expires_at} and notice {threshold} is {state:?}"
                    );
                }
            }
            self.facts.users.get_mut(&id).unwrap().status = UserStatus::PasswordExpired;
            let at = now + self.dice.hours(1, 24 * 6);
            self.changes.insert(id, at);
        }
    }

    /// The run of a day.
    fn run(&mut self, day: Date, now: Timestamp) {
        let book = Book {
            ledger: &self.ledger,
            rehearsal: false,
        };
        let plan = plan_notices(&self.facts, &self.terms, now, book);
        if hold_on_notices(plan.flood(), LIMITS, Release::default()).is_some() {
            self.tally.held.push(day);
        }
        assert_eq!(plan.skipped.get(&Skip::AgeUnknown), None);
        for (key, why) in plan.obsolete {
            let state = match why {
                Obsolete::Superseded => NoticeState::Superseded,
                Obsolete::Cancelled(_) => NoticeState::Cancelled,
            };
            self.ledger.record(key, state);
        }
        if !plan.due.is_empty() {
            self.tally.mails.insert(day, plan.due.len() as u64);
        }
        for due in plan.due {
            self.mail(due, now);
        }
        if self.terms.calendar.is_send_day(day) {
            self.everybody_expired_knows(now);
        }
    }

    /// Sends a notice, which nobody got before, and lets the person think about it.
    fn mail(&mut self, due: Due, now: Timestamp) {
        assert_eq!(
            self.ledger.state_of(&due.key),
            None,
            "a second mail: {:?}",
            due.key
        );
        let (id, threshold) = (due.key.user_id, due.key.threshold);
        if threshold == Threshold::AFTER_EXPIRY {
            self.tally.told_afterwards += 1;
        } else {
            assert!(
                due.expires_at.unwrap() > now && due.days_left.unwrap() >= 0,
                "{due:?}"
            );
            if let Some(hours) = self
                .dice
                .changes_after(threshold, due.expires_at.unwrap().duration_since(now))
            {
                self.changes.entry(id).or_insert(now + hours);
            }
        }
        let to_the_owner = due.recipient.address == SERVICE_OWNER;
        assert_eq!(to_the_owner, is_service_account(id));
        self.tally.to_the_owner += u64::from(to_the_owner);
        for threshold in due.supersedes {
            let wider = NoticeKey {
                threshold,
                ..due.key.clone()
            };
            self.ledger.record(wider, NoticeState::Superseded);
        }
        self.ledger.record(due.key, NoticeState::Sent);
    }

    /// After a run on a send day whoever's password expired within the week has heard of it.
    fn everybody_expired_knows(&self, now: Timestamp) {
        for (id, user) in &self.facts.users {
            if user.status != UserStatus::PasswordExpired {
                continue;
            }
            let assessment = assess(user, &self.facts, &self.terms);
            let deadline = assessment.deadline.as_ref().unwrap();
            if now.duration_since(deadline.expires_at.unwrap()) > self.terms.after_expiry_within {
                assert!(
                    self.moved.contains(id),
                    "{id} expired long ago and nobody said so"
                );
                continue;
            }
            let recipient = assessment.recipient.as_ref().unwrap();
            let key = deadline.notice(*id, Threshold::AFTER_EXPIRY, recipient, false);
            assert_eq!(self.ledger.state_of(&key), Some(NoticeState::Sent), "{id}");
        }
    }

    /// Day by day, at 08:00.
    fn pass(mut self) -> Tally {
        let mut day = FIRST_RUN;
        while day <= YEAR.1 {
            let now = self.at(day, 8);
            if day == POLICY_CHANGE {
                let midnight = self.at(day, 0);
                self.live(midnight, false);
                company::shorten_the_policy(&mut self.facts);
                let expired =
                    self.facts.users.values().filter(|user| {
                        company::is_in_sales(user) && user.status == UserStatus::PasswordExpired
                    });
                self.moved.extend(expired.map(|user| user.id));
                self.live(now, true);
            }
            self.live(now, false);
            self.run(day, now);
            if day < YEAR.0 {
                self.tally = Tally::default();
            }
            day = day.checked_add(1.day()).unwrap();
        }
        self.tally
    }
}

#[test]
fn a_year_of_8000_people_forgets_nobody_repeats_nothing_and_holds_no_ordinary_friday() {
    let year = Year::new();
    let calendar = year.terms.calendar.clone();
    let tally = year.pass();
    assert_eq!(tally.held, [], "days held by the caps");
    let fridays = tally
        .mails
        .iter()
        .filter(|(day, _)| day.weekday() == jiff::civil::Weekday::Friday);
    let busiest = fridays.map(|(_, mails)| *mails).max().unwrap();
    // Above the first of the two caps, so that it is the second one which lets it pass.
    assert!(busiest > LIMITS.notices, "the busiest Friday has {busiest} mails");
    assert!(
        tally.mails.keys().all(|day| calendar.is_send_day(*day)),
        "08:00 each day: no last chance is missed"
    );
    assert!(
        tally.expired > 1000 && tally.expired_by_the_policy > 500,
        "{tally:?}"
    );
    assert!(
        tally.told_afterwards > 500 && tally.to_the_owner > 500,
        "{tally:?}"
    );

    let drawn = picture::draw(&tally, &calendar);
    let fresh = Path::new(env!("CARGO_TARGET_TMPDIR")).join("year.svg");
    std::fs::write(&fresh, &drawn).unwrap();
    let kept = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/year.svg");
    let same = std::fs::read_to_string(&kept).is_ok_and(|kept| kept == drawn);
    assert!(
        same,
        "docs/year.svg shows another year; look at {} and copy it there",
        fresh.display()
    );
}
