//! What holds steps back, and what goes on beside it.

use onelogin_sandbox::{Role, Tenant};
use onelogin_steward::domain::role::change::ChangeState;

use super::company::{BOARD, Company, SALES, SUPPORT, UNDISTURBED, role, sales, support, the_file};
use crate::roles::scene::people;
use crate::support::staff::person;

/// Sales loses so many of its eight, and 9 comes.
fn losing(count: i64) -> String {
    role("Sales", (1..=8 - count).chain([9])) + &support()
}

#[tokio::test]
async fn g1_over_a_limit_nobody_goes_and_at_it_everybody_does_while_additions_go_on() {
    // With 8 members: an absolute limit of 2, and a share of 25 %.
    for limits in [
        "removals_per_role = 2\nremovals_per_role_percent = 100",
        "removals_per_role_percent = 25",
        "removals_per_role_percent = 100\nremovals_per_run = 3",
        "removals_per_role_percent = 100\nremovals_per_day = 3",
    ] {
        let company = Company::new().await;
        company.configure("", limits);
        company.given_file(&losing(3));
        let ran = company.run().await;
        assert_eq!(ran.output.code, 4, "{limits}: {ran:?}");
        assert!(ran.written.contains(&('+', SALES, 9)) && ran.written.contains(&('+', SUPPORT, 15)));
        assert!(
            ran.written
                .iter()
                .all(|(sign, role, _)| (*sign, *role) != ('-', SALES))
        );
        let (code, plan) = company.plan().await;
        assert_eq!(code, 4);
        let held = &plan["roles"][0]["held"][0];
        let numbers = (
            held["measured"].as_u64().unwrap(),
            held["limit"].as_u64().unwrap(),
        );
        assert!(numbers.0 > numbers.1 && numbers.1 > 1, "{held}");
        company.given_file(&losing(2));
        let ran = company.run().await;
        assert_eq!(ran.output.code, 0, "{limits}: {ran:?}");
        assert!(ran.written.contains(&('-', SALES, 8)) && ran.written.contains(&('-', SALES, 7)));
        company.is_in_line().await;
    }
}

#[tokio::test]
async fn g1_too_many_additions_hold_every_addition_and_the_removals_of_who_would_move() {
    let company = Company::new().await;
    company.configure("", "additions_per_run = 1");
    // 14 moves from Support to Sales.
    company.given_file(&(role("Sales", [1, 2, 3, 4, 5, 6, 7, 9, 14]) + &support()));
    company.run().await.assert_did(4, "partial", &[('-', SALES, 8)]);
    assert!(company.members(SUPPORT).contains(&14));
    company.configure("", "additions_per_run = 3");
    let moved = [
        ('+', SALES, 9),
        ('+', SALES, 14),
        ('+', SUPPORT, 15),
        ('-', SUPPORT, 14),
    ];
    company.run().await.assert_did(0, "succeeded", &moved);
    company.is_in_line().await;
}

#[tokio::test]
async fn g2_the_percentage_spares_small_roles() {
    let company = Company::with(|tenant: &mut Tenant| {
        tenant.add_role(Role::new(BOARD, "Board").with_members([1, 2]));
    })
    .await;
    company.given_file(&(the_file() + &role("Board", [1])));
    let written = [&UNDISTURBED[..], &[('-', BOARD, 2)]].concat();
    company.run().await.assert_did(0, "succeeded", &written);
    company.converges().await;
}

#[tokio::test]
async fn g3_a_percentage_of_nobody_is_no_number_to_divide_by() {
    let company = Company::with(|tenant: &mut Tenant| {
        tenant.add_role(Role::new(BOARD, "Board"));
    })
    .await;
    company.configure(
        "",
        "small_role = 0\nremovals_per_role_percent = 0\nremovals_per_role = 0",
    );
    company.given_file(&(role("Sales", 1..=9) + &role("Support", 11..=15) + &role("Board", [1])));
    let written = [('+', SALES, 9), ('+', SUPPORT, 15), ('+', BOARD, 1)];
    company.run().await.assert_did(0, "succeeded", &written);
    company.is_in_line().await;
}

