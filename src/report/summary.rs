//! A run in one line: for the history, the log and the terminal.

use crate::domain::plan::NoticePlan;
use crate::domain::role::memory::Guard;
use crate::domain::role::plan::RolePlan;
use crate::domain::role::step::{Evidence, Scope};
use crate::domain::run::Tally;
use crate::domain::warned::Warned;

/// So many things of a kind are named.
const NAMED: usize = 5;

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
    if !plan.contested.is_empty() {
        parts.push(format!("{} contested", plan.contested.len()));
    }
    let mark = if writes { "" } else { "REPORT: " };
    let mut text = format!("{mark}{}", parts.join(", "));
    let problems = plan.problems.iter();
    let problems: Vec<String> = problems
        .map(|problem| format!("{}: {}", problem.role, problem.text))
        .collect();
    // A limit of the whole run is told once, and not by every role that it holds.
    let mut holds = Vec::new();
    for role in &plan.roles {
        // An incomplete list stands among the troubles.
        let is_proven = role.evidence == Evidence::Proven;
        for hold in role
            .held
            .iter()
            .filter(|hold| is_proven || hold.guard != Guard::Proof)
        {
            let words = match hold.scope {
                Scope::Role | Scope::Person => format!("{}: {}", role.name, hold.text),
                Scope::Run | Scope::Day => hold.text.clone(),
            };
            if !holds.contains(&words) {
                holds.push(words);
            }
        }
    }
    for (what, all) in [("trouble with", problems), ("held:", holds)] {
        if !all.is_empty() {
            text.push_str(&format!("; {what} {}", few(&all)));
        }
    }
    text
}

/// The first of them; of more, how many.
fn few(all: &[String]) -> String {
    let named = all.iter().take(NAMED).cloned().collect::<Vec<_>>().join("; ");
    match all.len().saturating_sub(NAMED) {
        0 => named,
        more => format!("{named}; and {more} more"),
    }
}
