//! Facts change between the reading of the tenant and the moment a mail would leave.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use onelogin_sandbox::{BodyShape, Fault, FaultKind, FieldVariant, ListFields, Tenant, User};
use serde_json::json;

use crate::support::company::{company, crowd, expiring, open_relay, recipients, told};
use crate::support::runs::USERS;
use crate::support::smtp::{SmtpServer, Step};
use crate::support::world::{MONDAY, World};

const USERS_V1: &str = "/api/1/users";

/// What somebody changed about a person.
type Change = fn(&mut User);

/// The first reading shows this value for everybody; later ones show what is true.
fn seen_at_first(route: &str, field: &str, variant: FieldVariant) -> Fault {
    let field = field.to_owned();
    Fault::on(format!("GET {route}"), FaultKind::FieldVariant { field, variant }).nth(1)
}

/// The password that Ana and Bo had, by which a notice of 7 days is due.
fn old_password() -> FieldVariant {
    let old = expiring(1, "", 7).password_changed_at.unwrap();
    FieldVariant::Value(json!(old.to_string()))
}

/// Ana, who changed something a moment ago, and Bo, who did not.
fn ana_and_bo(change: impl FnOnce(&mut User)) -> Tenant {
    let now: Timestamp = MONDAY.parse().unwrap();
    let mut ana = expiring(1, "ana@acme.example", 7);
    change(&mut ana);
    ana.updated_at = now;
    company([ana, expiring(2, "bo@acme.example", 7)])
}

fn changed_password(user: &mut User) {
    user.password_changed_at = Some(MONDAY.parse().unwrap());
}

/// Ana's password is changed between the reading and her mail.
async fn ana_changes_meanwhile() -> (SmtpServer, World) {
    let server = SmtpServer::builder().start();
    let world = World::new(ana_and_bo(changed_password)).await;
    world.mail_to(&server, "");
    world
        .control
        .add_fault(seen_at_first(USERS, "password_changed_at", old_password()));
    (server, world)
}

/// When the tenant was asked who changed since when.
fn asked_since(world: &World) -> Vec<String> {
    let calls = world.calls_of(USERS).into_iter();
    let since = |(key, value)| (key == "updated_since").then_some(value);
    calls
        .filter_map(|call| call.query.into_iter().find_map(since))
        .collect()
}

#[tokio::test]
async fn e5_a_password_changed_between_the_reading_and_the_first_mail_brings_no_mail() {
    let (server, world) = ana_changes_meanwhile().await;
    let said = world.run_expecting(0).await;
    assert!(said.contains("1 sent, 1 no longer true meanwhile"), "{said}");
    assert_eq!(recipients(&server), ["bo@acme.example"]);
    assert_eq!(
        world.last_states().await,
        told([("ana", "cancelled"), ("bo", "sent")])
    );
    let run = world.last_run().await;
    let ana = run["notices"]
        .as_array()
        .unwrap()
        .iter()
        .find(|row| row["state"] == "cancelled");
    assert_eq!(
        ana.unwrap()["server_reply"],
        "the password or its age has changed"
    );
    assert_eq!(ana.unwrap()["attempts"], 0);
    // Once for both mails, two minutes before the reading began.
    assert_eq!(asked_since(&world), ["2026-11-23T06:58:00Z"]);
    world.run_expecting(0).await;
    assert_eq!(recipients(&server).len(), 1);
}

#[tokio::test]
async fn e5_whoever_is_not_to_be_mailed_any_more_is_not() {
    let null = || FieldVariant::Null;
    let one = || FieldVariant::Value(json!(1));
    let cases: [(&str, FieldVariant, Change); 6] = [
        ("status", one(), |user| user.status = 2),
        ("status", one(), |user| user.status = 5),
        ("state", one(), |user| user.state = 3),
        ("directory_id", null(), |user| user.directory_id = Some(7)),
        ("trusted_idp_id", null(), |user| user.trusted_idp_id = Some(7)),
        ("group_id", null(), |user| user.group_id = Some(99)),
    ];
    for (field, at_first, change) in cases {
        let server = SmtpServer::builder().start();
        let world = World::new(ana_and_bo(change)).await;
        world.mail_to(&server, "");
        world.control.add_fault(seen_at_first(USERS, field, at_first));
        // Nobody knows the age of a group that was not read: that row waits, and a later run decides.
        let (code, state) = if field == "group_id" {
            (3, "staged")
        } else {
            (0, "cancelled")
        };
        world.run_expecting(code).await;
        assert_eq!(recipients(&server), ["bo@acme.example"], "{field}");
        assert_eq!(
            world.last_states().await,
            told([("ana", state), ("bo", "sent")]),
            "{field}"
        );
    }
}