#[tokio::test]
async fn g5_thirty_runs_of_a_few_percent_are_stopped_by_the_day() {
    let company = Company::with(|tenant: &mut Tenant| {
        for id in 100..=199 {
            tenant.add_user(person(id, 10));
        }
        tenant.add_role(Role::new(BOARD, "Board").with_members(people(100, 199)));
    })
    .await;
    company.configure("", "removals_per_day = 30\nfile_shrink_percent = 100");
    // Each run is a process of its own as far as the store is concerned: it opens it anew. The clock
    // goes on by half an hour a run.
    let mut left = 100;
    for tick in 0..30 {
        let hour = 7 + tick / 2;
        company
            .world
            .set_now(&format!("2026-11-23T{hour:02}:{:02}:00Z", tick % 2 * 30));
        let goes = (left * 9 / 100).max(1);
        company.given_file(&role("Board", 100..100 + left - goes));
        let ran = company.run().await;
        if ran.output.code == 0 {
            left -= goes;
        } else {
            ran.assert_did(4, "refused", &[]);
            ran.assert_tells(&["within 24 hours", "30 are allowed"]);
        }
        assert!(company.members(BOARD).len() >= 70);
    }
    assert!((70..80).contains(&left), "{left}");
    // A day after the first of them there is room again.
    company.world.set_now("2026-11-24T09:00:00Z");
    assert_eq!(company.run().await.output.code, 0);
}

#[tokio::test]
async fn g7_protected_people_stay_and_an_uncertain_entry_keeps_everybody() {
    let company = Company::new().await;
    company.configure("protected = [\"p8@acme.example\"]", "");
    company
        .run()
        .await
        .assert_did(0, "succeeded", &[UNDISTURBED[0], UNDISTURBED[1], UNDISTURBED[3]]);
    // Left out by the file and still in: reported, and nothing is left to do.
    let (code, plan) = company.plan().await;
    assert_eq!(code, 0, "{plan}");
    assert!(
        plan["notes"].to_string().contains("user 8 is protected"),
        "{plan}"
    );
    for entry in ["never-seen@acme.example", "id:999"] {
        let company = Company::new().await;
        company.configure(&format!("protected = [\"{entry}\"]"), "");
        let ran = company.run().await;
        ran.assert_did(4, "partial", &UNDISTURBED[..2]);
        ran.assert_tells(&["it is not certain who is protected", entry]);
        company.configure("protected = []", "");
        company.converges().await;
    }
}

#[tokio::test]
async fn g7_a_protected_person_who_is_gone_is_reported_and_holds_nothing() {
    let company = Company::new().await;
    company.configure("protected = [\"p20@acme.example\"]", "");
    company.converges().await;
    company.tenant(|tenant| tenant.users.remove(&20));
    company.given_file(&losing(2));
    company.configure(
        "protected = [\"p20@acme.example\"]",
        "removals_per_role_percent = 30",
    );
    let ran = company.run().await;
    ran.assert_did(0, "succeeded", &[('-', SALES, 7)]);
    let (_, plan) = company.plan().await;
    assert!(
        plan["notes"].to_string().contains("role_sync.protected"),
        "{plan}"
    );
}

#[tokio::test]
async fn g11_roles_that_the_file_does_not_name_are_counted_and_not_even_read() {
    let company = Company::new().await;
    let (_, plan) = company.plan().await;
    assert_eq!(plan["unmanaged"], 1);
    company.run().await.assert_did(0, "succeeded", &UNDISTURBED);
    assert_eq!(company.world.calls_of(&format!("/api/2/roles/{BOARD}/users")), []);
}

