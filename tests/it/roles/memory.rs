//! What the store keeps for later runs of role sync.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use jiff::civil::date;
use jiff::{SignedDuration, Timestamp};
use onelogin_steward::domain::actor::Actor;
use onelogin_steward::domain::role::RoleId;
use onelogin_steward::domain::role::change::{Cause, ChangeState, Direction};
use onelogin_steward::domain::role::memory::{Accepted, Approval, Entry, Guard, LastSeen, Memory};
use onelogin_steward::domain::run::Job;
use onelogin_steward::domain::selector::Selector;
use onelogin_steward::domain::user::UserId;
use onelogin_steward::store::{FileLock, Intention, LockName, Pause, Paused, Settlement, Store};

use super::scene::{Scene, Wanted, people, steps};
use crate::support::home::Home;

const ROLE: RoleId = RoleId(10);

fn monday() -> Timestamp {
    "2026-11-23T07:00:00Z".parse().unwrap()
}

fn hours(hours: i64) -> SignedDuration {
    SignedDuration::from_hours(hours)
}

fn store(home: &Home) -> Store {
    Store::open(&home.path("roles.db")).unwrap()
}

fn ana() -> Actor {
    Actor {
        login_uid: Some(1000),
        sudo_uid: None,
        uid: 0,
    }
}

#[tokio::test]
async fn a_new_store_remembers_nothing() {
    let home = Home::new();
    let memory = store(&home).load_role_memory(monday()).await.unwrap();
    assert_eq!(memory, Memory::default());
}

#[tokio::test]
async fn what_a_run_leaves_is_there_for_the_next_process() {
    let home = Home::new();
    let selectors = [
        Selector::Id(7),
        Selector::External("7".to_owned()),
        Selector::Name("7".to_owned()),
        // In the form that names have once they are normal, however they came to look like this.
        Selector::Name("id:7".to_owned()),
    ];
    let seen = LastSeen {
        members: 40,
        empty_reads: 1,
        was_in_line: true,
        rule_matches: Some(0),
    };
    let identities: Vec<_> = selectors.into_iter().zip((1..).map(UserId)).collect();
    let first = store(&home);
    let run = first
        .begin_run(
            Job::RoleSync,
            onelogin_steward::domain::run::Trigger::Schedule,
            monday(),
            None,
        )
        .await
        .unwrap();
    first
        .record_identities(identities.clone(), monday())
        .await
        .unwrap();
    first
        .record_roles(run, BTreeMap::from([(ROLE, seen)]))
        .await
        .unwrap();
    first.record_emails(900, monday()).await.unwrap();
    drop(first);
    let memory = store(&home).load_role_memory(monday()).await.unwrap();
    assert_eq!(memory.identities, identities.into_iter().collect());
    assert_eq!(memory.roles, BTreeMap::from([(ROLE, seen)]));
    assert_eq!(memory.emails, Some(900));
}

#[tokio::test]
async fn an_entry_keeps_the_instant_at_which_it_was_first_accepted() {
    let home = Home::new();
    let store = store(&home);
    let entry = |id| Entry {
        role: ROLE,
        person: Selector::Id(id),
        until: date(2026, 12, 31),
    };
    let accepted = |digest: &str| Accepted {
        digest: digest.to_owned(),
        memberships: 12,
    };
    let accept = async |digest: &str, ids: &[i64], at| {
        let entries = ids.iter().copied().map(entry).collect();
        let text = format!("text of {digest}");
        store
            .record_accepted_file(accepted(digest), text, entries, at)
            .await
            .unwrap();
    };
    accept("a", &[1, 2], monday()).await;
    accept("b", &[2, 3], monday() + hours(1)).await;
    let memory = store.load_role_memory(monday()).await.unwrap();
    assert_eq!(memory.accepted, Some(accepted("b")));
    let expected = [(entry(2), monday()), (entry(3), monday() + hours(1))];
    assert_eq!(memory.first_accepted, BTreeMap::from(expected));
    let file = store.load_accepted_file().await.unwrap();
    assert_eq!(file, Some((accepted("b"), "text of b".to_owned())));
    // Taken out and put in again is a new entry.
    accept("c", &[1], monday() + hours(2)).await;
    let memory = store.load_role_memory(monday()).await.unwrap();
    assert_eq!(
        memory.first_accepted,
        BTreeMap::from([(entry(1), monday() + hours(2))])
    );
}

