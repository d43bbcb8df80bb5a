use onelogin_sandbox::{MappedRemoval, Mapping, Role, Tenant};
use serde_json::{Value, json};

use crate::support::{Stage, stage, tenant_of};

fn tenant() -> Tenant {
    let mut tenant = tenant_of(3);
    tenant.add_role(Role::new(10, "Hand-picked").with_members([1]));
    tenant.add_role(Role::new(20, "Mapped").with_mapped_members([1, 2]));
    let rule = Mapping::new(5, "Chiefs")
        .when("title", "bw", "Chief")
        .adding_role(10);
    tenant.add_mapping(rule);
    tenant.add_mapping(Mapping::new(6, "Off").adding_role(20).disabled());
    tenant
}

async fn members(stage: &Stage, role: i64) -> Vec<i64> {
    stage.get(&format!("/api/2/roles/{role}/users")).await.ids()
}

async fn remove(stage: &Stage, role: i64, user: i64) -> u16 {
    let path = format!("/api/2/roles/{role}/users");
    stage.delete(&path, &json!([user])).await.status
}

#[tokio::test]
async fn mappings_are_listed_by_whether_they_are_enabled() {
    let stage = stage(tenant()).await;
    let list = stage.get("/api/2/mappings").await;
    let enabled = json!({
        "id": 5, "name": "Chiefs", "match": "all", "enabled": true, "position": 5,
        "conditions": [{"source": "title", "operator": "bw", "value": "Chief"}],
        "actions": [{"action": "add_role", "value": ["10"]}],
    });
    assert_eq!(list.body, json!([enabled]));
    assert_eq!(stage.get("/api/2/mappings/5").await.body, enabled);
    let off = stage.get("/api/2/mappings?enabled=false").await;
    assert_eq!((off.ids(), &off.body[0]["position"]), (vec![6], &Value::Null));
    assert_eq!(stage.get("/api/2/mappings/7").await.status, 404);
}

#[tokio::test]
async fn update_runs_the_mappings_after_its_answer_before_it_or_not_at_all() {
    let stage = stage(tenant()).await;
    let chief = json!({"title": "Chief of Staff"});
    let off = stage.put("/api/2/users/2?mappings=disabled", &chief).await;
    assert_eq!(off.body["role_ids"], json!([20]));
    assert_eq!(members(&stage, 10).await, [1]);
    let later = stage.put("/api/2/users/2", &chief).await;
    assert_eq!(later.body["role_ids"], json!([20]));
    assert_eq!(members(&stage, 10).await, [1, 2]);
    let waited = stage.put("/api/2/users/3?mappings=sync", &chief).await;
    assert_eq!(waited.body["role_ids"], json!([10]));
}

#[tokio::test]
async fn removed_mapped_member_comes_back_with_the_next_update() {
    let stage = stage(tenant()).await;
    assert_eq!(remove(&stage, 20, 1).await, 204);
    assert_eq!(members(&stage, 20).await, [2]);
    let title = json!({"title": "Clerk"});
    stage.put("/api/2/users/1?mappings=disabled", &title).await;
    stage.put("/api/2/users/2", &title).await;
    assert_eq!(members(&stage, 20).await, [2]);
    stage.put("/api/2/users/1", &title).await;
    assert_eq!(members(&stage, 20).await, [1, 2]);
    assert_eq!(remove(&stage, 10, 1).await, 204);
    stage.put("/api/2/users/1", &title).await;
    assert_eq!(members(&stage, 10).await, Vec::<i64>::new());
}

#[tokio::test]
async fn removed_mapped_member_comes_back_after_some_requests_or_never_goes() {
    let mut tenant = tenant();
    tenant.knobs.mapped_removal = MappedRemoval::ReturnsAfter(2);
    let stage = stage(tenant).await;
    assert_eq!(remove(&stage, 20, 1).await, 204);
    assert_eq!(members(&stage, 20).await, [2]);
    assert_eq!(members(&stage, 20).await, [2]);
    assert_eq!(members(&stage, 20).await, [1, 2]);
    stage
        .control
        .with_tenant(|tenant| tenant.knobs.mapped_removal = MappedRemoval::Ignored);
    assert_eq!(remove(&stage, 20, 1).await, 204);
    assert_eq!(members(&stage, 20).await, [1, 2]);
}
