//! People: the cast first, ordinary colleagues after it.

use jiff::{SignedDuration, Timestamp};

use super::Synthetic;
use super::cast::{self, CAST};
use super::names::{DEPARTMENTS, FIRST, LAST, LOCALES, TITLES};
use super::stage::{self, age_in};
use crate::random::{Random, hex_digits};
use crate::tenant::{Tenant, User};

const FIRST_ID: i64 = 102_400_017;
const DAY_SECONDS: i64 = 86_400;
/// Passwords are a little younger than whole days, so that "in 7 days" holds in most time zones.
const WITHIN_SECONDS: i64 = 3 * 3600;
/// Days ahead at which it is usual to write to people.
const NOTICE_DAYS: [i64; 5] = [14, 7, 3, 1, 0];

/// An instant so many days before another.
pub(super) fn days_before(at: Timestamp, days: i64) -> Timestamp {
    at.saturating_sub(SignedDuration::from_secs(days * DAY_SECONDS))
        .unwrap_or(at)
}

pub(super) fn add(tenant: &mut Tenant, wish: &Synthetic, random: &mut Random) {
    let mut id = FIRST_ID;
    for index in 0..wish.users {
        let number = i64::try_from(index).unwrap_or(i64::MAX);
        let mut user = ordinary(id, number, wish.now, random);
        if let Some(character) = CAST.get(index) {
            cast::play(&mut user, character, wish.now);
        }
        tenant.add_user(user);
        // Ids of a tenant are never without gaps.
        id += 1 + random.below(37);
    }
    tenant.account_owner_id = tenant.users.keys().next().copied();
    assign_managers(tenant, random);
}

fn ordinary(id: i64, number: i64, now: Timestamp, random: &mut Random) -> User {
    let (firstname, first_ascii) = random.pick(&FIRST);
    let (lastname, last_ascii) = random.pick(&LAST);
    let group_id = match random.below(100) {
        0..60 => Some(stage::EMPLOYEES),
        60..72 => Some(stage::CONTRACTORS),
        72..74 => Some(stage::SERVICE_ACCOUNTS),
        74..87 => Some(stage::ENGINEERING),
        87..91 => Some(stage::INTERNS),
        91..94 => Some(stage::PARTNERS),
        _ => None,
    };
    let is_external = matches!(group_id, Some(stage::CONTRACTORS | stage::PARTNERS));
    let domain = if is_external {
        "ext.acme.example"
    } else {
        "acme.example"
    };
    let handle = format!("{first_ascii}.{last_ascii}{number}");
    let mut user = User::new(id, format!("{handle}@{domain}")).named(firstname, lastname);
    user.username = match random.below(4) {
        0 => None,
        1 => Some(String::new()),
        _ => Some(handle),
    };
    user.group_id = group_id;
    user.department = random.pick(&DEPARTMENTS).map(str::to_owned);
    user.title = random.pick(&TITLES).map(str::to_owned);
    user.company = random.pick(&[Some("Acme"), Some(""), None]).map(str::to_owned);
    user.preferred_locale_code = random.pick(&LOCALES).map(str::to_owned);
    user.phone = match random.below(4) {
        0 => None,
        1 => Some(String::new()),
        _ => Some(format!(
            "+1 (555) 01{:02}-{:04}",
            number % 100,
            random.below(10_000)
        )),
    };
    user.custom_attributes
        .insert(stage::EMPLOYEE_NUMBER.to_owned(), Some(format!("E{number:05}")));
    if random.chance(50) {
        let centre = format!("{}", 4000 + random.below(20) * 10);
        user.custom_attributes
            .insert(stage::COST_CENTRE.to_owned(), Some(centre));
    }
    let days_left = usual_days_left(number, age_in(group_id), random);
    set_password_due(&mut user, days_left, now, random.below(WITHIN_SECONDS));
    set_standing(&mut user, now, random);
    user
}

