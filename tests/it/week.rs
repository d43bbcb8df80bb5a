//! A week in files, and then mail: whoever is due is mailed, as if the week had not been.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use crate::support::company::{company, expiring};
use crate::support::mailbox::{Mail, mails_below};
use crate::support::smtp::SmtpServer;
use crate::support::world::{MONDAY, World};

/// Somebody for each day from last week to the end of the month.
async fn people_of_every_day() -> World {
    let people = (1..=35).map(|id| expiring(id, &format!("p{id}@acme.example"), id - 8));
    World::new(company(people)).await
}

impl World {
    /// 08:00 in Berlin, so many days after the first Monday.
    fn set_day(&self, day: i64) {
        let now = MONDAY.parse::<Timestamp>().unwrap() + SignedDuration::from_hours(24 * day);
        self.set_now(&now.to_string());
    }
}

/// User and threshold of the notices that the newest run sent.
async fn sent(world: &World) -> BTreeSet<(i64, i64)> {
    let run = world.last_run().await;
    let notices = run["notices"].as_array().unwrap();
    let is_sent = |notice: &&Value| notice["state"] == "sent";
    let pair = |notice: &Value| {
        (
            notice["user_id"].as_i64().unwrap(),
            notice["threshold"].as_i64().unwrap(),
        )
    };
    notices.iter().filter(is_sent).map(pair).collect()
}

#[tokio::test]
async fn after_a_week_of_files_everybody_who_is_due_is_mailed() {
    let rehearsed = people_of_every_day().await;
    for day in 0..7 {
        rehearsed.set_day(day);
        rehearsed.run_expecting(0).await;
    }
    let files = mails_below(&rehearsed.home.path("outbox")).len();
    assert!(files > 20, "{files}");
    // The same people where there never was a rehearsal.
    let fresh = people_of_every_day().await;
    let servers = [&rehearsed, &fresh].map(|world| {
        let server = SmtpServer::builder().start();
        world.mail_to(&server, "");
        server
    });
    for day in 7..12 {
        for world in [&rehearsed, &fresh] {
            world.set_day(day);
            world.run_expecting(0).await;
        }
        let (after_files, alone) = (sent(&rehearsed).await, sent(&fresh).await);
        assert_eq!(after_files, alone, "day {day}");
        assert!(day > 7 || after_files.len() > 10, "{after_files:?}");
    }
    let [after_files, alone] = servers.map(|server| {
        let mut mails: Vec<_> = server
            .received()
            .iter()
            .map(Mail::from)
            .map(|mail| (mail.to, mail.text))
            .collect();
        mails.sort();
        mails
    });
    assert_eq!(after_files, alone, "word for word");
    let now = mails_below(&rehearsed.home.path("outbox")).len();
    assert_eq!(now, files, "and none of them as a file any more");
}
