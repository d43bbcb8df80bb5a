//! The rules of the other tables, one by one.

use super::*;

#[test]
fn runs_stay_that_anything_points_to_or_goes_by() {
    let rows = [
        run(0, "housekeeping", "succeeded", 810, None, "an older one of its schedule"),
        run(1, "password-expiry", "succeeded", 900, Some(9), "staged a notice"),
        run(2, "password-expiry", "partial", 890, Some(9), "of no use"),
        run(3, "password-expiry", "partial", 880, Some(9), "sent a notice"),
        run(4, "password-expiry", "skipped", 870, None, "an older tick"),
        run(5, "password-expiry", "skipped", 860, None, "the newest tick"),
        run(6, "password-expiry", "partial", 850, Some(9), "proved the users last"),
        run(7, "password-expiry", "refused", 840, Some(2), "held, so no measure"),
        run(8, "password-expiry", "failed", 830, None, "may have left notices"),
        run(9, "password-expiry", "succeeded", 820, None, "the newest run, a resend"),
        run(10, "role-sync", "succeeded", 900, Some(9), "changed a role"),
        run(11, "role-sync", "succeeded", 890, Some(9), "used an approval"),
        run(12, "role-sync", "succeeded", 880, Some(9), "saw a role last"),
        run(13, "role-sync", "refused", 870, Some(9), "began an alert"),
        run(14, "role-sync", "succeeded", 860, Some(9), "of no use"),
        run(15, "role-sync", "running", 800, None, "goes on"),
        run(16, "role-sync", "succeeded", 100, Some(9), "young"),
        run(17, "housekeeping", "succeeded", 800, None, "the newest of its schedule"),
        run(18, "housekeeping", "succeeded", 790, None, "of no use, by hand"),
        run(19, "housekeeping", "succeeded", 100, Some(9), "young"),
        "UPDATE run SET trigger = 'manual' WHERE run_id IN (18, 19);".to_owned(),
        notice(1, &password(1000), 7, "sent", 900, ""),
        "UPDATE notice SET staged_by = 1, tried_by = 3;".to_owned(),
        format!(
            "INSERT INTO role_change (run_id, role_id, role_name, user_id, account, direction, cause, counts, state,
                                      attempts, intended_at, settled_at)
             VALUES (10, 1, 'r', 1, 'a', 'add', '\"listed\"', 1, 'done', 1, {0}, {0});
             INSERT INTO approval (role_id, direction, guards, people, reason, uid, approved_at, used_by)
             VALUES (1, 'remove', '[]', '[]', 'x', 0, {0}, 11);
             INSERT INTO role_seen VALUES (1, 12, 5, 0, 1, NULL);
             INSERT INTO alert (job, kind, about, since, since_run, is_going_on)
             VALUES ('role-sync', 'held', '', {0}, 13, 1);",
            ago(900)
        ),
    ];
    let desk = Desk::with(&rows.concat());
    desk.prune();
    let left = desk.left("SELECT summary FROM run ORDER BY run_id");
    let expected = [
        "staged a notice",
        "sent a notice",
        "the newest tick",
        "proved the users last",
        "may have left notices",
        "the newest run, a resend",
        "changed a role",
        "used an approval",
        "saw a role last",
        "began an alert",
        "goes on",
        "young",
        "the newest of its schedule",
        "young",
    ];
    assert_eq!(left, expected);
}

/// A change of a run about a person; what it is for is in its account.
fn change(run: i64, user: i64, state: &str, days: i64, what: &str) -> String {
    let at = ago(days);
    let settled = if state == "intended" {
        "NULL".to_owned()
    } else {
        at.to_string()
    };
    format!(
        "INSERT INTO role_change (run_id, role_id, role_name, user_id, account, direction, cause, counts, state,
                                  attempts, intended_at, settled_at)
         VALUES ({run}, 10, 'Sales', {user}, '{what}', 'remove', '\"listed\"', 1, '{state}', 1, {at}, {settled});"
    )
}

