//! When a person's password expires, and why somebody has no such date or gets no mail about it.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};

use super::age::{Age, AgeSource, age_without_rule, visible_policy};
use super::calendar::SendCalendar;
use super::notice::{NoticeKey, PasswordOccasion, Recipient, Threshold};
use super::policy::{MaxAge, Policy, PolicyKnowledge};
use super::recipient::{Fallback, recipient_of};
use super::rule::{Lookup, Notify, RoleMembers, Rule, Surroundings, Verdict};
use super::skip::Skip;
use super::user::{User, UserId, UserState, UserStatus};

/// The settings that decide who is mailed and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Terms {
    /// Send days, holidays, schedule and zone.
    pub calendar: SendCalendar,
    /// Days before the expiry at which a notice is due.
    pub notice_days: BTreeSet<u16>,
    /// Whether one more notice goes after the expiry.
    pub notice_after_expiry: bool,
    /// How long after the expiry it still goes.
    pub after_expiry_within: SignedDuration,
    /// The statuses that are mailed before the expiry: active, locked, or both.
    pub statuses: BTreeSet<UserStatus>,
    /// Leave out people whose password lives in a directory or at another identity provider.
    pub skip_directory_users: bool,
    /// Where mail about people without an address goes.
    pub fallback: Fallback,
    /// Take ages from OneLogin's policies.
    pub ages_from_onelogin: bool,
    /// The age where OneLogin offers no policies, or is not asked.
    pub default_max_age: Option<MaxAge>,
    /// First match wins.
    pub rules: Vec<Rule>,
}

impl Terms {
    /// Whether nobody would have an age without OneLogin's policies.
    pub fn names_no_age(&self) -> bool {
        self.default_max_age.is_none() && self.rules.iter().all(|rule| rule.max_age.is_none())
    }

    /// Whether somebody's manager may be told.
    pub fn tells_managers(&self) -> bool {
        self.fallback == Fallback::Manager || self.rules.iter().any(|rule| rule.notify == Notify::Manager)
    }
}

/// What a run has read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    /// The proven user list.
    pub users: BTreeMap<UserId, User>,
    /// OneLogin's policies, or why there are none.
    pub policies: PolicyKnowledge,
    /// Names of groups by number.
    pub group_names: BTreeMap<i64, String>,
    /// Members of the roles that rules name.
    pub role_members: RoleMembers,
}

/// The date that a password has, and what follows from it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deadline {
    /// This password with this age.
    pub occasion: PasswordOccasion,
    /// `None` where only OneLogin's status says that it expired.
    pub expires_at: Option<Timestamp>,
    /// OneLogin's status says expired.
    pub status_expired: bool,
}

impl Deadline {
    /// Whether the password has expired.
    pub fn is_over(&self, now: Timestamp) -> bool {
        self.status_expired || self.expires_at.is_some_and(|at| at <= now)
    }

    /// The key of a notice about this deadline.
    pub fn notice(
        &self,
        user_id: UserId,
        threshold: Threshold,
        recipient: &Recipient,
        rehearsal: bool,
    ) -> NoticeKey {
        NoticeKey {
            user_id,
            occasion: self.occasion.to_string(),
            threshold,
            recipient: recipient.address.to_lowercase(),
            rehearsal,
            resend: 0,
        }
    }
}

/// Everything about one person that does not depend on the day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assessment<'a> {
    /// The first rule that matches.
    pub rule: Option<&'a Rule>,
    /// The age and where it comes from.
    pub age: Age,
    /// The date, or why there is none.
    pub deadline: Result<Deadline, Skip>,
    /// The recipient, or why there is none.
    pub recipient: Result<Recipient, Skip>,
    /// Thresholds in force for this person, without those that are not below the age.
    pub notice_days: BTreeSet<u16>,
    /// Why this person gets none before the expiry.
    pub before_expiry: Option<Skip>,
}

impl Assessment<'_> {
    /// Whether the person counts as one whose password can expire.
    pub fn can_expire(&self) -> bool {
        self.deadline.is_ok()
    }
}

