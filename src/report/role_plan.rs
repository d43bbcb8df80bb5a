//! A plan of role memberships, for people and for programs.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;
use serde_json::{Value, json};

use super::escape::{plain, wrap_under};
use super::paint::{Colour, paint};
use super::time;
use crate::domain::role::actual::Origin;
use crate::domain::role::change::Direction;
use crate::domain::role::plan::{Contested, Outlook, RolePlan};
use crate::domain::role::step::{Drift, Evidence, Fate, Hold, RoleSteps, Step};
use crate::domain::user::{User, UserId};

/// Above so many steps people get a line a role; all of them are in the JSON.
const STEPS_IN_FULL: usize = 200;

/// What is shown of a plan.
#[derive(Debug, Clone, Copy)]
pub struct RolePlanReport<'a> {
    /// The plan.
    pub plan: &'a RolePlan,
    /// Who the people are.
    pub users: &'a BTreeMap<UserId, User>,
    /// Dates are shown in this zone.
    pub zone: &'a TimeZone,
}

impl RolePlanReport<'_> {
    /// One JSON document, with every step.
    pub fn to_json(self) -> Value {
        let plan = self.plan;
        let totals = plan.totals();
        json!({
            "plan_id": plan.id(),
            "tenant": plan.tenant,
            "refused": plan.refusal.as_ref().map(|refusal| &refusal.text),
            "contested": plan.contested.iter().map(|contested| self.contested(contested)).collect::<Vec<_>>(),
            "roles": plan.roles.iter().map(|role| self.role(role)).collect::<Vec<_>>(),
            "problems": plan.problems.iter().map(|problem| json!({
                "role": problem.role.to_string(), "line": problem.line, "text": problem.text,
            })).collect::<Vec<_>>(),
            "notes": plan.notes.iter().map(|note| json!({
                "topic": note.topic, "line": note.line, "text": note.text,
            })).collect::<Vec<_>>(),
            "unmanaged": plan.unmanaged,
            "totals": { "add": totals.add, "remove": totals.remove, "held": totals.held },
        })
    }

    /// For a terminal: totals first, then what needs a person, then role by role.
    pub fn to_text(self, colour: Colour) -> String {
        let (plan, totals) = (self.plan, self.plan.totals());
        let mut text = match plan.outlook() {
            Outlook::InLine => "The roles are in line with the file: nothing to do.\n".to_owned(),
            _ => format!(
                "Plan {}: {} to add, {} to remove, {} held\n",
                plan.id(),
                totals.add,
                totals.remove,
                totals.held
            ),
        };
        let mut alarm = |word: &str, words: &str| {
            let wrapped = wrap_under(&plain(words), word.len() + 1);
            text.push_str(&format!("{} {wrapped}\n", paint(colour, Direction::Remove, word)));
        };
        if let Some(refusal) = &plan.refusal {
            alarm("REFUSED", &refusal.text);
        }
        for contested in &plan.contested {
            alarm("CONTESTED", &self.contested_in_words(contested));
        }
        for problem in &plan.problems {
            let words = format!("{} (line {}): {}", problem.role, problem.line, problem.text);
            alarm("ERROR", &words);
        }
        for note in &plan.notes {
            let line = note.line.map_or(String::new(), |line| format!("line {line}: "));
            let words = wrap_under(&plain(&format!("{line}{}", note.text)), 6);
            text.push_str(&format!("note: {words}\n"));
        }
        let steps: usize = plan.roles.iter().map(|role| role.steps().count()).sum();
        for role in plan.roles.iter().filter(|role| role.steps().next().is_some()) {
            text.push_str(&self.role_in_words(role, steps <= STEPS_IN_FULL, colour));
        }
        if steps > STEPS_IN_FULL {
            text.push_str("\nSummarised by role; --json names every step.\n");
        }
        if plan.unmanaged > 0 {
            text.push_str(&format!(
                "\n{} roles of OneLogin are not in the file and are left alone.\n",
                plan.unmanaged
            ));
        }
        if plan
            .roles
            .iter()
            .any(|role| role.steps().any(|(_, step)| step.can_be_approved()))
        {
            text.push_str(&format!(
                "\nTo release what a limit holds, once it is found right:\n  onelogin-steward roles approve {} --reason \
                 \"...\"\n",
                plan.id()
            ));
        }
        text
    }

    /// The steps with what holds them, role by role and all in full: what a person releases.
    pub fn held_to_text(self, colour: Colour) -> String {
        let roles = self.plan.roles.iter();
        roles
            .filter(|role| role.steps().next().is_some())
            .map(|role| self.role_in_words(role, true, colour))
            .collect()
    }

    fn role(self, role: &RoleSteps) -> Value {
        let evidence = match &role.evidence {
            Evidence::Proven => json!({ "read": "proven" }),
            Evidence::Unproven(why) => json!({ "read": "unproven", "why": why }),
            Evidence::Unreadable(why) => json!({ "read": "unreadable", "why": why }),
        };
        json!({
            "role_id": role.id,
            "name": role.name,
            "line": role.line,
            "evidence": evidence,
            "members": role.members.len(),
            "paused": role.paused,
            "add": role.add.iter().map(|step| self.step(step)).collect::<Vec<_>>(),
            "remove": role.remove.iter().map(|step| self.step(step)).collect::<Vec<_>>(),
            "held": role.held.iter().map(hold).collect::<Vec<_>>(),
            "drift": role.drift.iter().map(|drift| self.drift(drift)).collect::<Vec<_>>(),
        })
    }

    fn step(self, step: &Step) -> Value {
        json!({
            "user_id": step.user,
            "email": self.users.get(&step.user).and_then(|user| user.email.as_ref()),
            "cause": step.cause.to_string(),
            "held": step.is_held(),
            "guards": step.guards,
            "approval": step.approved,
        })
    }

    fn drift(self, drift: &Drift) -> Value {
        json!({
            "user_id": drift.user,
            "email": self.users.get(&drift.user).and_then(|user| user.email.as_ref()),
            "added_by": drift.origin.added_by,
            "added_at": drift.origin.added_at.map(time::rfc3339),
            "fate": fate_in_words(drift.fate),
        })
    }

    fn contested(self, contested: &Contested) -> Value {
        json!({
            "role_id": contested.role,
            "name": contested.name,
            "user_id": contested.user,
            "email": self.users.get(&contested.user).and_then(|user| user.email.as_ref()),
            "direction": contested.direction,
            "mappings": contested.mappings,
        })
    }

    fn role_in_words(self, role: &RoleSteps, in_full: bool, colour: Colour) -> String {
        let count = |direction: Direction| {
            let going = |(way, step): &(Direction, &Step)| *way == direction && !step.is_held();
            role.steps().filter(going).count()
        };
        let held = role.steps().filter(|(_, step)| step.is_held()).count();
        let mut text = format!(
            "\n{} (id {}), {} members: {} to add, {} to remove, {held} held\n",
            plain(&role.name),
            role.id,
            role.members.len(),
            count(Direction::Add),
            count(Direction::Remove),
        );
        for hold in &role.held {
            let what = match hold.direction {
                Direction::Add => "additions",
                Direction::Remove => "removals",
            };
            let words = plain(&format!("{what} held by {}: {}", hold.guard, hold.text));
            text.push_str(&format!("  {}\n", wrap_under(&words, 4).trim_start()));
        }
        if in_full {
            for (direction, step) in role.steps() {
                text.push_str(&self.step_in_words(role, direction, step, colour));
            }
        }
        text
    }

    fn step_in_words(self, role: &RoleSteps, direction: Direction, step: &Step, colour: Colour) -> String {
        let sign = match direction {
            Direction::Add => "+",
            Direction::Remove => "-",
        };
        let mark = if step.is_held() { "held: " } else { "" };
        let origin = role
            .drift
            .iter()
            .find(|drift| direction == Direction::Remove && drift.user == step.user)
            .map_or(String::new(), |drift| self.origin(&drift.origin));
        let released = step.approved.map_or("", |_| ", approved");
        let why = format!("{mark}{}{}{released}", plain(&step.cause.to_string()), origin);
        let who = format!("{sign} {}", self.name(step.user));
        // A long name has the line to itself.
        let rest = match who.chars().count() {
            ..=40 => " ".repeat(41 - who.chars().count()),
            _ => format!("\n{}", " ".repeat(43)),
        };
        format!(
            "  {}{rest}{}\n",
            paint(colour, direction, &who),
            wrap_under(&why, 43)
        )
    }

    pub(super) fn contested_in_words(self, contested: &Contested) -> String {
        let (done, undone) = match contested.direction {
            Direction::Add => ("added", "vanished"),
            Direction::Remove => ("removed", "came back"),
        };
        let cause = match contested.mappings.as_slice() {
            [] => "no mapping of OneLogin that could be read sets this role".to_owned(),
            mappings => format!("mappings of OneLogin set this role: {}", mappings.join(", ")),
        };
        format!(
            "{} in {} was {done} twice within 7 days and {undone} each time; left alone; {cause}",
            self.name(contested.user),
            contested.name
        )
    }

    pub(super) fn name(self, id: UserId) -> String {
        let name = self
            .users
            .get(&id)
            .map(|user| user.email.clone().unwrap_or_else(|| user.account_name()));
        plain(&name.unwrap_or_else(|| format!("id:{id}")))
    }

    pub(super) fn origin(self, origin: &Origin) -> String {
        let by = origin.added_by.as_ref().map(|by| format!(" by {}", plain(by)));
        let at = origin
            .added_at
            .map(|at| format!(" on {}", time::minute(at, self.zone)));
        match (&by, &at) {
            (None, None) => String::new(),
            _ => format!(", added{}{}", by.unwrap_or_default(), at.unwrap_or_default()),
        }
    }
}

/// One guard in JSON: the shape is part of the interface.
pub(super) fn hold(hold: &Hold) -> Value {
    json!({
        "guard": hold.guard,
        "measured": hold.measured,
        "limit": hold.limit,
        "scope": hold.scope.to_string(),
        "direction": hold.direction,
        "text": hold.text,
    })
}

pub(super) fn fate_in_words(fate: Fate) -> &'static str {
    match fate {
        Fate::Removal => "to be removed",
        Fate::Additive => "stays, the role is additive",
        Fate::Protected => "stays, protected",
        Fate::Doubtful => "stays, the file may mean them",
        Fate::Unproven => "stays, the list of members is incomplete",
    }
}
