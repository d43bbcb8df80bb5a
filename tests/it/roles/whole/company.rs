//! A company with two roles, each of which lacks one person and has one too many.
//!
//! | role | members | the file wants | so |
//! |---|---|---|---|
//! | 10 Sales | 1 to 8 | 1 to 7 and 9 | 9 comes, 8 goes |
//! | 20 Support | 11 to 14 | 11 to 13 and 15 | 15 comes, 14 goes |
//! | 30 Board | 1 | – | is left alone |
//!
//! Every run is held to what must be true of all of them: the journal is what the tenant saw, the
//! exit code follows from the recorded status, and nothing of the secret shows.

use std::collections::{BTreeMap, BTreeSet};

use onelogin_sandbox::{Control, Fault, FaultKind, PageLimits, Role, Tenant};
use onelogin_steward::config::Environment;
use onelogin_steward::domain::role::change::ChangeState;
use onelogin_steward::store::{Change, RunFilter, Store};
use serde_json::Value;

use crate::roles::scene::{Row, assert_same, people, write};
use crate::support::home::Output;
use crate::support::staff::staff;
use crate::support::world::World;

pub(super) const SALES: i64 = 10;
pub(super) const SUPPORT: i64 = 20;
pub(super) const BOARD: i64 = 30;

/// Nothing that a test is not about holds anything.
const SETTINGS: &str = "[role_sync]\nenabled = true\nmode = \"apply\"\n";
const LIMITS: &str = "[role_sync.limits]\nfirst_removals = \"allow\"\n";

/// A membership that is written: `+` or `-`, role, person.
pub(super) type Written = (char, i64, i64);

/// What an undisturbed run writes.
pub(super) const UNDISTURBED: [Written; 4] = [
    ('+', SALES, 9),
    ('+', SUPPORT, 15),
    ('-', SALES, 8),
    ('-', SUPPORT, 14),
];

pub(super) struct Company {
    pub(super) world: World,
}

/// A run, and what it did.
#[derive(Debug)]
pub(super) struct Ran {
    pub(super) output: Output,
    /// As recorded; empty where no run was.
    pub(super) status: String,
    /// As recorded.
    pub(super) summary: String,
    /// What the tenant was asked to change, in order, by person.
    pub(super) written: Vec<Written>,
}

/// A `[[role]]` of a file, with these people.
pub(super) fn role(name: &str, members: impl IntoIterator<Item = i64>) -> String {
    let members: Vec<String> = members
        .into_iter()
        .map(|id| format!("p{id}@acme.example"))
        .collect();
    format!("[[role]]\nname = {name:?}\nmembers = {members:?}\n")
}

/// The file that the company has.
pub(super) fn the_file() -> String {
    sales() + &support()
}

pub(super) fn sales() -> String {
    role("Sales", [1, 2, 3, 4, 5, 6, 7, 9])
}

pub(super) fn support() -> String {
    role("Support", [11, 12, 13, 15])
}

/// Reads of the members of a role.
pub(super) fn reads_of(role: i64) -> String {
    format!("GET /api/2/roles/{role}/users")
}

/// Writes to any role.
pub(super) const ADDS: &str = "POST /api/2/roles/:id/users";
pub(super) const REMOVES: &str = "DELETE /api/2/roles/:id/users";

fn tenant() -> Tenant {
    let mut tenant = staff(20);
    tenant.add_role(Role::new(SALES, "Sales").with_members(people(1, 8)));
    tenant.add_role(Role::new(SUPPORT, "Support").with_members(people(11, 14)));
    tenant.add_role(Role::new(BOARD, "Board").with_members(people(1, 1)));
    // Sales has three pages, Support two.
    tenant.knobs.role_users_pages = PageLimits::new(3, 3);
    tenant
}

impl Company {
    pub(super) async fn new() -> Self {
        Self::with(|_| ()).await
    }

    /// The same company with something different in its tenant.
    pub(super) async fn with(change: impl FnOnce(&mut Tenant)) -> Self {
        let mut tenant = tenant();
        change(&mut tenant);
        let company = Self {
            world: World::new(tenant).await,
        };
        company.configure("", "");
        company.given_file(&the_file());
        company
    }

