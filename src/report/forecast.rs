//! The days ahead, for people, for programs and for a spreadsheet.

use std::collections::BTreeMap;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde_json::{Value, json};

use super::escape::csv;
use super::table::table;
use super::{plan, time};
use crate::domain::expiry::Facts;
use crate::domain::forecast::Forecast;

/// One JSON document: the runs with their notices, and the expiries of each day.
pub fn to_json(forecast: &Forecast, facts: &Facts, zone: &TimeZone) -> Value {
    let runs: Vec<Value> = forecast
        .runs
        .iter()
        .map(|(at, due)| {
            let notices: Vec<Value> = due.iter().map(|due| plan::notice(due, facts, zone)).collect();
            json!({ "at": time::rfc3339(*at), "on": at.to_zoned(zone.clone()).date().to_string(), "notices": notices })
        })
        .collect();
    let expiries: Vec<Value> = forecast
        .expiries
        .iter()
        .map(|(day, count)| json!({ "on": day.to_string(), "count": count }))
        .collect();
    json!({ "runs": runs, "expiries": expiries })
}

/// A line a notice, with a header.
pub fn to_csv(forecast: &Forecast, facts: &Facts, zone: &TimeZone) -> String {
    let mut text = "run_at,user_id,account,address,threshold,days_left,expires_at\n".to_owned();
    for (at, due) in forecast
        .runs
        .iter()
        .flat_map(|(at, due)| due.iter().map(move |due| (at, due)))
    {
        let fields = [
            time::minute(*at, zone),
            due.key.user_id.to_string(),
            csv(&plan::account(due, facts)),
            csv(&due.recipient.address),
            due.key.threshold.0.to_string(),
            due.days_left.map_or(String::new(), |days| days.to_string()),
            due.expires_at.map_or(String::new(), |at| time::minute(at, zone)),
        ];
        text.push_str(&fields.join(","));
        text.push('\n');
    }
    text
}

/// For a terminal: each day with its notices and expiries, then who gets them.
pub fn to_text(forecast: &Forecast, facts: &Facts, zone: &TimeZone) -> String {
    if forecast.runs.is_empty() && forecast.expiries.is_empty() {
        return "No notices and no expiries in these days.\n".to_owned();
    }
    let mut days: BTreeMap<Date, (u64, u64)> = BTreeMap::new();
    for (at, due) in &forecast.runs {
        days.entry(at.to_zoned(zone.clone()).date()).or_default().0 += due.len() as u64;
    }
    for (day, count) in &forecast.expiries {
        days.entry(*day).or_default().1 += count;
    }
    let mut text = table(
        ["DAY", "NOTICES", "EXPIRIES"],
        days.iter()
            .map(|(day, (notices, expiries))| [time::day(*day), notices.to_string(), expiries.to_string()]),
    );
    if !forecast.runs.is_empty() {
        text.push('\n');
        let rows = forecast
            .runs
            .iter()
            .flat_map(|(at, due)| due.iter().map(move |due| (at, due)));
        text.push_str(&table(
            ["RUN", "NOTICE", "EXPIRES", "TO"],
            rows.map(|(at, due)| {
                [
                    time::minute(*at, zone),
                    due.key.threshold.to_string(),
                    due.expires_at.map_or("-".to_owned(), |at| time::minute(at, zone)),
                    plan::addressee(due, facts),
                ]
            }),
        ));
    }
    text
}
