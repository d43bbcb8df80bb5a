use onelogin_sandbox::{Role, Tenant};
use serde_json::{Value, json};

use crate::support::{stage, tenant_of};

fn tenant() -> Tenant {
    let mut tenant = tenant_of(5);
    let mut role = Role::new(10, "VPN").with_members([1, 2]);
    role.apps = vec![77];
    tenant.add_role(role);
    tenant.add_role(Role::new(20, "Empty"));
    tenant
}

#[tokio::test]
async fn roles_show_apps_in_the_list_and_nothing_more_alone() {
    let stage = stage(tenant()).await;
    let list = stage.get("/api/2/roles?limit=100").await;
    assert_eq!(list.body[0], json!({"id": 10, "name": "VPN", "apps": [77]}));
    assert_eq!(list.header("total-count"), Some("2"));
    assert_eq!(
        stage.get("/api/2/roles/10").await.body,
        json!({"id": 10, "name": "VPN"})
    );
    assert_eq!(stage.get("/api/2/roles/11").await.status, 404);
    assert_eq!(stage.get("/api/2/roles?name=Em*").await.ids(), [20]);
}

#[tokio::test]
async fn members_are_added_and_removed_by_bare_arrays() {
    let stage = stage(tenant()).await;
    let added = stage.post("/api/2/roles/10/users", &json!([3, "4", 1])).await;
    assert_eq!(added.status, 200);
    assert_eq!(added.body, json!([{"id": 3}, {"id": 4}, {"id": 1}]));
    let removed = stage.delete("/api/2/roles/10/users", &json!(["1", 5])).await;
    assert_eq!(removed.status, 204);
    assert_eq!(removed.body, Value::String(String::new()));
    let members = stage.get("/api/2/roles/10/users").await;
    assert_eq!(members.ids(), [2, 3, 4]);
    assert_eq!(members.body[1]["assigned"], true);
    assert_eq!(stage.get("/api/2/users/3").await.body["role_ids"], json!([10]));
    assert_eq!(stage.control.mutations().len(), 2);
    assert_eq!(stage.control.mutations()[1].body, r#"["1",5]"#);
}

#[tokio::test]
async fn refused_membership_writes_change_nothing() {
    let stage = stage(tenant()).await;
    let object = stage
        .delete("/api/2/roles/10/users", &json!({"user_id": [1]}))
        .await;
    assert_eq!(object.status, 400);
    assert_eq!(
        object.body,
        json!({"status": 400, "error": "BadRequestError", "description": "Expected array in request"})
    );
    assert_eq!(
        stage.post("/api/2/roles/10/users", &json!([3, 99])).await.status,
        404
    );
    assert_eq!(stage.post("/api/2/roles/11/users", &json!([3])).await.status, 404);
    stage
        .control
        .with_tenant(|tenant| tenant.knobs.role_write_cap = Some(1));
    assert_eq!(
        stage.post("/api/2/roles/10/users", &json!([3, 4])).await.status,
        422
    );
    assert_eq!(stage.get("/api/2/roles/10/users").await.ids(), [1, 2]);
}

#[tokio::test]
async fn ids_before_an_unknown_one_take_effect_if_the_knob_says_so() {
    let mut tenant = tenant();
    tenant.knobs.partial_role_writes = true;
    let stage = stage(tenant).await;
    assert_eq!(
        stage
            .post("/api/2/roles/10/users", &json!([3, 99, 4]))
            .await
            .status,
        404
    );
    assert_eq!(stage.get("/api/2/roles/10/users").await.ids(), [1, 2, 3]);
}

#[tokio::test]
async fn unassigned_people_are_listed_on_request() {
    let stage = stage(tenant()).await;
    let all = stage.get("/api/2/roles/10/users?include_unassigned=true").await;
    assert_eq!(all.ids(), [1, 2, 3, 4, 5]);
    assert_eq!(all.body[2]["assigned"], false);
    assert_eq!(stage.get("/api/2/roles/10/users?name=user2").await.ids(), [2]);
}

#[tokio::test]
async fn many_members_come_in_pages() {
    let mut tenant = tenant_of(122);
    tenant.add_role(Role::new(10, "Everyone").with_members(1..=122));
    let stage = stage(tenant).await;
    let pages = stage.walk("/api/2/roles/10/users?limit=100").await;
    assert_eq!(pages.concat(), (1..=122).collect::<Vec<_>>());
    assert_eq!(pages.len(), 2);
}
