use onelogin_sandbox::{Event, Exhausted, Role};
use serde_json::{Value, json};

use crate::support::{stage, tenant_of};

#[tokio::test]
async fn event_types_need_no_token_but_count() {
    let mut tenant = tenant_of(1);
    tenant.knobs.v1_hourly_limit = 1;
    let stage = stage(tenant).await;
    let url = stage.url("/api/1/events/types");
    let types = stage.http().get(&url).send().await.unwrap();
    assert_eq!(types.headers()["x-ratelimit-remaining"], "0");
    let body: Value = types.json().await.unwrap();
    let rows = body["data"].as_array().unwrap();
    let login = rows.iter().find(|row| row["id"] == 5).unwrap();
    assert_eq!(
        login,
        &json!({"id": 5, "name": "USER_LOGGED_INTO_ONELOGIN", "description": "%user% logged into OneLogin"})
    );
    let shut = stage.get("/api/1/events").await;
    assert_eq!((shut.status, &shut.body["status"]["code"]), (429, &json!(429)));
    stage
        .control
        .with_tenant(|tenant| tenant.knobs.v1_exhausted = Exhausted::EdgePage);
    let page = stage.get("/api/1/events").await;
    assert_eq!(page.status, 429);
    assert_eq!(page.header("content-type"), Some("text/html"));
}

#[tokio::test]
async fn events_are_filtered_and_come_in_pages() {
    let mut tenant = tenant_of(2);
    for id in 1..=120 {
        let at = jiff::Timestamp::from_second(1_772_000_000 + id).unwrap();
        let mut event = Event::new(id, 5 + id % 3, at);
        event.user_id = Some(1 + id % 2);
        tenant.add_event(event);
    }
    let stage = stage(tenant).await;
    let count = async |query: &str| {
        let answer = stage.get(&format!("/api/1/events?{query}")).await;
        assert_eq!(answer.status, 200, "{query}");
        answer.body["data"].as_array().unwrap().len()
    };
    assert_eq!(count("").await, 50);
    assert_eq!(count("limit=7").await, 7);
    assert_eq!(count("limit=70").await, 50);
    assert_eq!(count("event_type_id=5").await, 40);
    assert_eq!(count("event_type_id=5,6&user_id=1&id=6").await, 1);
    assert_eq!(count("since=2026-02-25T06:15:10.000Z").await, 11);
    assert_eq!(count("until=2026-02-25T06:13:25.000Z").await, 5);
    assert_eq!(count("client_id=1").await, 0);
    assert_eq!(stage.get("/api/1/events?since=yesterday").await.status, 400);
    let first = stage.get("/api/1/events").await;
    let cursor = first.body["pagination"]["after_cursor"].as_str().unwrap();
    let next = stage
        .get(&format!(
            "/api/1/events?after_cursor={}",
            cursor.replace('=', "%3D")
        ))
        .await;
    assert_eq!(next.body["data"][0]["id"], 51);
    let single = stage.get("/api/1/events/51").await;
    assert_eq!(single.body["data"], next.body["data"][0]);
    stage
        .control
        .with_tenant(|tenant| tenant.knobs.v1_event_in_array = true);
    let single = stage.get("/api/1/events/51").await;
    assert_eq!(single.body["data"][0], next.body["data"][0]);
    assert_eq!(stage.get("/api/1/events/999").await.status, 404);
}

#[tokio::test]
async fn writes_leave_events() {
    let mut tenant = tenant_of(1);
    tenant.add_role(Role::new(10, "VPN"));
    let stage = stage(tenant).await;
    stage.post("/api/2/roles/10/users", &json!([1])).await;
    stage
        .put("/api/1/users/1/lock_user", &json!({"locked_until": 5}))
        .await;
    let events = stage.get("/api/1/events?user_id=1").await.body;
    let kinds: Vec<i64> = events["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|event| event["event_type_id"].as_i64().unwrap())
        .collect();
    assert_eq!(kinds, [4, 531]);
    assert_eq!(events["data"][0]["role_name"], "VPN");
    assert_eq!(events["data"][1]["app-name"], Value::Null);
}
