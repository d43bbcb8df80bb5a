//! Which selectors are still in use.

use std::collections::BTreeSet;

use crate::config::settings::Settings;
use crate::desired_file;
use crate::domain::role::resolve::selectors;
use crate::domain::selector::Selector;
use crate::store::Store;

/// The selectors of the desired state, of the last accepted one, and of `protected`. `None` where one of the
/// files cannot be read: who is in it is not known.
pub(super) async fn present_selectors(
    settings: &Settings,
    store: &Store,
) -> anyhow::Result<Option<BTreeSet<Selector>>> {
    let sync = &settings.role_sync;
    let mut present: BTreeSet<Selector> = sync.protected.iter().cloned().collect();
    let Ok(file) = desired_file::load(&sync.desired_state).await else {
        return Ok(None);
    };
    present.extend(selectors(&file).cloned());
    if let Some((_, text)) = store.load_accepted_file().await? {
        let Ok(accepted) = desired_file::parse(text.as_bytes(), &sync.desired_state) else {
            return Ok(None);
        };
        present.extend(selectors(&accepted).cloned());
    }
    Ok(Some(present))
}
