//! What a run met that admins must know.

use super::access::Told;
use super::file::FileInForce;
use super::held;
use super::load::RoleReading;
use super::report::{Fate, Report};
use super::resume::Resumed;
use crate::domain::alert::{Advice, Kind, Reach, Trouble};
use crate::domain::role::change::ChangeState;
use crate::domain::role::plan::{Note, RolePlan, Topic};
use crate::domain::role::step;
use crate::jobs::record::Seen;
use crate::report::role_plan::RolePlanReport;

/// So many things of a kind are named in a mail.
const NAMED: usize = 10;
/// So many lines of what differs stand in a mail.
const DRIFT_LINES: usize = 50;

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
    let (put_back, people): (Vec<&Note>, Vec<&Note>) = plan
        .notes
        .iter()
        .filter(|note| note.topic.needs_a_person())
        .partition(|note| note.topic == Topic::PutBack);
    if !put_back.is_empty() {
        seen.troubles.push(Trouble {
            kind: Kind::PutBack,
            about: String::new(),
            what: few(put_back.iter().map(|note| note.text.clone())),
            advice: vec![
                Advice::words("Ask the person who is named, so that the two of you want the same"),
                Advice::command(
                    "If the membership is right, put it into the file",
                    "onelogin-steward roles grant USER ROLE --reason \"...\"",
                ),
            ],
        });
    }
    if !people.is_empty() {
        seen.troubles.push(Trouble {
            kind: Kind::People,
            about: String::new(),
            what: few(people.iter().map(|note| note.text.clone())),
            advice: vec![look()],
        });
    }
    seen.troubles.extend(held::of_plan(plan));
}

/// Notes what differs between file and roles, in a run that only reports it.
pub(super) fn note_drift(seen: &mut Seen, report: RolePlanReport<'_>) {
    let text = report.drift_text();
    let lines: Vec<&str> = text.trim().lines().collect();
    if lines.is_empty() {
        return;
    }
    let mut list = lines
        .iter()
        .take(DRIFT_LINES)
        .copied()
        .collect::<Vec<_>>()
        .join("\n");
    let more = lines.len().saturating_sub(DRIFT_LINES);
    if more > 0 {
        list.push_str(&format!("\n  and {more} more lines"));
    }
    let roles = report.plan.roles.iter();
    let (mut missing, mut unlisted) = (0, 0);
    for role in roles {
        missing += role.add.len();
        unlisted += role
            .drift
            .iter()
            .filter(|drift| drift.fate != step::Fate::Additive)
            .count();
    }
    seen.troubles.push(Trouble {
        kind: Kind::Drift,
        about: String::new(),
        what: format!(
            "missing from a role: {missing}; in a role and not in the file: {unlisted}. Nothing is changed, since \
             role_sync.mode is \"report\"\n{list}"
        ),
        advice: vec![
            Advice::command("All of it, for programs", "onelogin-steward roles plan --json"),
            Advice::command(
                "Take over what somebody did in OneLogin",
                "onelogin-steward roles grant USER ROLE --reason \"...\"",
            ),
            Advice::command("Bring the roles in line with the file, once", "onelogin-steward roles apply"),
        ],
    });
}

/// Notes how people were told that their access ends.
pub(super) fn note_notices(seen: &mut Seen, told: Option<&Told>) {
    let Some(told) = told else { return };
    let Some(tally) = told.tally.as_ref() else {
        // Nobody knows how it would have gone.
        seen.reach = seen.reach.min(Reach::Decided);
        return;
    };
    if tally.interrupted {
        return;
    }
    seen.reach = Reach::Delivered;
    let owed = tally.retry + tally.left;
    // One who is put off is everyday life with mail.
    if tally.left > 0 || tally.retry > tally.delivered {
        let words = tally.trouble.as_deref().unwrap_or("the server said nothing");
        seen.troubles.push(Trouble {
            kind: Kind::MailServer,
            about: String::new(),
            what: format!(
                "{} notices to people whose access ends have left, and {owed} have not: the next run tries again. The \
                 first words of trouble: {words}",
                tally.delivered
            ),
            advice: vec![Advice::command(
                "Whether mail leaves at all",
                "onelogin-steward mail test ADDRESS",
            )],
        });
    }
    let refused = tally.failed + told.plan.refused;
    if refused > 0 {
        seen.troubles.push(Trouble {
            kind: Kind::Recipients,
            about: String::new(),
            what: format!(
                "addresses that the mail server refuses for good: {refused}; these people are not told that their access \
                 ends"
            ),
            advice: vec![
                Advice::command("Who it is", "onelogin-steward mail list --state failed"),
                Advice::words("Correct the addresses in OneLogin: the next run mails the new one"),
            ],
        });
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

pub(super) fn look() -> Advice {
    Advice::command("See the whole plan", "onelogin-steward roles plan")
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
