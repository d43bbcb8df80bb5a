//! A small company whose passwords expire on named days, and the ways to send mail to it.

use std::path::PathBuf;

use jiff::{SignedDuration, Timestamp};
use onelogin_sandbox::{Policy, Tenant, User};
use onelogin_steward::clock::{Clock, SystemClock};
use serde_json::Value;

use super::smtp::SmtpServer;
use super::world::{MONDAY, World};

/// The age of the company's passwords.
const MAX_AGE_DAYS: i64 = 90;

/// A person whose password expires at noon in Berlin, so many days after [`MONDAY`]; before it
/// where the number is negative.
pub(crate) fn expiring(id: i64, email: &str, days: i64) -> User {
    expiring_after(MONDAY.parse().unwrap(), id, email, days)
}

/// The same, counted from another instant, and four hours later in the day.
pub(crate) fn expiring_after(now: Timestamp, id: i64, email: &str, days: i64) -> User {
    let changed_at = now + SignedDuration::from_hours(4 + 24 * (days - MAX_AGE_DAYS));
    User::new(id, email).with_password_changed_at(changed_at)
}

/// Ana, Bo and Cleo, whose passwords expire in 7, 3 and 1 days.
pub(crate) fn three_people() -> Vec<User> {
    vec![
        expiring(1, "ana@acme.example", 7),
        expiring(2, "bo@acme.example", 3),
        expiring(3, "cleo@acme.example", 1),
    ]
}

/// People whose passwords expire in 7 days: `p1@acme.example` and so on.
pub(crate) fn crowd(count: i64) -> Vec<User> {
    (1..=count)
        .map(|id| expiring(id, &format!("p{id}@acme.example"), 7))
        .collect()
}

/// A tenant of these people, all under a policy of 90 days.
pub(crate) fn company(people: impl IntoIterator<Item = User>) -> Tenant {
    let mut tenant = Tenant::empty();
    tenant.add_policy(Policy::user(1, "Default", MAX_AGE_DAYS).as_default());
    for person in people {
        tenant.add_user(person);
    }
    tenant
}

/// What a configuration needs so that every day is a send day: for the machine's own clock.
pub(crate) const EVERY_DAY: &str =
    "[password_expiry]\nsend_days = [\"mon\", \"tue\", \"wed\", \"thu\", \"fri\", \"sat\", \"sun\"]\n";

impl World {
    /// A world on the machine's clock, in which each of these people is due: their passwords expire in
    /// two to three days.
    pub(crate) async fn of_today(emails: &[&str]) -> Self {
        let now = SystemClock.now();
        let people = (1..).zip(emails);
        let world = Self::new(company(
            people.map(|(id, email)| expiring_after(now, id, email, 2)),
        ))
        .await;
        world.set_now(&now.to_string());
        world
    }

    /// Mail goes to the server, which is neither protected nor asks for a login.
    pub(crate) fn mail_to(&self, server: &SmtpServer, more: &str) -> PathBuf {
        self.configure_mail(&open_relay(server), more)
    }

    /// Mail goes to the server over STARTTLS or implicit TLS, with a login where the server has one.
    pub(crate) fn mail_safely_to(&self, server: &SmtpServer, tls: &str, host: &str) -> PathBuf {
        self.home.write("ca.pem", server.ca_pem());
        self.home.write("smtp-password", "se cret\n");
        let port = server.port();
        self.configure_mail(
            &format!(
                "transport = \"smtp\"\nhost = \"{host}\"\nport = {port}\ntls = \"{tls}\"\nusername = \"steward\"\n\
                 password_file = \"smtp-password\"\nca_file = \"ca.pem\"\nper_minute = 100000"
            ),
            "",
        )
    }

    /// Runs the job, and checks the exit code.
    pub(crate) async fn run_expecting(&self, code: i32) -> String {
        let run = self.steward(&["run", "password-expiry"]).await;
        assert_eq!(run.code, code, "{}{}", run.stdout, run.stderr);
        run.stdout + &run.stderr
    }

    /// How each run ended, the newest first.
    pub(crate) async fn statuses(&self) -> Vec<String> {
        let runs = self.json(&["history"]).await;
        let runs = runs.as_array().unwrap().iter();
        runs.map(|run| run["status"].as_str().unwrap().to_owned())
            .collect()
    }

    /// The newest run with its notices.
    pub(crate) async fn last_run(&self) -> Value {
        let history = self.json(&["history", "--limit", "1"]).await;
        let run = history[0]["run_id"].to_string();
        self.json(&["history", "show", &run]).await
    }

    /// Address and state of each notice of the newest run, sorted.
    pub(crate) async fn last_states(&self) -> Vec<(String, String)> {
        states(&self.last_run().await)
    }
}

/// Settings of `[mail]` for a server without protection.
pub(crate) fn open_relay(server: &SmtpServer) -> String {
    let port = server.port();
    format!("transport = \"smtp\"\nhost = \"127.0.0.1\"\nport = {port}\ntls = \"none\"\nper_minute = 100000")
}

/// Address and state of each notice of a run, sorted; without those that never leave.
pub(crate) fn states(run: &Value) -> Vec<(String, String)> {
    let text = |notice: &Value, field: &str| notice[field].as_str().unwrap().to_owned();
    let notices = run["notices"].as_array().unwrap();
    let mut states: Vec<_> = notices
        .iter()
        .map(|notice| (text(notice, "address"), text(notice, "state")))
        .filter(|(_, state)| state != "superseded")
        .collect();
    states.sort();
    states
}

/// `[("ana", "sent")]` as [`states`] gives it.
pub(crate) fn told<const N: usize>(expected: [(&str, &str); N]) -> Vec<(String, String)> {
    expected
        .map(|(name, state)| (format!("{name}@acme.example"), state.to_owned()))
        .to_vec()
}

/// The recipients of all mails that the server took, sorted; one entry a mail.
pub(crate) fn recipients(server: &SmtpServer) -> Vec<String> {
    let mut all: Vec<String> = server
        .received()
        .into_iter()
        .map(|mail| mail.recipients.join(" "))
        .collect();
    all.sort();
    all
}