#[test]
fn changes_go_run_by_run_and_never_while_one_is_open() {
    let runs: String = (1..=4)
        .map(|id| run(id, "role-sync", "succeeded", 1200, None, ""))
        .collect();
    let rows = [
        runs,
        change(1, 1, "done", 1200, "old"),
        change(1, 2, "failed", 1200, "old"),
        change(2, 1, "done", 1200, "of a run with an open one"),
        change(2, 2, "intended", 1200, "open"),
        change(3, 1, "done", 1096, "of a run with a younger one"),
        change(3, 2, "done", 1094, "younger"),
        // Older than `keep`, which is for other rows.
        change(4, 1, "done", 500, "young"),
    ];
    let desk = Desk::with(&rows.concat());
    desk.prune();
    let left = desk.left("SELECT account FROM role_change ORDER BY change_id");
    let expected = [
        "of a run with an open one",
        "open",
        "of a run with a younger one",
        "younger",
        "young",
    ];
    assert_eq!(left, expected);
}

#[test]
fn changes_stay_while_a_guard_looks_back_at_them() {
    let rows = [
        run(1, "role-sync", "succeeded", 9, None, ""),
        run(2, "role-sync", "succeeded", 6, None, ""),
        change(1, 1, "done", 8, "out of sight"),
        change(2, 1, "done", 6, "may be contested"),
    ];
    let desk = Desk::with(&rows.concat());
    desk.prune_to_a_day();
    assert_eq!(desk.left("SELECT account FROM role_change"), ["may be contested"]);
}

#[test]
fn approvals_stay_that_can_be_used_or_that_a_change_points_to() {
    let approval = |days: i64, what: &str| {
        format!(
            "INSERT INTO approval (role_id, direction, guards, people, reason, uid, approved_at)
             VALUES (10, 'remove', '[]', '[]', '{what}', 0, {});",
            ago(days)
        )
    };
    let rows = [
        approval(1200, "lapsed"),
        approval(1200, "released a change"),
        approval(500, "young"),
        run(1, "role-sync", "succeeded", 500, None, ""),
        change(1, 1, "done", 500, "young"),
        "UPDATE role_change SET approval_id = 2;".to_owned(),
    ];
    let desk = Desk::with(&rows.concat());
    desk.prune();
    let left = desk.left("SELECT reason FROM approval ORDER BY approval_id");
    assert_eq!(left, ["released a change", "young"]);
    let open = Desk::with(&[approval(2, "lapsed"), approval(0, "open")].concat());
    open.prune_to_a_day();
    assert_eq!(open.left("SELECT reason FROM approval"), ["open"]);
}

#[test]
fn pauses_stay_until_they_are_over_for_long() {
    let pause = |since: i64, until: Option<i64>, ended: Option<i64>, what: &str| {
        let at = |days: Option<i64>| days.map_or("NULL".to_owned(), |days| ago(days).to_string());
        format!(
            "INSERT INTO pause (role_id, reason, uid, since, until, ended_at) VALUES (10, '{what}', 0, {}, {}, {});",
            ago(since),
            at(until),
            at(ended)
        )
    };
    let rows = [
        pause(900, None, None, "until it is resumed"),
        pause(900, Some(-10), None, "until next week"),
        pause(900, Some(800), None, "ran out"),
        pause(900, None, Some(800), "was resumed"),
        pause(900, Some(-10), Some(800), "was resumed early"),
        pause(900, None, Some(300), "was resumed lately"),
    ];
    let desk = Desk::with(&rows.concat());
    desk.prune();
    let left = desk.left("SELECT reason FROM pause ORDER BY pause_id");
    assert_eq!(
        left,
        ["until it is resumed", "until next week", "was resumed lately"]
    );
}

#[test]
fn alerts_stay_while_they_go_on_or_somebody_is_still_to_be_told() {
    let alert = |id: i64, days: i64, is_going_on: bool, told: Option<(&str, bool)>| {
        let told = told.map_or(String::new(), |(on, is_open)| {
            format!("INSERT INTO alert_told VALUES ({id}, 'a@x.example', 0, '{on}', {is_open}, NULL);")
        });
        let since = ago(days);
        format!(
            "INSERT INTO alert VALUES ({id}, 'role-sync', 'held', 'r{id}', {since}, {id}, {is_going_on}); {told}"
        )
    };
    let rows = [
        alert(1, 900, false, Some(("2024-06-30", false))),
        alert(2, 900, false, None),
        alert(3, 900, true, Some(("2024-06-30", true))),
        alert(4, 900, false, Some(("2024-06-30", true))),
        alert(5, 900, false, Some(("2026-11-23", false))),
        alert(6, 100, false, None),
    ];
    let desk = Desk::with(&rows.concat());
    desk.prune();
    assert_eq!(
        desk.left("SELECT about FROM alert ORDER BY alert_id"),
        ["r3", "r4", "r5", "r6"]
    );
    assert_eq!(
        desk.left("SELECT told_on FROM alert_told ORDER BY alert_id")
            .len(),
        3
    );
    desk.prune_to_a_day();
    let left = desk.left("SELECT about FROM alert ORDER BY alert_id");
    assert_eq!(left, ["r3", "r4", "r5"], "r5 was told of today");
}

