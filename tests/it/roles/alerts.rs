//! What admins are told of role sync, read as they read it.

use onelogin_sandbox::{Actor, Membership, Role};
use onelogin_steward::domain::run::RunStatus;

use super::scheduled::as_the_daemon;
use crate::support::admins::{ADMIN, assert_says, subjects, told_to};
use crate::support::mailbox::Mail;
use crate::support::smtp::SmtpServer;
use crate::support::staff::staff;
use crate::support::world::{MONDAY, World};

const DRIFT: &str = "[onelogin-steward] role-sync: memberships differ from the file";
const OPEN: &str = "[role_sync.limits]\nfirst_removals = \"allow\"\nremovals_per_role_percent = 100\n";

/// Roles of ten people each, numbered from 100, and a file that asks for the first so many of each.
async fn world(server: &SmtpServer, roles: i64, wanted: i64, config: &str) -> World {
    let mut tenant = staff(10);
    let mut file = String::new();
    for id in 100..100 + roles {
        tenant.add_role(Role::new(id, format!("Role {id}")).with_members(1..=10));
        file.push_str(&entry(id, wanted));
    }
    let world = World::new(tenant).await;
    world.mail_and_tell(server, &[ADMIN], config);
    world.home.write("roles.toml", &file);
    world
}

fn entry(role: i64, wanted: i64) -> String {
    let people: Vec<String> = (1..=wanted).map(|id| format!("\"p{id}@acme.example\"")).collect();
    format!(
        "[[role]]\nname = \"Role {role}\"\nmembers = [{}]\n",
        people.join(", ")
    )
}

async fn sync(world: &World, code: i32) {
    let run = world.steward(&["run", "role-sync"]).await;
    assert_eq!(run.code, code, "{}{}", run.stdout, run.stderr);
}

fn told(server: &SmtpServer) -> Vec<Mail> {
    told_to(server, ADMIN)
}

#[tokio::test]
async fn drift_is_mailed_when_it_is_another_one_at_most_daily_and_once_when_it_is_over() {
    let server = SmtpServer::builder().start();
    let world = world(&server, 1, 9, OPEN).await;
    let put_in = |person: i64| {
        world.control.with_tenant(|tenant| {
            let membership = Membership {
                added_by: Some(Actor {
                    id: 5,
                    name: "Kim Admin".to_owned(),
                }),
                added_at: Some(MONDAY.parse().unwrap()),
                is_mapped: false,
            };
            tenant
                .roles
                .get_mut(&100)
                .unwrap()
                .members
                .insert(person, membership);
        });
    };
    put_in(10);
    world.home.write(
        "roles.toml",
        &(entry(100, 9).replace("\"p9@acme.example\"", "\"id:9\"")),
    );
    for (now, mails) in [
        ("2026-11-23T07:00:00Z", 1),
        ("2026-11-23T08:00:00Z", 1),
        ("2026-11-24T07:00:00Z", 1),
        ("2026-11-25T07:00:00Z", 1),
    ] {
        world.set_now(now);
        sync(&world, 0).await;
        assert_eq!(told(&server).len(), mails, "{now}");
    }
    let first = told(&server).remove(0);
    assert_eq!(first.subject, DRIFT);
    assert_says(
        &first,
        &[
            "Missing from a role: 0; in a role and not in the file: 1. Nothing is changed, since role_sync.mode is \"report\".",
            "Role 100 (id 100)",
            "not in the file: p10@acme.example, added by Kim Admin on 2026-11-23 08:00; to be removed",
            "again when there is something else to tell",
        ],
    );
    // Another one: told, and a third one on the same day is not.
    world
        .control
        .with_tenant(|tenant| tenant.roles.get_mut(&100).unwrap().members.remove(&1));
    sync(&world, 0).await;
    assert_eq!(told(&server).len(), 2);
    assert_says(&told(&server)[1], &["missing: p1@acme.example (listed)"]);
    world
        .control
        .with_tenant(|tenant| tenant.roles.get_mut(&100).unwrap().members.remove(&2));
    sync(&world, 0).await;
    assert_eq!(told(&server).len(), 2);
    world.set_now("2026-11-26T07:00:00Z");
    sync(&world, 0).await;
    assert_eq!(told(&server).len(), 3);
    let everybody = Role::new(100, "Role 100").with_members(1..=9);
    world.control.with_tenant(|tenant| tenant.add_role(everybody));
    for _ in 0..2 {
        sync(&world, 0).await;
        let mails = told(&server);
        assert_eq!(mails.len(), 4);
        assert_eq!(mails[3].subject, DRIFT.replace("role-sync", "over: role-sync"));
    }
}

