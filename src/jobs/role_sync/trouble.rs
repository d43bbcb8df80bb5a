//! What a run met that admins must know.

use super::file::FileInForce;
use super::load::RoleReading;
use super::report::{Fate, Report};
use super::resume::Resumed;
use crate::domain::alert::{Advice, Kind, Trouble};
use crate::domain::role::change::ChangeState;
use crate::domain::role::plan::RolePlan;
use crate::jobs::record::Seen;

/// So many things of a kind are named in a mail.
const NAMED: usize = 10;

/// Notes changes of a process that died, whose roles cannot be read now.
pub(super) fn note_resumed(seen: &mut Seen, resumed: &Resumed) {
    if resumed.unresolved.is_empty() {
        return;
    }
    let roles = resumed
        .unresolved
        .iter()
        .map(|(role, why)| format!("role {role}: {why}"));
    seen.troubles.push(Trouble {
        kind: Kind::Changes,
        about: String::new(),
        what: format!(
            "a run that was cut off left changes open, and it cannot be found out now whether they were made: {}",
            few(roles)
        ),
        advice: vec![history()],
    });
}

/// Notes a file that is not usable.
pub(super) fn note_file(seen: &mut Seen, file: &FileInForce) {
    let Some(why) = &file.trouble else { return };
    seen.troubles.push(Trouble {
        kind: Kind::DesiredState,
        about: String::new(),
        what: format!("the last accepted desired state stays in force, since the file cannot be used: {why}"),
        advice: vec![Advice::command(
            "Every mistake with its line",
            "onelogin-steward check",
        )],
    });
}

/// Notes what of the plan needs a person.
pub(super) fn note_plan(seen: &mut Seen, plan: &RolePlan, reading: &RoleReading) {
    let name = |id| {
        reading
            .users
            .get(&id)
            .map_or_else(|| format!("id:{id}"), crate::domain::user::User::account_name)
    };
    let look = || Advice::command("See the whole plan", "onelogin-steward roles plan");
    if !plan.problems.is_empty() {
        let problems = plan.problems.iter().map(|problem| problem.text.clone());
        seen.troubles.push(Trouble {
            kind: Kind::Roles,
            about: String::new(),
            what: few(problems),
            advice: vec![look()],
        });
    }
    if !plan.contested.is_empty() {
        let contested = plan.contested.iter().map(|contested| {
            let mappings = if contested.mappings.is_empty() {
                String::new()
            } else {
                format!(" (mappings: {})", contested.mappings.join(", "))
            };
            format!("{} in {}{mappings}", name(contested.user), contested.name)
        });
        seen.troubles.push(Trouble {
            kind: Kind::Contested,
            about: String::new(),
            what: format!(
                "memberships that come back whenever they are changed, and are left alone: {}",
                few(contested)
            ),
            advice: vec![look()],
        });
    }
    let people = plan.notes.iter().filter(|note| note.topic.needs_a_person());
    let people: Vec<String> = people.map(|note| note.text.clone()).collect();
    if !people.is_empty() {
        seen.troubles.push(Trouble {
            kind: Kind::People,
            about: String::new(),
            what: few(people),
            advice: vec![look()],
        });
    }
    for role in &plan.roles {
        // Those that nobody can approve away are told with their reasons above.
        let holds: Vec<String> = role
            .held
            .iter()
            .filter(|hold| hold.guard.can_be_approved())
            .map(|hold| hold.text.clone())
            .collect();
        if !holds.is_empty() {
            seen.troubles.push(Trouble {
                kind: Kind::Held,
                about: role.name.clone(),
                what: few(holds),
                advice: vec![
                    look(),
                    Advice::command(
                        "If that is right, release it within 24 hours",
                        format!(
                            "onelogin-steward roles approve {} --role \"{}\" --reason \"...\"",
                            plan.id(),
                            role.name
                        ),
                    ),
                ],
            });
        }
    }
}

/// Notes what could not be written.
pub(super) fn note_report(seen: &mut Seen, report: &Report) {
    let failed = report.steps.iter().filter(|step| {
        matches!(
            step.fate,
            Fate::Journalled(ChangeState::Failed | ChangeState::Unverified)
        )
    });
    let mut words: Vec<String> = report.halt.iter().map(ToString::to_string).collect();
    words.extend(failed.map(|step| {
        let why = step.words.as_deref().unwrap_or("no re-read shows it");
        format!(
            "{} of id:{} in role {}: {why}",
            step.direction, step.user, step.role
        )
    }));
    if words.is_empty() {
        return;
    }
    seen.troubles.push(Trouble {
        kind: Kind::Changes,
        about: String::new(),
        what: few(words),
        advice: vec![history()],
    });
}

fn history() -> Advice {
    Advice::command(
        "What was done and what was not",
        "onelogin-steward history --job role-sync",
    )
}

fn few(all: impl IntoIterator<Item = String>) -> String {
    let all: Vec<String> = all.into_iter().collect();
    let named = all.iter().take(NAMED).cloned().collect::<Vec<_>>().join("; ");
    match all.len().saturating_sub(NAMED) {
        0 => named,
        more => format!("{named}; and {more} more"),
    }
}
