#![expect(clippy::unwrap_used, reason = "a test whose stage cannot be set has failed")]

use onelogin_sandbox::{LeastScope, LockKind, Policy, Scope, ShortLock, Tenant};
use serde_json::{Value, json};

use crate::support::{Stage, stage, tenant_of};

const NOW: &str = "2026-03-02T09:00:00Z";

async fn stage_at_nine(tenant: Tenant) -> Stage {
    let mut stage = stage(tenant).await;
    stage.control.revoke_tokens();
    stage.control.set_now(NOW.parse().unwrap());
    stage.sign_in().await;
    stage
}

fn tenant() -> Tenant {
    let mut tenant = tenant_of(3);
    // Locks after 5 failed logins, for 15 minutes.
    tenant.add_policy(Policy::user(1, "Default", 90).as_default());
    tenant.account_owner_id = Some(3);
    tenant
}

async fn lock(stage: &Stage, user: i64, body: Value) -> u16 {
    stage
        .put(&format!("/api/1/users/{user}/lock_user"), &body)
        .await
        .status
}

async fn unlock(stage: &Stage, user: i64) -> (u16, Value) {
    let path = format!("/api/2/users/{user}/unlock");
    let answer = stage.post(&path, &json!({})).await;
    (answer.status, answer.body)
}

#[tokio::test]
async fn api_lock_lasts_so_many_minutes_and_at_least_as_the_policy_says() {
    let stage = stage_at_nine(tenant()).await;
    for (minutes, until) in [(30, "09:30"), (0, "09:15"), (1, "09:15")] {
        assert_eq!(lock(&stage, 1, json!({"locked_until": minutes})).await, 200);
        let user = stage.get("/api/2/users/1").await.body;
        assert_eq!(user["status"], 3);
        assert_eq!(user["locked_until"], format!("2026-03-02T{until}:00.000Z"));
    }
    stage.control.with_tenant(|tenant| {
        tenant.knobs.short_lock = ShortLock::Refuse;
        tenant.policies.get_mut(&1).unwrap().lock_effective_minutes = Some(60);
    });
    assert_eq!(lock(&stage, 1, json!({"locked_until": 30})).await, 400);
    stage.control.with_tenant(|tenant| {
        tenant.policies.clear();
    });
    assert_eq!(lock(&stage, 1, json!({"locked_until": 0})).await, 200);
    assert_eq!(
        stage.get("/api/2/users/1").await.body["locked_until"],
        Value::Null
    );
}

#[tokio::test]
async fn lock_is_refused_for_the_owner_and_for_bad_minutes() {
    let stage = stage_at_nine(tenant()).await;
    assert_eq!(lock(&stage, 3, json!({"locked_until": 15})).await, 403);
    assert_eq!(lock(&stage, 9, json!({"locked_until": 15})).await, 404);
    let bad = stage
        .put("/api/1/users/1/lock_user", &json!({"locked_until": "soon"}))
        .await;
    assert_eq!(bad.status, 400);
    assert_eq!(bad.body["status"]["message"], "locked_until should be -> integer");
    let no_json = stage.http().put(stage.url("/api/1/users/1/lock_user"));
    let no_json = no_json.bearer_auth(stage.token()).body("{");
    let answer: Value = no_json.send().await.unwrap().json().await.unwrap();
    assert_eq!(answer["status"]["message"], "Input JSON is not valid");
}

#[tokio::test]
async fn unlock_lifts_locks_of_failed_logins_only() {
    let stage = stage_at_nine(tenant()).await;
    assert_eq!(stage.control.fail_logins(1, 4), Some(1));
    assert_eq!(stage.control.fail_logins(1, 1), Some(3));
    let locked = stage.get("/api/2/users/1").await.body;
    assert_eq!(locked["invalid_login_attempts"], 0);
    assert_eq!(locked["locked_until"], "2026-03-02T09:15:00.000Z");
    assert_eq!(
        unlock(&stage, 1).await,
        (200, json!({"message": "User unlocked"}))
    );
    assert_eq!(stage.get("/api/2/users/1").await.body["status"], 1);
    let refusal = (422, json!({"message": "User cannot be unlocked"}));
    assert_eq!(unlock(&stage, 1).await, refusal);
    lock(&stage, 1, json!({"locked_until": 15})).await;
    assert_eq!(unlock(&stage, 1).await, refusal);
    assert_eq!(unlock(&stage, 9).await.0, 404);
}

#[tokio::test]
async fn status_one_lifts_both_kinds_of_lock() {
    let mut tenant = tenant();
    for (id, kind) in [(1, LockKind::Api), (2, LockKind::FailedLogins)] {
        let user = tenant.users.remove(&id).unwrap();
        tenant.add_user(user.locked(kind, None));
    }
    let stage = stage_at_nine(tenant).await;
    for id in [1, 2] {
        let path = format!("/api/2/users/{id}?mappings=disabled");
        let user = stage.put(&path, &json!({"status": 1})).await.body;
        assert_eq!(
            (&user["status"], &user["locked_until"]),
            (&json!(1), &Value::Null)
        );
    }
}

#[tokio::test]
async fn scope_of_unlock_is_a_knob() {
    let mut tenant = tenant();
    tenant.credentials[0].scope = Scope::ManageUsers;
    let stage = stage_at_nine(tenant).await;
    assert_eq!(unlock(&stage, 1).await.0, 422);
    stage
        .control
        .with_tenant(|tenant| tenant.knobs.unlock_scope = LeastScope::ManageAll);
    assert_eq!(unlock(&stage, 1).await.0, 401);
}

#[tokio::test]
async fn lock_that_has_run_out_ends_at_login_or_by_itself() {
    let stage = stage_at_nine(tenant()).await;
    for id in [1, 2] {
        lock(&stage, id, json!({"locked_until": 15})).await;
    }
    assert_eq!(stage.control.sign_in_user(1), Some(3));
    stage.control.set_now("2026-03-02T09:15:00Z".parse().unwrap());
    assert_eq!(stage.get("/api/2/users/2").await.body["status"], 3);
    assert_eq!(stage.control.sign_in_user(1), Some(1));
    stage
        .control
        .with_tenant(|tenant| tenant.knobs.locks_run_out = true);
    assert_eq!(stage.get("/api/2/users/2").await.body["status"], 1);
}
