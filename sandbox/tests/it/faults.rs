use std::time::Duration;

use onelogin_sandbox::{BodyShape, Fault, FaultKind, FieldVariant, Role, parse_faults};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{stage, tenant_of};

const USERS: &str = "GET /api/2/users";

fn status(code: u16) -> FaultKind {
    FaultKind::Status {
        code,
        body: BodyShape::default(),
        headers: [("Retry-After".to_owned(), "3".to_owned())].into(),
    }
}

#[tokio::test]
async fn fault_hits_the_calls_it_names_and_counts_them() {
    let stage = stage(tenant_of(1)).await;
    let id = stage
        .control
        .add_fault(Fault::on(USERS, status(502)).between(2, 3));
    let mut seen = Vec::new();
    for _ in 0..4 {
        seen.push(stage.get("/api/2/users").await.status);
        assert_eq!(stage.get("/api/2/users/1").await.status, 200);
    }
    assert_eq!(seen, [200, 502, 502, 200]);
    assert_eq!(stage.control.fault_fired(id), 2);
    stage.control.clear_requests();
    let once = stage
        .control
        .add_fault(Fault::on("/api/2/users/:id", status(503)).times(1));
    let hit = stage.get("/api/2/users/1").await;
    assert_eq!((hit.status, hit.header("retry-after")), (503, Some("3")));
    assert_eq!(stage.get("/api/2/users/1").await.status, 200);
    assert_eq!(stage.control.fault_fired(once), 1);
    let statuses: Vec<_> = stage.control.requests().iter().map(|one| one.status).collect();
    assert_eq!(statuses, [Some(503), Some(200)]);
    stage.control.add_fault(Fault::on("* /api/*", status(500)));
    assert_eq!(stage.get("/api/1/groups").await.status, 500);
    stage.control.clear_faults();
    assert_eq!(stage.get("/api/1/groups").await.status, 200);
}

#[tokio::test]
async fn edge_answers_with_html_and_no_request_id() {
    let stage = stage(tenant_of(1)).await;
    let kind = FaultKind::TooManyRequests { retry_after: None };
    stage.control.add_fault(Fault::on(USERS, kind).nth(1));
    let answer = stage.get("/api/2/users").await;
    assert_eq!(answer.status, 429);
    assert_eq!(answer.header("content-type"), Some("text/html"));
    assert_eq!(answer.header("x-request-id"), None);
    assert_eq!(answer.header("retry-after"), None);
}

#[tokio::test]
async fn write_may_take_effect_although_its_answer_is_lost() {
    let mut tenant = tenant_of(3);
    tenant.add_role(Role::new(10, "VPN"));
    let stage = stage(tenant).await;
    let route = "POST /api/2/roles/:id/users";
    stage.control.add_fault(Fault::on(route, status(502)).nth(1));
    stage
        .control
        .add_fault(Fault::on(route, status(502)).nth(2).after_effect());
    stage
        .control
        .add_fault(Fault::on(route, FaultKind::ConnectionReset).nth(3));
    let path = "/api/2/roles/10/users";
    assert_eq!(stage.post(path, &json!([1])).await.status, 502);
    assert_eq!(stage.get(path).await.ids(), Vec::<i64>::new());
    assert_eq!(stage.post(path, &json!([2])).await.status, 502);
    assert_eq!(stage.get(path).await.ids(), [2]);
    let broken = stage.send(Method::POST, path, Some(&json!([3]))).await;
    let text = match broken {
        Ok(response) => response.text().await,
        Err(error) => Err(error),
    };
    assert!(text.is_err(), "{text:?}");
    assert_eq!(stage.get(path).await.ids(), [2, 3]);
}

#[tokio::test]
async fn answer_may_never_come_and_does_not_keep_the_sandbox_alive() {
    let stage = stage(tenant_of(1)).await;
    stage.control.add_fault(Fault::on(USERS, FaultKind::Timeout));
    let request = stage
        .http()
        .get(stage.url("/api/2/users"))
        .bearer_auth(stage.token())
        .timeout(Duration::from_millis(200));
    assert!(request.send().await.unwrap_err().is_timeout());
    assert_eq!(stage.control.requests().last().unwrap().status, None);
    stage.stop().await;
}