#[tokio::test]
async fn an_approval_is_good_for_one_use_within_a_day() {
    let scene = Scene::new(1, &[]).await;
    let store = scene.store();
    let run = scene.begin(&store).await;
    let mut approval = Approval {
        id: 0,
        role: ROLE,
        direction: Direction::Remove,
        guards: BTreeSet::from([Guard::RemovalsPerRole, Guard::FirstRemovals]),
        people: BTreeSet::from([UserId(1), UserId(5_000_000_000)]),
    };
    let reason = "TICKET-12".to_owned();
    let mut ids = Vec::new();
    for _ in 0..2 {
        ids.push(
            store
                .approve(approval.clone(), reason.clone(), ana(), monday())
                .await
                .unwrap(),
        );
    }
    approval.id = ids[0];
    let open = async |at| store.load_role_memory(at).await.unwrap().approvals;
    assert_eq!(open(monday()).await[0], approval);
    assert_eq!(open(monday() + hours(23)).await.len(), 2);
    assert_eq!(open(monday() + hours(24)).await, []);
    assert!(store.use_approval(ids[0], run, monday()).await.unwrap());
    assert!(
        !store.use_approval(ids[0], run, monday()).await.unwrap(),
        "used once"
    );
    assert!(
        !store
            .use_approval(ids[1], run, monday() + hours(24))
            .await
            .unwrap(),
        "too late"
    );
    assert_eq!(open(monday()).await.len(), 1);
}

#[tokio::test]
async fn a_pause_lasts_until_its_end_or_until_somebody_ends_it() {
    let home = Home::new();
    let store = store(&home);
    let pause = |of, until| Pause {
        of,
        reason: "migration".to_owned(),
        actor: ana(),
        since: monday(),
        until,
        while_entry: None,
    };
    let role = Paused::Role(ROLE);
    let job = Paused::Job(Job::RoleSync);
    store.pause(pause(role, Some(monday() + hours(2)))).await.unwrap();
    store.pause(pause(job, None)).await.unwrap();
    let found = store.find_pause(role, monday()).await.unwrap();
    assert_eq!(found, Some(pause(role, Some(monday() + hours(2)))));
    let memory = store.load_role_memory(monday()).await.unwrap();
    assert_eq!(memory.paused, BTreeMap::from([(ROLE, "migration".to_owned())]));
    assert_eq!(store.find_pause(role, monday() + hours(2)).await.unwrap(), None);
    assert_eq!(
        store.list_pauses(monday() + hours(2)).await.unwrap(),
        [pause(job, None)]
    );
    assert!(
        !store.resume(role, monday() + hours(2)).await.unwrap(),
        "over by itself"
    );
    // A second one takes the place of the first.
    store.pause(pause(job, Some(monday() + hours(1)))).await.unwrap();
    assert_eq!(store.list_pauses(monday()).await.unwrap().len(), 2);
    assert!(store.resume(job, monday()).await.unwrap());
    assert_eq!(store.find_pause(job, monday()).await.unwrap(), None);
    assert!(!store.resume(job, monday()).await.unwrap());
}

#[tokio::test]
async fn removals_of_a_day_are_those_done_that_nobody_approved_and_no_date_caused() {
    let scene = Scene::new(9, &[(10, people(1, 8))]).await;
    let store = scene.store();
    let approval = Approval {
        id: 0,
        role: ROLE,
        direction: Direction::Remove,
        guards: BTreeSet::new(),
        people: BTreeSet::new(),
    };
    let approved = store
        .approve(approval, String::new(), ana(), monday())
        .await
        .unwrap();
    let mut plan = steps(10, &[9], &[1, 2, 3, 4]);
    plan.remove[1].exempt = true;
    plan.remove[1].cause = Cause::UntilPassed;
    plan.remove[2].approval = Some(approved);
    let report = scene.apply(vec![plan]).await;
    assert!(report.has_effect());
    let memory = async |at| store.load_role_memory(at).await.unwrap();
    assert_eq!(memory(monday() + hours(23)).await.removals_of_day, 2);
    assert_eq!(memory(monday() + hours(24)).await.removals_of_day, 0);
    // All of them count as changes of ours, for a week.
    let changes = memory(monday() + hours(24)).await.changes;
    assert_eq!(changes.len(), 5);
    assert_eq!(changes[&(ROLE, UserId(9))][0].direction, Direction::Add);
    assert_eq!(changes[&(ROLE, UserId(1))][0].at, monday());
    assert!(memory(monday() + hours(7 * 24)).await.changes.is_empty());
}

