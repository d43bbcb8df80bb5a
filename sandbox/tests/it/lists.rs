use onelogin_sandbox::{ListFields, OverLimit, User};
use serde_json::json;

use crate::support::{stage, tenant_of};

#[tokio::test]
async fn cursors_lead_through_every_page_and_end() {
    let stage = stage(tenant_of(25)).await;
    let pages = stage.walk("/api/2/users?limit=10").await;
    let sizes: Vec<usize> = pages.iter().map(Vec::len).collect();
    assert_eq!(sizes, [10, 10, 5]);
    assert_eq!(pages.concat(), (1..=25).collect::<Vec<_>>());
}

#[tokio::test]
async fn paging_headers_are_those_of_recorded_traffic() {
    let stage = stage(tenant_of(201)).await;
    let first = stage.get("/api/2/users?limit=100").await;
    let cursor = |page| match page {
        1 => "bGltaXQ9MTAwJnNvcnQ9aWQmcGFnZT0xJnNvcnRfZGlyZWN0aW9uPWFzYw==",
        _ => "bGltaXQ9MTAwJnNvcnQ9aWQmcGFnZT0yJnNvcnRfZGlyZWN0aW9uPWFzYw==",
    };
    assert_eq!(first.header("cursor"), Some(cursor(1)));
    assert_eq!(first.header("after-cursor"), Some(cursor(2)));
    assert_eq!(first.header("before-cursor"), None);
    assert_eq!(first.header("total-count"), Some("201"));
    assert_eq!(first.header("total-pages"), Some("3"));
    assert_eq!(first.header("current-page"), Some("1"));
    assert!(
        first
            .header("link")
            .unwrap()
            .contains("limit=100&page=2>; rel=\"next\"")
    );
    let last = stage.get("/api/2/users?limit=100&page=3").await;
    assert_eq!(last.ids(), [201]);
    assert_eq!(last.header("page-items"), Some("100"));
    assert_eq!(last.header("after-cursor"), None);
    assert_eq!(last.header("before-cursor"), Some(cursor(2)));
}

#[tokio::test]
async fn cursor_excludes_limit_and_page() {
    let stage = stage(tenant_of(5)).await;
    let first = stage.get("/api/2/users?limit=2").await;
    let cursor = first.header("after-cursor").unwrap().replace('=', "%3D");
    for argument in ["limit=2", "page=2"] {
        let both = stage
            .get(&format!("/api/2/users?cursor={cursor}&{argument}"))
            .await;
        assert_eq!(both.status, 400);
        assert_eq!(
            both.body,
            json!({
                "status": 400,
                "error": "BadRequestError",
                "description": "Requests can only have cursor xor pagination arguments",
            })
        );
    }
    let bad = stage.get("/api/2/users?cursor=12345").await;
    assert_eq!(bad.status, 400);
    assert_eq!(bad.body["description"], "Invalid pagination cursor");
}

#[tokio::test]
async fn limit_above_the_maximum_is_clamped_or_refused() {
    let stage = stage(tenant_of(120)).await;
    let clamped = stage.get("/api/2/users?limit=1000").await;
    assert_eq!(clamped.ids().len(), 100);
    assert_eq!(clamped.header("page-items"), Some("100"));
    stage
        .control
        .with_tenant(|tenant| tenant.knobs.users_pages.over = OverLimit::Refuse);
    assert_eq!(stage.get("/api/2/users?limit=1000").await.status, 400);
    assert_eq!(stage.get("/api/2/users?limit=100").await.status, 200);
}

#[tokio::test]
async fn rows_have_the_usual_fields_unless_others_are_asked_for() {
    let stage = stage(tenant_of(1)).await;
    let keys = |answer: &crate::support::Answer| {
        let row = answer.body[0].as_object().unwrap();
        row.keys().cloned().collect::<Vec<_>>()
    };
    let usual = keys(&stage.get("/api/2/users").await);
    assert_eq!(usual.len(), 22);
    assert!(
        !usual
            .iter()
            .any(|key| key == "trusted_idp_id" || key == "role_ids")
    );
    let path = "/api/2/users?fields=id,trusted_idp_id,no_such_field";
    assert_eq!(keys(&stage.get(path).await), ["id", "trusted_idp_id"]);
    stage
        .control
        .with_tenant(|tenant| tenant.knobs.list_fields = ListFields::DefaultsOnly);
    assert_eq!(keys(&stage.get(path).await), ["id"]);
}

#[tokio::test]
async fn filters_select_users() {
    let mut tenant = tenant_of(3);
    tenant.add_user(User {
        group_id: Some(7),
        directory_id: Some(8),
        created_at: "2020-01-01T00:00:00Z".parse().unwrap(),
        updated_at: "2027-01-01T00:00:00Z".parse().unwrap(),
        last_login: None,
        custom_attributes: [("team".to_owned(), Some("blue".to_owned()))].into(),
        ..User::new(4, "Grace+Hopper@ext.acme.example").named("Grace", "O'Neil")
    });
    let stage = stage(tenant).await;
    let cases = [
        ("email=user2@acme.example", vec![2]),
        ("email=*@ext.acme.example", vec![4]),
        ("email=user*", vec![1, 2, 3]),
        ("email=*er2@*", vec![2]),
        ("email=", vec![1, 2, 3, 4]),
        ("email=grace%2Bhopper@ext.acme.example", vec![4]),
        ("email=grace+hopper@ext.acme.example", vec![]),
        ("lastname=O%27Neil", vec![4]),
        ("firstname=gr*e", vec![4]),
        ("username=user3", vec![3]),
        ("group_id=7", vec![4]),
        ("directory_id=8", vec![4]),
        ("user_ids=3,1,99", vec![1, 3]),
        ("custom_attributes.team=bl*", vec![4]),
        ("created_until=2021-01-01T00:00:00Z", vec![4]),
        ("created_since=2021-01-01T00:00:00Z", vec![1, 2, 3]),
        ("updated_since=2026-12-31T00:00:00.000Z", vec![4]),
        ("last_login_since=2020-01-01T00:00:00Z", vec![1, 2, 3]),
        ("sort=-id", vec![4, 3, 2, 1]),
        ("sort=%2Bemail", vec![4, 1, 2, 3]),
    ];
    for (query, wanted) in cases {
        let answer = stage.get(&format!("/api/2/users?{query}")).await;
        assert_eq!(answer.ids(), wanted, "{query}");
        assert_eq!(
            answer.header("total-count"),
            Some(wanted.len().to_string().as_str())
        );
    }
    assert_eq!(
        stage.get("/api/2/users?updated_since=yesterday").await.status,
        400
    );
}

#[tokio::test]
async fn filters_must_be_sent_again_with_a_cursor() {
    let stage = stage(tenant_of(30)).await;
    let first = stage.get("/api/2/users?limit=5&email=user1*").await;
    assert_eq!(first.header("total-count"), Some("11"));
    let cursor = first.header("after-cursor").unwrap().replace('=', "%3D");
    let with = stage
        .get(&format!("/api/2/users?cursor={cursor}&email=user1*"))
        .await;
    assert_eq!(with.header("total-count"), Some("11"));
    let without = stage.get(&format!("/api/2/users?cursor={cursor}")).await;
    assert_eq!(without.header("total-count"), Some("30"));
}
