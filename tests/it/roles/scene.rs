//! A tenant with roles, a store, and a planner that knows nothing but set difference.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use onelogin_sandbox::{BodyShape, Control, FaultKind, RecordedRequest, Role};
use onelogin_steward::clock::Clock as _;
use onelogin_steward::config::{self, Environment};
use onelogin_steward::domain::role::RoleId;
use onelogin_steward::domain::role::actual::Reading;
use onelogin_steward::domain::role::change::{Cause, ChangeState, Direction};
use onelogin_steward::domain::run::{Job, RunId, RunStatus, Trigger};
use onelogin_steward::domain::user::UserId;
use onelogin_steward::jobs::role_sync::{
    Applier, Bounds, Fate, Report, Rereads, Resumed, RoleSteps, Step, apply, resume,
};
use onelogin_steward::onelogin::{Client, RoleWriter};
use onelogin_steward::pace::Patience;
use onelogin_steward::store::{Change, Ending, RunFilter, Store};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::support::staff::staff;
use crate::support::world::World;

/// Who is to be in each role.
pub(super) type Wanted = BTreeMap<i64, BTreeSet<i64>>;

/// What of the journal is compared: role, person, direction, state, attempts.
pub(super) type Row = (i64, i64, Direction, ChangeState, u32);

pub(super) struct Scene {
    pub(super) world: World,
    pub(super) client: Client,
    pub(super) stop: CancellationToken,
    pub(super) bounds: Bounds,
    /// From the start of an application to its deadline.
    pub(super) time: Duration,
}

/// An answer of this status in HTML, instead of the real one.
pub(super) fn status(code: u16) -> FaultKind {
    FaultKind::Status {
        code,
        body: BodyShape::Html,
        headers: BTreeMap::new(),
    }
}

/// The people from `first` to `last`.
pub(super) fn people(first: i64, last: i64) -> BTreeSet<i64> {
    (first..=last).collect()
}

impl Scene {
    /// So many people, numbered from 1, and roles with these members.
    pub(super) async fn new(count: i64, roles: &[(i64, BTreeSet<i64>)]) -> Self {
        Self::with_timeout(count, roles, "30s").await
    }

    /// The same, with a client that waits so long for an answer. Short where an answer never comes,
    /// and nowhere else: a busy machine is no lost call.
    pub(super) async fn with_timeout(count: i64, roles: &[(i64, BTreeSet<i64>)], timeout: &str) -> Self {
        let mut tenant = staff(count);
        for (id, members) in roles {
            let role = Role::new(*id, format!("Role {id}"));
            tenant.add_role(role.with_members(members.iter().copied()));
        }
        let world = World::new(tenant).await;
        let calls = Patience {
            tries: 3,
            first_pause: Duration::from_millis(1),
            waiting: Duration::from_secs(1),
        };
        let environment = Environment::from_pairs([("ONELOGIN_STEWARD__ONELOGIN__TIMEOUT", timeout)]);
        let path = world.home.path("config.toml");
        let settings = config::load(&path, &environment, world.clock.now())
            .unwrap()
            .settings;
        let client = Client::new(
            &settings.onelogin,
            std::sync::Arc::new(world.clock.clone()),
            calls,
        );
        Self {
            client: client.unwrap(),
            world,
            stop: CancellationToken::new(),
            bounds: Bounds {
                calls,
                rereads: Rereads {
                    most: 3,
                    first_pause: Duration::from_millis(1),
                },
                mail: calls,
            },
            time: Duration::from_secs(60),
        }
    }

    pub(super) fn control(&self) -> &Control {
        &self.world.control
    }

    pub(super) fn store(&self) -> Store {
        Store::open(&self.world.home.path("roles.db")).unwrap()
    }

    /// Who is in a role.
    pub(super) fn members(&self, role: i64) -> BTreeSet<i64> {
        self.world
            .control
            .with_tenant(|tenant| tenant.roles[&role].members.keys().copied().collect())
    }

    pub(super) fn all_members(&self, wanted: &Wanted) -> Wanted {
        wanted.keys().map(|role| (*role, self.members(*role))).collect()
    }

    pub(super) async fn read(&self, role: i64) -> Reading {
        self.client.read_role_members(RoleId(role)).await.unwrap()
    }

    /// What is to be done, by nothing but set difference.
    pub(super) async fn plan(&self, wanted: &Wanted) -> Vec<RoleSteps> {
        let mut plan = Vec::new();
        for (role, wanted) in wanted {
            let reading = self.read(*role).await;
            let actual: BTreeSet<i64> = reading.proven().unwrap().ids.iter().map(|user| user.0).collect();
            let steps = steps(*role, wanted.difference(&actual), actual.difference(wanted));
            if !steps.add.is_empty() || !steps.remove.is_empty() {
                plan.push(steps);
            }
        }
        plan
    }

    /// A run of its own for these steps.
    pub(super) async fn apply(&self, plan: Vec<RoleSteps>) -> Report {
        let store = self.store();
        let run = self.begin(&store).await;
        let report = self.apply_in(&store, run, plan).await;
        self.finish(&store, run, report.status()).await;
        report
    }

    pub(super) async fn begin(&self, store: &Store) -> RunId {
        let now = self.world.clock.now();
        let run = store.begin_run(Job::RoleSync, Trigger::Manual, now, None).await;
        run.unwrap()
    }

    pub(super) async fn apply_in(&self, store: &Store, run: RunId, plan: Vec<RoleSteps>) -> Report {
        let tools = Applier {
            writer: RoleWriter::new(&self.client),
            store,
            clock: &self.world.clock,
            stop: &self.stop,
            deadline: Instant::now() + self.time,
            bounds: self.bounds,
        };
        apply(&tools, run, plan).await
    }

