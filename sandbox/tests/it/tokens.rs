#![expect(clippy::unwrap_used, reason = "a test whose stage cannot be set has failed")]

use onelogin_sandbox::{Credential, Scope, Tenant, TokenThrottle};
use serde_json::{Value, json};

use crate::support::{Stage, stage, tenant_of};

async fn revoke(stage: &Stage, secret: &str, token: &str) -> (u16, Value) {
    let request = stage.http().post(stage.url("/auth/oauth2/revoke"));
    let request = request
        .basic_auth("sandbox-client", Some(secret))
        .json(&json!({"access_token": token}));
    let response = request.send().await.unwrap();
    (response.status().as_u16(), response.json().await.unwrap())
}

#[tokio::test]
async fn revoked_token_is_dead_and_the_next_one_is_new() {
    let mut tenant = tenant_of(1);
    tenant.credentials.push(Credential {
        client_id: "other".to_owned(),
        client_secret: "secret".to_owned(),
        scope: Scope::ManageAll,
    });
    let mut stage = stage(tenant).await;
    let token = stage.token().to_owned();
    assert_eq!(revoke(&stage, "wrong", &token).await.0, 401);
    assert_eq!(revoke(&stage, "sandbox-secret", "nonsense").await.0, 404);
    let (status, body) = revoke(&stage, "sandbox-secret", &token).await;
    assert_eq!(status, 200);
    assert_eq!(
        body,
        json!({"status": {"error": false, "code": 200, "type": "success", "message": "Success"}})
    );
    assert_eq!(stage.get("/api/2/users").await.status, 401);
    stage.sign_in().await;
    assert_ne!(stage.token(), token);
    assert_eq!(stage.get("/api/2/users").await.status, 200);
}

#[tokio::test]
async fn legacy_token_comes_in_an_envelope_and_kills_the_one_before() {
    let stage = stage(tenant_of(1)).await;
    let request = stage.http().post(stage.url("/auth/oauth2/token"));
    let request = request
        .basic_auth("sandbox-client", Some("sandbox-secret"))
        .json(&json!({"grant_type": "client_credentials"}));
    let body: Value = request.send().await.unwrap().json().await.unwrap();
    assert_eq!(body["status"]["type"], "success");
    assert_ne!(body["data"][0]["access_token"], stage.token());
    assert_eq!(stage.get("/api/2/users").await.status, 401);
}

#[tokio::test]
async fn edge_loses_patience_with_bad_token_requests() {
    let mut tenant = Tenant::empty();
    assert_eq!(
        tenant.knobs.token_throttle,
        Some(TokenThrottle {
            tries: 200,
            seconds: 5
        })
    );
    tenant.knobs.token_throttle = Some(TokenThrottle { tries: 3, seconds: 5 });
    let stage = stage(tenant).await;
    let now = stage.control.now();
    stage.control.set_now(now);
    let knock = || {
        let request = stage.http().post(stage.url("/auth/oauth2/v2/token"));
        let request = request
            .basic_auth("sandbox-client", Some("wrong"))
            .json(&json!({"grant_type": "client_credentials"}));
        request.send()
    };
    for _ in 0..3 {
        assert_eq!(knock().await.unwrap().status(), 401);
    }
    let shut = knock().await.unwrap();
    assert_eq!(shut.status(), 429);
    let headers = shut.headers();
    assert_eq!(headers["content-type"], "text/html");
    assert_eq!(headers["content-length"], "117");
    assert_eq!(headers["connection"], "close");
    assert_eq!(headers.get("retry-after"), None);
    assert_eq!(headers.get("x-request-id"), None);
    stage.control.set_now(now + jiff::SignedDuration::from_secs(5));
    assert_eq!(knock().await.unwrap().status(), 401);
}
