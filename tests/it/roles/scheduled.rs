//! A run as the schedule brings it, without waiting for the clock.

use std::time::Duration;

use onelogin_steward::clock::Clock as _;
use onelogin_steward::config::{self, Environment};
use onelogin_steward::domain::run::{RunStatus, Trigger};
use onelogin_steward::jobs::Turn;
use onelogin_steward::jobs::role_sync::{Bounds, Order, Rereads, Task, Tools, run};
use onelogin_steward::mail::{Mailer, Templates};
use onelogin_steward::pace::Patience;
use onelogin_steward::store::{FileLock, LockName, Store};
use tokio_util::sync::CancellationToken;

use crate::support::world::World;

/// A run as the daemon makes it: a file with mistakes leaves the last good one in force.
pub(super) async fn as_the_daemon(world: &World) -> RunStatus {
    let path = world.home.path("config.toml");
    let loaded = config::load(&path, &Environment::default(), world.clock.now()).unwrap();
    let settings = loaded.settings;
    let store = Store::open(&settings.store_path).unwrap();
    let lock = FileLock::acquire(&settings.store_path, LockName::Roles, "a test", Duration::ZERO).await;
    let patience = Patience {
        tries: 1,
        first_pause: Duration::from_millis(1),
        waiting: Duration::from_secs(1),
    };
    let tools = Tools {
        settings: &settings,
        clock: &world.clock,
        client: &world.client(),
        store: &store,
        mailer: &Mailer::open(&settings.mail).unwrap(),
        templates: &Templates::load(None).unwrap(),
        bounds: Bounds {
            calls: patience,
            rereads: Rereads {
                most: 1,
                first_pause: Duration::from_millis(1),
            },
            mail: patience,
        },
        turn: &Turn::default(),
        stop: &CancellationToken::new(),
    };
    let order = Order {
        trigger: Trigger::Schedule,
        task: Task::AsConfigured,
        reason: None,
    };
    let (_, outcome) = run(&tools, order, &lock.unwrap().unwrap()).await.unwrap();
    outcome.status
}
