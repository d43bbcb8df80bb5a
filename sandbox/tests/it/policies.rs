use onelogin_sandbox::{Group, Policy, Tenant};
use serde_json::{Value, json};

use crate::support::stage;

fn tenant() -> Tenant {
    let mut tenant = Tenant::empty();
    tenant.add_policy(Policy::user(1, "Default", 90).as_default());
    tenant.add_policy(Policy::app(2, "Apps"));
    tenant.add_group(Group::new(5, "Never assigned"));
    tenant.add_group(Group::new(6, "Cleared").with_policy(0));
    tenant.add_group(Group::new(7, "Strict").with_policy(1));
    tenant
}

#[tokio::test]
async fn policies_show_only_the_fields_of_their_kind() {
    let stage = stage(tenant()).await;
    let list = stage.get("/api/2/policies").await;
    assert_eq!(list.body[0]["password_expiration_days"], 90);
    assert_eq!(list.body[0]["is_default"], true);
    assert_eq!(list.body[1], json!({"id": 2, "name": "Apps", "kind": "app"}));
    assert_eq!(list.header("total-count"), Some("2"));
    assert_eq!(stage.get("/api/2/policies/1").await.body, list.body[0]);
    assert_eq!(stage.get("/api/2/policies/3").await.body["name"], "NotFoundError");
}

#[tokio::test]
async fn policies_may_be_missing_or_come_whole() {
    let stage = stage(tenant()).await;
    stage
        .control
        .with_tenant(|tenant| tenant.knobs.policies_total_count = false);
    assert_eq!(stage.get("/api/2/policies").await.header("total-count"), None);
    stage
        .control
        .with_tenant(|tenant| tenant.knobs.policies_paged = false);
    let whole = stage.get("/api/2/policies?limit=1").await;
    assert_eq!(whole.ids(), [1, 2]);
    assert_eq!(whole.header("cursor"), None);
    stage
        .control
        .with_tenant(|tenant| tenant.knobs.policies_offered = false);
    assert_eq!(stage.get("/api/2/policies").await.status, 404);
    assert_eq!(stage.get("/api/2/policies/1").await.status, 404);
}

#[tokio::test]
async fn groups_name_their_policy_in_v2_only() {
    let stage = stage(tenant()).await;
    let list = stage.get("/api/2/groups").await;
    let policies: Vec<&Value> = (0..3).map(|row| &list.body[row]["policy_id"]).collect();
    assert_eq!(policies, [&Value::Null, &json!(0), &json!(1)]);
    stage
        .control
        .with_tenant(|tenant| tenant.knobs.group_list_has_policy_id = false);
    let list = stage.get("/api/2/groups").await;
    assert_eq!(
        list.body[2],
        json!({"id": 7, "name": "Strict", "reference": null})
    );
    assert_eq!(stage.get("/api/2/groups/7").await.body["policy_id"], 1);
    stage
        .control
        .with_tenant(|tenant| tenant.knobs.groups_v2_offered = false);
    assert_eq!(stage.get("/api/2/groups").await.status, 404);
    let v1 = stage.get("/api/1/groups").await;
    assert_eq!(
        v1.body["data"][2],
        json!({"id": 7, "name": "Strict", "reference": null})
    );
    assert_eq!(v1.body["pagination"]["after_cursor"], Value::Null);
}
