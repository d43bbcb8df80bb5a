//! A forecast is what the runs then do.

use super::*;
use crate::domain::explain::{Standing, explain};
use crate::domain::forecast::forecast;
use crate::domain::plan::plan_notices;

fn company(now: Timestamp) -> Vec<User> {
    (1..=120)
        .map(|number| User {
            id: id(number),
            email: Some(format!("user{number}@acme.example")),
            ..person(now + SignedDuration::from_hours(7 * (number - 10)))
        })
        .collect()
}

#[test]
fn e21_every_day_brings_exactly_what_was_forecast() {
    let start = at("2026-11-23 07:00");
    let (facts, terms) = (facts(company(start)), terms());
    let mut ledger = Ledger::default();
    let forecast = forecast(
        &facts,
        &terms,
        start,
        21,
        Book {
            ledger: &ledger,
            rehearsal: false,
        },
    );
    let mut mailed = BTreeMap::new();
    for day in 0..21 {
        let now = at("2026-11-23 08:00").to_zoned(terms.calendar.time_zone.clone());
        let now = now.checked_add(jiff::ToSpan::days(day)).unwrap().timestamp();
        let plan = plan_notices(
            &facts,
            &terms,
            now,
            Book {
                ledger: &ledger,
                rehearsal: false,
            },
        );
        for due in &plan.due {
            ledger.record(due.key.clone(), NoticeState::Sent);
        }
        if !plan.due.is_empty() {
            mailed.insert(now, plan.due);
        }
    }
    let keys = |runs: &BTreeMap<Timestamp, Vec<Due>>| -> Vec<_> {
        runs.iter()
            .flat_map(|(at, due)| due.iter().map(|due| (*at, due.key.clone())))
            .collect()
    };
    assert_eq!(keys(&forecast.runs), keys(&mailed));
    assert!(mailed.len() > 10);
}

#[test]
fn expiries_are_counted_on_their_day() {
    let now = at("2026-11-23 07:00");
    let users = [
        person(at("2026-11-23 06:00")),
        User {
            id: id(2),
            ..person(at("2026-11-24 23:59"))
        },
    ];
    let ledger = Ledger::default();
    let forecast = forecast(
        &facts(users),
        &terms(),
        now,
        3,
        Book {
            ledger: &ledger,
            rehearsal: false,
        },
    );
    assert_eq!(
        forecast.expiries,
        BTreeMap::from([("2026-11-24".parse().unwrap(), 1)])
    );
}

#[test]
fn an_explanation_says_of_each_threshold_where_it_stands() {
    let now = at("2026-11-23 08:00");
    let user = person(at("2026-11-29 12:00"));
    let ledger = ledger_after(&user, &terms(), now);
    let (facts, terms) = (facts([user.clone()]), terms());
    let explanation = explain(
        &user,
        &facts,
        &terms,
        now,
        Book {
            ledger: &ledger,
            rehearsal: false,
        },
    );
    let standings: Vec<_> = explanation
        .thresholds
        .iter()
        .map(|(threshold, standing)| (threshold.0, *standing))
        .collect();
    assert_eq!(
        standings,
        [
            (14, Standing::Passed),
            (7, Standing::Recorded(NoticeState::Sent)),
            (3, Standing::Next(at("2026-11-26 08:00"))),
            (1, Standing::Next(at("2026-11-27 08:00"))),
            (-1, Standing::Next(at("2026-11-30 08:00"))),
        ]
    );
}
