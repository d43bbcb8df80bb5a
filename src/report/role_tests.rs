//! What people and programs see of plans and explanations.

use jiff::tz::TimeZone;
use serde_json::{Value, json};

use super::paint::Colour;
use super::role_explain;
use super::role_plan::RolePlanReport;
use crate::domain::role::RoleId;
use crate::domain::role::actual::{Members, Origin, Reading};
use crate::domain::role::explain::explain;
use crate::domain::role::plan::RolePlan;
use crate::domain::role::tests::{World, day, listed, world};
use crate::domain::user::{User, UserId};

fn berlin() -> TimeZone {
    TimeZone::get("Europe/Berlin").unwrap()
}

/// Staff loses two of three people and gains one; more than one removal is held.
fn staff() -> World {
    let mut world = world().role(1, "Staff", [1, 2, 3]).want("Staff", [1, 4]);
    world.terms.limits.removals_per_role = 1;
    let origin = Origin {
        added_by: Some("Kim Admin".to_owned()),
        added_at: Some("2026-11-20T09:00:00Z".parse().unwrap()),
    };
    world.members.insert(
        RoleId(1),
        Reading::Proven(Members {
            ids: [UserId(1), UserId(2), UserId(3)].into(),
            origins: [(UserId(2), origin)].into(),
        }),
    );
    world
}

fn json_of(world: &World) -> Value {
    let plan = world.plan();
    report(&plan, world, &berlin()).to_json()
}

fn text_of(world: &World, colour: Colour) -> String {
    let plan = world.plan();
    report(&plan, world, &berlin()).to_text(colour)
}

fn drift_of(world: &World) -> String {
    let plan = world.plan();
    report(&plan, world, &berlin()).drift_text()
}

fn report<'a>(plan: &'a RolePlan, world: &'a World, zone: &'a TimeZone) -> RolePlanReport<'a> {
    let users = &world.users;
    RolePlanReport { plan, users, zone }
}

fn widest(text: &str) -> usize {
    text.lines()
        .map(|line| line.chars().count())
        .max()
        .unwrap_or_default()
}

#[test]
fn the_json_of_a_plan_has_the_shape_of_the_interface() {
    let json = json_of(&staff());
    assert_eq!(json["plan_id"].as_str().unwrap().len(), 16);
    assert_eq!(json["totals"], json!({ "add": 1, "remove": 0, "held": 2 }));
    let role = &json["roles"][0];
    assert_eq!((&role["role_id"], &role["name"]), (&json!(1), &json!("Staff")));
    assert_eq!(
        role["add"][0],
        json!({ "user_id": 4, "email": "user4@acme.example", "cause": "listed", "held": false, "guards": [],
                "approval": null })
    );
    assert_eq!(role["remove"].as_array().unwrap().len(), 2);
    assert_eq!(role["remove"][0]["held"], json!(true));
    let held = &role["held"][0];
    assert_eq!(
        (&held["guard"], &held["measured"], &held["limit"], &held["scope"]),
        (&json!("removals_per_role"), &json!(2), &json!(1), &json!("role"))
    );
}

#[test]
fn the_text_of_a_plan_begins_with_the_totals_and_names_what_releases_it() {
    let text = text_of(&staff(), Colour::No);
    let first = text.lines().next().unwrap();
    assert!(first.ends_with(": 1 to add, 0 to remove, 2 held"), "{first}");
    assert!(text.contains("+ user4@acme.example"));
    assert!(text.contains("2 removals from Staff, and 1 are allowed"));
    assert!(text.contains("held: not in the file, added by Kim"), "{text}");
    let id = staff().plan().id();
    assert!(text.contains(&format!("roles approve {id} --reason")));
    assert!(widest(&text) <= 80, "{text}");
    assert!(!text.contains('\u{1b}'));
    assert!(text_of(&staff(), Colour::Yes).contains("\u{1b}[32m+ user4@acme.example\u{1b}[0m "));
}

