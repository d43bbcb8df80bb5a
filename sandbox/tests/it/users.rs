use onelogin_sandbox::{FieldVariant, Role, User};
use serde_json::json;

use crate::support::{stage, tenant_of};

#[tokio::test]
async fn single_read_shows_every_field_and_every_attribute_of_the_tenant() {
    let mut tenant = tenant_of(1);
    tenant.custom_attributes.insert("employeenumber".to_owned());
    tenant.add_role(Role::new(10, "VPN").with_members([1]));
    let stage = stage(tenant).await;
    let answer = stage.get("/api/2/users/1").await;
    assert_eq!(answer.body.as_object().unwrap().len(), 33);
    assert_eq!(answer.body["custom_attributes"], json!({"employeenumber": null}));
    assert_eq!(answer.body["role_ids"], json!([10]));
    let gone = stage.get("/api/2/users/2").await;
    assert_eq!(gone.status, 404);
    assert_eq!(gone.body["name"], "NotFoundError");
}

#[tokio::test]
async fn update_changes_what_it_names_and_the_date_of_change() {
    let mut tenant = tenant_of(2);
    tenant.users.get_mut(&1).unwrap().status = 4;
    let stage = stage(tenant).await;
    let now = stage.control.now();
    stage.control.set_now(now);
    let answer = stage
        .put(
            "/api/2/users/1?mappings=disabled",
            &json!({"title": "Boss", "manager_user_id": "2", "custom_attributes": {"team": "blue"}}),
        )
        .await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.body["title"], "Boss");
    assert_eq!(answer.body["status"], 4);
    stage.control.with_tenant(|tenant| {
        let user = &tenant.users[&1];
        assert_eq!(user.manager_user_id, Some(2));
        assert_eq!(user.updated_at, now);
        assert_eq!(user.email.as_deref(), Some("user1@acme.example"));
        assert_eq!(user.custom_attributes["team"].as_deref(), Some("blue"));
    });
    let password = "correct horse battery";
    let body = json!({"password": password, "password_confirmation": password});
    assert_eq!(stage.put("/api/2/users/1", &body).await.body["status"], 1);
    stage.control.with_tenant(|tenant| {
        assert_eq!(tenant.users[&1].password_changed_at, Some(now));
    });
    assert_eq!(stage.control.mutations().len(), 2);
}

#[tokio::test]
async fn refused_update_changes_nothing() {
    let mut tenant = tenant_of(3);
    tenant.account_owner_id = Some(3);
    let before = tenant.clone();
    let stage = stage(tenant).await;
    let unknown = stage
        .put("/api/2/users/1", &json!({"title": "x", "user_id": 1}))
        .await;
    assert_eq!(unknown.status, 400);
    assert_eq!(unknown.body["message"], "unknown attribute: user_id");
    let taken = stage
        .put("/api/2/users/1", &json!({"email": "USER2@acme.example"}))
        .await;
    assert_eq!(taken.status, 422);
    assert_eq!(
        taken.body["message"],
        "Validation failed: Email must be unique within acme"
    );
    let owner = stage.put("/api/2/users/3", &json!({"title": "x"})).await;
    assert_eq!(owner.status, 403);
    assert!(owner.body["message"].as_str().unwrap().contains("account owner"));
    let mismatch = json!({"password": "a", "password_confirmation": "b"});
    assert_eq!(stage.put("/api/2/users/1", &mismatch).await.status, 422);
    assert_eq!(stage.put("/api/2/users/9", &json!({})).await.status, 404);
    stage.control.with_tenant(|tenant| assert_eq!(*tenant, before));
}

#[tokio::test]
async fn odd_fields_go_over_the_wire_as_they_were_set() {
    let mut tenant = tenant_of(2);
    let variants = [
        ("status".to_owned(), FieldVariant::Value(json!("active"))),
        ("state".to_owned(), FieldVariant::Absent),
        ("email".to_owned(), FieldVariant::EmptyString),
    ];
    tenant.add_user(User {
        variants: variants.into(),
        ..User::new(2, "user2@acme.example")
    });
    tenant
        .knobs
        .field_variants
        .insert("id".to_owned(), FieldVariant::AsString);
    let stage = stage(tenant).await;
    let answer = stage.get("/api/2/users").await;
    assert_eq!(answer.body[0]["id"], "1");
    assert_eq!(answer.body[0]["status"], 1);
    assert_eq!(answer.body[1]["status"], "active");
    assert_eq!(answer.body[1]["email"], "");
    assert_eq!(answer.body[1].get("state"), None);
}
