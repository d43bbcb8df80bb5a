use std::path::Path;
use std::process::Stdio;

use serde_json::Value;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::Command;

use crate::support::client;

#[tokio::test]
async fn program_says_where_it_listens_and_ends_well_on_sigterm() {
    let mut program = Command::new(env!("CARGO_BIN_EXE_onelogin-sandbox"))
        .args([
            "--port",
            "0",
            "--users",
            "3",
            "--client-id",
            "me",
            "--client-secret",
            "s3cret",
        ])
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(program.stdout.take().unwrap()).lines();
    let line = lines.next_line().await.unwrap().unwrap();
    let url = line.strip_prefix("listening on ").unwrap();
    assert!(url.starts_with("http://127.0.0.1:"), "{url}");
    let request = client()
        .post(format!("{url}/auth/oauth2/v2/token"))
        .basic_auth("me", Some("s3cret"))
        .body(r#"{"grant_type":"client_credentials"}"#);
    let token: Value = request.send().await.unwrap().json().await.unwrap();
    assert_eq!(token["token_type"], "bearer");
    let id = program.id().unwrap().to_string();
    let told = Command::new("kill").args(["-TERM", &id]).status().await.unwrap();
    assert!(told.success());
    let ended = program.wait().await.unwrap();
    assert_eq!(ended.code(), Some(0));
    assert_eq!(lines.next_line().await.unwrap(), None);
}

#[tokio::test]
async fn program_takes_knobs_and_writes_a_line_for_every_request() {
    let directory = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let knobs = directory.join("knobs.json");
    let log = directory.join("requests.jsonl");
    // The program adds to a log; a former run must have left none.
    drop(std::fs::remove_file(&log));
    std::fs::write(
        &knobs,
        r#"{"policies_offered": false, "mapped_removal": {"returns_after": 3}}"#,
    )
    .unwrap();
    let mut program = Command::new(env!("CARGO_BIN_EXE_onelogin-sandbox"))
        .args(["--users", "3", "--knobs"])
        .arg(&knobs)
        .arg("--log")
        .arg(&log)
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(program.stdout.take().unwrap()).lines();
    let line = lines.next_line().await.unwrap().unwrap();
    let url = line.strip_prefix("listening on ").unwrap();
    let policies = client().get(format!("{url}/api/2/policies?limit=1"));
    let request = policies.bearer_auth("not-a-token");
    assert_eq!(request.send().await.unwrap().status(), 404);
    let written = std::fs::read_to_string(&log).unwrap();
    assert!(!written.contains("not-a-token"), "{written}");
    let record: Value = serde_json::from_str(written.trim_end()).unwrap();
    assert_eq!(record["path"], "/api/2/policies");
    assert_eq!(record["query"], serde_json::json!([["limit", "1"]]));
    assert_eq!(
        (&record["status"], &record["authorization"]),
        (&404.into(), &"bearer".into())
    );
}

#[test]
fn knobs_are_read_from_json_and_misspelt_ones_refused() {
    let knobs =
        onelogin_sandbox::parse_knobs(r#"{"role_write_cap": 50, "v1_exhausted": "edge_page"}"#).unwrap();
    let expected = onelogin_sandbox::Knobs {
        role_write_cap: Some(50),
        v1_exhausted: onelogin_sandbox::Exhausted::EdgePage,
        ..onelogin_sandbox::Knobs::default()
    };
    assert_eq!(knobs, expected);
    assert!(onelogin_sandbox::parse_knobs(r#"{"role_write_capp": 50}"#).is_err());
}
