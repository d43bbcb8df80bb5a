//! `[role_sync]`

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use super::*;
use crate::config::Severity;
use crate::config::settings::RoleSyncMode;
use crate::domain::role::RoleId;
use crate::domain::role::desired::RoleName;
use crate::domain::role::limits::{FirstRemovals, SuspendedMembers, UnknownUser};
use crate::domain::selector::Selector;

#[test]
fn the_default_changes_nothing_and_holds_much() {
    let desk = Desk::with(&[]);
    let role_sync = desk.loaded().settings.role_sync;
    assert!(!role_sync.enabled && role_sync.mode == RoleSyncMode::Report);
    assert_eq!(role_sync.desired_state, desk.folder.path().join("roles.toml"));
    assert_eq!(
        (role_sync.unknown_user, role_sync.suspended_members),
        (UnknownUser::HoldRemovals, SuspendedMembers::Keep)
    );
    assert!(role_sync.protected.is_empty() && role_sync.overrides.is_empty());
    let limits = role_sync.limits;
    assert_eq!(
        (
            limits.removals_per_role,
            limits.removals_per_role_percent,
            limits.small_role,
            limits.removals_per_run
        ),
        (10, 20, 5, 50)
    );
    assert_eq!(
        (
            limits.removals_per_day,
            limits.additions_per_run,
            limits.file_shrink_percent
        ),
        (100, 500, 30)
    );
    assert_eq!(limits.first_removals, FirstRemovals::Hold);
}

#[test]
fn what_is_written_is_in_force() {
    let desk = Desk::with(&[
        "role_sync.enabled = true",
        "role_sync.mode = \"apply\"",
        "role_sync.desired_state = \"roles/all.toml\"",
        "role_sync.protected = [\"Owner@acme.example\", \"id:7\", \"external:E-1\", \"svc-backup\"]",
        "role_sync.limits.removals_per_run = 3",
        "role_sync.until_notice_days = [0, 365]",
        "[[role_sync.role]]\nname = \"All Staff\"\nremovals_per_role = 100\nfirst_removals = \"allow\"",
        "[[role_sync.role]]\nid = 9\nsmall_role = 0",
    ])
    .env("ONELOGIN_STEWARD__ROLE_SYNC__LIMITS__REMOVALS_PER_DAY", "4")
    .env("ONELOGIN_STEWARD__ROLE_SYNC__UNKNOWN_USER", "error");
    let loaded = desk.loaded();
    assert!(loaded.warnings.is_empty(), "{}", loaded.warnings);
    let role_sync = loaded.settings.role_sync;
    assert_eq!(role_sync.desired_state, desk.folder.path().join("roles/all.toml"));
    assert_eq!(
        role_sync.protected,
        [
            Selector::Name("owner@acme.example".to_owned()),
            Selector::Id(7),
            Selector::External("E-1".to_owned()),
            Selector::Name("svc-backup".to_owned()),
        ]
    );
    let limits = &role_sync.limits;
    assert_eq!(
        (
            limits.removals_per_run,
            limits.removals_per_day,
            limits.removals_per_role
        ),
        (3, 4, 10)
    );
    assert_eq!(role_sync.unknown_user, UnknownUser::Error);
    assert_eq!(role_sync.overrides[1].role, RoleName::Id(RoleId(9)));
    let staff = limits.of_role(&role_sync.overrides, RoleId(1), "All Staff");
    assert_eq!(
        (staff.removals_per_role, staff.small_role, staff.first_removals),
        (100, 5, FirstRemovals::Allow)
    );
    let nine = limits.of_role(&role_sync.overrides, RoleId(9), "Nine");
    assert_eq!((nine.removals_per_role, nine.small_role), (10, 0));
    let other = limits.of_role(&role_sync.overrides, RoleId(2), "all staff");
    assert_eq!(other.removals_per_role, 10, "names are exact");
}

