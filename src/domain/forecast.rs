//! The days ahead: what each run would mail if nothing changed.

use std::collections::BTreeMap;

use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};

use super::due::{Book, Due, due_notice};
use super::expiry::{Facts, Terms, assess};
use super::notice::{Ledger, NoticeState};

/// What the coming days bring.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Forecast {
    /// The notices of each scheduled run, by its instant; runs that mail nobody are left out.
    pub runs: BTreeMap<Timestamp, Vec<Due>>,
    /// How many passwords expire on each day.
    pub expiries: BTreeMap<Date, u64>,
}

/// Plays the schedule forward over `days` calendar days, today included, with the decisions of the
/// real run and a ledger that fills as they would fill it.
pub fn forecast(
    facts: &Facts,
    terms: &Terms,
    now: Timestamp,
    days: i32,
    ledger: &Ledger,
    rehearsal: bool,
) -> Forecast {
    let calendar = &terms.calendar;
    let mut forecast = Forecast::default();
    let Ok(end) = calendar.day_of(now).checked_add(days.days()) else {
        return forecast;
    };
    let instants: Vec<Timestamp> =
        std::iter::successors(calendar.schedule.next_after(now, &calendar.time_zone), |at| {
            calendar.schedule.next_after(*at, &calendar.time_zone)
        })
        .take_while(|at| calendar.day_of(*at) < end)
        .collect();

    let mut ledger = ledger.clone();
    for user in facts.users.values() {
        let assessment = assess(user, facts, terms);
        let Ok(deadline) = &assessment.deadline else {
            continue;
        };
        if let Some(expires_at) = deadline.expires_at
            && expires_at > now
            && calendar.day_of(expires_at) < end
        {
            *forecast.expiries.entry(calendar.day_of(expires_at)).or_default() += 1;
        }
        for at in &instants {
            let book = Book {
                ledger: &ledger,
                rehearsal,
            };
            let Ok(due) = due_notice(user.id, &assessment, terms, *at, book) else {
                continue;
            };
            ledger.record(due.key.clone(), NoticeState::Sent);
            forecast.runs.entry(*at).or_default().push(due);
        }
    }
    forecast
}
