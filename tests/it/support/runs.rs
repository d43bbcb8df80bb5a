//! Runs of `password-expiry`, and what is left of them.

use onelogin_sandbox::RecordedRequest;
use onelogin_steward::config::Environment;
use serde_json::Value;

use super::home::Output;
use super::mailbox::mails_below;
use super::world::World;

/// The path of the token request.
pub(crate) const TOKEN: &str = "/auth/oauth2/v2/token";
/// The path of the user list.
pub(crate) const USERS: &str = "/api/2/users";

/// A run as the store remembers it.
#[derive(Debug)]
pub(crate) struct Ran {
    /// The exit code and the words of the command.
    pub(crate) output: Output,
    /// The recorded status.
    pub(crate) status: String,
    /// The recorded summary.
    pub(crate) summary: String,
    /// How many notices the run staged or tried, without those that a nearer one supersedes.
    pub(crate) notices: usize,
    /// All rows of the ledger that the run touched.
    pub(crate) rows: usize,
}

impl World {
    /// `run password-expiry` with these releases.
    pub(crate) async fn run_expiry(&self, releases: &[&str]) -> Ran {
        self.run_expiry_in(releases, Environment::default()).await
    }

    /// The same with environment variables.
    pub(crate) async fn run_expiry_in(&self, releases: &[&str], environment: Environment) -> Ran {
        let arguments = [&["run", "password-expiry"], releases].concat();
        let output = self.steward_in(&arguments, environment).await;
        let runs = self.json(&["history"]).await;
        let run = &runs[0];
        let id = run["run_id"].to_string();
        let whole = self.json(&["history", "show", &id]).await;
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let rows = whole["notices"].as_array().unwrap();
        let superseded = rows.iter().filter(|row| row["state"] == "superseded");
        Ran {
            output,
            status: text(&run["status"]),
            summary: text(&run["summary"]),
            notices: rows.len() - superseded.count(),
            rows: rows.len(),
        }
    }

    /// `run password-expiry --plan --json`: the exit code, the plan if there is one, and stderr.
    pub(crate) async fn plan_expiry(&self, releases: &[&str]) -> (i32, Value, String) {
        let arguments = [&["run", "password-expiry", "--plan", "--json"], releases].concat();
        let output = self.steward(&arguments).await;
        let plan = serde_json::from_str(&output.stdout).unwrap_or_default();
        (output.code, plan, output.stderr)
    }

    /// How many mails were written.
    pub(crate) fn mails(&self) -> usize {
        mails_below(&self.home.path("outbox")).len()
    }

    /// What was asked of a path of the tenant so far.
    pub(crate) fn calls_of(&self, path: &str) -> Vec<RecordedRequest> {
        let mut requests = self.control.requests();
        requests.retain(|request| request.path == path);
        requests
    }

    /// How many people a plan leaves out for this reason.
    pub(crate) fn skipped(plan: &Value, reason: &str) -> u64 {
        let skipped = plan["skipped"].as_array().unwrap();
        let found = skipped.iter().find(|entry| entry["reason"] == reason);
        found.map_or(0, |entry| entry["count"].as_u64().unwrap())
    }
}

impl Ran {
    /// The run was recorded as failed or refused, with this exit code, and nothing was staged.
    #[track_caller]
    pub(crate) fn assert_idle(&self, status: &str, code: i32) {
        assert_eq!(
            (self.status.as_str(), self.output.code),
            (status, code),
            "{self:?}"
        );
        assert_eq!(self.rows, 0, "{self:?}");
        assert!(!format!("{self:?}").contains("panicked"), "{self:?}");
        assert!(!format!("{self:?}").contains("sandbox-secret"), "{self:?}");
    }

    /// The run did what it was for.
    #[track_caller]
    pub(crate) fn assert_succeeded(&self, notices: usize) {
        assert_eq!(
            (self.status.as_str(), self.output.code),
            ("succeeded", 0),
            "{self:?}"
        );
        assert_eq!(self.notices, notices, "{self:?}");
    }

    /// The summary tells all of this.
    #[track_caller]
    pub(crate) fn assert_tells(&self, words: &[&str]) {
        for word in words {
            assert!(self.summary.contains(word), "no {word:?} in {:?}", self.summary);
        }
    }
}
