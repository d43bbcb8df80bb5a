//! What runs of jobs work with: for a command that runs one, and for the daemon that runs them all.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use tokio_util::sync::CancellationToken;

use super::exit::Failure;
use super::session::Session;
use crate::app::App;
use crate::domain::guard::Release;
use crate::domain::run::{Job, RunId, Trigger};
use crate::jobs::{Outcome, Turn, housekeeping, password_expiry, role_sync};
use crate::lifecycle::until_signal;
use crate::mail::{Mailer, Templates};
use crate::onelogin::Client;
use crate::store::{FileLock, Holder, LockName, RunFilter, Store};

/// What to run, and why.
#[derive(Debug)]
pub(super) enum Order {
    PasswordExpiry(password_expiry::Order),
    RoleSync(role_sync::Order),
    Housekeeping(housekeeping::Order),
}

impl From<password_expiry::Order> for Order {
    fn from(order: password_expiry::Order) -> Self {
        Self::PasswordExpiry(order)
    }
}

impl From<role_sync::Order> for Order {
    fn from(order: role_sync::Order) -> Self {
        Self::RoleSync(order)
    }
}

impl From<housekeeping::Order> for Order {
    fn from(order: housekeeping::Order) -> Self {
        Self::Housekeeping(order)
    }
}

impl Order {
    /// What the daemon runs: all that is due, as configured, nothing released.
    pub(super) fn of_daemon(job: Job, trigger: Trigger) -> Self {
        match job {
            Job::PasswordExpiry => Self::PasswordExpiry(password_expiry::Order {
                trigger,
                task: password_expiry::Task::AllDue(Release::default()),
                reason: None,
            }),
            Job::RoleSync => Self::RoleSync(role_sync::Order {
                trigger,
                task: role_sync::Task::AsConfigured,
                reason: None,
            }),
            Job::Housekeeping => Self::Housekeeping(housekeeping::Order {
                trigger,
                reason: None,
            }),
        }
    }

    fn job(&self) -> Job {
        match self {
            Self::PasswordExpiry(_) => Job::PasswordExpiry,
            Self::RoleSync(_) => Job::RoleSync,
            Self::Housekeeping(_) => Job::Housekeeping,
        }
    }
}

/// Store, tenant and mail, together with what the jobs of one process share.
pub(super) struct Engine {
    pub(super) app: Arc<App>,
    pub(super) store: Arc<Store>,
    /// Cancelled when the process is to stop.
    pub(super) stop: CancellationToken,
    client: Arc<Client>,
    mailer: Mailer,
    templates: Templates,
    turn: Arc<Turn>,
}

impl Engine {
    /// Opens the store, for writing, once everything else is found good.
    pub(super) fn new(app: &Arc<App>, client: Client) -> Result<Self, Failure> {
        let (templates, mailer) = Session::mail(app)?;
        Ok(Self {
            app: Arc::clone(app),
            store: Arc::new(app.store()?),
            stop: CancellationToken::new(),
            client: Arc::new(client),
            mailer,
            templates,
            turn: Arc::default(),
        })
    }

    /// The same store and the same turn with other settings, for the runs to come; those that are going
    /// on keep this one. The token goes on being used where its credential is the same.
    pub(super) fn with_settings_of(&self, app: App) -> Result<Self, Failure> {
        let (templates, mailer) = Session::mail(&app)?;
        let client = if app.settings.onelogin.is_same(&self.app.settings.onelogin) {
            Arc::clone(&self.client)
        } else {
            Arc::new(app.client()?)
        };
        Ok(Self {
            app: Arc::new(app),
            store: Arc::clone(&self.store),
            stop: self.stop.clone(),
            client,
            mailer,
            templates,
            turn: Arc::clone(&self.turn),
        })
    }

    /// Takes the lock on what the job writes.
    pub(super) async fn lock(
        &self,
        job: Job,
        holder: &str,
        wait: Duration,
    ) -> io::Result<Result<FileLock, Holder>> {
        FileLock::acquire(&self.app.settings.store_path, LockName::of(job), holder, wait).await
    }

    /// One recorded run.
    pub(super) async fn run(&self, order: Order, lock: &FileLock) -> anyhow::Result<(RunId, Outcome)> {
        let (app, store, mailer, templates) = (&self.app, self.store.as_ref(), &self.mailer, &self.templates);
        let (settings, clock, client) = (&app.settings, app.clock.as_ref(), self.client.as_ref());
        let (turn, stop) = (self.turn.as_ref(), &self.stop);
        match order {
            Order::PasswordExpiry(order) => {
                let tools = password_expiry::Tools {
                    settings,
                    clock,
                    client,
                    store,
                    mailer,
                    templates,
                    mail_patience: app.mail_patience,
                    turn,
                    stop,
                };
                Box::pin(password_expiry::run(&tools, order, lock)).await
            }
            Order::RoleSync(order) => {
                let tools = role_sync::Tools {
                    settings,
                    clock,
                    client,
                    store,
                    mailer,
                    templates,
                    bounds: app.bounds(),
                    turn,
                    stop,
                };
                Box::pin(role_sync::run(&tools, order, lock)).await
            }
            Order::Housekeeping(order) => {
                let tools = housekeeping::Tools {
                    settings,
                    clock,
                    store,
                    mailer,
                    stop,
                };
                Box::pin(housekeeping::run(&tools, order, lock)).await
            }
        }
    }

    /// Gives a run that was cut off a moment ago its end, and tells what it came to. Its lock is ours.
    async fn cut_off(&self, job: Job) -> Result<(RunId, Outcome), Failure> {
        self.store.interrupt_runs(job, self.app.clock.now()).await?;
        let newest = RunFilter {
            job: Some(job),
            limit: Some(1),
            ..RunFilter::default()
        };
        let newest = self.store.list_runs(newest).await?;
        let run = newest
            .into_iter()
            .next()
            .context("the run was stopped before it began")?;
        let notices = self.store.list_notices_of(run.run_id).await?;
        let tried = notices.iter().any(|notice| notice.attempts > 0);
        let changed = !self.store.list_changes_of(run.run_id).await?.is_empty();
        let outcome = Outcome {
            status: run.status,
            summary: run.summary,
            has_effect: tried || changed,
            is_held: false,
        };
        Ok((run.run_id, outcome))
    }
}

/// One recorded run, which a first signal brings to an early end and a second one cuts off.
pub(super) async fn run_now(
    app: &Arc<App>,
    client: Client,
    order: impl Into<Order>,
    wait: Duration,
) -> Result<(RunId, Outcome), Failure> {
    let order = order.into();
    let job = order.job();
    // The store is opened before the lock is taken: only the owner may leave files beside it.
    let engine = Engine::new(app, client)?;
    let lock = engine.lock(job, &format!("run {job}"), wait).await?;
    let lock = lock.map_err(|Holder(holder)| {
        let name = LockName::of(job);
        Failure::Busy(format!("{holder} holds the lock on {name}; try again later"))
    })?;
    match until_signal(&engine.stop, engine.run(order, &lock)).await? {
        Some(ended) => Ok(ended?),
        None => engine.cut_off(job).await,
    }
}
