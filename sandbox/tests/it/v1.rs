use onelogin_sandbox::Role;
use serde_json::{Value, json};

use crate::support::{stage, tenant_of};

#[tokio::test]
async fn list_carries_every_field_in_an_envelope() {
    let mut tenant = tenant_of(2);
    tenant.custom_attributes.insert("team".to_owned());
    tenant.add_role(Role::new(10, "VPN").with_members([1]));
    tenant.users.get_mut(&2).unwrap().username = None;
    let stage = stage(tenant).await;
    let answer = stage.get("/api/1/users").await;
    assert_eq!(answer.body["status"]["type"], "success");
    let rows = answer.body["data"].as_array().unwrap();
    assert_eq!(rows[0]["role_id"], json!([10]));
    assert_eq!(rows[1]["role_id"], Value::Null);
    assert_eq!(rows[1]["username"], "");
    assert_eq!(rows[0]["custom_attributes"], json!({"team": ""}));
    assert_eq!(rows[0].get("role_ids"), None);
}

#[tokio::test]
async fn keyset_cursors_do_not_mind_changes_further_ahead() {
    let stage = stage(tenant_of(120)).await;
    let mut seen = Vec::new();
    let mut cursor = String::new();
    loop {
        let answer = stage
            .get(&format!(
                "/api/1/users?after_cursor={}",
                cursor.replace('=', "%3D")
            ))
            .await;
        let rows = answer.body["data"].as_array().unwrap().clone();
        seen.extend(rows.iter().map(|row| row["id"].as_i64().unwrap()));
        stage.control.with_tenant(|tenant| tenant.users.remove(&seen[0]));
        match answer.body["pagination"]["after_cursor"].as_str() {
            Some(next) => next.clone_into(&mut cursor),
            None => break,
        }
    }
    assert_eq!(seen, (1..=120).collect::<Vec<_>>());
}

#[tokio::test]
async fn only_v1_calls_count_against_the_hour() {
    let mut tenant = tenant_of(1);
    tenant.knobs.v1_hourly_limit = 2;
    let stage = stage(tenant).await;
    let now = "2026-03-02T09:50:00Z";
    stage.control.revoke_tokens();
    stage.control.set_now(now.parse().unwrap());
    let mut stage = stage;
    stage.sign_in().await;
    assert_eq!(stage.get("/api/2/users").await.header("x-ratelimit-limit"), None);
    let first = stage.get("/api/1/users").await;
    assert_eq!(first.header("x-ratelimit-remaining"), Some("1"));
    assert_eq!(first.header("x-ratelimit-reset"), Some("600"));
    let lengths: Vec<usize> = first
        .header("x-request-id")
        .unwrap()
        .split('-')
        .map(str::len)
        .collect();
    assert_eq!(lengths, [8, 8, 4, 8, 4, 6, 4]);
    assert_eq!(stage.get("/api/1/users").await.status, 200);
    assert_eq!(stage.get("/api/1/users").await.status, 429);
    let probe = stage.get("/auth/rate_limit").await;
    assert_eq!(probe.body["data"]["X-RateLimit-Remaining"], 0);
    stage.control.set_now("2026-03-02T10:00:00Z".parse().unwrap());
    assert_eq!(stage.get("/api/1/users").await.status, 200);
}
