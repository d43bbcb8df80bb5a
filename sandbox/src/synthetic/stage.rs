//! What stands before the people come: policies, groups, custom attributes.

use jiff::Timestamp;

use crate::tenant::{Device, Event, Group, Mapping, Policy, Tenant, User};

pub(super) const EMPLOYEES: i64 = 501;
pub(super) const CONTRACTORS: i64 = 502;
pub(super) const SERVICE_ACCOUNTS: i64 = 503;
/// Never had a policy.
pub(super) const ENGINEERING: i64 = 504;
/// Had a policy that was cleared.
pub(super) const INTERNS: i64 = 505;
pub(super) const PARTNERS: i64 = 506;

/// Days of the account's default policy.
const DEFAULT_AGE: i64 = 90;
const CONTRACTOR_AGE: i64 = 45;
const PARTNER_AGE: i64 = 60;

pub(super) const EMPLOYEE_NUMBER: &str = "employee_number";
pub(super) const COST_CENTRE: &str = "cost_centre";

/// The type of events that tell of a login (documented).
const SIGNED_IN: i64 = 5;

/// How many days a password lasts in a group; 0 means for ever.
pub(super) fn age_in(group_id: Option<i64>) -> i64 {
    match group_id {
        Some(CONTRACTORS) => CONTRACTOR_AGE,
        Some(SERVICE_ACCOUNTS) => 0,
        Some(PARTNERS) => PARTNER_AGE,
        _ => DEFAULT_AGE,
    }
}

pub(super) fn add_policies_and_groups(tenant: &mut Tenant) {
    tenant.add_policy(Policy::user(1001, "Default policy", DEFAULT_AGE).as_default());
    tenant.add_policy(Policy::user(1002, "Contractors", CONTRACTOR_AGE));
    tenant.add_policy(Policy::user(1003, "Service accounts", 0));
    tenant.add_policy(Policy::app(1004, "Finance apps"));
    tenant.add_policy(Policy {
        enable_password_change: Some(false),
        password_redirect_enabled: Some(true),
        password_redirect_url: Some("https://password.ext.acme.example/".to_owned()),
        password_redirect_message: Some("Partners change their password at home.".to_owned()),
        ..Policy::user(1005, "Partners", PARTNER_AGE)
    });
    tenant.add_group(Group::new(EMPLOYEES, "Employees").with_policy(1001));
    tenant.add_group(Group::new(CONTRACTORS, "Contractors").with_policy(1002));
    tenant.add_group(Group::new(SERVICE_ACCOUNTS, "Service accounts").with_policy(1003));
    tenant.add_group(Group::new(ENGINEERING, "Engineering"));
    tenant.add_group(Group::new(INTERNS, "Interns").with_policy(0));
    tenant.add_group(Group::new(PARTNERS, "Partners").with_policy(1005));
    // The last one is set for nobody.
    for name in [EMPLOYEE_NUMBER, COST_CENTRE, "badge_colour"] {
        tenant.custom_attributes.insert(name.to_owned());
    }
}

/// Second factors: none, one or two each, for some one that the API does not show.
pub(super) fn add_devices(tenant: &mut Tenant) {
    let ids: Vec<i64> = tenant.users.keys().copied().collect();
    for (number, user_id) in (3_920_000..).zip(ids) {
        if number % 3 > 0 {
            tenant.add_device(user_id, Device::new(number.to_string(), "OneLogin").as_default());
        }
        if number % 3 == 2 {
            tenant.add_device(
                user_id,
                Device::new((number + 500_000).to_string(), "Google Authenticator"),
            );
        }
        if number % 10 == 0 {
            tenant.add_device(
                user_id,
                Device::new((number + 600_000).to_string(), "WebAuthn").hidden(),
            );
        }
    }
}

/// Two mappings, of which one is at work: everybody with an outside address is put into the third role.
pub(super) fn add_mappings(tenant: &mut Tenant) {
    let Some(role_id) = tenant.roles.keys().nth(2).copied() else {
        return;
    };
    tenant.add_mapping(
        Mapping::new(71_001, "Outside people")
            .when("email", "~", "@ext.acme.example")
            .adding_role(role_id),
    );
    tenant.add_mapping(
        Mapping::new(71_002, "Former rule")
            .when("department", "=", "Sales")
            .adding_role(role_id)
            .disabled(),
    );
}

/// The last login of everybody who ever signed in.
pub(super) fn add_events(tenant: &mut Tenant) {
    let mut logins: Vec<(Timestamp, i64)> = tenant
        .users
        .values()
        .filter_map(|user| Some((user.last_login?, user.id)))
        .collect();
    logins.sort_unstable();
    for (id, (at, user_id)) in (880_000..).zip(logins) {
        let mut event = Event::new(id, SIGNED_IN, at);
        event.user_id = Some(user_id);
        event.actor_user_id = Some(user_id);
        event.user_name = tenant.users.get(&user_id).map(User::full_name);
        tenant.add_event(event);
    }
}