#[tokio::test]
async fn a_change_that_is_settled_is_not_settled_again() {
    let scene = Scene::new(1, &[]).await;
    let store = scene.store();
    let run = scene.begin(&store).await;
    let intention = Intention {
        role: ROLE,
        role_name: "Sales".to_owned(),
        user: UserId(1),
        account: "p1@acme.example".to_owned(),
        direction: Direction::Add,
        cause: Cause::Included("Sales Team".to_owned()),
        approval: None,
        counts: false,
    };
    for _ in 0..2 {
        store
            .intend_changes(run, monday(), vec![intention.clone()])
            .await
            .unwrap();
    }
    let settle = async |state| {
        let settlement = Settlement {
            role: ROLE,
            user: UserId(1),
            direction: Direction::Add,
            state,
            words: None,
        };
        store
            .settle_changes(run, monday(), vec![settlement])
            .await
            .unwrap();
    };
    let open = store.list_open_changes().await.unwrap();
    assert_eq!((open.len(), open[0].attempts), (1, 2));
    assert_eq!(open[0].cause, intention.cause);
    settle(ChangeState::Done).await;
    settle(ChangeState::Failed).await;
    let changes = store.list_changes_of(run).await.unwrap();
    assert_eq!(changes[0].state, ChangeState::Done);
    assert_eq!(store.list_open_changes().await.unwrap(), []);
}

#[tokio::test]
async fn the_history_knows_changes_by_role_and_by_person() {
    let scene = Scene::new(3, &[(10, people(1, 1)), (20, people(1, 1))]).await;
    // The commands look at the store of the configuration.
    let default = scene.world.home.path("steward.db");
    scene.sync(&Wanted::from([(10, people(2, 2))])).await;
    scene.sync(&Wanted::from([(20, people(3, 3))])).await;
    let config = std::fs::read_to_string(scene.world.home.path("config.toml")).unwrap();
    let config = format!("{config}\n[store]\npath = \"roles.db\"\n");
    scene.world.home.config(&config);
    assert!(!default.exists());
    let runs = async |arguments: &[&str]| {
        let all = [&["history"], arguments].concat();
        let runs = scene.world.json(&all).await;
        let ids: Vec<i64> = runs
            .as_array()
            .unwrap()
            .iter()
            .map(|run| run["run_id"].as_i64().unwrap())
            .collect();
        ids
    };
    assert_eq!(runs(&[]).await, [2, 1]);
    assert_eq!(runs(&["--role", "role 10"]).await, [1]);
    assert_eq!(runs(&["--role", "id:20"]).await, [2]);
    assert_eq!(runs(&["--user", "P3@acme.example"]).await, [2]);
    assert_eq!(runs(&["--user", "id:1"]).await, [2, 1]);
    assert_eq!(runs(&["--user", "id:1", "--role", "Role 20"]).await, [2]);
    assert_eq!(runs(&["--role", "Role 30"]).await, [0_i64; 0]);
    let run = scene.world.json(&["history", "show", "1"]).await;
    let changes = run["changes"].as_array().unwrap();
    assert_eq!(changes.len(), 2);
    assert_eq!(changes[0]["direction"], "add");
    assert_eq!(changes[0]["state"], "done");
    assert_eq!(changes[0]["role_id"], 10);
    let output = scene.world.steward(&["history", "show", "1"]).await;
    for word in ["CHANGE", "Role 10", "p2@acme.example", "not in the file", "done"] {
        assert!(output.stdout.contains(word), "{}", output.stdout);
    }
}

#[tokio::test]
async fn each_lock_is_its_own() {
    let home = Home::new();
    let path = home.path("roles.db");
    let take = async |name| {
        let lock = FileLock::acquire(&path, name, "test", Duration::ZERO)
            .await
            .unwrap();
        lock.map_err(|holder| holder.0)
    };
    let _mail = take(LockName::Mail).await.unwrap();
    let _roles = take(LockName::Roles).await.unwrap();
    let _one = take(LockName::Account(UserId(1))).await.unwrap();
    let _two = take(LockName::Account(UserId(2))).await.unwrap();
    assert!(take(LockName::Roles).await.unwrap_err().contains("test"));
    assert!(take(LockName::Account(UserId(1))).await.is_err());
}
