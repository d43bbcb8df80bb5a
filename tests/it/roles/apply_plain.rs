//! What is called, in which order, and how a refusal of a list is narrowed down to people.

use std::collections::BTreeMap;

use onelogin_sandbox::{Membership, Redundant, UnknownMember};
use onelogin_steward::domain::role::change::{ChangeState, Direction};
use onelogin_steward::domain::run::RunStatus;
use onelogin_steward::jobs::role_sync::Fate;

use super::scene::{Scene, Wanted, fate, fates, people, steps};

const DONE: Fate = Fate::Journalled(ChangeState::Done);

fn methods(scene: &Scene) -> Vec<String> {
    let calls = scene.control().requests();
    let calls = calls.iter().filter(|call| call.path.starts_with("/api/2/roles/"));
    calls
        .map(|call| format!("{} {}", call.method, call.path))
        .collect()
}

#[tokio::test]
async fn a11_members_come_and_go_in_bare_lists_of_fifty_and_one_reread_ends_it() {
    let scene = Scene::new(300, &[(10, people(1, 120))]).await;
    let wanted = Wanted::from([(10, people(121, 240))]);
    let plan = scene.plan(&wanted).await;
    scene.control().clear_requests();
    let report = scene.apply(plan).await;
    assert_eq!(report.status(), RunStatus::Succeeded);
    // Nobody who comes is to go elsewhere, so one re-read shows both: its two pages.
    let path = "/api/2/roles/10/users";
    let calls = ["POST", "POST", "POST", "DELETE", "DELETE", "DELETE", "GET", "GET"];
    assert_eq!(methods(&scene), calls.map(|method| format!("{method} {path}")));
    assert_eq!(
        report.readings[&onelogin_steward::domain::role::RoleId(10)]
            .proven()
            .unwrap()
            .ids
            .len(),
        120
    );
    let sizes: Vec<usize> = scene.writes().iter().map(|(_, _, people)| people.len()).collect();
    assert_eq!(sizes, [50, 50, 20, 50, 50, 20]);
    scene.assert_converges(&wanted).await;
}

#[tokio::test]
async fn nothing_to_do_is_no_call_and_no_row() {
    let scene = Scene::new(3, &[(10, people(1, 3))]).await;
    let report = scene.apply(vec![steps(10, [], [])]).await;
    assert_eq!(report.status(), RunStatus::Succeeded);
    assert_eq!(scene.control().requests(), []);
    assert_eq!(scene.journal().await, []);
}

#[tokio::test]
async fn the_journal_says_who_what_why_and_what_came_back() {
    let scene = Scene::new(3, &[(10, people(1, 1))]).await;
    scene.sync(&Wanted::from([(10, people(2, 2))])).await;
    let [added, removed]: [_; 2] = scene.changes().await.try_into().unwrap();
    assert_eq!((added.user_id.0, removed.user_id.0), (2, 1));
    assert_eq!(added.direction, Direction::Add);
    assert_eq!(removed.direction, Direction::Remove);
    assert_eq!(
        (added.role_name.as_str(), added.account.as_str()),
        ("Role 10", "p2@acme.example")
    );
    assert_eq!(
        (added.cause.to_string(), removed.cause.to_string()),
        ("listed".into(), "not in the file".into())
    );
    assert_eq!(
        (added.server_reply.as_deref(), removed.server_reply.as_deref()),
        (Some("200"), Some("204"))
    );
    for change in [&added, &removed] {
        assert_eq!((change.state, change.attempts), (ChangeState::Done, 1));
        assert!(change.request_id.is_some() && change.settled_at.is_some());
    }
}

