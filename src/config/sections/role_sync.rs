//! `[role_sync]`, `[role_sync.limits]` and `[[role_sync.role]]`

use std::collections::BTreeSet;
use std::path::PathBuf;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::config::key::ROLE_KEYS;
use crate::config::names::note_unknown;
use crate::config::node::Node;
use crate::config::reader::{Reader, read_all};
use crate::config::settings::{RoleSync, RoleSyncMode};
use crate::config::value::{self, Wrong};
use crate::domain::person;
use crate::domain::role::RoleId;
use crate::domain::role::desired::RoleName;
use crate::domain::role::limits::{FirstRemovals, Limits, RoleOverride, SuspendedMembers, UnknownUser};
use crate::domain::selector::Selector;

use super::paths::Paths;
use super::rule::read_notice_days;
use super::small::check_schedule;

/// No number of people is larger.
const MOST_PEOPLE: i64 = 1_000_000_000;

/// `[role_sync]` with all below it.
pub(in crate::config) fn read_role_sync(
    reader: &Reader<'_>,
    paths: &Paths,
    time_zone: Option<&TimeZone>,
    now: Timestamp,
) -> Option<RoleSync> {
    let enabled = reader.boolean("role_sync.enabled");
    let schedule = reader.parsed("role_sync.schedule", value::schedule);
    check_schedule(reader, "role_sync.schedule", schedule.as_ref(), time_zone, now);
    let desired_state = read_desired_state(reader, paths);
    let mode = reader.parsed("role_sync.mode", |text| {
        value::choice(
            text,
            &[("report", RoleSyncMode::Report), ("apply", RoleSyncMode::Apply)],
        )
    });
    let protected = read_protected(reader, enabled == Some(true));
    let unknown_user = reader.parsed("role_sync.unknown_user", |text| {
        let known = [
            ("hold-removals", UnknownUser::HoldRemovals),
            ("error", UnknownUser::Error),
            ("ignore", UnknownUser::Ignore),
        ];
        value::choice(text, &known)
    });
    let suspended_members = reader.parsed("role_sync.suspended_members", |text| {
        value::choice(
            text,
            &[
                ("keep", SuspendedMembers::Keep),
                ("remove", SuspendedMembers::Remove),
            ],
        )
    });
    let until_notice_days = reader
        .find("role_sync.until_notice_days")
        .map(|node| read_notice_days(reader, &node));
    let limits = read_limits(reader);
    let overrides = read_overrides(reader);
    if enabled == Some(true) {
        reader
            .layers()
            .group_problem()
            .into_iter()
            .for_each(|problem| reader.add(problem));
    }
    Some(RoleSync {
        enabled: enabled?,
        schedule: schedule?,
        desired_state: desired_state?,
        mode: mode?,
        protected: protected?,
        unknown_user: unknown_user?,
        suspended_members: suspended_members?,
        until_notice_days: until_notice_days?,
        limits: limits?,
        overrides: overrides?,
    })
}

/// `role_sync.desired_state`
pub(in crate::config) fn read_desired_state(reader: &Reader<'_>, paths: &Paths) -> Option<PathBuf> {
    reader.parsed("role_sync.desired_state", |text| {
        let help = "name the file, usually \"roles.toml\"";
        let path = (!text.is_empty()).then(|| paths.read_from(text));
        path.ok_or_else(|| Wrong::new("the path is empty", help))
    })
}

/// An empty list protects nobody and holds nothing, which an admin should know.
fn read_protected(reader: &Reader<'_>, enabled: bool) -> Option<Vec<Selector>> {
    let key = "role_sync.protected";
    let empty = || {
        let message = "nobody is protected: a mistake in the desired state can take roles from anybody";
        Wrong::new(
            message,
            "name at least the owner of the account: protected = [\"owner@acme.example\"]",
        )
    };
    let Some(node) = reader.find(key) else {
        if enabled {
            reader.doubtful_absence(key, empty());
        }
        return Some(Vec::new());
    };
    let people = reader.list_of(&node, "a list of people in quotes")?;
    if people.is_empty() && enabled {
        reader.doubtful(&node, empty());
    }
    read_all(&people, |person| reader.parsed_of(person, protected))
}

fn protected(text: &str) -> Result<Selector, Wrong> {
    match person::read(text) {
        (Some(selector), None) => Ok(selector),
        (_, Some(wrong)) => Err(Wrong::new(format!("{text:?}: {}", wrong.message), wrong.help)),
        (None, None) => Err(Wrong::new(format!("{text:?} is not a person"), person::FORMS)),
    }
}

