//! An SMTP server inside the test, on a free port of the loopback.
//!
//! It has a thread and a runtime of its own, so that synchronous tests use it too, and it ends when
//! the value is dropped. What it should do wrong is told by [`SmtpServer::on`]; see [`script`].
//!
//! ```ignore
//! let server = SmtpServer::builder().starttls().auth("steward", "secret").start();
//! server.on(Step::Rcpt, When::Recipient("gone@acme.example"), Act::Reply("550 5.1.1 no such user"));
//! // … send to localhost:server.port(), trusting server.ca_pem() …
//! let received = server.wait_for(3);
//! ```

mod certificate;
mod ledger;
mod script;
mod server;
mod session;
mod stream;

pub(crate) use ledger::Received;
pub(crate) use script::{Act, Step, When};
pub(crate) use server::SmtpServer;
