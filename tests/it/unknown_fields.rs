//! A field that nobody was told about is unknown, and never taken for an empty one.

use onelogin_sandbox::{BodyShape, Fault, FaultKind, FieldVariant, ListFields, Tenant};

use crate::support::mailbox::mails_below;
use crate::support::runs::USERS;
use crate::support::staff::staff;
use crate::support::world::World;

const USERS_V1: &str = "/api/1/users";

/// Five people, of whom 2 signs in through another identity provider, on a tenant whose v2 list has
/// its default fields only.
fn only_defaults() -> Tenant {
    let mut tenant = staff(5);
    tenant.knobs.list_fields = ListFields::DefaultsOnly;
    tenant.users.get_mut(&2).unwrap().trusted_idp_id = Some(77);
    tenant
}

fn gone(status: u16) -> FaultKind {
    FaultKind::Status {
        code: status,
        body: BodyShape::Envelope("gone".to_owned()),
        headers: std::collections::BTreeMap::new(),
    }
}

fn rule_on(field: &str) -> String {
    format!(
        "[[password_expiry.rule]]\nname = \"nobody\"\nmatch = {{ {field} = [\"Sales\"] }}\nnotify = \"none\"\n"
    )
}

#[tokio::test]
async fn a_field_that_v2_does_not_list_comes_from_v1() {
    let world = World::new(only_defaults()).await;
    let (code, plan, told) = world.plan_expiry(&[]).await;
    assert_eq!(code, 0, "{told}");
    assert_eq!(plan["notices"].as_array().unwrap().len(), 4, "{plan:#}");
    assert_eq!(World::skipped(&plan, "trusted-idp"), 1, "{plan:#}");
    assert_eq!(world.calls_of(USERS).len(), 1);
    assert_eq!(world.calls_of(USERS_V1).len(), 1);
    world.run_expiry(&[]).await.assert_succeeded(4);
}

#[tokio::test]
async fn a_field_that_v2_lists_is_not_asked_of_v1() {
    let world = World::new(staff(5)).await;
    world.run_expiry(&[]).await.assert_succeeded(5);
    assert_eq!(world.calls_of(USERS_V1), []);
}

#[tokio::test]
async fn a_field_that_neither_list_has_refuses_the_run_and_is_named() {
    for status in [401, 403, 404] {
        let world = World::new(only_defaults()).await;
        let fault = Fault::on(format!("GET {USERS_V1}"), gone(status));
        let fault = world.control.add_fault(fault);
        let run = world.run_expiry(&[]).await;
        assert!(world.control.fault_fired(fault) > 0);
        run.assert_idle("refused", 4);
        run.assert_tells(&["trusted_idp_id", "never taken for an empty one"]);
        assert!(!run.summary.contains("email"), "{run:?}");
    }
}

#[tokio::test]
async fn a_v1_list_that_fails_otherwise_fails_the_run() {
    let world = World::new(only_defaults()).await;
    let fault = Fault::on(format!("GET {USERS_V1}"), gone(502));
    let fault = world.control.add_fault(fault);
    let run = world.run_expiry(&[]).await;
    assert_eq!(world.control.fault_fired(fault), 5);
    run.assert_idle("failed", 1);
    run.assert_tells(&["GET /api/1/users", "502"]);
}

#[tokio::test]
async fn a_v1_cursor_that_comes_back_ends_the_walk() {
    let mut tenant = only_defaults();
    tenant.knobs.v1_page_size = 2;
    let world = World::new(tenant).await;
    let stuck = Fault::on(format!("GET {USERS_V1}"), FaultKind::RepeatedCursor).starting_at(2);
    let fault = world.control.add_fault(stuck);
    let run = world.run_expiry(&[]).await;
    assert!(world.control.fault_fired(fault) > 0);
    run.assert_idle("failed", 1);
    assert!(world.calls_of(USERS_V1).len() <= 4);
}

#[tokio::test]
async fn a_deciding_field_that_one_person_lacks_refuses_the_run() {
    let fields = [
        "status",
        "state",
        "group_id",
        "directory_id",
        "trusted_idp_id",
        "password_changed_at",
        "email",
    ];
    for field in fields {
        let mut tenant = staff(5);
        let person = tenant.users.get_mut(&3).unwrap();
        person.variants.insert(field.to_owned(), FieldVariant::Absent);
        let world = World::new(tenant).await;
        let (code, _, told) = world.plan_expiry(&[]).await;
        assert_eq!(code, 4, "{field}: {told}");
        assert!(told.contains(&format!("{field:?}")), "{field}: {told}");
        world.run_expiry(&[]).await.assert_idle("refused", 4);
    }
}

#[tokio::test]
async fn a_decorating_field_that_nobody_has_is_done_without() {
    for field in ["firstname", "preferred_locale_code", "manager_user_id"] {
        let mut tenant = staff(5);
        let absent = FieldVariant::Absent;
        tenant.knobs.field_variants.insert(field.to_owned(), absent);
        let world = World::new(tenant).await;
        world.run_expiry(&[]).await.assert_succeeded(5);
        assert_eq!(world.calls_of(USERS_V1), [], "{field}");
    }
}

