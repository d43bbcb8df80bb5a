//! Dates and days, in each language.

use jiff::civil::date;

use super::*;

const ALL: [&str; 5] = ["en", "de", "fr", "es", "ja"];

#[test]
fn a_day_is_told_as_each_language_writes_it() {
    let told = ALL.map(|tag| Language::of(tag).day(date(2026, 11, 30)));
    assert_eq!(
        told,
        [
            "Monday, 30 November 2026",
            "Montag, 30. November 2026",
            "lundi 30 novembre 2026",
            "lunes, 30 de noviembre de 2026",
            "2026年11月30日(月)"
        ]
    );
    let first = ALL.map(|tag| Language::of(tag).date(date(2026, 9, 1)));
    assert_eq!(
        first,
        [
            "1 September 2026",
            "1. September 2026",
            "1er septembre 2026",
            "1 de septiembre de 2026",
            "2026年9月1日"
        ]
    );
}

#[test]
fn every_weekday_and_month_has_a_name_of_its_own() {
    for tag in ALL {
        let language = Language::of(tag);
        let mut days: Vec<_> = (1..=7)
            .map(|nth| {
                language
                    .weekday(Weekday::from_monday_one_offset(nth).unwrap())
                    .unwrap()
            })
            .collect();
        let mut months: Vec<_> = (1..=12)
            .map(|month| language.date(date(2026, month, 9)))
            .collect();
        days.sort_unstable();
        days.dedup();
        months.sort();
        months.dedup();
        assert_eq!((days.len(), months.len()), (7, 12), "{tag}");
        assert!(!days.contains(&""), "{tag}");
    }
}

#[test]
fn days_are_figures_but_for_the_nearest() {
    for (tag, told) in [
        (
            "en",
            [
                "in 14 days",
                "in 2 days",
                "tomorrow",
                "today",
                "yesterday",
                "3 days ago",
            ],
        ),
        (
            "de",
            [
                "in 14 Tagen",
                "in 2 Tagen",
                "morgen",
                "heute",
                "gestern",
                "vor 3 Tagen",
            ],
        ),
        (
            "fr",
            [
                "dans 14 jours",
                "dans 2 jours",
                "demain",
                "aujourd’hui",
                "hier",
                "il y a 3 jours",
            ],
        ),
        (
            "es",
            [
                "dentro de 14 días",
                "dentro de 2 días",
                "mañana",
                "hoy",
                "ayer",
                "hace 3 días",
            ],
        ),
        ("ja", ["14日後", "2日後", "明日", "本日", "昨日", "3日前"]),
    ] {
        let words = [14, 2, 1, 0, -1, -3].map(|days| Language::of(tag).when(days).unwrap());
        assert_eq!(words, told, "{tag}");
    }
}

#[test]
fn midnight_names_the_night() {
    let night = Night {
        from: Weekday::Sunday,
        to: Weekday::Monday,
    };
    let told = ALL.map(|tag| Language::of(tag).night(night).unwrap());
    assert_eq!(
        told,
        [
            "the start of that day: the night from Sunday to Monday",
            "der Beginn dieses Tages: die Nacht von Sonntag auf Montag",
            "le début de cette journée\u{a0}: la nuit de dimanche à lundi",
            "el comienzo de ese día: la noche del domingo al lunes",
            "その日の始まり、日曜日から月曜日に変わる深夜"
        ]
    );
}

#[test]
fn a_region_speaks_its_language_and_an_unknown_one_speaks_in_figures() {
    let austrian = Language::of("de-AT");
    assert_eq!(
        (austrian.tag(), austrian.when(7).unwrap().as_str()),
        ("de-AT", "in 7 Tagen")
    );
    let italian = Language::of("it");
    assert_eq!(italian.day(date(2026, 11, 30)), "2026-11-30");
    assert_eq!((italian.when(7), italian.weekday(Weekday::Monday)), (None, None));
}

#[test]
fn a_japanese_name_begins_with_the_family_and_a_foreign_one_stays() {
    let japanese = Language::of("ja");
    assert_eq!(japanese.full_name("花子", "佐藤"), "佐藤 花子");
    assert_eq!(japanese.full_name("Ana", "Novak"), "Ana Novak");
    assert_eq!(Language::of("de").full_name("花子", "佐藤"), "花子 佐藤");
}
