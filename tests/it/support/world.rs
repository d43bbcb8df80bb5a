//! A tenant, a clock and a configuration: a command runs in it as it does on a machine, at any time
//! that the test names.

use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use onelogin_sandbox::{Control, Sandbox, Tenant};
use onelogin_steward::cli::{self, Host};
use onelogin_steward::clock::{Clock, ManualClock};
use onelogin_steward::config::{self, Environment};
use onelogin_steward::jobs::role_sync::Rereads;
use onelogin_steward::onelogin::Client;
use onelogin_steward::pace::Patience;
use serde_json::Value;

use super::home::{Home, Output};

/// A Monday morning in Berlin, 08:00: a send day, an ordinary week around it.
pub(crate) const MONDAY: &str = "2026-11-23T07:00:00Z";

/// As many tries as in production, and hardly a pause between them.
const PATIENCE: Patience = Patience {
    tries: 5,
    first_pause: Duration::from_millis(1),
    waiting: Duration::from_secs(1),
};

/// Soon enough for a test, and often enough for a change that shows late.
const REREADS: Rereads = Rereads {
    most: 3,
    first_pause: Duration::from_millis(10),
};

/// The same for the mail server. A machine that is busy with other tests may take its time.
const MAIL_PATIENCE: Patience = Patience {
    tries: 5,
    first_pause: Duration::from_millis(1),
    waiting: Duration::from_secs(20),
};

/// The tenant, the clock that it shares with the program, and the program's directory.
pub(crate) struct World {
    /// Keeps the tenant running.
    _sandbox: Sandbox,
    /// Changes the tenant, and tells what was asked of it.
    pub(crate) control: Control,
    /// The clock of the program. [`World::set_now`] moves both.
    pub(crate) clock: ManualClock,
    /// Configuration, store and mails.
    pub(crate) home: Home,
    url: String,
}

impl World {
    /// Starts the tenant on [`MONDAY`] and writes a configuration that mails into files.
    pub(crate) async fn new(tenant: Tenant) -> Self {
        let now: Timestamp = MONDAY.parse().unwrap();
        let sandbox = Sandbox::start(tenant).await.unwrap();
        let control = sandbox.control();
        control.set_now(now);
        let url = sandbox.url();
        let world = Self {
            _sandbox: sandbox,
            control,
            clock: ManualClock::new(now),
            home: Home::new(),
            url,
        };
        world.home.write("client-secret", "sandbox-secret\n");
        world.configure("");
        world
    }

    /// Writes config.toml anew: the tenant, mails into `outbox/`, and whatever the test adds. A
    /// section of `more` that stands here too is written by the test as dotted keys' own tables.
    pub(crate) fn configure(&self, more: &str) -> PathBuf {
        self.configure_mail("transport = \"files\"\nper_minute = 100000", more)
    }

    /// The same with other settings in `[mail]`.
    pub(crate) fn configure_mail(&self, mail: &str, more: &str) -> PathBuf {
        let url = &self.url;
        self.home.config(&format!(
            r#"time_zone = "Europe/Berlin"
[onelogin]
url = "{url}"
client_id = "sandbox-client"
client_secret_file = "client-secret"
[mail]
from = "IT Service Desk <it@acme.example>"
{mail}
[log]
level = "off"
{more}"#
        ))
    }

    /// Moves the clocks of the program and of the tenant.
    pub(crate) fn set_now(&self, now: &str) {
        let now = now.parse().unwrap();
        self.clock.set(now);
        self.control.set_now(now);
    }

    /// A client of the tenant, as commands make one.
    pub(crate) fn client(&self) -> Client {
        let path = self.home.path("config.toml");
        let loaded = config::load(&path, &Environment::default(), self.clock.now()).unwrap();
        let clock: Arc<dyn Clock> = Arc::new(self.clock.clone());
        Client::new(&loaded.settings.onelogin, clock, PATIENCE).unwrap()
    }

    /// Runs a command in this process, on the test's clock, with hardly any patience for a tenant
    /// that does not answer.
    pub(crate) async fn steward(&self, arguments: &[&str]) -> Output {
        self.steward_in(arguments, Environment::default()).await
    }

    /// The same with environment variables.
    pub(crate) async fn steward_in(&self, arguments: &[&str], environment: Environment) -> Output {
        let config = self.home.path("config.toml").into_os_string();
        let all = [OsString::from("onelogin-steward"), "--config".into(), config];
        let all = all.into_iter().chain(arguments.iter().map(OsString::from));
        let clock: Arc<dyn Clock> = Arc::new(self.clock.clone());
        let host = Host {
            clock,
            environment,
            patience: PATIENCE,
            mail_patience: MAIL_PATIENCE,
            rereads: REREADS,
            colour: false,
            stderr_colour: false,
        };
        let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
        let exit = cli::run(all, &host, &mut stdout, &mut stderr).await;
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Output {
            code: i32::from(exit as u8),
            stdout: text(stdout),
            stderr: text(stderr),
        }
    }

    /// Runs a command with `--json` and reads its answer.
    ///
    /// # Panics
    /// Where the exit code is not 0.
    pub(crate) async fn json(&self, arguments: &[&str]) -> Value {
        let mut all = arguments.to_vec();
        all.push("--json");
        let output = self.steward(&all).await;
        assert_eq!(
            output.code, 0,
            "{arguments:?}\n{}{}",
            output.stdout, output.stderr
        );
        serde_json::from_str(&output.stdout).unwrap()
    }
}