#[tokio::test]
async fn a_long_drift_is_shortened_and_names_the_command_that_shows_it_whole() {
    let server = SmtpServer::builder().start();
    let world = world(&server, 10, 2, OPEN).await;
    sync(&world, 4).await;
    let mails = told(&server);
    let mail = mails.iter().find(|mail| mail.subject == DRIFT).unwrap();
    assert_says(
        mail,
        &[
            "in a role and not in the file: 80",
            "more lines",
            "onelogin-steward roles plan --json",
        ],
    );
    assert!(mail.text.lines().count() < 80, "{}", mail.text);
}

#[tokio::test]
async fn strangers_in_an_additive_role_are_no_drift() {
    let server = SmtpServer::builder().start();
    let world = world(&server, 1, 9, OPEN).await;
    world.home.write(
        "roles.toml",
        &format!("{}membership = \"additive\"\n", entry(100, 9)),
    );
    sync(&world, 0).await;
    assert_eq!(subjects(&told(&server)), [] as [&str; 0]);
}

#[tokio::test]
async fn a_guard_of_the_whole_run_is_one_mail_however_many_roles_it_holds() {
    let server = SmtpServer::builder().start();
    let config = "[role_sync]\nmode = \"apply\"\n[role_sync.limits]\nfirst_removals = \"allow\"\n\
                  removals_per_role_percent = 100\nremovals_per_run = 59\n";
    let world = world(&server, 60, 9, config).await;
    sync(&world, 4).await;
    assert_eq!(world.control.mutations().len(), 0);
    let mails = told(&server);
    assert_eq!(
        subjects(&mails),
        ["[onelogin-steward] role-sync: steps wait for an approval"]
    );
    let plan = world
        .steward(&["run", "role-sync", "--plan", "--json"])
        .await
        .stdout;
    let plan: serde_json::Value = serde_json::from_str(&plan).unwrap();
    let plan = plan["plan_id"].as_str().unwrap();
    assert_says(
        &mails[0],
        &[
            "Held by removals_per_run (measured 60, limit 59): 60 removals in this run, and 59 are allowed.",
            "Removals held by removals_per_run:",
            "Role 100 (id 100): 1",
            "and 30 more roles",
            &format!("onelogin-steward roles approve {plan} --reason \"...\""),
        ],
    );
}

#[tokio::test]
async fn f16_a_file_that_lost_many_people_is_told_once_with_both_numbers() {
    let server = SmtpServer::builder().start();
    let config = "[role_sync]\nmode = \"apply\"\n[role_sync.limits]\nremovals_per_role_percent = 100\n";
    let world = world(&server, 2, 10, config).await;
    sync(&world, 0).await;
    assert_eq!(told(&server).len(), 0);
    world.home.write("roles.toml", &(entry(100, 10) + &entry(101, 3)));
    sync(&world, 4).await;
    assert_eq!(world.control.mutations().len(), 0);
    let mails = told(&server);
    assert_eq!(
        subjects(&mails),
        ["[onelogin-steward] role-sync: steps wait for an approval"]
    );
    assert_says(
        &mails[0],
        &[
            "Held by file_shrink_percent (measured 35, limit 30): the file asks for 13 memberships, and the last accepted one for \
             20: more than 30 % are gone.",
            "Role 101 (id 101): 7",
        ],
    );
}