fn read_limits(reader: &Reader<'_>) -> Option<Limits> {
    let people = |name: &str| reader.integer(&format!("role_sync.limits.{name}"), 0..=MOST_PEOPLE);
    let percent = |name: &str| reader.integer(&format!("role_sync.limits.{name}"), 0..=100);
    let removals_per_role = people("removals_per_role");
    let removals_per_role_percent = percent("removals_per_role_percent");
    let small_role = people("small_role");
    let removals_per_run = people("removals_per_run");
    let removals_per_day = people("removals_per_day");
    let additions_per_run = people("additions_per_run");
    let file_shrink_percent = percent("file_shrink_percent");
    let first_removals = reader.parsed("role_sync.limits.first_removals", first_removals);
    Some(Limits {
        removals_per_role: removals_per_role?,
        removals_per_role_percent: removals_per_role_percent?,
        small_role: small_role?,
        removals_per_run: removals_per_run?,
        removals_per_day: removals_per_day?,
        additions_per_run: additions_per_run?,
        file_shrink_percent: file_shrink_percent?,
        first_removals: first_removals?,
    })
}

fn first_removals(text: &str) -> Result<FirstRemovals, Wrong> {
    value::choice(
        text,
        &[("hold", FirstRemovals::Hold), ("allow", FirstRemovals::Allow)],
    )
}

fn read_overrides(reader: &Reader<'_>) -> Option<Vec<RoleOverride>> {
    let Some(node) = reader.find("role_sync.role") else {
        return Some(Vec::new());
    };
    let expected = "tables, each below a line [[role_sync.role]]";
    let nodes = reader.list_of(&node, expected)?;
    let overrides: Vec<RoleOverride> = read_all(&nodes, |node| {
        reader
            .is_table(node, expected)
            .then(|| read_override(reader, node))?
    })?;
    let mut seen = BTreeSet::new();
    for (node, own) in nodes.iter().zip(&overrides) {
        if !seen.insert(&own.role) {
            let message = format!("an earlier entry is about role {} too", own.role);
            reader.wrong_key(node, Wrong::new(message, "put both into one"));
        }
    }
    Some(overrides)
}

fn read_override(reader: &Reader<'_>, node: &Node<'_>) -> Option<RoleOverride> {
    for (name, field) in node.fields() {
        if !ROLE_KEYS.contains(&name) {
            note_unknown(reader, &field, name, ROLE_KEYS);
        }
    }
    let role = read_role(reader, node);
    let number = |name: &str, most: i64| {
        node.get(name)
            .and_then(|field| reader.integer_of(&field, 0..=most))
    };
    let people = |name: &str| number(name, MOST_PEOPLE).and_then(|number| u64::try_from(number).ok());
    let removals_per_role = people("removals_per_role");
    let removals_per_role_percent = number("removals_per_role_percent", 100);
    let small_role = people("small_role");
    let first_removals = node
        .get("first_removals")
        .and_then(|field| reader.parsed_of(&field, first_removals));
    let is_idle = node
        .fields()
        .iter()
        .all(|(name, _)| matches!(*name, "name" | "id"));
    if is_idle {
        let help = "give it removals_per_role, removals_per_role_percent, small_role or first_removals";
        reader.wrong_key(node, Wrong::new("the entry says nothing about its role", help));
    }
    Some(RoleOverride {
        role: role?,
        removals_per_role,
        removals_per_role_percent: removals_per_role_percent.and_then(|number| u32::try_from(number).ok()),
        small_role,
        first_removals,
    })
}

fn read_role(reader: &Reader<'_>, node: &Node<'_>) -> Option<RoleName> {
    let help = "write its exact name as name = \"All Staff\", or its number as id = 123";
    match (node.get("name"), node.get("id")) {
        (Some(name), None) => reader.parsed_of(&name, |text| {
            let empty = || Wrong::new("the name is empty", help);
            (!text.is_empty())
                .then(|| RoleName::Name(text.to_owned()))
                .ok_or_else(empty)
        }),
        (None, Some(id)) => reader
            .integer_of(&id, 1..=i64::MAX)
            .map(|id| RoleName::Id(RoleId(id))),
        (Some(_), Some(id)) => {
            reader.wrong(
                &id,
                Wrong::new("the entry has both a name and an id", "keep one of the two"),
            );
            None
        }
        (None, None) => {
            reader.missing_in(node, "name", Wrong::new("the entry names no role", help));
            None
        }
    }
}
