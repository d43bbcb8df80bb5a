//! Whether passwords expire when their age says so: what OneLogin does, against what is told.
//!
//! An age can be wrong without anybody noticing: a policy assigned to a person directly is not
//! visible to the API, and a configured age is somebody's memory. Two facts give it away. A person
//! whose status says expired while the computed date lies ahead: the true age is at most the age of
//! that password. A person who signs in long after the computed date: it is more than that.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use super::age::AgeSource;
use super::alert::{Advice, Kind, Trouble};
use super::expiry::{Facts, Terms, assess};
use super::policy::MaxAge;
use super::user::{User, UserId, UserStatus};

/// So many people, and it is the age. One or two may have been expired by hand, or have signed in
/// without their password.
const PEOPLE: usize = 3;

/// Only sign-ins of these days count: an older one may tell of an age that was changed since.
const RECENT: SignedDuration = SignedDuration::from_hours(7 * 24);

/// "Long after" the expiry: less may be a session that lasted, or clocks that differ.
const MARGIN: SignedDuration = SignedDuration::from_hours(2 * 24);

/// An age that people's passwords do not have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Doubt {
    /// The policy, rule or key that tells it.
    pub about: String,
    /// What it tells.
    pub told: MaxAge,
    /// Whether OneLogin tells it, or the configuration.
    pub is_onelogins: bool,
    /// How many people show it.
    pub people: u64,
    /// One of them.
    pub example: UserId,
    /// What it looks like instead, in days.
    pub looks_like: LooksLike,
}

/// What an age looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LooksLike {
    /// Passwords expired before their date.
    Shorter {
        /// Somebody signed in with a password nearly as old.
        at_least: Option<i64>,
        /// The youngest password that expired.
        at_most: i64,
    },
    /// People sign in after the date.
    Longer {
        /// At least three signed in with passwords nearly as old.
        at_least: i64,
    },
}

impl Doubt {
    /// What admins are told.
    pub fn trouble(&self) -> Trouble {
        let kind = match self.looks_like {
            LooksLike::Shorter { .. } => Kind::AgeTooLong,
            LooksLike::Longer { .. } => Kind::AgeTooShort,
        };
        let remedy = if self.is_onelogins {
            "A policy that is assigned to people directly is not visible to the API: name them in a \
             [[password_expiry.rule]] with its max_age_days"
        } else {
            "Correct the age in config.toml, or let OneLogin's policies tell it (age_source)"
        };
        Trouble {
            kind,
            about: self.about.clone(),
            what: format!(
                "{}. People are warned by the age that is told, so at the wrong time",
                self.text()
            ),
            advice: vec![
                Advice::command(
                    "Look at one of them",
                    format!("onelogin-steward expiry explain id:{}", self.example),
                ),
                Advice::words(remedy),
            ],
        }
    }

    /// In words.
    pub fn text(&self) -> String {
        let people = self.people;
        let (days, how) = match self.looks_like {
            LooksLike::Shorter {
                at_least: Some(least),
                at_most,
            } if least == at_most => (
                format!("{at_most} days"),
                format!("{people} people have the status \"password expired\" before their date"),
            ),
            LooksLike::Shorter { at_least, at_most } => (
                at_least.map_or(format!("at most {at_most} days"), |least| {
                    format!("{least} to {at_most} days")
                }),
                format!("{people} people have the status \"password expired\" before their date"),
            ),
            LooksLike::Longer { at_least } => (
                format!("{at_least} days or more"),
                format!("{people} people signed in this week with a password past its date"),
            ),
        };
        let teller = if self.is_onelogins {
            "OneLogin tells"
        } else {
            "configured"
        };
        format!("{} looks like {days}, {teller} {}: {how}", self.about, self.told)
    }
}

