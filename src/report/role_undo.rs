//! What undoing a run comes to, for a terminal.

use std::collections::BTreeMap;

use super::escape::{plain, wrap_under};
use crate::domain::role::change::Direction;
use crate::domain::role::undo::{Undo, Why};
use crate::domain::run::RunId;
use crate::domain::user::{User, UserId};

/// So many of what is not put back are named.
const NAMED: usize = 50;

/// Totals first, then role by role, then what is left as it is.
pub fn to_text(run: RunId, undo: &Undo, users: &BTreeMap<UserId, User>) -> String {
    // As plans call people.
    let name = |id: &UserId, account: &str| {
        let email = users.get(id).and_then(|user| user.email.clone());
        email.unwrap_or_else(|| account.to_owned())
    };
    let count = |direction| {
        undo.steps
            .iter()
            .filter(|step| step.direction == direction)
            .count()
    };
    let mut text = format!(
        "Undo of run {run}: {} to add, {} to remove, {} left as they are\n",
        count(Direction::Add),
        count(Direction::Remove),
        undo.left.len()
    );
    let mut role = None;
    for step in &undo.steps {
        if role != Some(step.role) {
            role = Some(step.role);
            text.push_str(&format!("\n{} (id {})\n", plain(&step.role_name), step.role));
        }
        let sign = match step.direction {
            Direction::Add => "+",
            Direction::Remove => "-",
        };
        text.push_str(&format!("  {sign} {}\n", plain(&name(&step.user, &step.account))));
    }
    let before = undo.left.iter().filter(|left| left.why == Why::AsBefore).count();
    if before > 0 {
        text.push_str(&format!(
            "\n{before} memberships are as they were before the run already.\n"
        ));
    }
    let others = undo.left.iter().filter(|left| left.why != Why::AsBefore);
    for left in others.clone().take(NAMED) {
        let words = format!(
            "{} in {}: {}",
            name(&left.made.user, &left.made.account),
            left.made.role_name,
            left.why
        );
        text.push_str(&format!("left: {}\n", wrap_under(&plain(&words), 6)));
    }
    let more = others.count().saturating_sub(NAMED);
    if more > 0 {
        text.push_str(&format!("left: {more} more\n"));
    }
    text
}
