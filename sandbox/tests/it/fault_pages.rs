use onelogin_sandbox::{Fault, FaultKind, RetryAfter, Role, parse_faults};
use serde_json::{Value, json};

use crate::support::{Stage, stage, tenant_of};

const USERS: &str = "GET /api/2/users";

/// The first ids of so many pages in a row, and whether there would be one more.
async fn stroll(stage: &Stage, pages: usize) -> (Vec<Option<i64>>, bool) {
    let mut seen = Vec::new();
    let mut path = "/api/2/users?limit=2".to_owned();
    for _ in 0..pages {
        let answer = stage.get(&path).await;
        seen.push(answer.ids().first().copied());
        let Some(cursor) = answer.header("after-cursor") else {
            return (seen, false);
        };
        path = format!("/api/2/users?cursor={}", cursor.replace('=', "%3D"));
    }
    (seen, true)
}

#[tokio::test]
async fn cursors_can_go_round_and_on_for_ever() {
    let stage = stage(tenant_of(5)).await;
    assert_eq!(stroll(&stage, 9).await, (vec![Some(1), Some(3), Some(5)], false));
    let cycle = stage.control.add_fault(Fault::on(USERS, FaultKind::CursorCycle));
    assert_eq!(
        stroll(&stage, 5).await,
        (vec![Some(1), Some(3), Some(1), Some(3), Some(1)], true)
    );
    assert_eq!(stage.control.fault_counts(), [(cycle, 5)]);
    stage.control.clear_faults();
    stage
        .control
        .add_fault(Fault::on(USERS, FaultKind::EndlessCursor));
    assert_eq!(
        stroll(&stage, 5).await,
        (vec![Some(1), Some(3), Some(5), None, None], true)
    );
    stage.control.clear_faults();
    let wrong = FaultKind::WrongCursor("bm9uc2Vuc2U=".to_owned());
    stage.control.add_fault(Fault::on(USERS, wrong).nth(1));
    let first = stage.get("/api/2/users?limit=2").await;
    assert_eq!(first.header("after-cursor"), Some("bm9uc2Vuc2U="));
    assert_eq!(stage.get("/api/2/users?cursor=bm9uc2Vuc2U%3D").await.status, 400);
}

#[tokio::test]
async fn v1_cursors_can_do_the_same() {
    let mut tenant = tenant_of(3);
    tenant.knobs.v1_page_size = 2;
    let stage = stage(tenant).await;
    let next = async |after: &str| {
        let path = format!("/api/1/users?after_cursor={}", after.replace('=', "%3D"));
        let body = stage.get(&path).await.body;
        body["pagination"]["after_cursor"].as_str().map(str::to_owned)
    };
    let second = next("").await.unwrap();
    assert_eq!(next(&second).await, None);
    let on = |kind| stage.control.add_fault(Fault::on("/api/1/users", kind));
    on(FaultKind::EndlessCursor);
    let third = next(&second).await.unwrap();
    assert_ne!(third, second);
    assert_ne!(next(&third).await.unwrap(), third);
    stage.control.clear_faults();
    on(FaultKind::CursorCycle);
    let first = next(&second).await.unwrap();
    assert_eq!(next(&first).await.unwrap(), second);
}

#[tokio::test]
async fn lists_can_have_the_wrong_shape_and_count() {
    let mut tenant = tenant_of(2);
    tenant.add_role(Role::new(10, "VPN").with_members([1]));
    let stage = stage(tenant).await;
    let add = |route: &str, kind| stage.control.add_fault(Fault::on(route, kind).nth(1));
    add(
        "/api/2/roles/:id/users",
        FaultKind::WrappedRows("users".to_owned()),
    );
    let wrapped = stage.get("/api/2/roles/10/users").await.body;
    assert_eq!(wrapped["users"][0]["id"], 1);
    add("/api/1/users", FaultKind::WrappedRows("users".to_owned()));
    let wrapped = stage.get("/api/1/users").await.body;
    assert_eq!(wrapped["data"]["users"][1]["id"], 2);
    add(USERS, FaultKind::WrongJson(json!({"users": 1})));
    assert_eq!(stage.get("/api/2/users").await.body, json!({"users": 1}));
    add(USERS, FaultKind::TotalCountText("many".to_owned()));
    let vague = stage.get("/api/2/users").await;
    assert_eq!(vague.header("total-count"), Some("many"));
}

#[tokio::test]
async fn retry_after_comes_in_every_shape() {
    let stage = stage(tenant_of(1)).await;
    stage.control.revoke_tokens();
    stage.control.set_now("2026-03-02T09:00:00Z".parse().unwrap());
    let cases = [
        (RetryAfter::Absent, None),
        (RetryAfter::Seconds(7), Some("7")),
        (RetryAfter::Seconds(-7), Some("-7")),
        (RetryAfter::HttpDate(90), Some("Mon, 02 Mar 2026 09:01:30 GMT")),
        (RetryAfter::HttpDate(-60), Some("Mon, 02 Mar 2026 08:59:00 GMT")),
        (RetryAfter::Absurd, Some("99999999999999999999")),
        (RetryAfter::Text("later".to_owned()), Some("later")),
    ];
    for (retry_after, header) in cases {
        let kind = FaultKind::Throttled {
            code: 503,
            retry_after,
        };
        stage.control.add_fault(Fault::on(USERS, kind).nth(1));
        let answer = stage.get("/api/2/users").await;
        assert_eq!((answer.status, answer.header("retry-after")), (503, header));
        assert_eq!(answer.header("x-request-id"), None);
    }
}

#[test]
fn new_kinds_are_read_from_json() {
    let text = r#"[
        {"route": "/a", "kind": {"throttled": {"retry_after": {"http_date": 30}}}},
        {"route": "/a", "kind": {"throttled": {"code": 503, "retry_after": "absurd"}}},
        {"route": "/a", "kind": {"total_count_text": "x"}},
        {"route": "/a", "kind": {"wrapped_rows": "users"}},
        {"route": "/a", "kind": {"wrong_json": {"users": []}}},
        {"route": "/a", "kind": {"wrong_cursor": "x"}},
        {"route": "/a", "kind": "cursor_cycle"},
        {"route": "/a", "kind": "endless_cursor"}
    ]"#;
    let faults = parse_faults(text).unwrap();
    let retry_after = RetryAfter::HttpDate(30);
    assert_eq!(
        faults[0].kind,
        FaultKind::Throttled {
            code: 429,
            retry_after
        }
    );
    assert_eq!(
        faults[4].kind,
        FaultKind::WrongJson(json!({"users": Value::Array(Vec::new())}))
    );
}
