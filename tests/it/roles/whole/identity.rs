//! Whom the file means, and what a run makes of it.

use onelogin_sandbox::{Role, Tenant, User};
use onelogin_steward::domain::role::change::ChangeState;

use super::company::{Company, Ran, SALES, SUPPORT, UNDISTURBED, role, sales, support, the_file};
use crate::support::staff::person;

const OF_SUPPORT: [(char, i64, i64); 2] = [('+', SUPPORT, 15), ('-', SUPPORT, 14)];

/// The company's file with other words for one of its people.
fn file_with(person: i64, words: &str) -> String {
    the_file().replace(&format!("\"p{person}@acme.example\""), words)
}

fn with_user(change: impl FnOnce(&mut User), id: i64) -> impl FnOnce(&mut Tenant) {
    move |tenant| change(tenant.users.get_mut(&id).unwrap())
}

/// Additions to Sales go on, and nobody goes from it.
#[track_caller]
fn assert_sales_holds(ran: &Ran) {
    let written = [('+', SALES, 9), ('+', SUPPORT, 15), ('-', SUPPORT, 14)];
    ran.assert_did(4, "partial", &written);
}

#[tokio::test]
async fn i1_an_address_in_other_letters_is_the_same_person() {
    let company = Company::new().await;
    company.given_file(&file_with(1, "\"P1@Acme.EXAMPLE\""));
    company.run().await.assert_did(0, "succeeded", &UNDISTURBED);
    company.converges().await;
}

#[tokio::test]
async fn i2_one_person_twice_is_a_mistake_of_the_file_however_it_is_hidden() {
    for twice in [
        "P1@ACME.example",
        " p1@acme.example",
        "p1@acme.example\\u00a0",
        "p1\\u200b@acme.example",
    ] {
        let company = Company::new().await;
        company.given_file(&file_with(2, &format!("\"{twice}\"")));
        let ran = company.run().await;
        ran.assert_did(78, "", &[]);
        assert!(ran.output.stderr.contains("roles.toml:3:"), "{ran:?}");
        company.given_file(&the_file());
        company.converges().await;
    }
}

#[tokio::test]
async fn i3_letters_and_domains_compare_in_one_normal_form() {
    let company = Company::with(|tenant| {
        tenant.users.get_mut(&1).unwrap().email = Some("ju\u{308}rgen@acme.example".to_owned());
        tenant.users.get_mut(&9).unwrap().email = Some("p9@m\u{fc}nchen.example".to_owned());
    })
    .await;
    let file = file_with(1, "\"j\u{fc}rgen@acme.example\"");
    company.given_file(&file.replace("p9@acme.example", "p9@xn--mnchen-3ya.example"));
    company.run().await.assert_did(0, "succeeded", &UNDISTURBED);
    company.converges().await;
    // Two people whose addresses become one.
    let company = Company::with(|tenant| {
        tenant.users.get_mut(&8).unwrap().email = Some("ju\u{308}rgen@acme.example".to_owned());
        tenant.users.get_mut(&10).unwrap().email = Some("J\u{dc}RGEN@acme.example".to_owned());
    })
    .await;
    company.given_file(&file_with(9, "\"j\u{fc}rgen@acme.example\""));
    let ran = company.run().await;
    ran.assert_did(0, "succeeded", &OF_SUPPORT);
    assert!(company.members(SALES).contains(&8));
}

#[tokio::test]
async fn i5_i6_an_address_of_two_people_moves_neither_until_the_file_says_which() {
    for status in [1, 2] {
        let company = Company::with(|tenant| {
            // 8 is in Sales and 10 is not; the file means one of them.
            tenant.users.get_mut(&8).unwrap().email = Some("both@acme.example".to_owned());
            let other = tenant.users.get_mut(&10).unwrap();
            (other.email, other.status) = (Some("Both@acme.example".to_owned()), status);
        })
        .await;
        company.given_file(&file_with(9, "\"both@acme.example\""));
        let ran = company.run().await;
        ran.assert_did(0, "succeeded", &OF_SUPPORT);
        let (_, plan) = company.plan().await;
        let notes = plan["notes"].to_string();
        assert!(notes.contains("id:8") && notes.contains("id:10"), "{notes}");
        company.given_file(&file_with(9, "\"id:8\""));
        company.run().await.assert_did(0, "succeeded", &[]);
        company.given_file(&the_file());
        company.converges().await;
    }
}

