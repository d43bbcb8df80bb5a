//! The server as a test sees it: how it is set up, told what to do, and asked.

use std::net;
use std::sync::Arc;
use std::thread::{self, JoinHandle};

use tokio::net::TcpListener;
use tokio::runtime;
use tokio::sync::oneshot;
use tokio::task::JoinSet;

use super::certificate::Identity;
use super::ledger::{Ledger, Received};
use super::script::{Act, Rule, Step, When};
use super::session::{self, Options, Protection};

/// See the module.
pub(crate) struct SmtpServer {
    port: u16,
    ca_pem: String,
    ledger: Arc<Ledger>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

/// How a server is to be. Without a word: no TLS, no login.
pub(crate) struct Builder {
    protection: Protection,
    login: Option<(String, String)>,
    names: Vec<&'static str>,
    unknown_ca: bool,
    smtputf8: bool,
}

impl Builder {
    /// Offers STARTTLS, and takes mail over TLS only.
    pub(crate) fn starttls(mut self) -> Self {
        self.protection = Protection::StartTls;
        self
    }

    /// TLS from the first byte.
    pub(crate) fn implicit_tls(mut self) -> Self {
        self.protection = Protection::Implicit;
        self
    }

    /// Takes mail only after a login with these, by PLAIN or LOGIN.
    pub(crate) fn auth(mut self, username: &str, password: &str) -> Self {
        self.login = Some((username.to_owned(), password.to_owned()));
        self
    }

    /// The certificate is for another host than the one the client asks for.
    pub(crate) fn wrong_name(mut self) -> Self {
        self.names = vec!["elsewhere.example"];
        self
    }

    /// [`SmtpServer::ca_pem`] is an authority that did not sign the server's certificate.
    pub(crate) fn unknown_ca(mut self) -> Self {
        self.unknown_ca = true;
        self
    }

    /// Offers to take addresses beyond ASCII.
    pub(crate) fn smtputf8(mut self) -> Self {
        self.smtputf8 = true;
        self
    }

    /// Starts it; it listens when this returns.
    pub(crate) fn start(self) -> SmtpServer {
        let identity = Identity::for_names(&self.names);
        let ca_pem = if self.unknown_ca {
            Identity::for_names(&self.names).ca_pem
        } else {
            identity.ca_pem
        };
        let ledger = Arc::new(Ledger::default());
        let options = Arc::new(Options {
            protection: self.protection,
            login: self.login,
            acceptor: identity.acceptor,
            smtputf8: self.smtputf8,
            ledger: Arc::clone(&ledger),
        });

        let runtime = runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        // Bound without the runtime, so that a test with a runtime of its own can start the server.
        let listener = net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
        listener.set_nonblocking(true).unwrap();
        let port = listener.local_addr().unwrap().port();
        let (stop, stopped) = oneshot::channel();
        let thread = thread::spawn(move || {
            runtime.block_on(async {
                let listener = TcpListener::from_std(listener).unwrap();
                tokio::select! {
                    () = accept(listener, options) => {}
                    _ = stopped => {}
                }
            });
        });
        SmtpServer {
            port,
            ca_pem,
            ledger,
            stop: Some(stop),
            thread: Some(thread),
        }
    }
}

/// Serves until it is dropped, and all its sessions with it.
async fn accept(listener: TcpListener, options: Arc<Options>) {
    let mut sessions = JoinSet::new();
    loop {
        let (stream, _) = listener.accept().await.unwrap();
        sessions.spawn(session::serve(stream, Arc::clone(&options)));
        while sessions.try_join_next().is_some() {}
    }
}

impl SmtpServer {
    /// Sets one up.
    pub(crate) fn builder() -> Builder {
        Builder {
            protection: Protection::None,
            login: None,
            names: vec!["localhost", "127.0.0.1"],
            unknown_ca: false,
            smtputf8: false,
        }
    }

    /// The port on 127.0.0.1. `localhost` and `127.0.0.1` are both names of the certificate.
    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// The authority that a client must trust, in PEM.
    pub(crate) fn ca_pem(&self) -> &str {
        &self.ca_pem
    }

    /// Adds a line to the script. The first line that fits an occasion counts.
    pub(crate) fn on(&self, step: Step, when: When, act: Act) {
        self.ledger.add_rule(Rule { step, when, act });
    }

    /// Forgets the script: from now on a good server.
    pub(crate) fn behave(&self) {
        self.ledger.clear_rules();
    }

    /// The mails taken so far, in the order in which they came.
    pub(crate) fn received(&self) -> Vec<Received> {
        self.ledger.received()
    }

    /// The mails, as soon as there are `wanted`. Blocks the thread: not for the thread that sends.
    pub(crate) fn wait_for(&self, wanted: usize) -> Vec<Received> {
        self.ledger.wait_for_mails(wanted)
    }

    /// Returns as soon as `wanted` clients stand before an [`Act::Hang`]. Blocks the thread.
    pub(crate) fn wait_for_hangs(&self, wanted: usize) {
        self.ledger.wait_for_hangs(wanted);
    }

    /// How often this step was reached; of [`Step::Greeting`], how many connections were opened.
    pub(crate) fn count(&self, step: Step) -> usize {
        self.ledger.occasions_of(step)
    }

    /// The most mails that were being handed over at the same time.
    pub(crate) fn most_in_flight(&self) -> usize {
        self.ledger.most_in_flight()
    }
}

impl Drop for SmtpServer {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            // Fails only where the thread has ended by itself.
            let _ = stop.send(());
        }
        let ended = self.thread.take().map(JoinHandle::join);
        let panicked = matches!(ended, Some(Err(_)));
        // A second panic while the test already fails would abort the whole binary.
        assert!(
            !panicked || thread::panicking(),
            "the SMTP server panicked; its message stands above"
        );
    }
}
