//! HTTP on loopback around the sandbox's state.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use axum::Router;
use axum::extract::{Request as HttpRequest, State};
use axum::response::Response;
use axum::serve::ListenerExt;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::control::Control;
use crate::deliver;
use crate::exchange::exchange;
use crate::request::Request;
use crate::tenant::Tenant;

/// More than any request of ours; a larger one is cut off with 413.
const MAX_BODY_BYTES: usize = 16 * 1024 * 1024;
/// How long open requests may take to end after [`Sandbox::stop`].
const STOP_GRACE: Duration = Duration::from_secs(2);

/// A running sandbox; dropping it stops it.
#[derive(Debug)]
pub struct Sandbox {
    address: SocketAddr,
    control: Control,
    stopping: watch::Sender<bool>,
    server: JoinSet<io::Result<()>>,
}

/// What every request handler shares.
#[derive(Debug, Clone)]
struct Shared {
    control: Control,
    stopping: watch::Receiver<bool>,
}

impl Sandbox {
    /// Serves a tenant on a free port of 127.0.0.1.
    pub async fn start(tenant: Tenant) -> io::Result<Self> {
        Self::start_on(tenant, 0).await
    }

    /// Serves a tenant on a port of 127.0.0.1; 0 takes a free one.
    pub async fn start_on(tenant: Tenant, port: u16) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
        let address = listener.local_addr()?;
        let control = Control::new(tenant);
        let (stopping, mut stop_asked) = watch::channel(false);
        let routes = Router::new().fallback(handle).with_state(Shared {
            control: control.clone(),
            stopping: stop_asked.clone(),
        });
        // Small answers must not wait for a full packet.
        let listener = listener.tap_io(|connection| drop(connection.set_nodelay(true)));
        let mut server = JoinSet::new();
        server.spawn(async move {
            axum::serve(listener, routes)
                .with_graceful_shutdown(async move {
                    // An error means that the sandbox was dropped, which ends it too.
                    drop(stop_asked.wait_for(|asked| *asked).await);
                })
                .await
        });
        Ok(Self {
            address,
            control,
            stopping,
            server,
        })
    }

    /// `http://127.0.0.1:PORT`, without a slash at the end.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// A handle to look at the sandbox and to change it.
    pub fn control(&self) -> Control {
        self.control.clone()
    }

    /// Stops accepting, lets open requests end for a moment, and cuts off what is left.
    pub async fn stop(mut self) {
        self.stopping.send_replace(true);
        let ended = tokio::time::timeout(STOP_GRACE, self.server.join_next()).await;
        if ended.is_err() {
            self.server.shutdown().await;
        }
    }
}

async fn handle(State(mut shared): State<Shared>, request: HttpRequest) -> Response {
    let (parts, body) = request.into_parts();
    let Ok(body) = axum::body::to_bytes(body, MAX_BODY_BYTES).await else {
        return deliver::too_large();
    };
    let query = parts.uri.query().unwrap_or_default();
    let headers = parts.headers.iter().map(|(name, value)| {
        let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
        (name.as_str().to_owned(), value)
    });
    let request = Request {
        method: parts.method.as_str().to_owned(),
        path: parts.uri.path().to_owned(),
        query: form_urlencoded::parse(query.as_bytes()).into_owned().collect(),
        headers: headers.collect(),
        body: String::from_utf8_lossy(&body).into_owned(),
        shifted_rows: 0,
    };
    let (reply, delivery) = exchange(&mut shared.control.world(), request);
    deliver::deliver(reply, delivery, &mut shared.stopping).await
}
