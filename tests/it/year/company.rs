//! The company: who is under which policy, and how people take a warning.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use onelogin_steward::domain::calendar::{Schedule, SendCalendar, Weekdays};
use onelogin_steward::domain::expiry::{Facts, Terms};
use onelogin_steward::domain::notice::Threshold;
use onelogin_steward::domain::policy::{Group, MaxAge, Policy, PolicyBook, PolicyId, PolicyKnowledge};
use onelogin_steward::domain::recipient::Fallback;
use onelogin_steward::domain::rule::{Condition, Field, Notify, Pattern, Rule};
use onelogin_steward::domain::user::{GroupId, User, UserId, UserStatus};

/// Whoever looks after the service accounts.
pub(super) const SERVICE_OWNER: &str = "platform@acme.example";

const CONTRACTORS: GroupId = GroupId(45);
const SALES: GroupId = GroupId(180);
/// The policy of Sales.
const LONG: PolicyId = PolicyId(3);

/// The first so many are service accounts, the next contractors, the next Sales, the rest staff.
const SERVICE_ACCOUNTS: i64 = 150;
const CONTRACTORS_END: i64 = 1_150;
const SALES_END: i64 = 3_000;
const EVERYBODY: i64 = 8_000;

pub(super) fn is_service_account(id: UserId) -> bool {
    id.0 <= SERVICE_ACCOUNTS
}

/// Chance with a memory: the same seed brings the same year (SplitMix64).
pub(super) struct Dice(u64);

impl Dice {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// From 0 up to and without this number.
    fn below(&mut self, bound: i64) -> i64 {
        i64::try_from(self.next() % bound.unsigned_abs()).unwrap()
    }

    /// Between so many hours and so many, to the second.
    pub(super) fn hours(&mut self, least: i64, most: i64) -> SignedDuration {
        SignedDuration::from_secs(3600 * least + self.below(3600 * (most - least)))
    }

    /// When somebody who got this notice changes the password, if they do: the nearer the date, the
    /// more listen.
    pub(super) fn changes_after(
        &mut self,
        threshold: Threshold,
        left: SignedDuration,
    ) -> Option<SignedDuration> {
        let of_a_hundred = match threshold.0 {
            14 => 25,
            7 => 40,
            3 => 50,
            _ => 60,
        };
        let listens = self.below(100) < of_a_hundred;
        let after = SignedDuration::from_secs(60 + self.below(left.as_secs() * 2 / 3 + 1));
        listens.then_some(after)
    }
}

/// Everybody, with passwords of every age that their policy allows at the first run.
pub(super) fn facts(today: Date, dice: &mut Dice) -> Facts {
    let now = today.to_zoned(TimeZone::UTC).unwrap().timestamp();
    let users = (1..=EVERYBODY).map(|id| user(id, now, dice));
    let book = book();
    Facts {
        users: users.map(|user| (user.id, user)).collect(),
        group_names: book
            .groups
            .iter()
            .map(|(id, group)| (*id, group.name.clone()))
            .collect(),
        policies: PolicyKnowledge::Read(book),
        role_members: BTreeMap::new(),
    }
}

fn user(id: i64, now: Timestamp, dice: &mut Dice) -> User {
    let (kind, group_id, days) = if id <= SERVICE_ACCOUNTS {
        ("svc", None, 90)
    } else if id <= CONTRACTORS_END {
        ("contractor", Some(CONTRACTORS), 45)
    } else if id <= SALES_END {
        ("sales", Some(SALES), 180)
    } else {
        ("staff", None, 90)
    };
    let username = format!("{kind}-{id}");
    User {
        email: Some(format!("{username}@acme.example")),
        username: Some(username),
        group_id,
        password_changed_at: Some(now - dice.hours(1, 24 * days - 8)),
        ..User::new(id)
    }
}

fn book() -> PolicyBook {
    let policy = |id, name: &str, days, is_default| Policy {
        id,
        name: name.to_owned(),
        is_default,
        max_age: Some(MaxAge::Days(days)),
    };
    let policies = [
        policy(PolicyId(1), "Default", 90, true),
        policy(PolicyId(2), "Contractors", 45, false),
        policy(LONG, "Sales", 180, false),
    ];
    let group = |name: &str, policy| Group {
        name: name.to_owned(),
        policy_id: Some(policy),
    };
    PolicyBook {
        policies: policies.into_iter().map(|policy| (policy.id, policy)).collect(),
        groups: BTreeMap::from([
            (CONTRACTORS.0, group("Contractors", PolicyId(2))),
            (SALES.0, group("Sales", LONG)),
        ]),
        ages_since: BTreeMap::new(),
    }
}

pub(super) fn is_in_sales(user: &User) -> bool {
    user.group_id == Some(SALES)
}

/// Whether a password is over, by the plainest reckoning: a look at 8,000 people each day.
pub(super) fn is_over(user: &User, facts: &Facts, now: Timestamp) -> bool {
    let policies = &facts.policies.book().unwrap().policies;
    let days = match user.group_id {
        Some(CONTRACTORS) => 45,
        Some(SALES) if policies[&LONG].max_age == Some(MaxAge::Days(180)) => 180,
        _ => 90,
    };
    user.password_changed_at.unwrap() + SignedDuration::from_hours(24 * days) <= now
}

/// From 180 days to 90.
pub(super) fn shorten_the_policy(facts: &mut Facts) {
    let PolicyKnowledge::Read(book) = &mut facts.policies else {
        return;
    };
    book.policies.get_mut(&LONG).unwrap().max_age = Some(MaxAge::Days(90));
}

/// The defaults, with the holidays of a year and the rule for service accounts.
pub(super) fn terms() -> Terms {
    use Weekday::{Friday, Monday, Thursday, Tuesday, Wednesday};
    let holidays = [
        "2026-12-24",
        "2026-12-25",
        "2026-12-31",
        "2027-01-01",
        "2027-03-26",
        "2027-03-29",
        "2027-05-06",
        "2027-05-17",
        "2027-12-24",
        "2027-12-31",
    ];
    Terms {
        calendar: SendCalendar {
            time_zone: TimeZone::get("Europe/Berlin").unwrap(),
            send_days: Weekdays::new([Monday, Tuesday, Wednesday, Thursday, Friday]),
            holidays: holidays.map(|day| day.parse().unwrap()).into(),
            schedule: Schedule::parse("0 8 * * *").unwrap(),
        },
        notice_days: BTreeSet::from([14, 7, 3, 1]),
        notice_after_expiry: true,
        after_expiry_within: SignedDuration::from_hours(7 * 24),
        statuses: [UserStatus::Active, UserStatus::Locked].into(),
        skip_directory_users: true,
        fallback: Fallback::Nobody,
        ages_from_onelogin: true,
        default_max_age: None,
        rules: vec![Rule {
            name: "service accounts".to_owned(),
            conditions: vec![Condition::Field(Field::Username, vec![Pattern::new("svc-*")])],
            max_age: None,
            notice_days: None,
            notify: Notify::Address(SERVICE_OWNER.to_owned()),
        }],
    }
}