    pub(super) async fn finish(&self, store: &Store, run: RunId, status: RunStatus) {
        let ending = Ending {
            status,
            summary: String::new(),
            warned: None,
            users: None,
        };
        store
            .finish_run(run, self.world.clock.now(), ending)
            .await
            .unwrap();
    }

    /// Settles what earlier runs left open.
    pub(super) async fn resume(&self) -> Resumed {
        let store = self.store();
        resume(&self.client, &store, self.world.clock.now())
            .await
            .unwrap()
    }

    /// Plans for this state and carries the plan out.
    pub(super) async fn sync(&self, wanted: &Wanted) -> Report {
        let plan = self.plan(wanted).await;
        self.apply(plan).await
    }

    /// With the faults cleared the next run finishes, and the one after it has nothing to do.
    pub(super) async fn assert_converges(&self, wanted: &Wanted) {
        self.world.control.clear_faults();
        let resumed = self.resume().await;
        assert_eq!(resumed.unresolved, BTreeMap::new());
        let report = self.sync(wanted).await;
        assert_eq!(report.status(), RunStatus::Succeeded, "{report:?}");
        assert_eq!(self.all_members(wanted), *wanted);
        assert_eq!(self.plan(wanted).await, []);
        assert_eq!(self.resume().await, Resumed::default());
        self.assert_journal_is_log().await;
    }

    /// Every row of the journal, in its order.
    pub(super) async fn changes(&self) -> Vec<Change> {
        let store = self.store();
        let mut runs = store.list_runs(RunFilter::default()).await.unwrap();
        runs.reverse();
        let mut all = Vec::new();
        for run in runs {
            all.extend(store.list_changes_of(run.run_id).await.unwrap());
        }
        all
    }

    pub(super) async fn journal(&self) -> Vec<Row> {
        let changes = self.changes().await;
        let row = |change: &Change| {
            (
                change.role_id.0,
                change.user_id.0,
                change.direction,
                change.state,
                change.attempts,
            )
        };
        changes.iter().map(row).collect()
    }

    /// The people whose change stands so in the journal.
    pub(super) async fn people_in(&self, state: ChangeState) -> BTreeSet<i64> {
        let rows = self.journal().await;
        let found = rows.into_iter().filter(|row| row.3 == state);
        found.map(|row| row.1).collect()
    }

    /// The writes that the tenant saw: method, role, people. Those that were not let in (401) are
    /// left out: they are made again at once, and are no attempt of their own.
    pub(super) fn writes(&self) -> Vec<(String, i64, BTreeSet<i64>)> {
        let calls = self.world.control.mutations();
        calls
            .iter()
            .filter(|call| call.status != Some(401))
            .map(write)
            .collect()
    }

    pub(super) async fn assert_journal_is_log(&self) {
        assert_same(&self.writes(), &self.journal().await);
    }
}

/// Each person is named in the journal as often as in the calls that the tenant saw.
#[track_caller]
pub(super) fn assert_same(writes: &[(String, i64, BTreeSet<i64>)], journal: &[Row]) {
    let mut seen: BTreeMap<(i64, i64, &str), u32> = BTreeMap::new();
    for (method, role, people) in writes {
        let direction = if method == "POST" { "add" } else { "remove" };
        for person in people {
            *seen.entry((*role, *person, direction)).or_default() += 1;
        }
    }
    let mut written: BTreeMap<(i64, i64, &str), u32> = BTreeMap::new();
    for (role, person, direction, _, attempts) in journal {
        *written.entry((*role, *person, direction.as_str())).or_default() += attempts;
    }
    written.retain(|_, attempts| *attempts > 0);
    assert_eq!(seen, written);
}

/// Reads a write, which is a bare array of numbers to the members of a role and nothing else (A11).
pub(super) fn write(call: &RecordedRequest) -> (String, i64, BTreeSet<i64>) {
    assert!(["POST", "DELETE"].contains(&call.method.as_str()), "{call:?}");
    let role = call.path.strip_prefix("/api/2/roles/").unwrap();
    let role = role.strip_suffix("/users").unwrap().parse().unwrap();
    let ids: Vec<i64> = serde_json::from_str(&call.body).unwrap();
    let people: BTreeSet<i64> = ids.iter().copied().collect();
    assert_eq!(people.len(), ids.len(), "{call:?}");
    assert!((1..=50).contains(&ids.len()), "{call:?}");
    (call.method.clone(), role, people)
}

pub(super) fn steps<'a>(
    role: i64,
    add: impl IntoIterator<Item = &'a i64>,
    remove: impl IntoIterator<Item = &'a i64>,
) -> RoleSteps {
    let step = |cause: Cause| {
        move |id: &i64| Step {
            user: UserId(*id),
            account: format!("p{id}@acme.example"),
            cause: cause.clone(),
            approval: None,
            exempt: false,
        }
    };
    RoleSteps {
        role: RoleId(role),
        name: format!("Role {role}"),
        add: add.into_iter().map(step(Cause::Listed)).collect(),
        remove: remove.into_iter().map(step(Cause::GoneFromFile)).collect(),
    }
}

/// What became of a person's step.
#[track_caller]
pub(super) fn fate(report: &Report, role: i64, person: i64) -> Fate {
    let mut found = report
        .steps
        .iter()
        .filter(|step| (step.role.0, step.user.0) == (role, person));
    found.next().unwrap().fate
}

/// Fates, counted.
pub(super) fn fates(report: &Report) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for step in &report.steps {
        let name = match step.fate {
            Fate::Journalled(state) => state.as_str(),
            Fate::Withheld => "withheld",
            Fate::Left => "left",
        };
        *counts.entry(name.to_owned()).or_default() += 1;
    }
    counts
}
