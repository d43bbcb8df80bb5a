//! `notice_days`: what order and repeats do not matter, and what cannot be.

use serde_json::Value;

use crate::support::company::{company, expiring};
use crate::support::world::World;

async fn forecast(days: &str) -> Value {
    let people = (1..=30).map(|id| expiring(id, &format!("p{id}@acme.example"), id));
    let world = World::new(company(people)).await;
    world.configure(&format!("[password_expiry]\nnotice_days = {days}\n"));
    world.json(&["expiry", "forecast", "--days", "40"]).await["runs"].clone()
}

#[tokio::test]
async fn e8_repeats_and_order_do_not_matter() {
    let sorted = forecast("[14, 7, 3, 1]").await;
    assert!(sorted.as_array().unwrap().len() > 20);
    for days in ["[1, 3, 7, 14]", "[7, 14, 7, 1, 3, 1, 14]"] {
        assert_eq!(forecast(days).await, sorted, "{days}");
    }
    assert_ne!(forecast("[14, 7, 3]").await, sorted);
}

#[tokio::test]
async fn e8_zero_is_the_day_itself_while_the_password_still_lives() {
    let runs = forecast("[0]").await;
    let runs = runs.as_array().unwrap();
    let notices = runs.iter().flat_map(|run| run["notices"].as_array().unwrap());
    let before: Vec<&Value> = notices.filter(|notice| notice["threshold"] == 0).collect();
    assert_eq!(before.len(), 30, "everybody hears of it once before the expiry");
    // On Friday the weekend is looked over.
    assert!(
        before
            .iter()
            .all(|notice| (0..=2).contains(&notice["days_left"].as_i64().unwrap()))
    );
}

#[tokio::test]
async fn e8_the_impossible_is_told_with_line_and_key() {
    let world = World::new(company([])).await;
    for days in ["[14, -1]", "[14, 1000000000]", "[14, 366]", "[14, \"7\"]"] {
        world.configure(&format!("[password_expiry]\nnotice_days = {days}\n"));
        for command in [
            &["check"][..],
            &["run", "password-expiry"],
            &["expiry", "forecast"],
        ] {
            let ended = world.steward(command).await;
            assert_eq!(ended.code, 78, "{days} {ended:?}");
            let told = format!("{}{}", ended.stdout, ended.stderr);
            assert!(
                told.contains("notice_days") && told.contains("config.toml:"),
                "{days}: {told}"
            );
        }
    }
    assert!(!world.home.path("steward.db").exists());
}