/// A tenth is due at a day on which people are written to, a tenth expired of late, some long ago.
fn usual_days_left(number: i64, age: i64, random: &mut Random) -> i64 {
    match number % 10 {
        _ if age == 0 => -random.below(1000),
        0 => {
            let turn = usize::try_from(number / 10).unwrap_or(0) % NOTICE_DAYS.len();
            NOTICE_DAYS.get(turn).copied().unwrap_or(0)
        }
        1 => -1 - random.below(10),
        2 if number % 30 == 2 => -60 - random.below(300),
        _ => 15 + random.below(age - 15),
    }
}

/// Gives a password that expires in so many days, and dates that agree with it.
pub(super) fn set_password_due(user: &mut User, days_left: i64, now: Timestamp, younger_seconds: i64) {
    let age = age_in(user.group_id);
    let changed_at = days_before(now, (age - days_left).max(1))
        .saturating_add(SignedDuration::from_secs(younger_seconds))
        .unwrap_or(now);
    let created_at = days_before(changed_at, 30 + user.id % 900);
    user.created_at = created_at;
    user.invitation_sent_at = Some(created_at);
    user.activated_at = Some(created_at);
    // Every login moves `updated_at` (observed).
    let seen_at = changed_at.max(days_before(now, user.id % 9 + 1));
    *user = user.clone().with_password_changed_at(changed_at);
    user.last_login = Some(seen_at);
    user.updated_at = seen_at;
}

/// Most people may log in; some may not, each in another way.
fn set_standing(user: &mut User, now: Timestamp, random: &mut Random) {
    match random.below(100) {
        0..3 => user.status = 2,
        3 => {
            user.status = 3;
            user.locked_until = now.saturating_add(SignedDuration::from_mins(12)).ok();
        }
        4 => user.status = 5,
        5 => user.status = 8,
        6 => never_signed_in(user, 7),
        7 => never_signed_in(user, 0),
        8..10 => user.state = 3,
        10 => user.state = 0,
        11..19 => from_directory(user),
        19..23 => user.trusted_idp_id = Some(70_011),
        _ => {}
    }
}

/// Somebody who has not set a password yet.
pub(super) fn never_signed_in(user: &mut User, status: i64) {
    user.status = status;
    user.password_changed_at = None;
    user.last_login = None;
    user.activated_at = None;
}

/// Somebody out of a directory, whose password date is the moment of import (observed).
pub(super) fn from_directory(user: &mut User) {
    let handle = format!("u{}", user.id);
    let mut state = user.id.unsigned_abs();
    user.directory_id = Some(80_021);
    user.password_changed_at = Some(user.created_at);
    user.samaccountname = Some(handle.clone());
    user.userprincipalname = Some(format!("{handle}@corp.acme.example"));
    user.distinguished_name = Some(format!("CN={handle},OU=Staff,DC=corp,DC=acme,DC=example"));
    user.member_of = Some("CN=Staff,DC=corp,DC=acme,DC=example;CN=VPN,DC=corp,DC=acme,DC=example".to_owned());
    user.external_id = Some(format!(
        "{}-{}-{}-{}-{}",
        hex_digits(&mut state, 8),
        hex_digits(&mut state, 4),
        hex_digits(&mut state, 4),
        hex_digits(&mut state, 4),
        hex_digits(&mut state, 12)
    ));
}

/// The first tenth leads the rest, but not itself; whom the cast gave a manager keeps that one.
fn assign_managers(tenant: &mut Tenant, random: &mut Random) {
    let leaders: Vec<i64> = tenant
        .users
        .keys()
        .copied()
        .take(tenant.users.len() / 10)
        .collect();
    for user in tenant.users.values_mut() {
        let manager = random.pick(&leaders);
        if manager != 0 && user.manager_user_id.is_none() && !leaders.contains(&user.id) {
            user.manager_user_id = Some(manager);
        }
    }
}