/// Assesses one person.
pub fn assess<'a>(user: &User, facts: &Facts, terms: &'a Terms) -> Assessment<'a> {
    let (rule, age) = age_of(user, facts, terms);
    let notify = rule.map(|rule| rule.notify.clone()).unwrap_or_default();
    let thresholds = rule
        .and_then(|rule| rule.notice_days.as_ref())
        .unwrap_or(&terms.notice_days);
    let below_age = |threshold: &u16| match age.max_age {
        Some(MaxAge::Days(days)) => u32::from(*threshold) < days,
        Some(MaxAge::Never) | None => true,
    };
    Assessment {
        rule,
        deadline: deadline_of(user, &age, terms),
        recipient: recipient_of(user, &notify, &terms.fallback, &facts.users),
        notice_days: thresholds.iter().copied().filter(below_age).collect(),
        before_expiry: (!terms.statuses.contains(&user.status)).then_some(Skip::StatusNotMailed),
        age,
    }
}

fn age_of<'a>(user: &User, facts: &Facts, terms: &'a Terms) -> (Option<&'a Rule>, Age) {
    let policy = facts.policies.book().map(|book| visible_policy(user, book));
    let around = Surroundings {
        group_name: match user.group_id {
            None => Lookup::Known(None),
            Some(id) => facts
                .group_names
                .get(&id.0)
                .map_or(Lookup::Unknown, |name| Lookup::Known(Some(name))),
        },
        policy_name: match &policy {
            Some(Ok((_, policy))) => Lookup::Known(Some(&policy.name)),
            Some(Err(_)) | None => Lookup::Unknown,
        },
        role_members: &facts.role_members,
    };
    let mut verdicts = terms.rules.iter().map(|rule| (rule, rule.verdict(user, &around)));
    let rule = match verdicts.find(|(_, verdict)| *verdict != Verdict::Differs) {
        Some((rule, Verdict::Undecidable)) => return (None, undecidable(rule, policy)),
        Some((rule, _)) => Some(rule),
        None => None,
    };
    let age = match rule.and_then(|rule| Some((rule, rule.max_age?))) {
        Some((rule, max_age)) => Age::of_rule(&rule.name, max_age),
        None if terms.ages_from_onelogin => age_without_rule(user, &facts.policies, terms.default_max_age),
        None => age_without_rule(user, &PolicyKnowledge::NotAsked, terms.default_max_age),
    };
    (rule, age)
}

/// A rule that cannot be decided is never "no match": the age stays unknown.
fn undecidable(rule: &Rule, policy: Option<Result<(Option<&str>, &Policy), String>>) -> Age {
    let why = match policy {
        Some(Err(why)) => why,
        _ => "the person's group is not among those that OneLogin lists".to_owned(),
    };
    Age {
        max_age: None,
        source: AgeSource::Unknown(format!("rule \"{}\" cannot be decided: {why}", rule.name)),
    }
}

fn deadline_of(user: &User, age: &Age, terms: &Terms) -> Result<Deadline, Skip> {
    if user.state != UserState::Approved {
        return Err(Skip::Unlicensed);
    }
    if terms.skip_directory_users && user.directory_id.is_some() {
        return Err(Skip::Directory);
    }
    if terms.skip_directory_users && user.trusted_idp_id.is_some() {
        return Err(Skip::TrustedIdp);
    }
    let status_expired = match user.status {
        UserStatus::Active | UserStatus::Locked => false,
        UserStatus::PasswordExpired => true,
        UserStatus::AwaitingReset | UserStatus::PasswordPending => return Err(Skip::ResetPending),
        UserStatus::Unactivated => return Err(Skip::Unactivated),
        UserStatus::Suspended => return Err(Skip::Suspended),
        UserStatus::SecurityQuestionsRequired => return Err(Skip::SecurityQuestions),
        UserStatus::Other(_) => return Err(Skip::UnknownStatus),
    };
    let changed_at = user.password_changed_at.ok_or(Skip::NeverSet)?;
    let max_age = age.max_age.ok_or(Skip::AgeUnknown)?;
    let occasion = PasswordOccasion { changed_at, max_age };
    match expires_at(changed_at, max_age) {
        Some(expires_at) => Ok(Deadline {
            occasion,
            expires_at: Some(expires_at),
            status_expired,
        }),
        // OneLogin says expired, so it is, whatever the configured age says.
        None if status_expired => Ok(Deadline {
            occasion,
            expires_at: None,
            status_expired,
        }),
        None => Err(Skip::NeverExpires),
    }
}

/// `changed_at` plus the age, a day being 86,400 seconds. `None`: never, or beyond the calendar.
pub fn expires_at(changed_at: Timestamp, max_age: MaxAge) -> Option<Timestamp> {
    match max_age {
        MaxAge::Never => None,
        MaxAge::Days(days) => changed_at
            .checked_add(SignedDuration::from_hours(24 * i64::from(days)))
            .ok(),
    }
}
