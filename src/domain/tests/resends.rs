//! A notice that is asked for once more.

use super::*;
use crate::domain::notice::{NoticeKey, Threshold};
use crate::domain::plan::{Obsolete, plan_notices};
use crate::domain::resend::{Untrue, resend};

const NOW: &str = "2026-11-23 08:00";

/// Ana, whose password expires in three days, and the notice that says so.
fn ana() -> (User, NoticeKey) {
    let user = person(at("2026-11-26 12:00"));
    let key = due_with(&user, &terms(), at(NOW), &Ledger::default())
        .unwrap()
        .key;
    (user, key)
}

fn ledger_with(key: &NoticeKey, state: NoticeState) -> Ledger {
    let mut ledger = Ledger::default();
    ledger.record(key.clone(), state);
    ledger
}

fn real(ledger: &Ledger) -> Book<'_> {
    Book {
        ledger,
        rehearsal: false,
    }
}

fn asked(user: &User, key: &NoticeKey, terms: &Terms, now: &str, ledger: &Ledger) -> Result<Due, Untrue> {
    resend(key, &facts([user.clone()]), terms, at(now), real(ledger))
}

#[test]
fn what_went_out_or_was_refused_goes_out_under_the_next_number_and_reads_as_of_today() {
    let (user, key) = ana();
    for state in [NoticeState::Sent, NoticeState::Failed] {
        let due = asked(
            &user,
            &key,
            &terms(),
            "2026-11-24 09:00",
            &ledger_with(&key, state),
        )
        .unwrap();
        let expected = NoticeKey {
            resend: 1,
            ..key.clone()
        };
        assert_eq!((due.key, due.days_left), (expected, Some(2)));
        assert!(due.supersedes.is_empty());
    }
}

#[test]
fn what_goes_out_by_itself_or_was_never_to_is_left_alone() {
    let (user, key) = ana();
    for (state, why) in [
        (NoticeState::Staged, "still owed"),
        (NoticeState::Sending, "still owed"),
        (NoticeState::Retry, "still owed"),
        (NoticeState::Superseded, "more urgent"),
        (NoticeState::Cancelled, "cancelled"),
        (NoticeState::Rehearsed, "rehearsal"),
    ] {
        let key = NoticeKey {
            rehearsal: state == NoticeState::Rehearsed,
            ..key.clone()
        };
        let refused = asked(&user, &key, &terms(), NOW, &ledger_with(&key, state));
        assert!(
            matches!(refused, Err(Untrue::Because(words)) if words.contains(why)),
            "{refused:?}"
        );
    }
}

#[test]
fn only_the_newest_row_of_a_notice_is_sent_once_more() {
    let (user, key) = ana();
    let mut ledger = ledger_with(&key, NoticeState::Failed);
    let again = asked(&user, &key, &terms(), NOW, &ledger).unwrap().key;
    ledger.record(again.clone(), NoticeState::Failed);
    let refused = asked(&user, &key, &terms(), NOW, &ledger);
    assert!(
        matches!(refused, Err(Untrue::Because(why)) if why.contains("already")),
        "{refused:?}"
    );
    assert_eq!(
        asked(&user, &again, &terms(), NOW, &ledger).unwrap().key.resend,
        2
    );
}

