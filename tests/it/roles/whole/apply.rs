//! What OneLogin does to the writes of a run, and what the run makes of it.

use std::collections::BTreeMap;

use onelogin_sandbox::{
    BodyShape, Fault, FaultKind, MappedRemoval, Mapping, Membership, Redundant, Role, Tenant,
};
use onelogin_steward::domain::role::change::{ChangeState, Direction};

use super::company::{
    ADDS, BOARD, Company, REMOVES, Ran, SALES, SUPPORT, UNDISTURBED, reads_of, role, sales, support,
};
use crate::roles::scene::{people, status};
use crate::support::staff::person;

/// Sixty strangers in Board, of whom none is wanted, and sixty others who are.
async fn sixty_for_sixty(change: impl FnOnce(&mut Tenant)) -> Company {
    let company = Company::with(|tenant| {
        for id in 100..=219 {
            tenant.add_user(person(id, 10));
        }
        tenant.add_role(Role::new(BOARD, "Board").with_members(people(100, 159)));
        change(tenant);
    })
    .await;
    company.configure(
        "",
        "removals_per_role = 1000\nremovals_per_role_percent = 100\nremovals_per_run = 1000",
    );
    company.given_file(&role("Board", 160..=219));
    company
}

/// A run, during which somebody does something by hand while the first call of this route is answered.
async fn run_while(company: &Company, route: &str, by_hand: impl FnOnce(&mut Tenant)) -> Ran {
    let fault = Fault::on(route, FaultKind::LateAnswer { ms: 50 }).nth(1);
    let fault = company.control().add_fault(fault);
    let by_hand = async {
        while company.control().fault_fired(fault) == 0 {
            tokio::task::yield_now().await;
        }
        company.tenant(by_hand);
    };
    tokio::join!(company.run(), by_hand).0
}

fn count(ran: &Ran, sign: char, person: i64) -> usize {
    ran.written
        .iter()
        .filter(|one| (one.0, one.2) == (sign, person))
        .count()
}

/// Of the named states nobody is in the journal but those named.
async fn assert_states(company: &Company, wanted: &[(ChangeState, &[i64])]) {
    for (state, people) in wanted {
        let people = people.iter().copied().collect();
        assert_eq!(company.people_in(*state).await, people, "{state}");
    }
}

#[tokio::test]
async fn a4_a5_who_was_moved_by_hand_meanwhile_is_told_apart_whatever_the_server_says() {
    for says in [Redundant::Accept, Redundant::Refuse, Redundant::Conflict] {
        let company = Company::with(|tenant| {
            tenant.knobs.add_present_member = says;
            tenant.knobs.remove_absent_member = says;
        })
        .await;
        let by_hand = |tenant: &mut Tenant| {
            let support = tenant.roles.get_mut(&SUPPORT).unwrap();
            support.members.remove(&14);
            support.members.insert(15, Membership::default());
        };
        let ran = run_while(&company, ADDS, by_hand).await;
        ran.assert_did(0, "succeeded", &UNDISTURBED);
        let already: &[i64] = if says == Redundant::Accept { &[] } else { &[14, 15] };
        assert_states(&company, &[(ChangeState::Already, already)]).await;
        company.converges().await;
    }
}

#[tokio::test]
async fn a5_one_stale_person_in_fifty_keeps_the_other_49_from_nothing() {
    let company = sixty_for_sixty(|tenant| tenant.knobs.remove_absent_member = Redundant::Refuse).await;
    let by_hand = |tenant: &mut Tenant| {
        tenant.roles.get_mut(&BOARD).unwrap().members.remove(&120);
    };
    let ran = run_while(&company, ADDS, by_hand).await;
    assert_eq!(
        (ran.output.code, ran.status.as_str()),
        (0, "succeeded"),
        "{ran:?}"
    );
    assert_eq!(company.members(BOARD), people(160, 219));
    company.is_in_line().await;
}

#[tokio::test]
async fn a6_one_unknown_person_in_a_batch_is_named_and_the_others_come() {
    let company = sixty_for_sixty(|_| ()).await;
    // 170 is deleted after the run has read the users.
    let by_hand = |tenant: &mut Tenant| {
        tenant.users.remove(&170);
    };
    let ran = run_while(&company, &reads_of(BOARD), by_hand).await;
    ran.assert_did_status(3, "partial");
    assert_states(&company, &[(ChangeState::Failed, &[170])]).await;
    let board = company.members(BOARD);
    assert_eq!(board.len(), 59);
    assert!(!board.contains(&170));
    let mails = company.world.files_to_admin();
    assert!(mails.iter().any(|mail| mail.text.contains("170")), "{mails:?}");
    // Known to the ledger and gone now: reported, and holds nothing.
    company.run().await.assert_did(0, "succeeded", &[]);
}

#[tokio::test]
async fn a7_half_a_batch_and_a_500_is_looked_at_before_the_rest_is_called_again() {
    for method in [ADDS, REMOVES] {
        let company = sixty_for_sixty(|_| ()).await;
        company
            .control()
            .add_fault(Fault::on(method, FaultKind::HalfBatch { code: 500 }).nth(1));
        let ran = company.run().await;
        assert_eq!(ran.output.code, 0, "{ran:?}");
        // The half that took effect is not called again.
        let (sign, first) = if method == ADDS { ('+', 160) } else { ('-', 100) };
        assert_eq!(count(&ran, sign, first), 1);
        assert_eq!(count(&ran, sign, first + 49), 2);
        assert_eq!(company.members(BOARD), people(160, 219));
        company.is_in_line().await;
    }
}

