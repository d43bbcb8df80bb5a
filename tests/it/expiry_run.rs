//! `run password-expiry`, through every layer.

use onelogin_sandbox::{Synthetic, Tenant};

use crate::support::mailbox::mails_below;
use crate::support::world::{MONDAY, World};

async fn company(users: usize) -> World {
    let now = MONDAY.parse().unwrap();
    World::new(Tenant::synthetic(&Synthetic {
        users,
        roles: 5,
        seed: 3,
        now,
    }))
    .await
}

#[tokio::test]
async fn e1_those_who_are_planned_are_mailed_once_and_a_second_run_mails_nobody() {
    let world = company(200).await;
    let plan = world.json(&["run", "password-expiry", "--plan"]).await;
    let planned = plan["notices"].as_array().unwrap().len();
    assert!(planned > 10, "{plan:#}");
    assert!(!world.home.path("steward.db").exists(), "a plan leaves no store");
    assert!(!world.home.path("outbox").exists(), "a plan leaves no mail");

    for _ in 0..2 {
        let run = world.steward(&["run", "password-expiry"]).await;
        assert_eq!(run.code, 0, "{}{}", run.stdout, run.stderr);
        assert_eq!(mails_below(&world.home.path("outbox")).len(), planned);
    }
    let history = world.json(&["history"]).await;
    assert_eq!(history.as_array().unwrap().len(), 2);
    assert!(world.control.mutations().is_empty());
}

#[tokio::test]
async fn e21_the_days_bring_exactly_what_was_forecast() {
    let world = company(300).await;
    // Whoever was never warned before comes with the first run.
    assert_eq!(world.steward(&["run", "password-expiry"]).await.code, 0);
    let forecast = world.json(&["expiry", "forecast", "--days", "5"]).await;
    let runs = forecast["runs"].as_array().unwrap();
    assert_eq!(runs.len(), 4, "{forecast:#}");
    for run in runs {
        world.set_now(run["at"].as_str().unwrap());
        let plan = world.json(&["run", "password-expiry", "--plan"]).await;
        assert_eq!(plan["notices"], run["notices"], "{}", run["at"]);
        assert_eq!(world.steward(&["run", "password-expiry"]).await.code, 0);
    }
}