#[tokio::test]
async fn a14_who_moves_is_seen_in_the_new_role_before_the_old_one_is_touched() {
    let scene = Scene::new(4, &[(10, people(1, 3)), (20, people(4, 4))]).await;
    let wanted = Wanted::from([(10, people(2, 3)), (20, people(1, 1))]);
    let plan = scene.plan(&wanted).await;
    scene.control().clear_requests();
    scene.apply(plan).await;
    let expected = [
        "POST /api/2/roles/20/users",
        "GET /api/2/roles/20/users",
        "DELETE /api/2/roles/10/users",
        "GET /api/2/roles/10/users",
        "DELETE /api/2/roles/20/users",
        "GET /api/2/roles/20/users",
    ];
    assert_eq!(methods(&scene), expected);
    scene.assert_converges(&wanted).await;
}

#[tokio::test]
async fn a14_who_cannot_be_added_is_removed_from_nowhere() {
    let scene = Scene::new(4, &[(10, people(1, 3)), (20, people(4, 4)), (30, people(1, 1))]).await;
    // Person 99 is no user any more; person 1 moves together with them.
    let plan = vec![
        steps(20, &[99, 1], []),
        steps(10, [], &[1, 2]),
        steps(30, [], &[1, 99]),
    ];
    let report = scene.apply(plan).await;
    assert_eq!(fate(&report, 20, 99), Fate::Journalled(ChangeState::Failed));
    assert_eq!(fate(&report, 20, 1), DONE);
    assert_eq!(fate(&report, 10, 1), DONE, "their own addition is certain");
    assert_eq!(fate(&report, 30, 99), Fate::Withheld);
    assert_eq!(report.status(), RunStatus::Partial);
    let removals: Vec<_> = scene
        .writes()
        .into_iter()
        .filter(|call| call.0 == "DELETE")
        .collect();
    assert!(removals.iter().all(|call| !call.2.contains(&99)), "{removals:?}");
    scene.assert_journal_is_log().await;
}

#[tokio::test]
async fn a4_who_is_in_already_is_told_apart_from_who_was_added() {
    let before: jiff::Timestamp = "2026-11-20T08:00:00Z".parse().unwrap();
    for (knob, code) in [
        (Redundant::Accept, 200),
        (Redundant::Refuse, 422),
        (Redundant::Conflict, 409),
    ] {
        let scene = Scene::new(60, &[(10, people(7, 7))]).await;
        scene.control().with_tenant(|tenant| {
            tenant.knobs.add_present_member = knob;
            let role = tenant.roles.get_mut(&10).unwrap();
            let long_ago = Membership {
                added_at: Some(before),
                ..Membership::default()
            };
            role.members.insert(7, long_ago);
        });
        let report = scene.apply(vec![steps(10, &people(1, 50), [])]).await;
        assert_eq!(report.status(), RunStatus::Succeeded, "{code}");
        let expected = BTreeMap::from([("already".to_owned(), 1), ("done".to_owned(), 49)]);
        assert_eq!(fates(&report), expected, "{code}");
        assert_eq!(fate(&report, 10, 7), Fate::Journalled(ChangeState::Already));
        scene.assert_converges(&Wanted::from([(10, people(1, 50))])).await;
    }
}

#[tokio::test]
async fn a4_a_refusal_of_somebody_who_is_in_needs_no_date_to_be_understood() {
    let scene = Scene::new(9, &[(10, people(1, 8))]).await;
    scene.control().with_tenant(|tenant| {
        tenant.knobs.add_present_member = Redundant::Refuse;
        tenant.knobs.role_member_details = false;
    });
    // More of them in a row than are taken for a sign that the role refuses everybody.
    let report = scene.apply(vec![steps(10, &people(1, 9), [])]).await;
    assert_eq!(report.status(), RunStatus::Succeeded);
    assert_eq!(scene.people_in(ChangeState::Already).await, people(1, 8));
    assert_eq!(scene.people_in(ChangeState::Done).await, people(9, 9));
    scene.assert_converges(&Wanted::from([(10, people(1, 9))])).await;
}