#[tokio::test]
async fn a9_a_success_that_is_none_is_unverified_and_the_next_run_makes_it_true() {
    for route in [ADDS, REMOVES] {
        let company = Company::new().await;
        let lie = FaultKind::Status {
            code: 200,
            body: BodyShape::Text("{}".to_owned()),
            headers: BTreeMap::new(),
        };
        company.given_fault(route, lie);
        let ran = company.run().await;
        ran.assert_did_status(3, "partial");
        ran.assert_tells(&["2 not seen to hold"]);
        let unverified: [i64; 2] = if route == ADDS { [9, 15] } else { [8, 14] };
        assert_states(&company, &[(ChangeState::Unverified, &unverified)]).await;
        company.converges().await;
    }
}

#[tokio::test]
async fn a9_a_change_that_shows_late_is_not_made_twice() {
    let company = Company::with(|tenant| tenant.knobs.role_writes_show_after = 6).await;
    let ran = company.run().await;
    for (sign, _, person) in UNDISTURBED {
        assert!(count(&ran, sign, person) <= 1, "{ran:?}");
    }
    let seen = company.mutations().len();
    company.tenant(|tenant| tenant.knobs.role_writes_show_after = 0);
    company.converges().await;
    let later = company.mutations().split_off(seen);
    assert!(later.iter().all(|one| !ran.written.contains(one)), "{later:?}");
}

#[tokio::test]
async fn a11_memberships_change_by_bare_lists_of_at_most_fifty_and_nothing_else() {
    let company = sixty_for_sixty(|_| ()).await;
    company.run().await.assert_did_status(0, "succeeded");
    let calls: Vec<_> = company
        .writes()
        .into_iter()
        .map(|(method, role, people)| (method, role, people.len()))
        .collect();
    let wanted = [("POST", 50), ("POST", 10), ("DELETE", 50), ("DELETE", 10)];
    let wanted: Vec<_> = wanted
        .map(|(method, many)| (method.to_owned(), BOARD, many))
        .into();
    assert_eq!(calls, wanted);
}

#[tokio::test]
async fn a12_a_role_that_fails_stops_no_other_and_is_named() {
    let company = Company::new().await;
    company.given_fault(&format!("POST /api/2/roles/{SALES}/users"), status(403));
    let ran = company.run().await;
    let written = [&UNDISTURBED[..]].concat();
    ran.assert_did(3, "partial", &written);
    assert_states(
        &company,
        &[(ChangeState::Failed, &[9]), (ChangeState::Done, &[8, 14, 15])],
    )
    .await;
    company.converges().await;
}

#[tokio::test]
async fn a14_who_moves_is_never_in_neither_role() {
    let company = Company::new().await;
    // 14 moves from Support to Sales.
    company.given_file(&(role("Sales", [1, 2, 3, 4, 5, 6, 7, 9, 14]) + &support()));
    company.given_fault(&format!("POST /api/2/roles/{SALES}/users"), status(422));
    let ran = company.run().await;
    assert_eq!(ran.output.code, 3, "{ran:?}");
    assert!(!ran.written.contains(&('-', SUPPORT, 14)), "{ran:?}");
    assert!(company.members(SUPPORT).contains(&14));
    ran.assert_tells(&["1 withheld"]);
    company.control().clear_faults();
    let ran = company.run().await;
    ran.assert_did_status(0, "succeeded");
    assert_eq!(
        ran.written,
        [('+', SALES, 9), ('+', SALES, 14), ('-', SUPPORT, 14)]
    );
    company.is_in_line().await;
}

#[tokio::test]
async fn a15_a_role_is_emptied_by_removals_once_its_limit_allows_it() {
    let company = Company::new().await;
    company.given_file(&(sales() + "[[role]]\nname = \"Support\"\nmembers = []\nallow_empty = true\n"));
    company.configure("", "removals_per_role = 3");
    let sales_too = [('+', SALES, 9), ('-', SALES, 8)];
    company.run().await.assert_did(4, "partial", &sales_too);
    company.configure_all(
        "",
        "",
        "[[role_sync.role]]\nname = \"Support\"\nremovals_per_role = 4\n",
    );
    let gone = [11, 12, 13, 14].map(|person| ('-', SUPPORT, person));
    company.run().await.assert_did(0, "succeeded", &gone);
    assert!(company.members(SUPPORT).is_empty());
    company.is_in_line().await;
}

#[tokio::test]
async fn a16_c4_a_membership_that_a_mapping_brings_back_is_contested_and_the_mapping_named() {
    let company = Company::with(|tenant| {
        tenant.users.get_mut(&8).unwrap().department = Some("Field".to_owned());
        let mapping = Mapping::new(7, "Field people sell").when("department", "=", "Field");
        tenant.add_mapping(mapping.adding_role(SALES));
        tenant.knobs.mapped_removal = MappedRemoval::default();
    })
    .await;
    company.run().await.assert_did_status(0, "succeeded");
    for day in ["24", "25", "26"] {
        // Somebody, or something, puts 8 back.
        company.tenant(|tenant| {
            let role = tenant.roles.remove(&SALES).unwrap();
            tenant.add_role(role.with_members([8]));
        });
        company.world.set_now(&format!("2026-11-{day}T07:00:00Z"));
        let ran = company.run().await;
        if day == "24" {
            ran.assert_did(0, "succeeded", &[('-', SALES, 8)]);
            continue;
        }
        assert_eq!(ran.written, [], "{ran:?}");
        ran.assert_tells(&["1 contested"]);
        let (_, plan) = company.plan().await;
        assert!(
            plan["contested"].to_string().contains("Field people sell"),
            "{plan}"
        );
    }
    let removals = company.journal().await;
    let removals = removals
        .iter()
        .filter(|change| change.direction == Direction::Remove);
    assert_eq!(removals.filter(|change| change.user_id.0 == 8).count(), 2);
}
