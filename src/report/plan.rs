//! A plan of notices, for people and for programs.

use jiff::tz::TimeZone;
use serde_json::{Value, json};

use super::escape::plain;
use super::table::table;
use super::time;
use crate::domain::due::Due;
use crate::domain::expiry::Facts;
use crate::domain::guard::Hold;
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

impl PlanReport<'_> {
    /// One JSON document.
    pub fn to_json(self) -> Value {
        json!({
            "rehearsal": self.rehearsal,
            "users": self.facts.users.len(),
            "notices": self.plan.due.iter().map(|due| notice(due, self.facts, self.zone)).collect::<Vec<_>>(),
            "skipped": self.plan.skipped.iter().map(|(reason, count)| json!({ "reason": reason, "count": count })).collect::<Vec<_>>(),
            "held": self.hold,
            "notes": self.notes,
        })
    }

    /// For a terminal: totals first, then everybody who is due, then why nobody else is.
    pub fn to_text(self) -> String {
        let due = self.plan.due.len();
        let mut text = String::new();
        if self.rehearsal {
            text.push_str("REHEARSAL: mails would be written to files or redirected, not sent\n");
        }
        text.push_str(&format!(
            "{} users, {due} notices due, {} never staged before\n",
            self.facts.users.len(),
            self.plan.fresh()
        ));
        if let Some(hold) = self.hold {
            text.push_str(&format!("HELD by {}: {}\n", hold.guard, hold.text));
        }
        for note in self.notes {
            text.push_str(&format!("note: {}\n", plain(note)));
        }
        if due > 0 {
            text.push('\n');
            text.push_str(&table(
                ["ACCOUNT", "TO", "NOTICE", "DAYS LEFT", "EXPIRES"],
                self.plan.due.iter().map(|due| row(due, self.facts, self.zone)),
            ));
        }
        text.push('\n');
        text.push_str(&table(
            ["NOBODY MAILED BECAUSE", "PEOPLE"],
            self.plan
                .skipped
                .iter()
                .map(|(reason, count)| [reason.to_string(), count.to_string()]),
        ));
        text
    }
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

fn row(due: &Due, facts: &Facts, zone: &TimeZone) -> [String; 5] {
    [
        plain(&account(due, facts)),
        plain(&due.recipient.address),
        due.key.threshold.to_string(),
        due.days_left.map_or("-".to_owned(), |days| days.to_string()),
        due.expires_at.map_or("-".to_owned(), |at| time::minute(at, zone)),
    ]
}
