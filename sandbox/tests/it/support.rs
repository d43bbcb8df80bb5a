//! A small client and the tenants that most tests start from.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot talk to the sandbox has failed"
)]

use onelogin_sandbox::{Control, Sandbox, Tenant, User};
use reqwest::{Method, Response};
use serde_json::{Value, json};

/// A running sandbox and a client with a token.
pub(crate) struct Stage {
    sandbox: Sandbox,
    pub(crate) control: Control,
    http: reqwest::Client,
    token: String,
}

/// An answer that was read to its end.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: reqwest::header::HeaderMap,
    pub(crate) body: Value,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    pub(crate) fn ids(&self) -> Vec<i64> {
        let rows = self.body.as_array().unwrap();
        rows.iter().map(|row| row["id"].as_i64().unwrap()).collect()
    }
}

pub(crate) fn client() -> reqwest::Client {
    // Whoever comes first installs it for all tests.
    drop(rustls::crypto::ring::default_provider().install_default());
    reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .build()
        .unwrap()
}

/// So many users, numbered from 1.
pub(crate) fn tenant_of(users: i64) -> Tenant {
    let mut tenant = Tenant::empty();
    for id in 1..=users {
        tenant.add_user(User::new(id, format!("user{id}@acme.example")));
    }
    tenant
}

pub(crate) async fn stage(tenant: Tenant) -> Stage {
    let sandbox = Sandbox::start(tenant).await.unwrap();
    let mut stage = Stage {
        control: sandbox.control(),
        sandbox,
        http: client(),
        token: String::new(),
    };
    stage.sign_in().await;
    stage
}

impl Stage {
    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.sandbox.url())
    }

    pub(crate) fn http(&self) -> &reqwest::Client {
        &self.http
    }

    pub(crate) fn token(&self) -> &str {
        &self.token
    }

    pub(crate) async fn request_token(&self) -> Value {
        let request = self.http.post(self.url("/auth/oauth2/v2/token"));
        let request = request
            .basic_auth("sandbox-client", Some("sandbox-secret"))
            .json(&json!({"grant_type": "client_credentials"}));
        request.send().await.unwrap().json().await.unwrap()
    }

    pub(crate) async fn sign_in(&mut self) {
        let token = self.request_token().await;
        let value = token["access_token"].as_str().unwrap_or_default();
        value.clone_into(&mut self.token);
    }

    pub(crate) async fn send(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> reqwest::Result<Response> {
        let mut request = self.http.request(method, self.url(path)).bearer_auth(&self.token);
        if let Some(body) = body {
            request = request.json(body);
        }
        request.send().await
    }

    pub(crate) async fn call(&self, method: Method, path: &str, body: Option<&Value>) -> Answer {
        let response = self.send(method, path, body).await.unwrap();
        let status = response.status().as_u16();
        let headers = response.headers().clone();
        let text = response.text().await.unwrap();
        Answer {
            status,
            headers,
            body: serde_json::from_str(&text).unwrap_or(Value::String(text)),
        }
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.call(Method::GET, path, None).await
    }

    pub(crate) async fn put(&self, path: &str, body: &Value) -> Answer {
        self.call(Method::PUT, path, Some(body)).await
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Answer {
        self.call(Method::POST, path, Some(body)).await
    }

    pub(crate) async fn delete(&self, path: &str, body: &Value) -> Answer {
        self.call(Method::DELETE, path, Some(body)).await
    }

    /// Walks a v2 list by its cursors; the ids of every page.
    pub(crate) async fn walk(&self, path: &str) -> Vec<Vec<i64>> {
        let mut pages = Vec::new();
        let mut next = path.to_owned();
        loop {
            let answer = self.get(&next).await;
            assert_eq!(answer.status, 200, "{next}: {}", answer.body);
            pages.push(answer.ids());
            let Some(cursor) = answer.header("after-cursor") else {
                return pages;
            };
            assert!(pages.len() < 100, "the walk does not end");
            let bare = path.split('?').next().unwrap();
            next = format!("{bare}?cursor={}", cursor.replace('=', "%3D"));
        }
    }

    pub(crate) async fn stop(self) {
        self.sandbox.stop().await;
    }
}

/// The body of an error as the envelope has it.
pub(crate) fn envelope(code: u16, kind: &str, message: &str) -> Value {
    json!({"status": {"error": true, "code": code, "type": kind, "message": message}})
}