/// What the people under one age show.
#[derive(Default)]
struct Evidence {
    told: Option<(MaxAge, bool)>,
    /// Ages of passwords that expired before their date, in whole days.
    expired: Vec<(i64, UserId)>,
    /// Ages at which people signed in before the date: the true age is above each.
    signed_in: Vec<i64>,
    /// The same, long after the date.
    signed_in_late: Vec<(i64, UserId)>,
}

/// The ages that look wrong, in the order of their names.
pub fn doubts(facts: &Facts, terms: &Terms, now: Timestamp) -> Vec<Doubt> {
    let mut book: BTreeMap<String, Evidence> = BTreeMap::new();
    for user in facts.users.values() {
        let assessment = assess(user, facts, terms);
        let source = &assessment.age.source;
        let (Ok(deadline), Some(about)) = (&assessment.deadline, source.authority()) else {
            continue;
        };
        let evidence = book.entry(about).or_default();
        let occasion = deadline.occasion;
        evidence.told = Some((occasion.max_age, source.policy_id().is_some()));
        let ahead = deadline.expires_at.is_none_or(|at| at > now);
        if deadline.status_expired && ahead {
            evidence.expired.push((days(occasion.changed_at, now), user.id));
        } else if let Some(at) = recent_sign_in(user, now) {
            let age = days(occasion.changed_at, at);
            match deadline.expires_at {
                Some(expires_at) if at > expires_at => {
                    let margin = expires_at.saturating_add(MARGIN).unwrap_or(at);
                    if at > margin && was_in_force(source, facts, at) {
                        evidence.signed_in_late.push((age, user.id));
                    }
                }
                _ => evidence.signed_in.push(age),
            }
        }
    }
    book.into_iter()
        .flat_map(|(about, evidence)| doubts_of(&about, evidence))
        .collect()
}

/// A sign-in in these days, by someone whose password works and was not changed since.
fn recent_sign_in(user: &User, now: Timestamp) -> Option<Timestamp> {
    let at = user.last_login.filter(|at| now.duration_since(*at) <= RECENT)?;
    (user.status == UserStatus::Active && user.password_changed_at <= Some(at)).then_some(at)
}

/// Whether OneLogin's policy was seen to have this age before the sign-in: an earlier one may have been
/// by an older policy. What the configuration tells is what somebody believes, whenever it was written.
fn was_in_force(source: &AgeSource, facts: &Facts, at: Timestamp) -> bool {
    match (source.policy_id(), facts.policies.book()) {
        (Some(id), Some(book)) => book.ages_since.get(&id).is_some_and(|since| *since < at),
        _ => true,
    }
}

fn doubts_of(about: &str, mut evidence: Evidence) -> Vec<Doubt> {
    let Some((told, is_onelogins)) = evidence.told else {
        return Vec::new();
    };
    let doubt = |people: usize, example, looks_like| Doubt {
        about: about.to_owned(),
        told,
        is_onelogins,
        people: people as u64,
        example,
        looks_like,
    };
    let mut doubts = Vec::new();
    // A password that expired younger than another one that still worked was expired by hand.
    let at_least = evidence.signed_in.iter().max().map(|age| age + 1);
    evidence
        .expired
        .retain(|(age, _)| at_least.is_none_or(|least| *age >= least));
    if let Some((at_most, example)) = evidence.expired.iter().min().copied()
        && evidence.expired.len() >= PEOPLE
    {
        let shorter = LooksLike::Shorter { at_least, at_most };
        doubts.push(doubt(evidence.expired.len(), example, shorter));
    }
    evidence
        .signed_in_late
        .sort_unstable_by(|one, other| other.cmp(one));
    if let Some((age, example)) = evidence.signed_in_late.get(PEOPLE - 1) {
        let longer = LooksLike::Longer { at_least: age + 1 };
        doubts.push(doubt(evidence.signed_in_late.len(), *example, longer));
    }
    doubts
}

/// Whole days of 86,400 seconds.
fn days(from: Timestamp, to: Timestamp) -> i64 {
    to.duration_since(from).as_hours() / 24
}
