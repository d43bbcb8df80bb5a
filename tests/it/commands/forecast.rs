//! `expiry forecast` and `expiry preview`: the mails to come.

use std::fs;

use serde_json::Value;

use crate::support::company::{company, expiring, three_people};
use crate::support::mailbox::{Mail, mails_below};
use crate::support::smtp::SmtpServer;
use crate::support::world::World;

#[tokio::test]
async fn the_forecast_counts_notices_and_expiries_of_each_day() {
    let world = World::new(company(three_people())).await;
    let forecast = world.json(&["expiry", "forecast", "--days", "8"]).await;
    let expiries: Vec<_> = forecast["expiries"]
        .as_array()
        .unwrap()
        .iter()
        .map(|day| (day["on"].as_str().unwrap(), day["count"].as_u64().unwrap()))
        .collect();
    assert_eq!(
        expiries,
        [("2026-11-24", 1), ("2026-11-26", 1), ("2026-11-30", 1)]
    );

    let mut notices: Vec<(&str, i64, i64)> = Vec::new();
    for run in forecast["runs"].as_array().unwrap() {
        for notice in run["notices"].as_array().unwrap() {
            let number = |key: &str| notice[key].as_i64().unwrap();
            notices.push((
                run["on"].as_str().unwrap(),
                number("user_id"),
                number("threshold"),
            ));
        }
    }
    // On Friday the weekend is looked over, so that Ana hears of Monday in time.
    assert!(notices.contains(&("2026-11-27", 1, 1)), "{notices:?}");
    assert!(notices.contains(&("2026-11-25", 3, -1)), "{notices:?}");
    let text = world.steward(&["expiry", "forecast", "--days", "8"]).await;
    assert_eq!(text.code, 0);
    for words in ["2026-11-27", "ana@acme.example", "2026-11-30 12:00"] {
        assert!(text.stdout.contains(words), "{words} in\n{}", text.stdout);
    }
}

#[tokio::test]
async fn days_out_of_range_are_wrong_usage() {
    let world = World::new(company(three_people())).await;
    for days in ["0", "-1", "367", "x", "99999999999"] {
        let argument = format!("--days={days}");
        let ended = world.steward(&["expiry", "forecast", &argument]).await;
        assert_eq!(ended.code, 2, "{days} {}", ended.stderr);
        assert_eq!(ended.stdout, "");
    }
    let both = world.steward(&["expiry", "forecast", "--csv", "--json"]).await;
    assert_eq!(both.code, 2);
}

#[tokio::test]
async fn a_name_that_is_a_formula_stays_text_in_the_csv() {
    let mut people = three_people();
    for (person, name) in people.iter_mut().zip([
        "=HYPERLINK(\"http://evil.example\",\"x\")",
        "@SUM(1+1)*cmd|'/C calc'!A0",
        "+1\r\n=2,\u{1b}[31m",
    ]) {
        person.username = Some(name.to_owned());
    }
    let world = World::new(company(people)).await;
    let csv = world.steward(&["expiry", "forecast", "--csv"]).await;
    assert_eq!(csv.code, 0, "{}", csv.stderr);
    let lines: Vec<&str> = csv.stdout.lines().collect();
    assert_eq!(
        lines[0],
        "run_at,user_id,account,address,threshold,days_left,expires_at"
    );
    assert!(lines.len() > 3, "{}", csv.stdout);
    for line in &lines[1..] {
        let account = line.splitn(3, ',').nth(2).unwrap();
        assert!(account.starts_with("\"'"), "{account}");
        assert!(line.starts_with("2026-"), "a name breaks the line: {line}");
    }
    assert!(!csv.stdout.contains('\u{1b}'), "{}", csv.stdout);
}

#[tokio::test]
async fn the_preview_is_the_mail_that_then_arrives() {
    let world = World::new(company([
        expiring(1, "ana@acme.example", 7),
        expiring(2, "bo@acme.example", -1),
    ]))
    .await;
    let html = world.home.path("preview.html");
    let server = SmtpServer::builder().start();
    world.mail_to(&server, "");
    let mut previews: Vec<(String, String)> = Vec::new();
    for person in ["ana@acme.example", "bo@acme.example"] {
        let shown = world
            .steward(&["expiry", "preview", person, "--html", html.to_str().unwrap()])
            .await;
        assert_eq!(shown.code, 0, "{}", shown.stderr);
        previews.push((shown.stdout, fs::read_to_string(&html).unwrap()));
    }
    assert!(server.received().is_empty());
    world.run_expecting(0).await;
    let mut mails: Vec<Mail> = server.received().iter().map(Mail::from).collect();
    mails.sort_by(|a, b| a.to.cmp(&b.to));
    assert_eq!(mails.len(), 2);
    for (mail, (text, page)) in mails.iter().zip(&previews) {
        let expected = format!("To: {}\nSubject: {}\n\n{}", mail.to[0], mail.subject, mail.text);
        assert_eq!(text.trim_end(), expected.trim_end());
        assert_eq!(page.trim_end(), mail.html.trim_end());
    }
}

#[tokio::test]
async fn there_is_no_preview_of_a_mail_that_is_not_due() {
    let world = World::new(company([expiring(1, "ana@acme.example", 60)])).await;
    let shown = world.steward(&["expiry", "preview", "id:1"]).await;
    assert_eq!(shown.code, 1, "{}", shown.stdout);
    assert!(shown.stderr.contains("no mail"), "{}", shown.stderr);
    assert!(mails_below(&world.home.path("outbox")).is_empty());
}

#[tokio::test]
async fn a_plan_counts_everybody_once() {
    let world = World::new(company(three_people())).await;
    let plan = world.json(&["run", "password-expiry", "--plan"]).await;
    let skipped: u64 = plan["skipped"]
        .as_array()
        .unwrap()
        .iter()
        .map(|skip| skip["count"].as_u64().unwrap())
        .sum();
    assert_eq!(plan["notices"].as_array().unwrap().len() as u64 + skipped, 3);
    let cleo: Vec<&Value> = plan["notices"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|notice| notice["user_id"] == 3)
        .collect();
    assert_eq!(cleo[0]["threshold"], 1);
    assert_eq!(cleo[0]["days_left"], 1);
    assert_eq!(cleo[0]["expires_at"], "2026-11-24T11:00:00Z");
    assert_eq!(cleo[0]["expires_on"], "2026-11-24");
}
