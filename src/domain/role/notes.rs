//! What people should know about the selectors of a file.

use std::collections::BTreeSet;

use super::RoleId;
use super::desired::{DesiredRole, DesiredState, Listed};
use super::draft::Drafting;
use super::plan::{Note, Problem, Topic};
use super::resolve::{Directory, Person};
use crate::domain::selector::Selector;
use crate::domain::user::UserId;

/// A note for each selector that does not simply mean one person.
pub(super) fn of_people(
    desired: &DesiredState,
    protected: &[Selector],
    directory: &Directory<'_>,
) -> Vec<Note> {
    let mut notes: Vec<Note> = desired
        .roles
        .iter()
        .flat_map(|role| {
            role.members
                .iter()
                .map(|member| &member.listed)
                .chain(&role.exclude)
        })
        .filter_map(|listed| of_listed(listed, directory))
        .collect();
    for selector in protected {
        if let Some((_, text)) = in_words(&selector.to_string(), &directory.find(selector), directory) {
            notes.push(Note {
                topic: Topic::Protected,
                line: None,
                text: format!("role_sync.protected: {text}"),
            });
        }
    }
    notes
}

/// A note for each role whose pause is over, since its entry in the file is another now.
pub(super) fn of_pauses(drafting: &Drafting<'_>) -> Vec<Note> {
    let ended = drafting.ended_pauses();
    let roles = drafting.desired.roles.iter().zip(drafting.named);
    let note = |(role, id): (&DesiredRole, &Result<RoleId, Problem>)| {
        let id = id.as_ref().ok().filter(|id| ended.contains(id))?;
        let reason = drafting.memory.paused.get(id)?;
        Some(Note {
            topic: Topic::Other,
            line: Some(role.line),
            text: format!(
                "the pause of {} is over ({reason}): the entry is another now",
                role.role
            ),
        })
    };
    roles.filter_map(note).collect()
}

fn of_listed(listed: &Listed, directory: &Directory<'_>) -> Option<Note> {
    let (topic, text) = in_words(&listed.written, &directory.find(&listed.person), directory)?;
    Some(Note {
        topic,
        line: Some(listed.line),
        text,
    })
}

fn in_words(written: &str, person: &Person, directory: &Directory<'_>) -> Option<(Topic, String)> {
    let (topic, text) = match person {
        Person::Found(_) => return None,
        Person::Unknown => (Topic::Unknown, format!("nobody in OneLogin fits {written}")),
        Person::Ambiguous(ids) => (
            Topic::Ambiguous,
            format!(
                "{written} fits several people, who are neither added nor removed by it: write one of {}",
                list(ids)
            ),
        ),
        Person::Renamed(id) => (
            Topic::Renamed,
            format!(
                "{written} is called {now:?} now: write {now:?} for {written:?}",
                now = directory.best_name(*id)
            ),
        ),
        Person::Gone(id) => (
            Topic::Gone,
            format!("{written} (id:{id}) is no longer in OneLogin: delete the entry"),
        ),
        Person::Unproven(id) => (
            Topic::Unproven,
            format!("{written} (id:{id}) is not in the user list, and not proven to be gone"),
        ),
        Person::Recycled { was, now } => (
            Topic::Recycled,
            format!(
                "{written} meant id:{was} and fits id:{now} now, who gets nothing by it: write \"id:{now}\" if the new \
                 person is meant"
            ),
        ),
    };
    Some((topic, text))
}

fn list(ids: &BTreeSet<UserId>) -> String {
    let ids: Vec<String> = ids.iter().map(|id| format!("id:{id}")).collect();
    ids.join(", ")
}