#[tokio::test]
async fn i7_a_renamed_person_keeps_the_place_and_the_new_name_is_proposed() {
    let company = Company::new().await;
    company.converges().await;
    company.tenant(with_user(
        |user| user.email = Some("new@acme.example".to_owned()),
        1,
    ));
    company.tenant(with_user(|user| user.username = None, 1));
    let (code, plan) = company.plan().await;
    assert_eq!(code, 0, "{plan}");
    assert!(
        plan["notes"]
            .to_string()
            .contains("write \\\"new@acme.example\\\""),
        "{plan}"
    );
    company.run().await.assert_did(0, "succeeded", &[]);
    company.given_file(&file_with(1, "\"new@acme.example\""));
    company.is_in_line().await;
}

#[tokio::test]
async fn i7_without_a_memory_an_old_address_takes_nobody_out() {
    let company = Company::with(with_user(
        |user| user.email = Some("new@acme.example".to_owned()),
        1,
    ))
    .await;
    let ran = company.run().await;
    assert_sales_holds(&ran);
    ran.assert_tells(&["nobody in OneLogin fits"]);
    assert!(company.members(SALES).contains(&1));
    company.tenant(with_user(
        |user| user.email = Some("p1@acme.example".to_owned()),
        1,
    ));
    company.converges().await;
}

#[tokio::test]
async fn i8_a_recycled_address_gives_nothing_to_the_new_person_and_the_admins_are_told() {
    let company = Company::new().await;
    company.converges().await;
    company.tenant(|tenant| {
        let mut next = person(50, 10);
        next.email = Some("p1@acme.example".to_owned());
        tenant.add_user(next);
        tenant.users.remove(&1);
        for role in tenant.roles.values_mut() {
            role.members.remove(&1);
        }
    });
    let ran = company.run().await;
    ran.assert_did(0, "succeeded", &[]);
    let mails = company.world.files_to_admin();
    assert!(mails.iter().any(|mail| mail.text.contains("id:50")), "{mails:?}");
    company.given_file(&file_with(1, "\"id:50\""));
    company
        .run()
        .await
        .assert_did(0, "succeeded", &[('+', SALES, 50)]);
    company.is_in_line().await;
}

#[tokio::test]
async fn i9_somebody_unknown_does_what_the_setting_says_and_is_never_passed_over_in_silence() {
    let file = file_with(1, "\"typo@acme.example\"");
    for (setting, code, status, written) in [
        (
            "hold-removals",
            4,
            "partial",
            vec![('+', SALES, 9), OF_SUPPORT[0], OF_SUPPORT[1]],
        ),
        ("error", 4, "refused", vec![]),
        (
            "ignore",
            0,
            "succeeded",
            [&UNDISTURBED[..], &[('-', SALES, 1)]].concat(),
        ),
    ] {
        let company = Company::new().await;
        // Two of eight are a quarter.
        company.configure(
            &format!("unknown_user = \"{setting}\""),
            "removals_per_role_percent = 50",
        );
        company.given_file(&file);
        let (_, plan) = company.plan().await;
        assert!(plan.to_string().contains("typo@acme.example"), "{plan}");
        company.run().await.assert_did(code, status, &written);
        company.given_file(&the_file());
        company.converges().await;
    }
}

