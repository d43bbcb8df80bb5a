//! The year as a picture: a bar for each day.

use jiff::ToSpan as _;
use jiff::civil::{Date, Weekday};
use onelogin_steward::domain::calendar::SendCalendar;

use super::{POLICY_CHANGE, Tally, YEAR};

const WIDTH: i64 = 1180;
const HEIGHT: i64 = 440;
const LEFT: i64 = 64;
const TOP: i64 = 92;
const FLOOR: i64 = 380;
/// Of a day.
const STEP: i64 = 3;
/// Mails between two lines of the scale.
const SCALE: u64 = 100;

const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

struct Plot {
    highest: u64,
}

impl Plot {
    fn x(day: Date) -> i64 {
        LEFT + 4 + STEP * i64::from((day - YEAR.0).get_days())
    }

    fn y(&self, mails: u64) -> i64 {
        let height = u64::try_from(FLOOR - TOP).unwrap();
        FLOOR - i64::try_from(mails * height / self.highest).unwrap()
    }

    /// The bars of these days, as one path.
    fn bars<'a>(&self, class: &str, days: impl Iterator<Item = (&'a Date, &'a u64)>) -> String {
        let bar = |(day, mails): (&Date, &u64)| format!("M{} {FLOOR}V{}", Self::x(*day), self.y(*mails));
        format!(
            "<path class=\"{class}\" d=\"{}\"/>\n",
            days.map(bar).collect::<String>()
        )
    }
}

pub(super) fn draw(tally: &Tally, calendar: &SendCalendar) -> String {
    let most = tally.mails.values().copied().max().unwrap();
    let plot = Plot {
        highest: most.next_multiple_of(SCALE),
    };
    let is_friday = |day: &Date| day.weekday() == Weekday::Friday;
    let is_before_holiday = |day: &Date| !is_friday(day) && calendar.look_ahead(*day) > 0;
    let total: u64 = tally.mails.values().sum();
    let right = Plot::x(YEAR.1) + 4;

    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" width=\"{WIDTH}\" height=\"{HEIGHT}\" \
         role=\"img\" aria-label=\"Mails per day over a year\">\n<style>\n\
         text {{ font: 13px system-ui, 'Noto Sans', Arial, sans-serif; fill: #333 }}\n\
         .title {{ font-size: 17px; font-weight: 600 }} .end {{ text-anchor: end }} .mid {{ text-anchor: middle }}\n\
         path {{ stroke-width: 2; fill: none }} .day {{ stroke: #7aa6d1 }} .friday {{ stroke: #1f4e79 }} .ahead {{ stroke: #c77700 }}\n\
         .line {{ stroke: #ddd; stroke-width: 1 }} .axis {{ stroke: #666; stroke-width: 1 }}\n\
         .change {{ stroke: #b00020; stroke-width: 1.5; stroke-dasharray: 5 4 }} .red {{ fill: #b00020 }}\n\
         </style>\n<rect width=\"{WIDTH}\" height=\"{HEIGHT}\" fill=\"#fff\"/>\n\
         <text class=\"title\" x=\"{LEFT}\" y=\"28\">Mails per day: 8,000 people, {} mails in {}</text>\n",
        thousands(total),
        YEAR.0.year()
    );
    svg += &legend();
    for mails in (0..=plot.highest).step_by(usize::try_from(SCALE).unwrap()) {
        let y = plot.y(mails);
        let class = if mails == 0 { "axis" } else { "line" };
        svg += &format!(
            "<path class=\"{class}\" d=\"M{LEFT} {y}H{right}\"/><text class=\"end\" x=\"{}\" y=\"{}\">{mails}</text>\n",
            LEFT - 8,
            y + 4
        );
    }
    svg += &format!(
        "<text class=\"mid\" transform=\"translate(18 {}) rotate(-90)\">mails a day</text>\n",
        i64::midpoint(TOP, FLOOR)
    );
    svg += &plot.bars(
        "day",
        tally
            .mails
            .iter()
            .filter(|(day, _)| !is_friday(day) && !is_before_holiday(day)),
    );
    svg += &plot.bars("friday", tally.mails.iter().filter(|(day, _)| is_friday(day)));
    svg += &plot.bars(
        "ahead",
        tally.mails.iter().filter(|(day, _)| is_before_holiday(day)),
    );
    svg += &months();
    let x = Plot::x(POLICY_CHANGE) - 2;
    svg += &format!(
        "<path class=\"change\" d=\"M{x} {}V{FLOOR}\"/><text class=\"red\" x=\"{}\" y=\"{}\">16 June: Sales falls from 180 days to 90; 90 days later comes the echo</text>\n</svg>\n",
        TOP - 14,
        x + 6,
        TOP - 6
    );
    svg
}

fn legend() -> String {
    let mut x = LEFT;
    let mut legend = String::new();
    for (class, words, width) in [
        ("day", "Monday to Thursday", 160),
        ("friday", "Friday, which looks over the weekend", 270),
        ("ahead", "the day before a holiday", 0),
    ] {
        legend += &format!(
            "<path class=\"{class}\" style=\"stroke-width:10\" d=\"M{x} 51H{}\"/><text x=\"{}\" y=\"56\">{words}</text>\n",
            x + 10,
            x + 16
        );
        x += width;
    }
    let caps = "held only above 500 mails and 30 % of the people, here 2,400";
    legend
        + &format!(
            "<text class=\"end\" x=\"{}\" y=\"56\">{caps}</text>\n",
            Plot::x(YEAR.1) + 4
        )
}

fn months() -> String {
    let mut marks = String::new();
    for (nth, name) in (0..).zip(MONTHS) {
        let first = YEAR.0.checked_add(nth.months()).unwrap();
        let (x, middle) = (Plot::x(first) - 2, Plot::x(first) + 15 * STEP);
        marks += &format!(
            "<path class=\"axis\" d=\"M{x} {FLOOR}v6\"/><text class=\"mid\" x=\"{middle}\" y=\"{}\">{name}</text>\n",
            FLOOR + 20
        );
    }
    marks
        + &format!(
            "<text class=\"mid\" x=\"{}\" y=\"{}\">{}</text>\n",
            Plot::x(YEAR.0) + 182 * STEP,
            FLOOR + 44,
            YEAR.0.year()
        )
}

fn thousands(number: u64) -> String {
    format!("{},{:03}", number / 1000, number % 1000)
}