#[tokio::test]
async fn a_field_of_a_rule_comes_from_v1_too() {
    let mut tenant = only_defaults();
    tenant.users.get_mut(&4).unwrap().department = Some("Sales".to_owned());
    let world = World::new(tenant).await;
    world.configure(&rule_on("department"));
    let (code, plan, told) = world.plan_expiry(&[]).await;
    assert_eq!(code, 0, "{told}");
    // 2 signs in elsewhere, 4 is in Sales.
    assert_eq!(plan["notices"].as_array().unwrap().len(), 3, "{plan:#}");
}

#[tokio::test]
async fn a_field_of_a_rule_that_nobody_tells_refuses_the_run() {
    let mut tenant = staff(5);
    for field in ["department", "custom_attributes"] {
        let absent = FieldVariant::Absent;
        tenant.knobs.field_variants.insert(field.to_owned(), absent);
    }
    let world = World::new(tenant).await;
    world.run_expiry(&[]).await.assert_succeeded(5);
    for field in ["department", "custom.site"] {
        world.configure(&rule_on(field));
        let run = world.run_expiry(&[]).await;
        run.assert_idle("refused", 4);
        run.assert_tells(&[field]);
    }
}

#[tokio::test]
async fn a_custom_attribute_that_the_tenant_does_not_have_refuses_the_run() {
    let mut tenant = staff(5);
    // Every user carries every attribute of the tenant, unset ones as null.
    tenant.custom_attributes.insert("site".to_owned());
    let world = World::new(tenant).await;
    world.configure(&rule_on("custom.site"));
    world.run_expiry(&[]).await.assert_succeeded(5);
    world.configure(&rule_on("custom.sight"));
    let run = world.run_expiry(&[]).await;
    run.assert_idle("refused", 4);
    run.assert_tells(&["custom.sight"]);
}

#[tokio::test]
async fn names_that_the_list_does_not_tell_are_asked_for_those_who_are_mailed() {
    let mut tenant = staff(3);
    for user in tenant.users.values_mut() {
        *user = user.clone().named("Ana", "Novak");
    }
    // Nobody writes to 3, so nobody asks for the name either.
    tenant.users.get_mut(&3).unwrap().status = 2;
    let world = World::new(tenant).await;
    let variant = FieldVariant::Absent;
    let nameless = FaultKind::FieldVariant {
        field: "firstname".to_owned(),
        variant,
    };
    let fault = world
        .control
        .add_fault(Fault::on("GET /api/2/users", nameless).starting_at(1));
    world.run_expiry(&[]).await.assert_succeeded(2);
    assert!(world.control.fault_fired(fault) > 0);
    assert_eq!(world.calls_of(USERS_V1), [], "a name is not worth the other list");
    let asked = |id: i64| world.calls_of(&format!("/api/2/users/{id}")).len();
    assert_eq!([asked(1), asked(2), asked(3)], [1, 1, 0]);
    for mail in mails_below(&world.home.path("outbox")) {
        assert!(mail.text.contains("Hello Ana,"), "{}", mail.text);
    }
}

#[tokio::test]
async fn managers_are_worth_the_other_list_and_not_worth_a_refusal() {
    let mut tenant = staff(2);
    tenant.users.get_mut(&1).unwrap().manager_user_id = Some(2);
    let world = World::new(tenant).await;
    world.configure("[password_expiry]\nfallback_recipient = \"manager\"\n");
    let variant = FieldVariant::Absent;
    let unmanaged = FaultKind::FieldVariant {
        field: "manager_user_id".to_owned(),
        variant,
    };
    let both = ["GET /api/2/users", "GET /api/1/users"].map(|route| Fault::on(route, unmanaged.clone()));
    let faults = both.map(|fault| world.control.add_fault(fault.starting_at(1)));
    world.run_expiry(&[]).await.assert_succeeded(2);
    for fault in faults {
        assert!(world.control.fault_fired(fault) > 0);
    }
    let looked = world.calls_of(USERS_V1).len();
    assert_eq!(looked, 1);
    world.run_expiry(&[]).await.assert_succeeded(0);
    assert_eq!(
        world.calls_of(USERS_V1).len(),
        looked,
        "learned once that nobody tells it"
    );
}

#[tokio::test]
async fn a_list_that_is_only_asked_for_managers_may_fail() {
    let world = World::new(staff(2)).await;
    world.configure("[password_expiry]\nfallback_recipient = \"manager\"\n");
    let variant = FieldVariant::Absent;
    let unmanaged = FaultKind::FieldVariant {
        field: "manager_user_id".to_owned(),
        variant,
    };
    world
        .control
        .add_fault(Fault::on("GET /api/2/users", unmanaged).starting_at(1));
    let fault = world
        .control
        .add_fault(Fault::on("GET /api/1/users", gone(503)).starting_at(1));
    world.run_expiry(&[]).await.assert_succeeded(2);
    assert!(world.control.fault_fired(fault) > 0);
}