#[tokio::test]
async fn a5_a_single_person_who_is_gone_already_is_a_success() {
    let scene = Scene::new(3, &[(10, people(1, 2))]).await;
    scene
        .control()
        .with_tenant(|tenant| tenant.knobs.remove_absent_member = Redundant::Refuse);
    let report = scene.apply(vec![steps(10, [], &[3])]).await;
    assert_eq!(report.status(), RunStatus::Succeeded);
    assert_eq!(fate(&report, 10, 3), Fate::Journalled(ChangeState::Already));
    assert_eq!(scene.members(10), people(1, 2));
    scene.assert_journal_is_log().await;
}

#[tokio::test]
async fn a5_one_stale_person_in_fifty_keeps_the_other_49_from_nothing() {
    let scene = Scene::new(60, &[(10, people(1, 55))]).await;
    scene
        .control()
        .with_tenant(|tenant| tenant.knobs.remove_absent_member = Redundant::Refuse);
    let mut plan = scene.plan(&Wanted::from([(10, people(51, 55))])).await;
    // Person 23 leaves by another hand after the plan was made.
    scene
        .control()
        .with_tenant(|tenant| tenant.roles.get_mut(&10).unwrap().members.remove(&23));
    assert_eq!(plan[0].remove.len(), 50);
    let report = scene.apply(std::mem::take(&mut plan)).await;
    assert_eq!(report.status(), RunStatus::Succeeded);
    assert_eq!(scene.people_in(ChangeState::Already).await, people(23, 23));
    assert_eq!(scene.people_in(ChangeState::Done).await.len(), 49);
    assert_eq!(scene.members(10), people(51, 55));
    assert!(scene.writes().len() <= 13, "{} calls", scene.writes().len());
    scene
        .assert_converges(&Wanted::from([(10, people(51, 55))]))
        .await;
}

#[tokio::test]
async fn a6_one_unknown_person_in_fifty_is_named_and_the_others_are_added() {
    for unknown in [UnknownMember::Invalid, UnknownMember::NotFound] {
        for partial in [false, true] {
            let scene = Scene::new(60, &[(10, people(1, 0))]).await;
            scene.control().with_tenant(|tenant| {
                tenant.knobs.unknown_member = unknown;
                tenant.knobs.partial_role_writes = partial;
                tenant.users.remove(&31);
            });
            let report = scene.apply(vec![steps(10, &people(1, 50), [])]).await;
            assert_eq!(report.status(), RunStatus::Partial);
            let mut others = people(1, 50);
            others.remove(&31);
            assert_eq!(scene.members(10), others);
            assert_eq!(scene.people_in(ChangeState::Failed).await, people(31, 31));
            assert_eq!(scene.people_in(ChangeState::Done).await, others);
            let failed = report.steps.iter().find(|step| step.user.0 == 31).unwrap();
            let words = failed.words.as_deref().unwrap();
            assert!(words.starts_with("422") || words.starts_with("404"), "{words}");
            assert!(scene.writes().len() <= 13, "{} calls", scene.writes().len());
            scene.assert_converges(&Wanted::from([(10, others)])).await;
        }
    }
}

#[tokio::test]
async fn lists_that_are_too_long_are_halved_once_and_then_kept_short() {
    let scene = Scene::new(200, &[(10, people(1, 0))]).await;
    scene
        .control()
        .with_tenant(|tenant| tenant.knobs.role_write_cap = Some(20));
    let wanted = Wanted::from([(10, people(1, 200))]);
    let report = scene.sync(&wanted).await;
    assert_eq!(report.status(), RunStatus::Succeeded);
    let refused = scene
        .control()
        .mutations()
        .iter()
        .filter(|call| call.status == Some(422))
        .count();
    assert_eq!(refused, 3, "50, 25, 25, and no longer list after these");
    scene.assert_converges(&wanted).await;
}

#[tokio::test]
async fn a15_a_role_is_emptied_by_removals() {
    let scene = Scene::new(70, &[(10, people(1, 70))]).await;
    let wanted = Wanted::from([(10, people(1, 0))]);
    scene.sync(&wanted).await;
    assert!(scene.writes().iter().all(|call| call.0 == "DELETE"));
    scene.assert_converges(&wanted).await;
}
