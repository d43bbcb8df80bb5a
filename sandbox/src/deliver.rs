//! Putting an answer on the wire, whole or otherwise.

use std::io;
use std::time::Duration;

use axum::body::{Body as HttpBody, Bytes};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::Response;
use futures_util::{StreamExt, stream};
use tokio::sync::watch;

use crate::faults::Delivery;
use crate::reply::{Body, Reply};

/// Blanks sent at a time where a body is padded.
const PAD_BYTES: u64 = 64 * 1024;

/// Sends a reply in the way its fault wants, if it has one.
pub(crate) async fn deliver(
    reply: Reply,
    delivery: Delivery,
    stopping: &mut watch::Receiver<bool>,
) -> Response {
    let (content_type, bytes) = serialize(&reply.body);
    match delivery {
        Delivery::Never => {
            // Ends with the sandbox, or earlier when the client hangs up and this future is dropped.
            drop(stopping.wait_for(|asked| *asked).await);
        }
        Delivery::Late { ms } => {
            tokio::select! {
                () = tokio::time::sleep(Duration::from_millis(ms)) => {}
                _ = stopping.wait_for(|asked| *asked) => {}
            }
        }
        _ => {}
    }
    let body = match delivery {
        Delivery::Whole | Delivery::Never | Delivery::Late { .. } => HttpBody::from(bytes.clone()),
        Delivery::Broken => broken(&bytes),
        Delivery::Padded { bytes: padding } => padded(bytes.clone(), padding),
        Delivery::Dripping {
            chunk_bytes,
            pause_ms,
        } => dripping(&bytes, chunk_bytes, pause_ms),
    };
    let mut response = Response::new(body);
    *response.status_mut() = StatusCode::from_u16(reply.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    if let Some(content_type) = content_type {
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    }
    if delivery == Delivery::Broken {
        // The announced length is what lets the client see that something is missing.
        headers.insert(header::CONTENT_LENGTH, HeaderValue::from(bytes.len().max(64)));
    }
    for (name, value) in &reply.headers {
        if let (Ok(name), Ok(value)) = (
            HeaderName::try_from(name.as_str()),
            HeaderValue::try_from(value.as_str()),
        ) {
            headers.append(name, value);
        }
    }
    if delivery == Delivery::Broken && reply.status == 204 {
        // A 204 has no body that could break off.
        *response.status_mut() = StatusCode::OK;
    }
    response
}

/// The answer to a request whose body does not fit.
pub(crate) fn too_large() -> Response {
    let mut response = Response::new(HttpBody::empty());
    *response.status_mut() = StatusCode::PAYLOAD_TOO_LARGE;
    response
}

fn serialize(body: &Body) -> (Option<&'static str>, Bytes) {
    match body {
        Body::Empty => (None, Bytes::new()),
        // Its type differs between the generations and stands among the headers.
        Body::Json(value) => (None, Bytes::from(value.to_string())),
        Body::Text(content_type, text) => (Some(content_type), Bytes::from(text.clone())),
    }
}

/// The first half, and then the end of the connection.
fn broken(bytes: &Bytes) -> HttpBody {
    let half = bytes.slice(..bytes.len() / 2);
    let parts = [Ok(half), Err(io::Error::from(io::ErrorKind::ConnectionReset))];
    HttpBody::from_stream(stream::iter(parts))
}

fn padded(bytes: Bytes, padding: u64) -> HttpBody {
    let blanks = stream::unfold(padding, |left| async move {
        let size = left.min(PAD_BYTES);
        let chunk = Bytes::from(" ".repeat(usize::try_from(size).unwrap_or(0)));
        (size > 0).then_some((Ok(chunk), left - size))
    });
    HttpBody::from_stream(stream::iter([Ok::<_, io::Error>(bytes)]).chain(blanks))
}

fn dripping(bytes: &Bytes, chunk_bytes: usize, pause_ms: u64) -> HttpBody {
    let drops = stream::unfold(bytes.clone(), move |mut rest| async move {
        if rest.is_empty() {
            return None;
        }
        tokio::time::sleep(Duration::from_millis(pause_ms)).await;
        let drop = rest.split_to(chunk_bytes.min(rest.len()));
        Some((Ok::<_, io::Error>(drop), rest))
    });
    HttpBody::from_stream(drops)
}
