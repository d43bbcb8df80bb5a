use onelogin_sandbox::{Credential, LeastScope, Scope, ScopeRefusal, Tenant};
use serde_json::{Value, json};

use crate::support::{envelope, stage, tenant_of};

const NOW: &str = "2026-03-02T09:00:00Z";

#[tokio::test]
async fn every_form_of_the_credential_gives_the_same_token() {
    let stage = stage(Tenant::empty()).await;
    let url = stage.url("/auth/oauth2/v2/token");
    let grant = json!({"grant_type": "client_credentials"});
    let form = "grant_type=client_credentials&client_id=sandbox-client&client_secret=sandbox-secret";
    let post = || stage.http().post(&url);
    let requests = [
        post()
            .header(
                "authorization",
                "client_id:sandbox-client, client_secret:sandbox-secret",
            )
            .json(&grant),
        post()
            .header(
                "authorization",
                "client_id:sandbox-client,client_secret:sandbox-secret",
            )
            .json(&grant),
        post()
            .basic_auth("sandbox-client", Some("sandbox-secret"))
            .json(&grant),
        post()
            .basic_auth("sandbox-client", Some("sandbox-secret"))
            .header("content-type", "application/x-www-form-urlencoded")
            .body("grant_type=client_credentials"),
        post()
            .header("content-type", "application/x-www-form-urlencoded")
            .body(form),
        post().json(&json!({
            "grant_type": "client_credentials",
            "client_id": "sandbox-client",
            "client_secret": "sandbox-secret",
        })),
    ];
    for request in requests {
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), 200);
        let body: Value = response.json().await.unwrap();
        assert_eq!(body["access_token"], stage.token());
        assert_eq!(body["token_type"], "bearer");
        assert_eq!(body["account_id"], 189_185);
    }
}

#[tokio::test]
async fn token_is_kept_until_it_expires_and_always_says_ten_hours() {
    let mut stage = stage(tenant_of(1)).await;
    stage.control.revoke_tokens();
    stage.control.set_now(NOW.parse().unwrap());
    let first = stage.request_token().await;
    stage.control.set_now("2026-03-02T18:59:59Z".parse().unwrap());
    let same = stage.request_token().await;
    assert_eq!(first, same);
    assert_eq!(same["created_at"], "2026-03-02T09:00:00.000Z");
    assert_eq!(same["expires_in"], 36000);
    stage.sign_in().await;
    stage.control.set_now("2026-03-02T19:00:00Z".parse().unwrap());
    let refused = stage.get("/api/1/users").await;
    assert_eq!(refused.status, 401);
    assert_eq!(
        refused.body,
        envelope(401, "Unauthorized", "Authentication Failure")
    );
    let renewed = stage.request_token().await;
    assert_ne!(renewed["access_token"], first["access_token"]);
    assert_eq!(renewed["created_at"], "2026-03-02T19:00:00.000Z");
}

#[tokio::test]
async fn first_token_may_be_hours_old() {
    let mut tenant = Tenant::empty();
    tenant.knobs.first_token_age_seconds = 35_990;
    let stage = stage(tenant).await;
    let control = &stage.control;
    let now = control.now();
    control.set_now(now);
    let token = stage.request_token().await;
    let created_at: jiff::Timestamp = token["created_at"].as_str().unwrap().parse().unwrap();
    assert!(now.duration_since(created_at).as_secs() >= 35_989);
    assert_eq!(token["expires_in"], 36000);
}

#[tokio::test]
async fn refused_token_requests_say_why() {
    let stage = stage(Tenant::empty()).await;
    let url = stage.url("/auth/oauth2/v2/token");
    let post = |secret: &str, grant: &str| {
        let request = stage.http().post(&url).basic_auth("sandbox-client", Some(secret));
        request.json(&json!({"grant_type": grant})).send()
    };
    let wrong_secret = post("wrong", "client_credentials").await.unwrap();
    assert_eq!(wrong_secret.status(), 401);
    assert_eq!(wrong_secret.headers()["content-length"], "93");
    let wrong_grant = post("sandbox-secret", "password").await.unwrap();
    assert_eq!(wrong_grant.status(), 400);
    let body: Value = wrong_grant.json().await.unwrap();
    let message = body["status"]["message"].as_str().unwrap();
    assert!(message.starts_with("grant_type is incorrect"), "{message}");
    stage.control.with_tenant(|tenant| {
        let id = "sandbox-client".to_owned();
        tenant.knobs.orphaned_credentials.insert(id);
    });
    let orphaned = post("sandbox-secret", "client_credentials").await.unwrap();
    assert_eq!(orphaned.status(), 500);
}