    /// More settings in `[role_sync]` and in `[role_sync.limits]`.
    pub(super) fn configure(&self, role_sync: &str, limits: &str) {
        self.configure_all(role_sync, limits, "");
    }

    /// The same, with whole sections after them.
    pub(super) fn configure_all(&self, role_sync: &str, limits: &str, more: &str) {
        let settings = format!("{SETTINGS}{role_sync}\n{LIMITS}{limits}\n{more}");
        self.world.configure_admin(&settings);
    }

    pub(super) fn given_file(&self, text: &str) {
        self.world.home.write("roles.toml", text);
    }

    pub(super) fn control(&self) -> &Control {
        &self.world.control
    }

    /// Something goes wrong on every call of a route.
    pub(super) fn given_fault(&self, route: &str, kind: FaultKind) {
        self.control().add_fault(Fault::on(route, kind));
    }

    pub(super) fn tenant<R>(&self, act: impl FnOnce(&mut Tenant) -> R) -> R {
        self.control().with_tenant(act)
    }

    pub(super) async fn run(&self) -> Ran {
        self.run_with(&[]).await
    }

    /// One run, held to what is true of every run.
    pub(super) async fn run_with(&self, arguments: &[&str]) -> Ran {
        let before = self.runs().await.len();
        let seen = self.mutations().len();
        let arguments = [&["run", "role-sync"], arguments].concat();
        let environment = Environment::from_pairs([("ONELOGIN_STEWARD__ONELOGIN__TIMEOUT", "5s")]);
        let output = self.world.steward_in(&arguments, environment).await;
        let runs = self.runs().await;
        let (status, summary) = if runs.len() > before {
            runs[0].clone()
        } else {
            Default::default()
        };
        let ran = Ran {
            output,
            status,
            summary,
            written: self.mutations().split_off(seen),
        };
        ran.assert_code_is_of_status();
        ran.assert_clean();
        assert_same(&self.writes(), &self.rows().await);
        ran
    }

    /// `run role-sync --plan --json`: the exit code and the plan.
    pub(super) async fn plan(&self) -> (i32, Value) {
        let seen = self.control().mutations().len();
        let output = self
            .world
            .steward(&["run", "role-sync", "--plan", "--json"])
            .await;
        assert_eq!(self.control().mutations().len(), seen, "a plan writes nothing");
        (
            output.code,
            serde_json::from_str(&output.stdout).unwrap_or_default(),
        )
    }

    /// The writes that the tenant saw: method, role, people.
    pub(super) fn writes(&self) -> Vec<(String, i64, BTreeSet<i64>)> {
        let calls = self.control().mutations();
        let let_in = calls.iter().filter(|call| call.status != Some(401));
        let_in.map(write).collect()
    }

    /// The same, person by person.
    pub(super) fn mutations(&self) -> Vec<Written> {
        let person_by_person = |(method, role, people): (String, i64, BTreeSet<i64>)| {
            let sign = if method == "POST" { '+' } else { '-' };
            people.into_iter().map(move |person| (sign, role, person))
        };
        self.writes().into_iter().flat_map(person_by_person).collect()
    }

    fn store(&self) -> Option<Store> {
        Store::open_existing(&self.world.home.path("steward.db")).unwrap()
    }

    /// Status and summary of all runs, newest first.
    pub(super) async fn runs(&self) -> Vec<(String, String)> {
        let Some(store) = self.store() else {
            return Vec::new();
        };
        let runs = store.list_runs(RunFilter::default()).await.unwrap();
        let told = runs.into_iter().map(|run| (run.status.to_string(), run.summary));
        told.collect()
    }

    /// Every row of the journal, in its order.
    pub(super) async fn journal(&self) -> Vec<Change> {
        let Some(store) = self.store() else {
            return Vec::new();
        };
        let mut runs = store.list_runs(RunFilter::default()).await.unwrap();
        runs.reverse();
        let mut all = Vec::new();
        for run in runs {
            all.extend(store.list_changes_of(run.run_id).await.unwrap());
        }
        all
    }

