//! Whether passwords expire when their age says so.

use jiff::SignedDuration;
use onelogin_sandbox::{FieldVariant, Tenant};

use crate::support::admins::{assert_says, subjects};
use crate::support::staff::{DEFAULT_POLICY, person, staff};
use crate::support::world::World;

const LOOKS: &str = "OneLogin policy \"Default\" (id 1) looks like 59 to 61 days, OneLogin tells 90 days";

/// People of a policy that is told to be 90 days and is 60 or 61: those whose password is older have
/// the status "password expired".
fn sixty_days() -> Tenant {
    let mut tenant = staff(0);
    for (id, days) in (1..).zip([61, 64, 70, 10, 30, 59]) {
        let status = if days > 60 { 4 } else { 1 };
        tenant.add_user(person(id, days).with_status(status));
    }
    tenant
}

#[tokio::test]
async fn e15_people_expired_although_the_age_leaves_them_time_show_that_the_age_is_too_long() {
    let world = World::new(sixty_days()).await;
    world.configure_admin("");
    // Signed in this morning, with a password of 58 days and some hours.
    let morning = world.control.now() - SignedDuration::from_hours(1);
    world.control.with_tenant(|tenant| {
        tenant.users.get_mut(&6).unwrap().last_login = Some(morning);
    });
    let plan = world.steward(&["run", "password-expiry", "--plan"]).await;
    let words = plan.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.contains(LOOKS), "{}", plan.stdout);
    assert_eq!(world.files_to_admin().len(), 0, "a plan tells nobody");

    let run = world.run_expiry(&[]).await;
    run.assert_tells(&[
        LOOKS,
        "3 people have the status \"password expired\" before their date",
    ]);
    let told = world.files_to_admin();
    assert_eq!(
        subjects(&told),
        ["[onelogin-steward] password-expiry: passwords expire early (OneLogin policy \"Default\" (id 1))"]
    );
    assert_says(
        &told[0],
        &[
            LOOKS,
            "onelogin-steward expiry explain id:1",
            "[[password_expiry.rule]]",
        ],
    );

    // Put right, it is over.
    world.control.with_tenant(|tenant| {
        let policy = tenant.policies.get_mut(&DEFAULT_POLICY).unwrap();
        policy.password_expiration_days = Some(60);
    });
    let run = world.run_expiry(&[]).await;
    assert!(!run.summary.contains("looks like"), "{run:?}");
    assert_eq!(world.files_to_admin().len(), 2);
}

#[tokio::test]
async fn people_who_sign_in_long_after_the_date_show_that_the_age_is_too_short() {
    let mut tenant = staff(0);
    (1..=4).for_each(|id| tenant.add_user(person(id, 100)));
    let world = World::new(tenant).await;
    world.configure_admin("");
    // The first run sees the age for the first time: sign-ins before it may be of an older policy.
    let before = world.control.now() - SignedDuration::from_hours(1);
    let sign_in = |world: &World, at| {
        world.control.with_tenant(|tenant| {
            (1..=4).for_each(|id| tenant.users.get_mut(&id).unwrap().last_login = Some(at));
        });
    };
    sign_in(&world, before);
    let run = world.run_expiry(&[]).await;
    assert!(!run.summary.contains("looks like"), "{run:?}");
    assert_eq!(world.files_to_admin().len(), 0);

    world.set_now("2026-11-24T07:00:00Z");
    sign_in(&world, world.control.now());
    let run = world.run_expiry(&[]).await;
    run.assert_tells(&["looks like 102 days or more, OneLogin tells 90 days: 4 people signed in this week"]);
    let told = world.files_to_admin();
    assert_eq!(told.len(), 1);
    assert!(
        told[0].subject.contains("passwords last longer"),
        "{:?}",
        told[0].subject
    );
}

#[tokio::test]
async fn where_sign_ins_are_not_told_nothing_is_made_of_them_and_the_run_goes_on() {
    let mut tenant = sixty_days();
    let variants = &mut tenant.knobs.field_variants;
    variants.insert("last_login".to_owned(), FieldVariant::Absent);
    let world = World::new(tenant).await;
    let run = world.run_expiry(&[]).await;
    run.assert_tells(&["looks like at most 61 days, OneLogin tells 90 days"]);
}