#[test]
fn a_long_address_keeps_the_text_within_80_columns() {
    let mut world = staff();
    let long = format!("{}@acme.example", "x".repeat(50));
    world.users.get_mut(&UserId(2)).unwrap().email = Some(long.clone());
    let text = text_of(&world, Colour::No);
    assert!(text.contains(&long) && widest(&text) <= 80, "{text}");
}

#[test]
fn a_plan_without_steps_says_so() {
    let world = world().role(1, "Staff", [1]).want("Staff", [1]);
    let text = text_of(&world, Colour::No);
    assert_eq!(text, "The roles are in line with the file: nothing to do.\n");
}

#[test]
fn o10_ten_thousand_steps_are_summarised_by_role_and_all_of_them_are_in_the_json() {
    let mut world = world().role(1, "Staff", []);
    world.terms.limits.additions_per_run = 20_000;
    world
        .users
        .extend((1001..=11_000).map(|id| (UserId(id), User::new(id))));
    let world = world.want_with("Staff", (1001..=11_000).map(|id| format!("id:{id}")), |_| {});
    let text = text_of(&world, Colour::No);
    assert!(text.lines().count() < 10, "{}", text.lines().count());
    assert!(text.contains("Staff (id 1), 0 members: 10000 to add, 0 to remove, 0 held"));
    let json = json_of(&world);
    assert_eq!(json["roles"][0]["add"].as_array().unwrap().len(), 10_000);
}

#[test]
fn nothing_that_came_from_the_directory_steers_the_terminal() {
    let mut world = staff();
    world.roles.insert(RoleId(1), "Sta\u{1b}[2Jff\u{202e}".to_owned());
    world.desired.roles[0].role = crate::domain::role::desired::RoleName::Id(RoleId(1));
    let user = world.users.get_mut(&UserId(2)).unwrap();
    user.email = Some("\u{1b}]0;x\u{7}@acme.example".to_owned());
    let text = text_of(&world, Colour::No);
    let mail = drift_of(&world);
    for text in [text, mail] {
        assert!(!text.contains(['\u{1b}', '\u{7}', '\u{202e}']), "{text:?}");
    }
}

#[test]
fn drift_names_who_added_somebody_and_when_and_what_becomes_of_it() {
    let mail = drift_of(&staff());
    assert!(mail.contains("missing: user4@acme.example (listed)"));
    assert!(
        mail.contains(
            "not in the file: user2@acme.example, added by Kim Admin on 2026-11-20 10:00; to be removed"
        ),
        "{mail}"
    );
}

#[test]
fn an_explanation_names_file_and_line_for_everything() {
    let world = world()
        .role(1, "Everybody", [])
        .role(2, "Sales", [])
        .want_with("Everybody", ["user9"], |role| {
            role.include = vec![1];
            role.exclude = vec![listed("user1", 150)];
        })
        .want_with("Sales", ["user1"], |role| {
            role.members[0].until = Some(day("2026-12-31"));
            role.members[0].reason = Some("TICKET-12".to_owned());
        });
    let plan = world.plan();
    let whom = (UserId(1), RoleId(1));
    let told = explain(
        &world.desired,
        &world.facts(),
        &world.terms,
        &world.memory,
        world.now,
        &plan,
        whom,
    );
    let user = &world.users[&UserId(1)];
    let text = role_explain::to_text(&told, user, "roles.toml", &berlin());
    assert!(text.contains("roles.toml:100 does not want them in"), "{text}");
    assert!(text.contains("roles.toml:150 excludes user1"));
    assert!(text.contains("Sales (roles.toml:200), which wants them in"));
    assert!(text.contains("> roles.toml:201 lists user1, until 2026-12-31, reason TICKET-12"));
    assert!(text.contains("plan      nothing to do"));
    assert!(widest(&text) <= 80, "{text}");
    let json = role_explain::to_json(&told, user);
    assert_eq!(
        json["grounds"][0],
        json!({ "kind": "exclude", "line": 150, "written": "user1" })
    );
    assert_eq!(json["grounds"][1]["grounds"][0]["until"], json!("2026-12-31"));
}