/// Lines, the key of the one mistake in them, and words of its message.
const WRONG: &[(&str, &str, &str)] = &[
    (
        "role_sync.enabled = \"yes\"",
        "role_sync.enabled",
        "true or false",
    ),
    (
        "role_sync.schedule = \"0 0 31 2 *\"",
        "role_sync.schedule",
        "never comes",
    ),
    (
        "role_sync.desired_state = \"\"",
        "role_sync.desired_state",
        "empty",
    ),
    (
        "role_sync.mode = \"aply\"",
        "role_sync.mode",
        "\"report\" or \"apply\"",
    ),
    (
        "role_sync.protected = \"owner@acme.example\"",
        "role_sync.protected",
        "expected a list",
    ),
    (
        "role_sync.protected = [\"ID:7\"]",
        "role_sync.protected[0]",
        "no way to name",
    ),
    (
        "role_sync.protected = [7]",
        "role_sync.protected[0]",
        "text in quotes",
    ),
    (
        "role_sync.unknown_user = \"hold\"",
        "role_sync.unknown_user",
        "\"hold-removals\"",
    ),
    (
        "role_sync.suspended_members = 2",
        "role_sync.suspended_members",
        "text in quotes",
    ),
    (
        "role_sync.until_notice_days = [366]",
        "role_sync.until_notice_days[0]",
        "0 to 365",
    ),
    ("role_sync.limits = 3", "role_sync.limits", "a section"),
    (
        "role_sync.limits.removals_per_role = -1",
        "role_sync.limits.removals_per_role",
        "0 to",
    ),
    (
        "role_sync.limits.removals_per_role_percent = 101",
        "role_sync.limits.removals_per_role_percent",
        "0 to 100",
    ),
    (
        "role_sync.limits.first_removals = true",
        "role_sync.limits.first_removals",
        "text in quotes",
    ),
    (
        "role_sync.limits.removal_per_run = 1",
        "role_sync.limits.removal_per_run",
        "unknown key",
    ),
    (
        "role_sync.removals_per_run = 1",
        "role_sync.removals_per_run",
        "unknown key",
    ),
    ("role_sync.limit.small_role = 1", "role_sync.limit", "unknown key"),
    (
        "[[role_sync.role]]\nsmall_role = 1",
        "role_sync.role[0].name",
        "names no role",
    ),
    (
        "[[role_sync.role]]\nname = \"A\"",
        "role_sync.role[0]",
        "says nothing",
    ),
    (
        "[[role_sync.role]]\nname = \"A\"\nid = 1\nsmall_role = 1",
        "role_sync.role[0].id",
        "both",
    ),
    (
        "[[role_sync.role]]\nname = \"A\"\nremovals_per_run = 1",
        "role_sync.role[0].removals_per_run",
        "unknown key",
    ),
];

#[test]
fn every_wrong_value_is_told_with_its_key() {
    for (lines, key, words) in WRONG {
        let problem = Desk::with(&[lines]).problem();
        assert_eq!(problem.key, *key, "{lines}");
        assert!(problem.message.contains(words), "{lines}: {}", problem.message);
    }
    let twice = "[[role_sync.role]]\nname = \"A\"\nsmall_role = 1";
    assert!(
        Desk::with(&[twice, twice])
            .problem()
            .message
            .contains("an earlier entry")
    );
    let problem = Desk::with(&["role_sync.removals_per_run = 1"]).problem();
    assert!(problem.help.contains("[role_sync.limits]"), "{}", problem.help);
    let desk = Desk::with(&[]).env("ONELOGIN_STEWARD__ROLE_SYNC__ROLE", "[]");
    assert!(desk.problem().help.contains("[[role_sync.role]]"));
}

#[test]
fn g7_an_empty_protected_list_is_warned_of_where_the_job_is_enabled() {
    for lines in [
        &["role_sync.enabled = true"][..],
        &["role_sync.enabled = true", "role_sync.protected = []"],
    ] {
        let warnings = Desk::with(lines).loaded().warnings;
        assert_eq!(warnings.len(), 1, "{warnings}");
        let warning = warnings.iter().next().unwrap();
        assert_eq!(
            (warning.key.as_str(), warning.severity),
            ("role_sync.protected", Severity::Warning)
        );
    }
    assert!(
        Desk::with(&["role_sync.protected = []"])
            .loaded()
            .warnings
            .is_empty()
    );
}

#[test]
fn f17_a_group_may_not_write_the_guards() {
    for (enabled, mode, is_good) in [(true, 0o660, false), (true, 0o640, true), (false, 0o660, true)] {
        let enabled = format!("role_sync.enabled = {enabled}");
        let desk = Desk::with(&[&enabled, "role_sync.protected = [\"id:1\"]"]);
        fs::set_permissions(desk.path(), fs::Permissions::from_mode(mode)).unwrap();
        let loaded = desk.load();
        assert_eq!(loaded.is_ok(), is_good, "{mode:o}");
        if let Err(problems) = loaded {
            assert!(problems.to_string().contains("lift the guards"), "{problems}");
        }
    }
}
