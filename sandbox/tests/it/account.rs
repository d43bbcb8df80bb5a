use onelogin_sandbox::Scope;
use serde_json::{Value, json};

use crate::support::{stage, tenant_of};

#[tokio::test]
async fn state_is_set_once_and_leaves_three_for_one_only() {
    let mut tenant = tenant_of(1);
    tenant.users.get_mut(&1).unwrap().state = 3;
    let stage = stage(tenant).await;
    let cases = [
        (json!({"state": 3}), 400, json!("user is already in this state")),
        (json!({"state": 0}), 400, json!("state is invalid")),
        (json!({"state": 7}), 400, json!("state is invalid")),
        (
            json!({"state": "1"}),
            400,
            json!({"attribute": "state", "description": "state has incorrect data type. It should be -> integer"}),
        ),
        (json!({"state": 1}), 200, json!("Success")),
        (json!({"state": 0}), 200, json!("Success")),
    ];
    for (body, status, message) in cases {
        let answer = stage.put("/api/1/users/1/set_state", &body).await;
        assert_eq!(answer.status, status, "{body}");
        assert_eq!(answer.body["status"]["message"], message, "{body}");
    }
    assert_eq!(stage.get("/api/2/users/1").await.body["state"], 0);
}

#[tokio::test]
async fn logging_out_takes_a_scope_that_reads_nothing() {
    let mut tenant = tenant_of(1);
    tenant.credentials[0].scope = Scope::AuthenticationOnly;
    let stage = stage(tenant).await;
    let done = stage.put("/api/1/users/1/logout", &json!({})).await;
    assert_eq!((done.status, &done.body["status"]["error"]), (200, &json!(false)));
    assert_eq!(done.body.get("data"), None);
    assert_eq!(stage.put("/api/1/users/2/logout", &json!({})).await.status, 404);
    stage
        .control
        .with_tenant(|tenant| tenant.credentials[0].scope = Scope::ReadAll);
    assert_eq!(stage.put("/api/1/users/1/logout", &json!({})).await.status, 401);
}

#[tokio::test]
async fn invitations_mind_the_letters_of_the_address() {
    let stage = stage(tenant_of(1)).await;
    let link = stage
        .post(
            "/api/1/invites/get_invite_link",
            &json!({"email": "user1@acme.example"}),
        )
        .await;
    let address = link.body["data"][0].as_str().unwrap();
    assert!(address.contains("/password/reset?token="), "{address}");
    let other_letters = json!({"email": "User1@acme.example"});
    let unknown = stage.post("/api/1/invites/get_invite_link", &other_letters).await;
    assert_eq!(unknown.status, 404);
    let wish = json!({"email": "user1@acme.example", "personal_email": "me@home.example"});
    let sent = stage.post("/api/1/invites/send_invite_link", &wish).await;
    assert_eq!(
        sent.body["status"]["message"],
        "Email sent successfully to me@home.example"
    );
    assert_eq!(sent.body.get("data"), None::<&Value>);
}