#[tokio::test]
async fn i10_a_number_is_a_username_unless_it_says_otherwise() {
    let company = Company::with(|tenant| {
        tenant.users.get_mut(&9).unwrap().username = Some("10".to_owned());
        tenant.users.get_mut(&12).unwrap().external_id = Some("10".to_owned());
    })
    .await;
    let file = file_with(9, "\"10\"");
    company.given_file(&file.replace("\"p12@acme.example\"", "\"external:10\""));
    company.run().await.assert_did(0, "succeeded", &UNDISTURBED);
    company.converges().await;
}

#[tokio::test]
async fn i12_who_is_out_of_standing_is_not_added_and_who_is_in_stays() {
    let good = [1, 3, 4, 5, 8];
    for (state, status) in [
        (1, 0),
        (1, 1),
        (1, 2),
        (1, 3),
        (1, 4),
        (1, 5),
        (1, 7),
        (1, 8),
        (1, 99),
        (0, 1),
        (2, 1),
        (3, 1),
    ] {
        // 9 is to come, 1 is in; both stand like this.
        let company = Company::with(|tenant| {
            for id in [1, 9] {
                let user = tenant.users.get_mut(&id).unwrap();
                (user.state, user.status) = (state, status);
            }
        })
        .await;
        let ran = company.run().await;
        let is_good = state == 1 && good.contains(&status);
        if is_good {
            ran.assert_did(0, "succeeded", &UNDISTURBED);
        } else {
            ran.assert_did(0, "succeeded", &UNDISTURBED[1..]);
            let (_, plan) = company.plan().await;
            assert!(
                plan["notes"]
                    .to_string()
                    .contains("user 9 is wanted in Sales and not added")
            );
        }
        assert!(company.members(SALES).contains(&1));
        company.tenant(with_user(|user| (user.state, user.status) = (1, 1), 9));
        // The state flips back.
        company.converges().await;
    }
}

#[tokio::test]
async fn i12_suspended_members_go_where_that_is_asked_for_and_come_back() {
    let company = Company::with(with_user(|user| user.status = 2, 11)).await;
    company.configure("suspended_members = \"remove\"", "");
    let ran = company.run().await;
    ran.assert_did(
        0,
        "succeeded",
        &[&UNDISTURBED[..], &[('-', SUPPORT, 11)]].concat(),
    );
    company.tenant(with_user(|user| user.status = 1, 11));
    company
        .run()
        .await
        .assert_did(0, "succeeded", &[('+', SUPPORT, 11)]);
    company.converges().await;
}

#[tokio::test]
async fn i13_plus_and_dots_make_other_people() {
    let company = Company::with(|tenant| {
        let mut tagged = person(50, 10);
        tagged.email = Some("p9+x@acme.example".to_owned());
        tenant.add_user(tagged);
    })
    .await;
    company.given_file(&file_with(9, "\"p9+x@acme.example\""));
    let ran = company.run().await;
    assert!(ran.written.contains(&('+', SALES, 50)), "{ran:?}");
    assert!(!ran.written.contains(&('+', SALES, 9)), "{ran:?}");
    assert_eq!(company.people_in(ChangeState::Done).await, [8, 14, 15, 50].into());
}

#[tokio::test]
async fn i14_a_role_is_meant_by_its_exact_name_and_by_none_of_two() {
    let company = Company::with(|tenant| {
        tenant.add_role(Role::new(11, "SALES").with_members([8]));
    })
    .await;
    company.run().await.assert_did(0, "succeeded", &UNDISTURBED);
    assert_eq!(company.members(11), [8].into());
    company.tenant(|tenant| tenant.roles.get_mut(&11).unwrap().name = "Sales".to_owned());
    company.given_file(&(role("Sales", [1, 2, 3, 4, 5, 6, 7, 10]) + &support()));
    let ran = company.run().await;
    ran.assert_did(3, "partial", &[]);
    ran.assert_tells(&["Sales", "10", "11"]);
    company.given_file(&(sales().replace("name = \"Sales\"", "id = 10") + &support()));
    company.is_in_line().await;
}
