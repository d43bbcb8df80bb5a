#![expect(clippy::unwrap_used, reason = "a test whose stage cannot be set has failed")]

use onelogin_sandbox::{AwaitingReset, ExpiryFlip, Policy, StatusAfterPassword, Tenant};
use serde_json::{Value, json};

use crate::support::{Stage, stage, tenant_of};

fn tenant() -> Tenant {
    let mut tenant = tenant_of(2);
    tenant.add_policy(Policy::user(1, "Default", 90).as_default());
    tenant.users.get_mut(&1).unwrap().status = 5;
    tenant
}

async fn set_clear(stage: &Stage, password: &str, validate: Option<bool>) -> u16 {
    let mut body = json!({"password": password, "password_confirmation": password});
    if let Some(validate) = validate {
        body["validate_policy"] = Value::Bool(validate);
    }
    let answer = stage.put("/api/1/users/set_password_clear_text/1", &body).await;
    answer.status
}

#[tokio::test]
async fn password_in_clear_is_checked_only_on_request() {
    let stage = stage(tenant()).await;
    let now = stage.control.now();
    stage.control.set_now(now);
    assert_eq!(set_clear(&stage, "short", Some(true)).await, 400);
    assert_eq!(stage.get("/api/2/users/1").await.body["status"], 5);
    assert_eq!(set_clear(&stage, "short", None).await, 200);
    stage.control.with_tenant(|tenant| {
        assert_eq!(tenant.users[&1].password_changed_at, Some(now));
        assert_eq!(tenant.users[&1].status, 1);
    });
    let differs = json!({"password": "one", "password_confirmation": "two"});
    let answer = stage
        .put("/api/1/users/set_password_clear_text/1", &differs)
        .await;
    assert_eq!(answer.status, 400);
    let v2 = json!({"password": "short", "password_confirmation": "short"});
    assert_eq!(stage.put("/api/2/users/1", &v2).await.status, 422);
}

#[tokio::test]
async fn status_after_a_password_is_a_knob() {
    let mut tenant = tenant();
    tenant.knobs.status_after_password = StatusAfterPassword::Unchanged;
    let stage = stage(tenant).await;
    assert_eq!(set_clear(&stage, "correct horse battery", Some(true)).await, 200);
    assert_eq!(stage.get("/api/2/users/1").await.body["status"], 5);
}

#[tokio::test]
async fn salted_password_must_look_like_a_hash() {
    let stage = stage(tenant()).await;
    let hash = "a1".repeat(32);
    let body = |hash: &str, algorithm: &str, salt: &str| {
        json!({
            "password": hash,
            "password_confirmation": hash,
            "password_algorithm": algorithm,
            "password_salt": salt,
        })
    };
    let path = "/api/1/users/set_password_using_salt/2";
    let upper = hash.to_uppercase();
    let long = "x".repeat(41);
    for bad in [
        body(&upper, "salt+sha256", "x"),
        body(&hash, "bcrypt", "x"),
        body(&hash, "salt+sha256", &long),
    ] {
        assert_eq!(stage.put(path, &bad).await.status, 400);
    }
    let good = body(&hash, "salt+sha256", "x");
    assert_eq!(stage.put(path, &good).await.status, 200);
}

#[tokio::test]
async fn status_five_reads_back_as_the_knob_says() {
    let stage = stage(tenant()).await;
    let cases = [
        (AwaitingReset::Kept, 5),
        (AwaitingReset::ShownAsExpired, 4),
        (AwaitingReset::Ignored, 1),
    ];
    for (knob, status) in cases {
        stage.control.with_tenant(|tenant| {
            tenant.users.get_mut(&2).unwrap().status = 1;
            tenant.knobs.awaiting_reset = knob;
        });
        let user = stage.put("/api/2/users/2", &json!({"status": 5})).await.body;
        assert_eq!(user["status"], status, "{knob:?}");
    }
}

#[tokio::test]
async fn old_password_turns_into_status_four_at_login_or_by_itself() {
    let stage = stage(tenant()).await;
    let path = "/api/1/users/2";
    stage.control.with_tenant(|tenant| {
        tenant.users.get_mut(&2).unwrap().password_changed_at = Some(jiff::Timestamp::UNIX_EPOCH);
    });
    let status = stage.get(path).await.body["data"][0]["status"].clone();
    assert_eq!(status, 1);
    assert_eq!(stage.control.sign_in_user(2), Some(4));
    stage.control.with_tenant(|tenant| {
        tenant.users.get_mut(&2).unwrap().status = 1;
        tenant.knobs.expiry_flip = ExpiryFlip::ByItself;
    });
    let status = stage.get(path).await.body["data"][0]["status"].clone();
    assert_eq!(status, 4);
    assert_eq!(stage.control.sign_in_user(99), None);
}
