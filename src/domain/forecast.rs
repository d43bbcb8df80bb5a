//! The days ahead: what each run would mail if nothing changed.

use std::collections::BTreeMap;

use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};

use super::due::{Book, Due, due_notice};
use super::expiry::{Assessment, Facts, Terms, assess};
use super::user::UserId;

/// What the coming days bring.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Forecast {
    /// The notices of each scheduled run, by its instant; runs that mail nobody are left out.
    pub runs: BTreeMap<Timestamp, Vec<Due>>,
    /// How many passwords expire on each day.
    pub expiries: BTreeMap<Date, u64>,
}

/// Plays the schedule forward over `days` calendar days, today included, with the decisions of the
/// real run.
pub fn forecast(facts: &Facts, terms: &Terms, now: Timestamp, days: i32, book: Book<'_>) -> Forecast {
    let calendar = &terms.calendar;
    let mut forecast = Forecast::default();
    let Ok(end) = calendar.day_of(now).checked_add(days.days()) else {
        return forecast;
    };
    let runs: Vec<Timestamp> = scheduled_runs(terms, now)
        .take_while(|at| calendar.day_of(*at) < end)
        .collect();

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
        for (at, due) in coming_notices(user.id, &assessment, terms, &runs, book) {
            forecast.runs.entry(at).or_default().push(due);
        }
    }
    forecast
}

/// The scheduled runs after `now`, without end.
pub fn scheduled_runs(terms: &Terms, now: Timestamp) -> impl Iterator<Item = Timestamp> {
    let calendar = &terms.calendar;
    let next = |after: Timestamp| calendar.schedule.next_after(after, &calendar.time_zone);
    std::iter::successors(next(now), move |at| next(*at))
}

/// What each of these runs would mail about one person, if nothing changed meanwhile.
pub fn coming_notices(
    user_id: UserId,
    assessment: &Assessment<'_>,
    terms: &Terms,
    runs: &[Timestamp],
    book: Book<'_>,
) -> Vec<(Timestamp, Due)> {
    let mut mailed: Vec<(Timestamp, Due)> = Vec::new();
    for at in runs {
        let Ok(due) = due_notice(user_id, assessment, terms, *at, book) else {
            continue;
        };
        // The real run would find it in the ledger.
        if mailed.iter().all(|(_, before)| before.key != due.key) {
            mailed.push((*at, due));
        }
    }
    mailed
}