#[tokio::test]
async fn guards_of_single_roles_make_at_most_six_mails() {
    let server = SmtpServer::builder().start();
    let config = "[role_sync]\nmode = \"apply\"\n[role_sync.limits]\nremovals_per_role_percent = 100\n";
    let world = world(&server, 9, 9, config).await;
    sync(&world, 4).await;
    let mails = told(&server);
    let held = |about: &str| format!("[onelogin-steward] role-sync: steps wait for an approval ({about})");
    let mut expected: Vec<String> = (100..105).map(|id| held(&format!("Role {id}"))).collect();
    expected.push(held("other roles"));
    let mut found = subjects(&mails);
    found.sort_unstable();
    assert_eq!(found, expected);
    let one = mails
        .iter()
        .find(|mail| mail.subject == held("Role 102"))
        .unwrap();
    assert_says(
        one,
        &[
            "Held by first_removals (measured 1, limit 0): Role 102 has never been in line with the file: its first removals wait.",
            "--role 'Role 102' --reason",
        ],
    );
    let rest = mails
        .iter()
        .find(|mail| mail.subject == held("other roles"))
        .unwrap();
    assert_says(
        rest,
        &[
            "Steps of 4 more roles wait",
            "Role 108 (id 108): held by first_removals",
        ],
    );
    // Brought in line by hand: each is told to be over.
    for id in 100..109 {
        let role = Role::new(id, format!("Role {id}")).with_members(1..=9);
        world.control.with_tenant(|tenant| tenant.add_role(role));
    }
    sync(&world, 0).await;
    assert_eq!(told(&server).len(), 12);
}

#[tokio::test]
async fn f18_a_bad_file_is_told_with_its_mistake_while_the_last_good_one_stays_in_force() {
    let server = SmtpServer::builder().start();
    let world = world(&server, 1, 10, "[role_sync]\nmode = \"apply\"\n").await;
    sync(&world, 0).await;
    world
        .home
        .write("roles.toml", &(entry(100, 3) + "memebrs = []\n"));
    let by_hand = world.steward(&["run", "role-sync"]).await;
    assert_eq!(by_hand.code, 78, "a person at the terminal is told at once");
    assert_eq!(told(&server).len(), 0);
    for _ in 0..2 {
        assert_eq!(as_the_daemon(&world).await, RunStatus::Partial);
        let mails = told(&server);
        let subject = "[onelogin-steward] role-sync: the desired state is not usable";
        assert_eq!(subjects(&mails), [subject]);
        assert_says(
            &mails[0],
            &[
                "The last accepted desired state stays in force",
                "role[0].memebrs: unknown key",
                "roles.toml:4:1",
                "onelogin-steward check",
            ],
        );
    }
    assert_eq!(world.control.mutations().len(), 0);
    world.home.write("roles.toml", &entry(100, 10));
    assert_eq!(as_the_daemon(&world).await, RunStatus::Succeeded);
    assert_eq!(told(&server).len(), 2, "it is over");
}

#[tokio::test]
async fn whoever_keeps_putting_somebody_back_is_named() {
    let server = SmtpServer::builder().start();
    let config = format!("[role_sync]\nmode = \"apply\"\n{OPEN}");
    let world = world(&server, 1, 9, &config).await;
    for now in [
        "2026-11-23T07:00:00Z",
        "2026-11-24T08:00:00Z",
        "2026-11-25T09:00:00Z",
    ] {
        world.set_now(now);
        sync(&world, 0).await;
        world.control.with_tenant(|tenant| {
            let membership = Membership {
                added_by: Some(Actor {
                    id: 5,
                    name: "Kim Admin".to_owned(),
                }),
                added_at: Some(now.parse().unwrap()),
                is_mapped: false,
            };
            tenant.roles.get_mut(&100).unwrap().members.insert(10, membership);
        });
    }
    let mails = told(&server);
    assert_eq!(
        subjects(&mails),
        ["[onelogin-steward] role-sync: memberships are put back by hand"]
    );
    assert_says(
        &mails[0],
        &[
            "Kim Admin keeps putting user 10 back into Role 100 (p10@acme.example), which the file does not ask for",
        ],
    );
}
