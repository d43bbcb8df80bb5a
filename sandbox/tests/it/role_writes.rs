use onelogin_sandbox::{Fault, FaultKind, Redundant, Role, Tenant, UnknownMember};
use serde_json::{Value, json};

use crate::support::{stage, tenant_of};

fn tenant() -> Tenant {
    let mut tenant = tenant_of(4);
    tenant.add_role(Role::new(10, "VPN").with_members([1, 2]));
    tenant
}

#[tokio::test]
async fn roles_are_made_changed_and_deleted() {
    let stage = stage(tenant()).await;
    let made = stage
        .post(
            "/api/2/roles",
            &json!({"name": "Wiki", "users": [3], "admins": [1]}),
        )
        .await;
    assert_eq!((made.status, made.body), (201, json!({"id": 11})));
    let changed = stage
        .put("/api/2/roles/11", &json!({"users": [1, 2], "apps": [77]}))
        .await;
    assert_eq!((changed.status, changed.body), (200, json!({"id": 11})));
    assert_eq!(stage.get("/api/2/roles/11/users").await.ids(), [1, 2]);
    assert_eq!(stage.get("/api/2/roles/11/admins").await.ids(), [1]);
    assert_eq!(stage.get("/api/2/roles/11").await.body["name"], "Wiki");
    let row = stage.get("/api/2/roles?name=Wiki&fields=users,admins").await;
    assert_eq!(
        row.body[0],
        json!({"id": 11, "name": "Wiki", "users": [1, 2], "admins": [1]})
    );
    assert_eq!(stage.delete("/api/2/roles/11", &Value::Null).await.status, 204);
    assert_eq!(stage.delete("/api/2/roles/11", &Value::Null).await.status, 404);
}

#[tokio::test]
async fn bad_role_wishes_change_nothing() {
    let stage = stage(tenant()).await;
    let cases = [
        (json!({"name": ""}), 422),
        (json!({"users": [1, 99]}), 404),
        (json!({"colour": "red"}), 400),
        (json!({"users": {"1": true}}), 400),
        (json!([1]), 400),
    ];
    for (body, status) in cases {
        let answer = stage.put("/api/2/roles/10", &body).await;
        assert_eq!(answer.status, status, "{body}");
    }
    assert_eq!(stage.post("/api/2/roles", &json!({})).await.status, 422);
    assert_eq!(stage.get("/api/2/roles/10/users").await.ids(), [1, 2]);
    stage
        .control
        .with_tenant(|tenant| tenant.knobs.role_put_replaces = false);
    let only_name = json!({"name": "Tunnel", "users": []});
    assert_eq!(stage.put("/api/2/roles/10", &only_name).await.status, 200);
    assert_eq!(stage.get("/api/2/roles/10/users").await.ids(), [1, 2]);
    assert_eq!(stage.get("/api/2/roles/10").await.body["name"], "Tunnel");
}

#[tokio::test]
async fn admins_follow_the_rules_of_users() {
    let stage = stage(tenant()).await;
    let path = "/api/2/roles/10/admins";
    assert_eq!(stage.post(path, &json!([3])).await.body, json!([{"id": 3}]));
    assert_eq!(
        stage.post(path, &json!({"admin_id_array": [3]})).await.status,
        400
    );
    assert_eq!(stage.post(path, &json!([4, 99])).await.status, 404);
    assert_eq!(stage.get(path).await.ids(), [3]);
    assert_eq!(stage.delete(path, &json!(["3"])).await.status, 204);
    assert_eq!(stage.get(path).await.ids(), Vec::<i64>::new());
}

#[tokio::test]
async fn apps_are_replaced_as_a_whole() {
    let stage = stage(tenant()).await;
    let path = "/api/2/roles/10/apps";
    assert_eq!(stage.put(path, &json!([5, 6])).await.status, 200);
    stage.put(path, &json!([6])).await;
    let list = stage.get(path).await;
    assert_eq!((list.ids(), &list.body[0]["name"]), (vec![6], &json!("App 6")));
}

#[tokio::test]
async fn redundant_writes_are_taken_or_refused_by_the_knobs() {
    let stage = stage(tenant()).await;
    let path = "/api/2/roles/10/users";
    assert_eq!(stage.post(path, &json!([1, 3])).await.status, 200);
    assert_eq!(stage.delete(path, &json!([3, 4])).await.status, 204);
    stage.control.with_tenant(|tenant| {
        tenant.knobs.add_present_member = Redundant::Refuse;
        tenant.knobs.remove_absent_member = Redundant::Refuse;
    });
    assert_eq!(stage.post(path, &json!([3, 1])).await.status, 422);
    assert_eq!(stage.delete(path, &json!([1, 4])).await.status, 404);
    assert_eq!(stage.get(path).await.ids(), [1, 2]);
    assert_eq!(stage.post(path, &json!([3])).await.status, 200);
}

#[tokio::test]
async fn a_conflict_and_an_invalid_id_are_refused_by_the_knobs() {
    let stage = stage(tenant()).await;
    let path = "/api/2/roles/10/users";
    assert_eq!(stage.post(path, &json!([99])).await.status, 404);
    stage.control.with_tenant(|tenant| {
        tenant.knobs.add_present_member = Redundant::Conflict;
        tenant.knobs.unknown_member = UnknownMember::Invalid;
    });
    assert_eq!(stage.post(path, &json!([1])).await.status, 409);
    assert_eq!(stage.post(path, &json!([99])).await.status, 422);
    assert_eq!(stage.get(path).await.ids(), [1, 2]);
}

#[tokio::test]
async fn membership_writes_show_late_if_the_knob_says_so() {
    let stage = stage(tenant()).await;
    let path = "/api/2/roles/10/users";
    stage
        .control
        .with_tenant(|tenant| tenant.knobs.role_writes_show_after = 2);
    assert_eq!(stage.post(path, &json!([3])).await.status, 200);
    assert_eq!(stage.get(path).await.ids(), [1, 2]);
    assert_eq!(stage.delete(path, &json!([1])).await.status, 204);
    assert_eq!(stage.get(path).await.ids(), [1, 2, 3]);
    stage.get(path).await;
    assert_eq!(stage.get(path).await.ids(), [2, 3]);
}

#[tokio::test]
async fn half_a_batch_takes_effect_before_an_error() {
    let stage = stage(tenant()).await;
    let path = "/api/2/roles/10/users";
    let half = Fault::on(format!("POST {path}"), FaultKind::HalfBatch { code: 500 });
    stage.control.add_fault(half);
    assert_eq!(stage.post(path, &json!([3, 4])).await.status, 500);
    assert_eq!(stage.get(path).await.ids(), [1, 2, 3]);
    assert_eq!(stage.control.mutations()[0].body, "[3,4]", "logged as it came");
}
