//! Notices: the password or the access that each is about decides.

use super::*;

#[test]
fn notices_of_the_newest_known_password_stay_however_old_they_are() {
    let rows = [
        run(1, "password-expiry", "succeeded", 500, Some(9), ""),
        notice(1, &password(600), 7, "sent", 520, "an earlier password"),
        notice(1, &password(600), 1, "superseded", 515, "an earlier password too"),
        notice(1, &password(480), 7, "sent", 400, "the newest known one"),
        notice(2, &password(900), 7, "failed", 820, "the only known one"),
        notice(3, &password(600), 7, "sent", 360, "younger than keep"),
        notice(3, &password(300), 7, "sent", 220, "young"),
        notice(4, &password(600), 7, "retry", 520, "owed"),
        notice(4, &password(600), 3, "staged", 520, "owed too"),
        notice(4, &password(600), 1, "sending", 520, "owed by a dead process"),
        notice(4, &password(400), 7, "cancelled", 380, "newest, cancelled"),
        notice(
            5,
            "access-end:10:2025-06-30",
            7,
            "sent",
            510,
            "an access that ended",
        ),
        notice(
            5,
            "access-end:10:2027-06-30",
            365,
            "sent",
            400,
            "an access that goes on",
        ),
        notice(6, "lockout:1", 0, "sent", 510, "of a later version"),
    ];
    let desk = Desk::with(&rows.concat());
    desk.prune();
    let left = desk.left("SELECT account FROM notice ORDER BY notice_id");
    let expected = [
        "the newest known one",
        "the only known one",
        "younger than keep",
        "young",
        "owed",
        "owed too",
        "owed by a dead process",
        "newest, cancelled",
        "an access that goes on",
        "of a later version",
    ];
    assert_eq!(left, expected);
}

#[test]
fn user_lists_show_which_passwords_are_over_and_who_has_left() {
    let seen = |user: i64, changed: Option<i64>, at: i64| {
        let changed = changed.map_or("NULL".to_owned(), |days| ago(days).to_string());
        format!(
            "INSERT INTO password_seen VALUES ({user}, {changed}, {});",
            ago(at)
        )
    };
    let rows = [
        run(1, "password-expiry", "succeeded", 500, Some(9), ""),
        notice(1, &password(600), 7, "sent", 520, "replaced"),
        seen(1, Some(100), 1),
        notice(2, &password(600), 7, "sent", 520, "unchanged"),
        seen(2, Some(600), 1),
        notice(3, &password(600), 7, "sent", 520, "of somebody who left"),
        seen(3, Some(600), 400),
        notice(4, &password(600), 7, "sent", 520, "of somebody who left lately"),
        seen(4, Some(600), 300),
        notice(5, &password(600), 7, "sent", 520, "not told"),
        seen(5, None, 1),
        notice(6, &password(600), 7, "sent", 520, "never seen"),
        notice(8, &password(600), 7, "sent", 520, "set back to this one"),
        notice(8, &password(500), 7, "sent", 420, "then the newest"),
        seen(8, Some(600), 1),
        notice(7, &password(600), 7, "retry", 520, "owed to somebody who left"),
        seen(7, Some(600), 400),
    ];
    let desk = Desk::with(&rows.concat());
    desk.prune();
    let left = desk.left("SELECT account FROM notice ORDER BY notice_id");
    let expected = [
        "unchanged",
        "of somebody who left lately",
        "not told",
        "never seen",
        "set back to this one",
        "then the newest",
        "owed to somebody who left",
    ];
    assert_eq!(left, expected);
    let seen = desk.left("SELECT CAST(user_id AS TEXT) FROM password_seen ORDER BY user_id");
    assert_eq!(seen, ["1", "2", "4", "5", "7", "8"], "the first was seen lately");
}

#[test]
fn nobody_has_left_for_all_that_is_known_while_no_list_is_read() {
    let rows = [
        run(1, "password-expiry", "succeeded", 900, Some(9), ""),
        notice(1, &password(1000), 7, "sent", 920, "unchanged"),
        format!(
            "INSERT INTO password_seen VALUES (1, {}, {});",
            ago(1000),
            ago(900)
        ),
    ];
    let desk = Desk::with(&rows.concat());
    desk.prune();
    assert_eq!(desk.left("SELECT account FROM notice"), ["unchanged"]);
}

#[test]
fn a_replaced_password_keeps_its_warnings_for_the_count_of_what_came_of_them() {
    let rows = [
        run(1, "password-expiry", "succeeded", 100, Some(9), ""),
        notice(1, &password(110), 7, "sent", 27, "expired 20 days ago"),
        notice(1, &password(30), 7, "staged", 0, "the new one"),
        notice(2, &password(140), 7, "sent", 57, "expired 50 days ago"),
        notice(2, &password(30), 7, "staged", 0, "the new one"),
    ];
    let desk = Desk::with(&rows.concat());
    desk.prune_to_a_day();
    let left = desk.left("SELECT account FROM notice ORDER BY notice_id");
    assert_eq!(left, ["expired 20 days ago", "the new one", "the new one"]);
}

#[test]
fn more_notices_than_a_batch_holds_all_go() {
    let old = password(700);
    let mut rows = run(1, "password-expiry", "succeeded", 500, Some(9), "");
    for user in 1..=1100 {
        rows.push_str(&notice(user, &old, 7, "sent", 600, "old"));
    }
    for user in 1..=1100 {
        rows.push_str(&notice(user, &password(500), 7, "sent", 420, "newest"));
    }
    let desk = Desk::with(&format!("BEGIN; {rows} COMMIT;"));
    desk.prune();
    let left = desk.left("SELECT account || count(*) FROM notice GROUP BY account");
    assert_eq!(left, ["newest1100"]);
}