#[tokio::test]
async fn e5_an_address_that_changed_is_mailed_by_the_next_run_and_the_old_one_never() {
    let server = SmtpServer::builder().start();
    let world = World::new(company([expiring(1, "ana@acme.example", 7)])).await;
    world.mail_to(&server, "");
    let before = FieldVariant::Value(json!("old@acme.example"));
    world.control.add_fault(seen_at_first(USERS, "email", before));
    world.control.with_tenant(|tenant| {
        tenant.users.get_mut(&1).unwrap().updated_at = MONDAY.parse().unwrap();
    });
    world.run_expecting(0).await;
    assert_eq!(server.count(Step::Rcpt), 0);
    world.run_expecting(0).await;
    assert_eq!(recipients(&server), ["ana@acme.example"]);
}

/// Two mails leave, and the other two wait for the pace while six minutes pass and `meanwhile`
/// happens.
async fn six_minutes_later(
    world: &World,
    server: &Arc<SmtpServer>,
    code: i32,
    meanwhile: impl FnOnce(),
) -> String {
    let slow = open_relay(server).replace("per_minute = 100000", "per_minute = 2");
    world.configure_mail(&slow, "");
    let between = async {
        let waiting = Arc::clone(server);
        tokio::task::spawn_blocking(move || waiting.wait_for(2))
            .await
            .unwrap();
        // Until both are recorded: from then on the run only waits.
        while world
            .last_states()
            .await
            .iter()
            .filter(|(_, state)| state == "sent")
            .count()
            < 2
        {}
        world.set_now("2026-11-23T07:06:00Z");
        meanwhile();
        tokio::time::pause();
        tokio::time::advance(Duration::from_secs(61)).await;
        tokio::time::resume();
    };
    tokio::join!(world.run_expecting(code), between).0
}

#[tokio::test]
async fn e5_a_password_changed_while_mails_leave_cancels_the_mail_that_has_not_left() {
    let server = Arc::new(SmtpServer::builder().start());
    let world = World::new(company(crowd(4))).await;
    let change = || {
        world.control.with_tenant(|tenant| {
            let user = tenant.users.get_mut(&3).unwrap();
            user.password_changed_at = Some("2026-11-23T07:05:00Z".parse().unwrap());
            user.updated_at = "2026-11-23T07:05:00Z".parse().unwrap();
        });
    };
    six_minutes_later(&world, &server, 0, change).await;
    assert_eq!(
        recipients(&server),
        ["p1@acme.example", "p2@acme.example", "p4@acme.example"]
    );
    let states = world.last_states().await;
    assert!(
        states.contains(&("p3@acme.example".to_owned(), "cancelled".to_owned())),
        "{states:?}"
    );
    // The second question goes back to the first one, and a little further.
    assert_eq!(
        asked_since(&world),
        ["2026-11-23T06:58:00Z", "2026-11-23T06:58:00Z"]
    );
}

fn unreachable(first: u64) -> Fault {
    let kind = FaultKind::Status {
        code: 503,
        body: BodyShape::Html,
        headers: std::collections::BTreeMap::new(),
    };
    Fault::on(format!("GET {USERS}"), kind).starting_at(first)
}

