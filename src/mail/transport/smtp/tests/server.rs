//! A mail server that follows a script.

use std::fs;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rustls::pki_types::PrivateKeyDer;
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;

use super::super::Relay;
use crate::config::settings::{Smtp, Tls};

/// Commands and the replies to them.
pub(super) type Script = &'static [(&'static str, &'static str)];

/// What the client said, over all connections.
pub(super) type Heard = Arc<Mutex<Vec<String>>>;

/// Answers each command with the reply that stands for its first word, else 250; after DATA, with
/// the reply for ".". The reply "hang" is none, and "close" ends the connection.
async fn serve(
    stream: impl AsyncRead + AsyncWrite + Unpin,
    script: Script,
    heard: Heard,
    first: &str,
) -> std::io::Result<bool> {
    let reply_to = |word: &str| {
        script
            .iter()
            .find(|(command, _)| *command == word)
            .map(|(_, reply)| *reply)
    };
    let mut stream = BufReader::new(stream);
    let mut word = first.to_owned();
    loop {
        let reply = reply_to(&word).unwrap_or(match word.as_str() {
            "greeting" => "220 relay.test",
            "silence" => "",
            "EHLO" => "250-relay.test\r\n250 AUTH PLAIN LOGIN",
            "AUTH" => "235 2.7.0 welcome",
            "DATA" => "354 go on",
            "." => "250 2.0.0 queued as 4711",
            "QUIT" => "221 bye",
            _ => "250 fine",
        });
        match reply {
            "hang" => std::future::pending().await,
            "" => {}
            "close" => return Ok(false),
            reply => stream.write_all(format!("{reply}\r\n").as_bytes()).await?,
        }
        if word == "STARTTLS" && reply == "220 go" {
            // Whoever called goes on with the handshake.
            return Ok(true);
        }
        let in_data = word == "DATA" && reply.starts_with("354");
        loop {
            let mut line = String::new();
            if stream.read_line(&mut line).await? == 0 {
                return Ok(false);
            }
            if !in_data || line == ".\r\n" {
                line.trim_end().clone_into(&mut word);
                break;
            }
        }
        heard.lock().unwrap().push(word.clone());
        word = word.split([' ', ':']).next().unwrap_or_default().to_owned();
    }
}

pub(super) struct Server {
    pub(super) port: u16,
    heard: Heard,
    _tasks: JoinSet<()>,
}

impl Server {
    pub(super) async fn with(script: Script) -> Self {
        Self::protected(script, None, Tls::None).await
    }

    pub(super) async fn protected(script: Script, acceptor: Option<TlsAcceptor>, tls: Tls) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let heard = Heard::default();
        let mut tasks = JoinSet::new();
        let ears = heard.clone();
        tasks.spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                let ears = ears.clone();
                let acceptor = acceptor.clone();
                connections.spawn(async move {
                    let (mut stream, mut first) = (stream, "greeting");
                    if tls != Tls::Implicit {
                        if !serve(&mut stream, script, ears.clone(), first).await? {
                            return Ok(false);
                        }
                        first = "silence";
                    }
                    let stream = acceptor.unwrap().accept(stream).await?;
                    serve(stream, script, ears, first).await
                });
            }
        });
        Self {
            port,
            heard,
            _tasks: tasks,
        }
    }

    pub(super) fn relay(&self, tls: Tls) -> Relay {
        let mut relay = Relay::open(&Smtp {
            host: "127.0.0.1".to_owned(),
            port: self.port,
            tls,
            login: Some(("steward".to_owned(), "hunter2".into())),
            ca_file: None,
        })
        .unwrap();
        relay.patience = Duration::from_millis(300);
        relay
    }

    /// How many commands began with this.
    pub(super) fn count(&self, command: &str) -> usize {
        let heard = self.heard.lock().unwrap();
        heard.iter().filter(|line| line.starts_with(command)).count()
    }
}

/// A certificate for these names that vouches for itself, as a server and as a CA file.
pub(super) fn certificate_for(names: &[&str], folder: &tempfile::TempDir) -> (TlsAcceptor, PathBuf) {
    let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    let mut authority = rcgen::CertificateParams::default();
    authority.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    let authority_key = rcgen::KeyPair::generate().unwrap();
    let authority = rcgen::CertifiedIssuer::self_signed(authority, authority_key).unwrap();
    let key = rcgen::KeyPair::generate().unwrap();
    let certificate = rcgen::CertificateParams::new(names)
        .unwrap()
        .signed_by(&key, &authority)
        .unwrap();
    let path = folder.path().join("ca.pem");
    fs::write(&path, authority.pem()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], key)
        .unwrap();
    (Arc::new(config).into(), path)
}
