#![expect(clippy::unwrap_used, reason = "a test whose stage cannot be set has failed")]

use onelogin_sandbox::{Group, Policy, Tenant};
use serde_json::{Value, json};

use crate::support::{envelope, stage, tenant_of};

fn tenant() -> Tenant {
    let mut tenant = tenant_of(2);
    tenant.add_policy(Policy::user(1, "Default", 90).as_default());
    tenant.add_policy(Policy::user(2, "Strict", 30));
    tenant.add_policy(Policy::app(3, "Apps"));
    tenant.add_group(Group::new(5, "Staff").with_policy(1));
    tenant.users.get_mut(&1).unwrap().group_id = Some(5);
    tenant
}

#[tokio::test]
async fn single_v1_group_is_an_array_of_one() {
    let stage = stage(tenant()).await;
    let group = stage.get("/api/1/groups/5").await.body;
    assert_eq!(
        group["data"],
        json!([{"id": 5, "name": "Staff", "reference": null}])
    );
    let gone = stage.get("/api/1/groups/9999999").await;
    assert_eq!(
        gone.body,
        envelope(404, "Not Found", "Group for id 9999999 was not found")
    );
}

#[tokio::test]
async fn groups_are_made_changed_and_deleted() {
    let stage = stage(tenant()).await;
    let made = stage
        .post(
            "/api/2/groups",
            &json!({"name": "Guests", "policy_id": 2, "reference": "g"}),
        )
        .await;
    let row = json!({"id": 6, "name": "Guests", "reference": null, "policy_id": 2});
    assert_eq!((made.status, &made.body), (201, &row));
    let cleared = stage.put("/api/2/groups/6", &json!({"policy_id": null})).await;
    assert_eq!(cleared.body["policy_id"], 0);
    let unknown = stage.put("/api/2/groups/6", &json!({"policy_id": 0})).await;
    assert_eq!(unknown.status, 422);
    assert_eq!(
        unknown.body["message"],
        "Validation failed: The associated Policy with ID 0 could not be found"
    );
    assert_eq!(stage.delete("/api/2/groups/5", &Value::Null).await.status, 204);
    assert_eq!(stage.get("/api/2/groups/5").await.status, 404);
    assert_eq!(stage.get("/api/2/users/1").await.body["group_id"], Value::Null);
}

#[tokio::test]
async fn group_may_show_its_users() {
    let mut tenant = tenant();
    tenant.knobs.group_shows_users = true;
    let stage = stage(tenant).await;
    assert_eq!(stage.get("/api/2/groups/5").await.body["users"], json!([1]));
}

#[tokio::test]
async fn default_policy_moves_between_user_policies() {
    let stage = stage(tenant()).await;
    let path = |id: i64| format!("/api/2/policies/{id}/set_default");
    let moved = stage.put(&path(2), &Value::Null).await;
    assert_eq!((moved.status, &moved.body["is_default"]), (200, &json!(true)));
    assert_eq!(stage.get("/api/2/policies/1").await.body["is_default"], false);
    assert_eq!(stage.put(&path(3), &Value::Null).await.status, 422);
    assert_eq!(stage.put(&path(4), &Value::Null).await.status, 404);
}
