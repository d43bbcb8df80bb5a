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