#[tokio::test]
async fn e5_where_nobody_can_say_who_changed_no_mail_leaves_and_all_stay_due() {
    let server = SmtpServer::builder().start();
    let world = World::new(company(crowd(4))).await;
    world.mail_to(&server, "");
    world.control.add_fault(unreachable(2));
    let said = world.run_expecting(1).await;
    assert!(said.contains("who changed their password meanwhile"), "{said}");
    assert_eq!(server.count(Step::Greeting), 0);
    assert!(
        world
            .last_states()
            .await
            .iter()
            .all(|(_, state)| state == "staged")
    );
    world.control.clear_faults();
    world.run_expecting(0).await;
    assert_eq!(recipients(&server).len(), 4);
}

#[tokio::test]
async fn e5_facts_older_than_five_minutes_that_cannot_be_read_again_leave_the_rest_due() {
    let server = Arc::new(SmtpServer::builder().start());
    let world = World::new(company(crowd(4))).await;
    let fail = || {
        world.control.add_fault(unreachable(1));
    };
    let said = six_minutes_later(&world, &server, 3, fail).await;
    assert!(said.contains("2 sent, 2 not tried"), "{said}");
    assert_eq!(world.last_run().await["status"], "partial");
    world.control.clear_faults();
    world.mail_to(&server, "");
    world.run_expecting(0).await;
    assert_eq!(recipients(&server).len(), 4);
}

#[tokio::test]
async fn e5_where_no_mail_is_due_nobody_is_asked_again() {
    let world = World::new(company([expiring(1, "ana@acme.example", 60)])).await;
    world.run_expecting(0).await;
    assert_eq!(asked_since(&world), [""; 0]);
}

#[tokio::test]
async fn e5_where_the_list_lacks_a_field_that_decides_each_changed_person_is_asked_for() {
    let server = SmtpServer::builder().start();
    let mut tenant = ana_and_bo(changed_password);
    tenant.knobs.list_fields = ListFields::DefaultsOnly;
    let world = World::new(tenant).await;
    world.mail_to(&server, "");
    world
        .control
        .add_fault(seen_at_first(USERS_V1, "password_changed_at", old_password()));
    world.run_expecting(0).await;
    assert_eq!(recipients(&server), ["bo@acme.example"]);
    assert_eq!(world.calls_of("/api/2/users/1").len(), 1);
    assert_eq!(world.calls_of("/api/2/users/2").len(), 0);
}

/// A run whose second list, of what changed, has this fault.
async fn with_fault_in_changes(kind: FaultKind, code: i32) -> Vec<String> {
    let (server, world) = ana_changes_meanwhile().await;
    world
        .control
        .add_fault(Fault::on(format!("GET {USERS}"), kind).starting_at(2));
    world.run_expecting(code).await;
    recipients(&server)
}

#[tokio::test]
async fn e5_a_list_of_changes_may_lack_its_count_and_never_a_row() {
    let bo = ["bo@acme.example"];
    assert_eq!(with_fault_in_changes(FaultKind::NoTotalCount, 0).await, bo);
    assert_eq!(
        with_fault_in_changes(FaultKind::WrongTotalCount(1), 1).await,
        [""; 0]
    );
    assert_eq!(with_fault_in_changes(FaultKind::EmptyPage, 1).await, [""; 0]);
    assert_eq!(with_fault_in_changes(FaultKind::RepeatedCursor, 1).await, [""; 0]);
}

#[tokio::test]
async fn e5_people_who_join_the_list_of_changes_while_it_is_read_hide_nobody() {
    let mut people = crowd(150);
    for user in &mut people {
        user.updated_at = MONDAY.parse().unwrap();
    }
    changed_password(people.last_mut().unwrap());
    let world = World::new(company(people)).await;
    let first_reading = seen_at_first(USERS, "password_changed_at", old_password()).between(1, 2);
    world.control.add_fault(first_reading);
    // Both walks of the second list: somebody joins ahead of its second page.
    for call in [4, 6] {
        let joins = Fault::on(format!("GET {USERS}"), FaultKind::ShiftingPage(-1));
        world.control.add_fault(joins.nth(call));
    }
    world.run_expecting(0).await;
    assert_eq!(world.calls_of(USERS).len(), 6);
    assert_eq!(world.mails(), 149);
}