#[test]
fn selectors_stay_that_a_file_names_and_all_of_them_where_that_is_not_known() {
    let identity = |name: &str, days: i64| {
        let at = ago(days);
        format!("INSERT INTO identity VALUES ('name', '{name}@acme.example', 1, {at});")
    };
    let rows = [identity("ana", 900), identity("bo", 900), identity("cleo", 100)].concat();
    let desk = Desk::with(&rows);
    desk.prune();
    let names = "SELECT value FROM identity ORDER BY value";
    assert_eq!(desk.left(names), ["ana@acme.example", "cleo@acme.example"]);
    let unknown = Desk::with(&rows);
    unknown.prune_to_a_day();
    assert_eq!(unknown.left(names).len(), 3);
}

#[test]
fn facts_of_now_are_never_pruned() {
    let old = ago(5000);
    let desk = Desk::with(&format!(
        "INSERT INTO tenant VALUES (1, 7, {old});
         INSERT INTO policy_book VALUES ('last-read', {old}, '{{}}'), ('last-accepted', {old}, '{{}}');
         INSERT INTO learned VALUES ('user-list', '{{}}', {old});
         INSERT INTO accepted_file VALUES (1, 'd', 1, 't', {old});
         INSERT INTO accepted_entry VALUES (10, 'id', '1', '2013-01-01', {old});
         {}
         INSERT INTO role_seen VALUES (10, 1, 5, 0, 1, NULL);",
        run(1, "role-sync", "succeeded", 5000, Some(9), "")
    ));
    desk.prune();
    for (table, rows) in [
        ("tenant", "1"),
        ("policy_book", "2"),
        ("learned", "1"),
        ("accepted_file", "1"),
        ("accepted_entry", "1"),
        ("role_seen", "1"),
    ] {
        let count = desk.left(&format!("SELECT CAST(count(*) AS TEXT) FROM {table}"));
        assert_eq!(count, [rows], "{table}");
    }
}

#[test]
fn every_table_has_a_rule() {
    let tables = Desk::with("").left("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name");
    let rules = include_str!("../mod.rs");
    for table in tables.iter().filter(|table| !table.starts_with("sqlite_")) {
        let is_named = rules.contains(&format!("`{table}`"));
        assert!(is_named, "src/store/housekeeping/mod.rs says nothing of {table}");
    }
}

#[test]
fn what_is_pruned_is_overwritten_in_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("steward.db");
    let rows = [
        run(1, "password-expiry", "succeeded", 500, Some(9), ""),
        notice(4711, &password(600), 7, "sent", 520, "somebody who left long ago"),
        notice(4711, &password(480), 7, "sent", 400, "newest"),
    ];
    let writer = open_for_writing(&path).unwrap();
    writer.execute_batch(&rows.concat()).unwrap();
    drop(writer);
    let has_it = || {
        let bytes = std::fs::read(&path).unwrap();
        bytes
            .windows(26)
            .any(|window| window == b"somebody who left long ago")
    };
    assert!(has_it());
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        let store = crate::store::Store::open(&path).unwrap();
        let retention = Retention {
            now: now(),
            before: now() - SignedDuration::from_hours(24 * 365),
            changes_before: now(),
            after_expiry_within: SignedDuration::ZERO,
            present: None,
        };
        assert_eq!(
            store.prune(RowKind::Notice, retention, 0).await.unwrap().pruned,
            1
        );
        store.optimise().await.unwrap();
    });
    assert!(!has_it());
}
