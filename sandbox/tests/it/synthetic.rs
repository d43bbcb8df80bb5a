use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use onelogin_sandbox::{Synthetic, Tenant, User};

use crate::support::stage;

/// 2026-03-02T08:00:00Z
const MONDAY_MORNING: Timestamp = Timestamp::constant(1_772_438_400, 0);

fn wish() -> Synthetic {
    Synthetic {
        users: 300,
        roles: 20,
        seed: 7,
        now: MONDAY_MORNING,
    }
}

/// Whole days until the password expires, for whoever has one that does.
fn days_left(tenant: &Tenant, user: &User, now: Timestamp) -> Option<i64> {
    let age = tenant
        .policy_of(user)?
        .password_expiration_days
        .filter(|age| *age > 0)?;
    let seconds = now.duration_since(user.password_changed_at?).as_secs();
    Some((age * 86_400 - seconds).div_euclid(86_400))
}

#[test]
fn same_seed_gives_the_same_tenant() {
    assert_eq!(Tenant::synthetic(&wish()), Tenant::synthetic(&wish()));
    let other = Synthetic { seed: 8, ..wish() };
    assert_ne!(Tenant::synthetic(&wish()), Tenant::synthetic(&other));
}

#[test]
fn somebody_is_due_at_every_threshold_and_no_date_lies_ahead() {
    let wish = wish();
    let tenant = Tenant::synthetic(&wish);
    let mailable = |user: &&User| user.status == 1 && user.state == 1 && user.directory_id.is_none();
    let days: Vec<i64> = tenant
        .users
        .values()
        .filter(mailable)
        .filter_map(|user| days_left(&tenant, user, wish.now))
        .collect();
    for threshold in [14, 7, 3, 1, 0] {
        assert!(days.contains(&threshold), "nobody at {threshold}");
    }
    assert!(days.iter().any(|left| (-7..0).contains(left)));
    assert!(days.iter().any(|left| *left < -60));
    assert!(days.iter().any(|left| *left > 30));
    for user in tenant.users.values() {
        assert!(user.created_at <= user.updated_at, "{user:?}");
        assert!(user.updated_at <= wish.now, "{user:?}");
        assert!(user.password_changed_at <= Some(wish.now), "{user:?}");
    }
}

#[test]
fn every_standing_and_oddity_occurs_early() {
    let tenant = Tenant::synthetic(&Synthetic { users: 60, ..wish() });
    let users = || tenant.users.values();
    let statuses: BTreeSet<i64> = users().map(|user| user.status).collect();
    assert!(
        statuses.is_superset(&[0, 1, 2, 3, 4, 5, 7, 8].into()),
        "{statuses:?}"
    );
    let states: BTreeSet<i64> = users().map(|user| user.state).collect();
    assert_eq!(states, [0, 1, 2, 3].into());
    assert!(users().any(|user| user.email.is_none()));
    assert!(users().any(|user| user.email.as_deref() == Some("")));
    assert!(users().any(|user| user.firstname.is_none() && user.lastname.is_none()));
    assert!(users().any(|user| user.firstname.as_deref().is_some_and(|name| name.contains('\n'))));
    let mut addresses = BTreeSet::new();
    let lower = users().filter_map(|user| Some(user.email.as_ref()?.to_lowercase()));
    assert_eq!(lower.filter(|email| !addresses.insert(email.clone())).count(), 1);
    for address in addresses.iter().filter(|address| !address.is_empty()) {
        assert!(address.ends_with("acme.example"), "{address}");
    }
}

#[tokio::test]
async fn synthetic_tenant_can_be_walked() {
    let stage = stage(Tenant::synthetic(&wish())).await;
    assert_eq!(stage.walk("/api/2/users?limit=100").await.concat().len(), 300);
    let roles = stage.walk("/api/2/roles?limit=100").await.concat();
    assert_eq!(roles.len(), 20);
    let everyone = stage.walk(&format!("/api/2/roles/{}/users", roles[0])).await;
    assert_eq!(everyone.concat().len(), 300);
    let nobody = stage.get(&format!("/api/2/roles/{}/users", roles[1])).await;
    assert_eq!(nobody.header("total-count"), Some("0"));
}

#[test]
fn somebody_is_due_on_every_day_of_the_next_month() {
    let tenant = Tenant::synthetic(&wish());
    for day in 0..30 {
        let now = MONDAY_MORNING + SignedDuration::from_hours(24 * day);
        let due = tenant
            .users
            .values()
            .filter(|user| user.status == 1)
            .filter_map(|user| days_left(&tenant, user, now))
            .any(|left| [14, 7, 3, 1].contains(&left));
        assert!(due, "nobody on day {day}");
    }
}