    async fn rows(&self) -> Vec<Row> {
        let journal = self.journal().await;
        let rows = journal.iter().map(|change| {
            let (role, user) = (change.role_id.0, change.user_id.0);
            // The last call was not let in, and its log says 401.
            let reply = change.server_reply.as_deref().unwrap_or_default();
            let not_let_in = u32::from(reply.starts_with("not carried out"));
            let attempts = change.attempts - not_let_in;
            (role, user, change.direction, change.state, attempts)
        });
        rows.collect()
    }

    /// The people of the journal in this state.
    pub(super) async fn people_in(&self, state: ChangeState) -> BTreeSet<i64> {
        let rows = self.rows().await;
        let found = rows.iter().filter(|row| row.3 == state);
        found.map(|row| row.1).collect()
    }

    pub(super) fn members(&self, role: i64) -> BTreeSet<i64> {
        self.tenant(|tenant| tenant.roles[&role].members.keys().copied().collect())
    }

    /// Nobody but those whom the test names is in the roles.
    #[track_caller]
    pub(super) fn assert_members(&self, wanted: &[(i64, &[i64])]) {
        for (role, people) in wanted {
            let people: BTreeSet<i64> = people.iter().copied().collect();
            assert_eq!(self.members(*role), people, "role {role}");
        }
    }

    /// With the faults cleared the next run brings both roles in line with [`the_file`], and the one
    /// after it plans and writes nothing.
    pub(super) async fn converges(&self) {
        self.control().clear_faults();
        let ran = self.run().await;
        assert_eq!(
            (ran.output.code, ran.status.as_str()),
            (0, "succeeded"),
            "{ran:?}"
        );
        self.is_in_line().await;
        self.assert_members(&[
            (SALES, &[1, 2, 3, 4, 5, 6, 7, 9]),
            (SUPPORT, &[11, 12, 13, 15]),
            (BOARD, &[1]),
        ]);
    }

    /// Nothing is planned, and nothing is written.
    pub(super) async fn is_in_line(&self) {
        let (code, plan) = self.plan().await;
        assert_eq!(code, 0, "{plan}");
        let nothing = serde_json::json!({ "add": 0, "remove": 0, "held": 0 });
        assert_eq!(plan["totals"], nothing, "{plan}");
        let ran = self.run().await;
        ran.assert_did(0, "succeeded", &[]);
    }
}

impl Ran {
    /// Exit code, recorded status and all that was written, in any order.
    #[track_caller]
    pub(super) fn assert_did(&self, code: i32, status: &str, written: &[Written]) {
        assert_eq!(
            (self.output.code, self.status.as_str()),
            (code, status),
            "{self:?}"
        );
        let count = |written: &[Written]| {
            let mut counts: BTreeMap<Written, u32> = BTreeMap::new();
            for one in written {
                *counts.entry(*one).or_default() += 1;
            }
            counts
        };
        assert_eq!(count(&self.written), count(written), "{self:?}");
    }

    /// Exit code and recorded status.
    #[track_caller]
    pub(super) fn assert_did_status(&self, code: i32, status: &str) {
        let ended = (self.output.code, self.status.as_str());
        assert_eq!(ended, (code, status), "{self:?}");
    }

    /// The record of the run tells all of this.
    #[track_caller]
    pub(super) fn assert_tells(&self, words: &[&str]) {
        for word in words {
            assert!(self.summary.contains(word), "no {word:?} in {:?}", self.summary);
        }
    }

    fn assert_code_is_of_status(&self) {
        let fitting: &[i32] = match self.status.as_str() {
            "succeeded" => &[0],
            "partial" => &[3, 4],
            "failed" => &[1],
            "refused" => &[4],
            "skipped" => &[75],
            "interrupted" => &[1, 3],
            _ => &[2, 75, 78],
        };
        assert!(fitting.contains(&self.output.code), "{self:?}");
    }

    fn assert_clean(&self) {
        let all = format!("{self:?}");
        for word in ["sandbox-secret", "panicked", "internal error"] {
            assert!(!all.contains(word), "{all}");
        }
    }
}