#[test]
fn a_notice_that_is_not_true_any_more_is_not_sent() {
    let (user, key) = ana();
    let ledger = ledger_with(&key, NoticeState::Failed);
    let with = |change: fn(&mut User)| {
        let mut changed = user.clone();
        change(&mut changed);
        asked(&changed, &key, &terms(), NOW, &ledger)
    };
    let because = |words: &'static str, refused: Result<Due, Untrue>| {
        assert!(
            matches!(refused, Err(Untrue::Because(why)) if why.contains(words)),
            "{refused:?}"
        );
    };
    because("changed", with(|user| user.password_changed_at = Some(at(NOW))));
    because(
        "another address",
        with(|user| user.email = Some("ana.new@acme.example".to_owned())),
    );
    because(
        "has expired",
        with(|user| user.status = UserStatus::PasswordExpired),
    );
    because("gone", asked(&User::new(2), &key, &terms(), NOW, &ledger));
    because(
        "has expired",
        asked(&user, &key, &terms(), "2026-11-26 12:00", &ledger),
    );
    because(
        "more urgent",
        asked(&user, &key, &terms(), "2026-11-25 08:00", &ledger),
    );
    let skipped = |skip: Skip, refused: Result<Due, Untrue>| {
        assert_eq!(refused, Err(Untrue::Skipped(skip)));
    };
    skipped(Skip::Suspended, with(|user| user.status = UserStatus::Suspended));
    skipped(Skip::Directory, with(|user| user.directory_id = Some(7)));
    skipped(Skip::NoAddress, with(|user| user.email = None));
    let mut active_only = terms();
    active_only.statuses = [UserStatus::Locked].into();
    skipped(
        Skip::StatusNotMailed,
        asked(&user, &key, &active_only, NOW, &ledger),
    );
}

#[test]
fn a_more_urgent_notice_on_record_stands_in_the_way() {
    // Friday looked over the weekend and sent day 1; on Saturday there are two days left.
    let user = person(at("2026-11-30 12:00"));
    let friday = due_with(&user, &terms(), at("2026-11-27 08:00"), &Ledger::default()).unwrap();
    assert_eq!(friday.key.threshold, Threshold(1));
    let three = NoticeKey {
        threshold: Threshold(3),
        ..friday.key.clone()
    };
    let mut ledger = ledger_with(&three, NoticeState::Failed);
    assert!(asked(&user, &three, &terms(), "2026-11-28 08:00", &ledger).is_ok());
    ledger.record(friday.key, NoticeState::Sent);
    let refused = asked(&user, &three, &terms(), "2026-11-28 08:00", &ledger);
    assert!(
        matches!(refused, Err(Untrue::Because(why)) if why.contains("more urgent")),
        "{refused:?}"
    );
}

#[test]
fn the_notice_after_the_expiry_goes_out_while_it_is_news() {
    let user = person(at("2026-11-22 12:00"));
    let key = due_with(&user, &terms(), at(NOW), &Ledger::default())
        .unwrap()
        .key;
    let ledger = ledger_with(&key, NoticeState::Sent);
    assert!(
        asked(&user, &key, &terms(), "2026-11-28 08:00", &ledger).is_ok(),
        "also on a Saturday"
    );
    let late = asked(&user, &key, &terms(), "2026-11-29 12:01", &ledger);
    assert_eq!(late, Err(Untrue::Skipped(Skip::LongExpired)));
    let early = asked(&user, &key, &terms(), "2026-11-22 11:00", &ledger);
    assert!(matches!(early, Err(Untrue::Because(_))), "{early:?}");
}

#[test]
fn a_resend_that_could_not_leave_is_owed_like_every_other_notice() {
    let (user, key) = ana();
    let mut ledger = ledger_with(&key, NoticeState::Failed);
    let again = asked(&user, &key, &terms(), NOW, &ledger).unwrap().key;
    ledger.record(again.clone(), NoticeState::Retry);
    let plan = |now: &str| plan_notices(&facts([user.clone()]), &terms(), at(now), real(&ledger));
    let today = plan("2026-11-23 09:00");
    assert_eq!(
        today
            .due
            .iter()
            .map(|due| (&due.key, due.fresh))
            .collect::<Vec<_>>(),
        [(&again, false)]
    );
    assert!(today.obsolete.is_empty());
    let later = plan("2026-11-25 08:00");
    assert_eq!(later.due[0].key.threshold, Threshold(1));
    assert_eq!(later.obsolete, [(again.clone(), Obsolete::Superseded)]);
    for state in [NoticeState::Sent, NoticeState::Failed, NoticeState::Cancelled] {
        let mut ledger = ledger.clone();
        ledger.record(again.clone(), state);
        let settled = due_with(&user, &terms(), at(NOW), &ledger);
        assert_eq!(settled, Err(Skip::AlreadyNotified), "{state}");
    }
}