#[tokio::test]
async fn bodies_can_be_cut_swapped_and_blown_up() {
    let stage = stage(tenant_of(3)).await;
    let add = |kind| stage.control.add_fault(Fault::on(USERS, kind).nth(1));
    add(FaultKind::TruncatedJson);
    let cut = stage.get("/api/2/users").await;
    assert!(matches!(&cut.body, Value::String(text) if text.starts_with('[')));
    add(FaultKind::WrongBody);
    let page = stage.get("/api/2/users").await;
    assert_eq!(
        (page.status, page.header("content-type")),
        (200, Some("text/html"))
    );
    add(FaultKind::HugeBody { bytes: 1_000_000 });
    let request = stage.send(Method::GET, "/api/2/users", None).await.unwrap();
    assert!(request.text().await.unwrap().len() > 1_000_000);
    add(FaultKind::SlowBody {
        chunk_bytes: 500,
        pause_ms: 1,
    });
    assert_eq!(stage.get("/api/2/users").await.ids(), [1, 2, 3]);
    add(FaultKind::Redirect {
        to: "http://127.0.0.1:1/".to_owned(),
        code: 302,
    });
    let away = stage.get("/api/2/users").await;
    assert_eq!(
        (away.status, away.header("location")),
        (302, Some("http://127.0.0.1:1/"))
    );
    add(FaultKind::FieldVariant {
        field: "id".to_owned(),
        variant: FieldVariant::AsString,
    });
    assert_eq!(stage.get("/api/2/users").await.body[2]["id"], "3");
}

#[tokio::test]
async fn pages_can_lie() {
    let stage = stage(tenant_of(6)).await;
    let add = |kind| stage.control.add_fault(Fault::on(USERS, kind).nth(1));
    add(FaultKind::WrongTotalCount(-2));
    assert_eq!(stage.get("/api/2/users").await.header("total-count"), Some("4"));
    add(FaultKind::NoTotalCount);
    assert_eq!(stage.get("/api/2/users").await.header("total-count"), None);
    add(FaultKind::EmptyPage);
    let empty = stage.get("/api/2/users?limit=2").await;
    assert_eq!(empty.ids(), Vec::<i64>::new());
    assert!(empty.header("after-cursor").is_some());
    add(FaultKind::RepeatedCursor);
    let stuck = stage.get("/api/2/users?limit=2").await;
    assert_eq!(stuck.header("after-cursor"), stuck.header("cursor"));
    add(FaultKind::ShiftingPage(1));
    let skipped = stage.get("/api/2/users?limit=2&page=2").await;
    assert_eq!(
        (skipped.ids(), skipped.header("total-count")),
        (vec![4, 5], Some("5"))
    );
    add(FaultKind::ShiftingPage(-1));
    assert_eq!(stage.get("/api/2/users?limit=2&page=2").await.ids(), [2, 3]);
}

#[tokio::test]
async fn token_can_die_in_the_middle_of_a_walk() {
    let mut stage = stage(tenant_of(3)).await;
    stage
        .control
        .add_fault(Fault::on(USERS, FaultKind::TokenRevoked).nth(2));
    assert_eq!(stage.get("/api/2/users").await.status, 200);
    assert_eq!(stage.get("/api/2/users").await.status, 401);
    assert_eq!(stage.get("/api/2/users").await.status, 401);
    stage.sign_in().await;
    assert_eq!(stage.get("/api/2/users").await.status, 200);
}

#[test]
fn faults_are_read_from_json() {
    let text = r#"[
        {"route": "GET /api/2/users", "from": 2, "to": 2, "kind": "truncated_json"},
        {"route": "* /api/2/*", "times": 3, "takes_effect": true,
         "kind": {"status": {"code": 422, "body": {"named": "Validation failed"}}}},
        {"route": "/api/1/users", "kind": {"wrong_total_count": -1}},
        {"route": "/api/1/users", "kind": {"field_variant": {"field": "id", "variant": "absent"}}}
    ]"#;
    let faults = parse_faults(text).unwrap();
    assert_eq!(faults[0], Fault::on(USERS, FaultKind::TruncatedJson).nth(2));
    assert_eq!(faults[1].times, Some(3));
    assert!(parse_faults(r#"[{"route": "/", "kind": "timeout", "form": 2}]"#).is_err());
}

#[tokio::test]
async fn routes_match_by_part_and_by_beginning() {
    let stage = stage(tenant_of(1)).await;
    let cases = [
        ("GET /api/2/users/:id", "/api/2/users/1", true),
        ("GET /api/2/users/:id", "/api/2/users", false),
        ("GET /api/2/users*", "/api/2/users", true),
        ("GET /api/2/users*", "/api/2/users/1", true),
        ("GET /api/2/users/*", "/api/2/users", false),
        ("* *", "/api/2/groups", true),
        ("PUT /api/2/users*", "/api/2/users/1", false),
        ("/api/:version/groups", "/api/1/groups", true),
    ];
    for (route, path, is_hit) in cases {
        let id = stage.control.add_fault(Fault::on(route, status(503)));
        stage.get(path).await;
        stage.control.clear_faults();
        assert_eq!(stage.control.fault_fired(id) == 1, is_hit, "{route} on {path}");
    }
}
