//! What people should know about the selectors of a file.

use std::collections::BTreeSet;

use super::desired::{DesiredState, Listed};
use super::plan::{Note, Topic};
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
