use onelogin_sandbox::{MappedRefusal, Role, RoleOverlap, Tenant};
use serde_json::{Value, json};

use crate::support::{Stage, envelope, stage, tenant_of};

fn tenant() -> Tenant {
    let mut tenant = tenant_of(2);
    tenant.add_role(Role::new(10, "VPN").with_members([1]));
    tenant.add_role(Role::new(20, "Wiki"));
    tenant.add_role(Role::new(30, "Mapped").with_mapped_members([1]));
    tenant
}

async fn roles_of(stage: &Stage, user: i64) -> Value {
    let answer = stage.get(&format!("/api/1/users/{user}/roles")).await;
    answer.body["data"].clone()
}

async fn write(stage: &Stage, verb: &str, body: Value) -> (u16, Value) {
    let answer = stage.put(&format!("/api/1/users/1/{verb}"), &body).await;
    (answer.status, answer.body["status"]["message"].clone())
}

#[tokio::test]
async fn roles_are_added_and_removed_once() {
    let stage = stage(tenant()).await;
    let ids = json!({"role_id_array": [20]});
    assert_eq!(
        write(&stage, "add_roles", ids.clone()).await,
        (200, json!("Success"))
    );
    assert_eq!(roles_of(&stage, 1).await, json!([10, 20, 30]));
    assert_eq!(
        write(&stage, "add_roles", ids.clone()).await,
        (
            400,
            json!("input role_id_array is already included as user roles")
        )
    );
    assert_eq!(
        write(&stage, "remove_roles", ids.clone()).await,
        (200, json!("Success"))
    );
    assert_eq!(
        write(&stage, "remove_roles", ids).await,
        (400, json!("input role_id_array is not included as user roles"))
    );
    assert_eq!(roles_of(&stage, 1).await, json!([10, 30]));
}

#[tokio::test]
async fn mistakes_are_told_in_the_documented_words() {
    let stage = stage(tenant()).await;
    let cases = [
        (
            json!({"role_id_array": [20, 99]}),
            json!("role_id_array should be a subset of -> [10, 20, 30]"),
        ),
        (json!({"role_id_array": []}), json!("role_id_array is empty")),
        (json!({}), json!("input parameters is empty")),
        (
            json!({"role_id_array": 20}),
            json!({
                "attribute": "role_id_array",
                "description": "role_id_array has incorrect data type. It should be -> array",
            }),
        ),
    ];
    for (body, message) in cases {
        assert_eq!(write(&stage, "add_roles", body).await, (400, message));
    }
    assert_eq!(roles_of(&stage, 1).await, json!([10, 30]));
    let nobody = stage
        .put("/api/1/users/9/add_roles", &json!({"role_id_array": [20]}))
        .await;
    assert_eq!(nobody.status, 404);
}

#[tokio::test]
async fn one_role_too_many_refuses_all_unless_the_knob_says_all() {
    let stage = stage(tenant()).await;
    let both = json!({"role_id_array": [10, 20]});
    assert_eq!(write(&stage, "add_roles", both.clone()).await.0, 400);
    assert_eq!(roles_of(&stage, 1).await, json!([10, 30]));
    stage
        .control
        .with_tenant(|tenant| tenant.knobs.v1_role_overlap = RoleOverlap::All);
    assert_eq!(write(&stage, "add_roles", both.clone()).await.0, 200);
    assert_eq!(write(&stage, "add_roles", both).await.0, 400);
    assert_eq!(roles_of(&stage, 1).await, json!([10, 20, 30]));
}

#[tokio::test]
async fn mapped_role_stays_with_a_word_or_without() {
    let stage = stage(tenant()).await;
    let mapped = json!({"role_id_array": [30]});
    assert_eq!(write(&stage, "remove_roles", mapped.clone()).await.0, 200);
    stage
        .control
        .with_tenant(|tenant| tenant.knobs.v1_mapped_removal = MappedRefusal::Refused);
    assert_eq!(write(&stage, "remove_roles", mapped).await.0, 400);
    assert_eq!(roles_of(&stage, 1).await, json!([10, 30]));
}

#[tokio::test]
async fn user_roles_may_be_nested_and_roles_are_listed() {
    let mut tenant = tenant();
    tenant.knobs.v1_user_roles_nested = true;
    let stage = stage(tenant).await;
    assert_eq!(roles_of(&stage, 1).await, json!([[10, 30]]));
    let roles = stage.get("/api/1/roles?name=W*").await;
    assert_eq!(roles.body["data"], json!([{"id": 20, "name": "Wiki"}]));
    assert_eq!(roles.body["pagination"]["after_cursor"], Value::Null);
    let single = stage.get("/api/1/roles/10").await;
    assert_eq!(single.body["data"], json!([{"id": 10, "name": "VPN"}]));
    let gone = stage.get("/api/1/roles/11").await;
    assert_eq!(
        gone.body,
        envelope(404, "Not Found", "Role for id 11 was not found")
    );
}
