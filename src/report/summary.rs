//! A run in one line: for the history, the log and the terminal.

use crate::domain::plan::NoticePlan;
use crate::domain::role::plan::RolePlan;
use crate::domain::run::Tally;
use crate::domain::warned::Warned;

/// What a run of notices did.
pub fn of_notices(
    plan: &NoticePlan,
    tally: &Tally,
    warned: Warned,
    rehearsal: bool,
    notes: &[String],
) -> String {
    let Tally {
        delivered,
        retry,
        failed,
        left,
        cancelled,
        expired_meanwhile,
        halted: _,
        interrupted,
        trouble,
    } = tally;
    let mut parts = Vec::new();
    let mut count = |number: u64, what: &str| {
        if number > 0 {
            parts.push(format!("{number} {what}"));
        }
    };
    count(
        *delivered,
        if rehearsal {
            "written or redirected"
        } else {
            "sent"
        },
    );
    count(*retry, "to be tried again");
    count(*failed, "refused for good");
    count(*left, "not tried");
    count(*cancelled, "no longer true meanwhile");
    count(*expired_meanwhile, "expired meanwhile");
    count(plan.obsolete.len() as u64, "of earlier runs no longer true");
    if parts.is_empty() {
        parts.push("nobody to mail".to_owned());
    }
    if !plan.skipped.is_empty() {
        let skipped: u64 = plan.skipped.values().sum();
        parts.push(format!("{skipped} people not due or left out"));
    }
    let mark = if rehearsal { "REHEARSAL: " } else { "" };
    let mut text = format!("{mark}{}", parts.join(", "));
    if *interrupted {
        text.push_str("; stopped before the end, the rest stays due");
    }
    if let Some(warned) = warned.text() {
        text.push_str("; ");
        text.push_str(&warned);
    }
    for note in notes {
        text.push_str("; ");
        text.push_str(note);
    }
    if let Some(trouble) = trouble {
        text.push_str("; ");
        text.push_str(trouble);
    }
    text
}

/// What a run of role sync planned. `writes`: it goes on to carry it out.
pub fn of_roles(plan: &RolePlan, writes: bool) -> String {
    let totals = plan.totals();
    let mut parts = vec![if totals.add + totals.remove + totals.held == 0 {
        "in line with the file".to_owned()
    } else {
        format!(
            "{} to add, {} to remove, {} held",
            totals.add, totals.remove, totals.held
        )
    }];
    if !plan.problems.is_empty() {
        parts.push(format!("{} roles not planned", plan.problems.len()));
    }
    if !plan.contested.is_empty() {
        parts.push(format!("{} contested", plan.contested.len()));
    }
    let mark = if writes { "" } else { "REPORT: " };
    format!("{mark}{}", parts.join(", "))
}