#[tokio::test]
async fn g12_g13_an_additive_role_keeps_strangers_and_an_exact_one_shows_them_all_first() {
    let company = Company::new().await;
    let additive = role("Sales", [1, 2, 9]) + "membership = \"additive\"\n" + &support();
    company.given_file(&additive);
    let written = [('+', SALES, 9), ('+', SUPPORT, 15), ('-', SUPPORT, 14)];
    company.run().await.assert_did(0, "succeeded", &written);
    let (_, plan) = company.plan().await;
    assert_eq!(plan["totals"]["remove"], 0);
    assert!(plan["roles"][0].to_string().contains("additive"), "{plan}");
    // Six of nine would go.
    company.given_file(&additive.replace("additive", "exact"));
    let (code, plan) = company.plan().await;
    assert_eq!(code, 4);
    assert_eq!(plan["roles"][0]["remove"].as_array().unwrap().len(), 6, "{plan}");
    company.run().await.assert_did(4, "refused", &[]);
    company.given_file(&additive);
    company.is_in_line().await;
}

#[tokio::test]
async fn first_removals_wait_and_additions_do_not() {
    let company = Company::new().await;
    company.configure_all("", "", "");
    let config = std::fs::read_to_string(company.world.home.path("config.toml")).unwrap();
    company
        .world
        .home
        .config(&config.replace("first_removals = \"allow\"", ""));
    company.run().await.assert_did(4, "partial", &UNDISTURBED[..2]);
    company.run().await.assert_did(4, "refused", &[]);
    // In line once, a role has had its first removals.
    company.given_file(&(role("Sales", 1..=9) + &role("Support", 11..=15)));
    company.run().await.assert_did(0, "succeeded", &[]);
    company.given_file(&the_file());
    company.converges().await;
}

#[tokio::test]
async fn g14_a_plan_writes_nothing_keeps_nothing_and_says_what_a_run_would() {
    let company = Company::new().await;
    company.given_file(&losing(3));
    let (code, plan) = company.plan().await;
    assert_eq!(code, 4);
    let store = company.world.home.path("steward.db");
    assert!(!store.exists());
    let before: Vec<_> = files(&company);
    let (_, again) = company.plan().await;
    assert_eq!(plan, again, "G15");
    assert_eq!(files(&company), before);
    let ran = company.run().await;
    let held = plan["totals"]["held"].as_u64().unwrap();
    let (add, remove) = (&plan["totals"]["add"], &plan["totals"]["remove"]);
    ran.assert_tells(&[&format!("{add} to add, {remove} to remove, {held} held")]);
    assert_eq!(
        ran.written.len() as u64,
        add.as_u64().unwrap() + remove.as_u64().unwrap()
    );
    // With a store there, it stays as it is.
    let kept = std::fs::read(&store).unwrap();
    company.plan().await;
    assert_eq!(std::fs::read(&store).unwrap(), kept);
    // `report` decides the same, records it, and writes nothing.
    let company = Company::new().await;
    company.given_file(&losing(3));
    let config = std::fs::read_to_string(company.world.home.path("config.toml")).unwrap();
    company
        .world
        .home
        .config(&config.replace("\"apply\"", "\"report\""));
    let (_, reported) = company.plan().await;
    assert_eq!(reported["plan_id"], plan["plan_id"]);
    let ran = company.run().await;
    assert_eq!(ran.written, []);
    assert_eq!(ran.output.code, 4, "{ran:?}");
    ran.assert_tells(&["REPORT", &format!("{held} held")]);
    assert_eq!(company.people_in(ChangeState::Intended).await, [].into());
}

fn files(company: &Company) -> Vec<std::ffi::OsString> {
    let folder = std::fs::read_dir(company.world.home.path("")).unwrap();
    let mut names: Vec<_> = folder.map(|entry| entry.unwrap().file_name()).collect();
    names.sort();
    names
}

#[tokio::test]
async fn g15_the_order_of_file_and_answers_changes_nothing_of_a_plan() {
    let company = Company::new().await;
    let (_, plan) = company.plan().await;
    company.given_file(&(support() + &sales()));
    let (_, turned) = company.plan().await;
    assert_eq!(plan["plan_id"], turned["plan_id"]);
    for index in 0..2 {
        for key in ["name", "add", "remove", "held", "drift"] {
            assert_eq!(plan["roles"][index][key], turned["roles"][index][key], "{key}");
        }
    }
}
