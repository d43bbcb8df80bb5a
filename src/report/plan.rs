//! A plan of notices, for people and for programs.

use jiff::tz::TimeZone;
use serde_json::{Value, json};

use super::escape::{plain, wrap_under};
use super::table::table;
use super::time;
use crate::domain::due::Due;
use crate::domain::expiry::Facts;
use crate::domain::guard::Hold;
use crate::domain::notice::Audience;
use crate::domain::plan::NoticePlan;

/// What is shown of a plan.
#[derive(Debug, Clone, Copy)]
pub struct PlanReport<'a> {
    /// The plan.
    pub plan: &'a NoticePlan,
    /// Who the people are.
    pub facts: &'a Facts,
    /// The guard that holds it back.
    pub hold: Option<&'a Hold>,
    /// What people should know about the reading.
    pub notes: &'a [String],
    /// Dates are shown in this zone.
    pub zone: &'a TimeZone,
    /// Whether mails would be written or redirected instead of sent.
    pub rehearsal: bool,
}

/// Which part of a plan is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// Everybody who is due.
    All,
    /// The first so many, and how many more there are.
    First(usize),
}

impl PlanReport<'_> {
    /// One JSON document.
    pub fn to_json(self) -> Value {
        json!({
            "rehearsal": self.rehearsal,
            "users": self.facts.users.len(),
            "notices": self.plan.due.iter().map(|due| notice(due, self.facts, self.zone)).collect::<Vec<_>>(),
            "skipped": self.plan.skipped.iter().map(|(reason, count)| json!({ "reason": reason, "count": count })).collect::<Vec<_>>(),
            "held": self.hold.map(held),
            "notes": self.notes,
        })
    }

    /// For a terminal: totals first, then who is due, then why nobody else is.
    pub fn to_text(self, extent: Extent) -> String {
        let due = &self.plan.due;
        let mut text = String::new();
        if self.rehearsal {
            text.push_str("REHEARSAL: mails are written to files or redirected, nobody is written to\n");
        }
        let waiting = due.len() as u64 - self.plan.fresh();
        let waiting = if waiting > 0 {
            format!(" ({waiting} left over from earlier runs)")
        } else {
            String::new()
        };
        text.push_str(&format!(
            "{} users, {} notices due{waiting}\n",
            self.facts.users.len(),
            due.len()
        ));
        if let Some(hold) = self.hold {
            let held = format!("HELD by {}: {}", hold.guard, plain(&hold.text()));
            text.push_str(&format!("{}\n", wrap_under(&held, 0)));
        }
        // A hold tells them already.
        for note in self.notes.iter().filter(|_| self.hold.is_none()) {
            text.push_str(&format!("note: {}\n", wrap_under(&plain(note), 6)));
        }
        if !due.is_empty() {
            let shown = match extent {
                Extent::All => due.len(),
                Extent::First(most) => most.min(due.len()),
            };
            let rows = due.iter().take(shown).map(|due| row(due, self.facts, self.zone));
            text.push('\n');
            text.push_str(&table(["NOTICE", "LEFT", "EXPIRES", "TO"], rows));
            if shown < due.len() {
                text.push_str(&format!("... and {} more\n", due.len() - shown));
            }
        }
        text.push('\n');
        let skipped = self
            .plan
            .skipped
            .iter()
            .map(|(reason, count)| [count.to_string(), reason.to_string()]);
        text.push_str(&table(["PEOPLE", "NOT MAILED BECAUSE"], skipped));
        text
    }
}

fn held(hold: &Hold) -> Value {
    json!({ "guard": hold.guard, "measured": hold.measured, "limit": hold.limit, "text": hold.text() })
}

/// One notice in JSON: the shape is part of the interface.
pub(super) fn notice(due: &Due, facts: &Facts, zone: &TimeZone) -> Value {
    json!({
        "user_id": due.key.user_id,
        "account": account(due, facts),
        "threshold": due.key.threshold,
        "days_left": due.days_left,
        "expires_at": due.expires_at.map(time::rfc3339),
        "expires_on": due.expires_at.map(|at| at.to_zoned(zone.clone()).date().to_string()),
        "address": due.recipient.address,
        "audience": due.recipient.audience,
    })
}

pub(super) fn account(due: &Due, facts: &Facts) -> String {
    facts
        .users
        .get(&due.key.user_id)
        .map(crate::domain::user::User::account_name)
        .unwrap_or_default()
}

fn row(due: &Due, facts: &Facts, zone: &TimeZone) -> [String; 4] {
    [
        due.key.threshold.to_string(),
        due.days_left.map_or("-".to_owned(), |days| days.to_string()),
        due.expires_at.map_or("-".to_owned(), |at| time::minute(at, zone)),
        addressee(due, facts),
    ]
}

/// Where a notice goes, and about whom where that is somebody else.
pub(super) fn addressee(due: &Due, facts: &Facts) -> String {
    let address = plain(&due.recipient.address);
    match due.recipient.audience {
        Audience::Person => address,
        Audience::Manager | Audience::Desk => format!("{address} (about {})", plain(&account(due, facts))),
    }
}