#[tokio::test]
async fn bearer_may_stand_with_a_colon_and_in_any_case() {
    let stage = stage(tenant_of(1)).await;
    let url = stage.url("/api/2/users");
    for scheme in ["bearer ", "Bearer ", "bearer:", "BEARER "] {
        let header = format!("{scheme}{}", stage.token());
        let request = stage.http().get(&url).header("authorization", header);
        assert_eq!(request.send().await.unwrap().status(), 200, "{scheme}");
    }
    let missing = stage.http().get(&url).send().await.unwrap();
    assert_eq!(missing.status(), 400);
    let body: Value = missing.json().await.unwrap();
    assert_eq!(
        body,
        envelope(400, "bad request", "Authorization Information is incorrect")
    );
    stage.control.revoke_tokens();
    assert_eq!(stage.get("/api/2/users").await.status, 401);
}

#[tokio::test]
async fn scopes_open_what_is_documented() {
    let calls = [
        ("/api/2/users", [false, true, true, true, true]),
        ("/api/1/users", [false, true, true, true, true]),
        ("/api/2/groups", [false, true, true, true, true]),
        ("/api/2/roles", [false, true, false, true, true]),
        ("/api/2/policies", [false, false, false, true, true]),
    ];
    let scopes = [
        Scope::AuthenticationOnly,
        Scope::ReadUsers,
        Scope::ManageUsers,
        Scope::ReadAll,
        Scope::ManageAll,
    ];
    let stage = stage(tenant_of(1)).await;
    for (index, scope) in scopes.into_iter().enumerate() {
        stage
            .control
            .with_tenant(|tenant| tenant.credentials[0].scope = scope);
        for (path, allowed) in &calls {
            let wanted = if allowed[index] { 200 } else { 401 };
            assert_eq!(stage.get(path).await.status, wanted, "{path} with {scope:?}");
        }
    }
}

#[tokio::test]
async fn small_scope_is_refused_in_the_words_of_each_generation() {
    let mut tenant = tenant_of(1);
    tenant.credentials = vec![Credential {
        client_id: "sandbox-client".to_owned(),
        client_secret: "sandbox-secret".to_owned(),
        scope: Scope::ManageUsers,
    }];
    let stage = stage(tenant).await;
    let password =
        json!({"password": "correct horse battery", "password_confirmation": "correct horse battery"});
    assert_eq!(
        stage
            .put("/api/2/users/1", &json!({"title": "Boss"}))
            .await
            .status,
        200
    );
    let refused = stage.put("/api/2/users/1", &password).await;
    assert_eq!(refused.status, 401);
    assert_eq!(refused.body["name"], "UnauthorizedError");
    stage.control.with_tenant(|tenant| {
        tenant.knobs.v2_scope_refusal = ScopeRefusal::Forbidden;
        tenant.credentials[0].scope = Scope::AuthenticationOnly;
    });
    assert_eq!(stage.get("/api/2/users").await.status, 403);
    let v1 = stage.get("/api/1/users").await;
    assert_eq!(v1.status, 401);
    assert_eq!(v1.body, envelope(401, "Unauthorized", "Insufficient Permission"));
}

#[tokio::test]
async fn date_header_follows_the_clock() {
    let stage = stage(tenant_of(1)).await;
    stage.control.revoke_tokens();
    stage.control.set_now("2031-07-04T05:06:07Z".parse().unwrap());
    let answer = stage.get("/api/2/users").await;
    assert_eq!(answer.header("date"), Some("Fri, 04 Jul 2031 05:06:07 GMT"));
    stage.control.follow_system_clock();
    let answer = stage.get("/api/2/users").await;
    assert!(!answer.header("date").unwrap().contains("2031"));
}

#[tokio::test]
async fn unknown_routes_answer_as_onelogin_does() {
    let stage = stage(tenant_of(1)).await;
    let below_users = stage.get("/api/2/users/1/roles").await;
    assert_eq!(below_users.status, 401);
    assert_eq!(below_users.body["name"], "UnauthorizedError");
    let elsewhere = stage.get("/api/2/password_policies").await;
    assert_eq!(elsewhere.status, 404);
    assert_eq!(elsewhere.body["status"]["message"], "No Route Exists");
}

#[tokio::test]
async fn dropped_sandbox_listens_no_more() {
    let sandbox = onelogin_sandbox::Sandbox::start(Tenant::empty()).await.unwrap();
    let address = sandbox.url().replace("http://", "");
    tokio::net::TcpStream::connect(&address).await.unwrap();
    drop(sandbox);
    // The listener is closed by the runtime, not by the drop itself.
    while tokio::net::TcpStream::connect(&address).await.is_ok() {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn policies_and_the_number_of_v2_calls_hang_on_knobs() {
    let mut tenant = tenant_of(1);
    tenant.credentials[0].scope = Scope::ReadUsers;
    tenant.knobs.policies_scope = LeastScope::ReadUsers;
    tenant.knobs.v2_hourly_limit = Some(2);
    let stage = stage(tenant).await;
    assert_eq!(stage.get("/api/2/policies").await.status, 200);
    assert_eq!(stage.get("/api/2/users").await.status, 200);
    let shut = stage.get("/api/2/users").await;
    assert_eq!(
        (shut.status, shut.header("content-type")),
        (429, Some("text/html"))
    );
    assert_eq!(stage.get("/api/1/users").await.status, 200);
}
