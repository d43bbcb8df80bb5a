//! The composition root: makes the adapters of the settings, and guards the way to the store.

use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context as _, bail};
use rustix::fs::{Access, access};
use rustix::io::Errno;

use crate::account::{Account, WrongUser};
use crate::clock::Clock;
use crate::config::settings::Settings;
use crate::jobs::role_sync::{Bounds, Rereads};
use crate::mail::{Mailer, TemplateProblem, Templates};
use crate::onelogin::Client;
use crate::pace::Patience;
use crate::store::Store;

/// Settings and clock, from which the adapters are made.
#[derive(Debug)]
pub struct App {
    /// The settings in force.
    pub settings: Settings,
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// How long a request to OneLogin that keeps failing is tried.
    pub patience: Patience,
    /// How long a mail server that takes nothing, or not yet, is tried in one run.
    pub mail_patience: Patience,
    /// How often a role is read again until it shows what was written.
    pub rereads: Rereads,
}

impl App {
    /// A client of the tenant. Nothing is sent yet.
    pub fn client(&self) -> anyhow::Result<Client> {
        Client::new(&self.settings.onelogin, Arc::clone(&self.clock), self.patience)
    }

    /// The templates in force, all tried.
    pub fn templates(&self) -> Result<Templates, Vec<TemplateProblem>> {
        Templates::load(self.settings.mail.templates.as_deref())
    }

    /// The way out for mail. Nothing is sent yet.
    pub fn mailer(&self) -> anyhow::Result<Mailer> {
        Ok(Mailer::open(&self.settings.mail)?)
    }

    /// How long trouble with writes to OneLogin is waited out.
    pub fn bounds(&self) -> Bounds {
        Bounds {
            calls: self.patience,
            rereads: self.rereads,
            mail: self.mail_patience,
        }
    }

    /// Refuses anybody but the owner of the state directory, for commands that write there or look at
    /// the store without opening it here.
    pub fn refuse_strangers(&self) -> anyhow::Result<()> {
        refuse_strangers(&self.settings.state_directory, &self.settings.store_path)
    }

    /// The store, for writing.
    pub fn store(&self) -> anyhow::Result<Store> {
        open_store(&self.settings.state_directory, &self.settings.store_path)
    }

    /// The store, for reading; `None` where there is none yet.
    pub fn existing_store(&self) -> anyhow::Result<Option<Store>> {
        open_existing_store(&self.settings.state_directory, &self.settings.store_path)
    }
}

fn open_store(state_directory: &Path, path: &Path) -> anyhow::Result<Store> {
    refuse_strangers(state_directory, path)?;
    refuse_network(path)?;
    Ok(Store::open(path)?)
}

/// The store of a state directory, for reading; `None` where there is none yet.
pub fn open_existing_store(state_directory: &Path, path: &Path) -> anyhow::Result<Option<Store>> {
    refuse_strangers(state_directory, path)?;
    Ok(Store::open_existing(path)?)
}

/// Only the owner of the state directory writes there: files that root left behind would lock the
/// service out.
fn refuse_strangers(state_directory: &Path, store: &Path) -> anyhow::Result<()> {
    let ours = Account::ours();
    let owner_of = |place: &Path| Some(Account::of(fs::metadata(place).ok()?.uid()));
    if let Some(right) = owner_of(state_directory).filter(|owner| *owner != ours) {
        let what = format!("{} belongs to another user", state_directory.display());
        return Err(WrongUser { what, right }.into());
    }
    if let Some(owner) = owner_of(store).filter(|owner| *owner != ours) {
        bail!(
            "{store} belongs to {owner}, and this is {ours}, as in a backup that was copied back: give it to its \
             user, sudo chown {ours} {store}",
            store = store.display()
        );
    }
    Ok(())
}

/// Names the user who may read this file, where this one may not. A file that is missing, or that
/// nobody but root may read, is left to whoever reads it.
pub fn refuse_unreadable(file: &Path) -> Result<(), WrongUser> {
    if access(file, Access::READ_OK) != Err(Errno::ACCESS) {
        return Ok(());
    }
    match Account::reader_of(file) {
        Some(right) if right != Account::ours() => Err(WrongUser {
            what: format!("{} may not be read by everybody", file.display()),
            right,
        }),
        _ => Ok(()),
    }
}

/// Names the user who may replace this file, where this one may not.
pub fn refuse_unwritable(file: &Path) -> Result<(), WrongUser> {
    // A symbolic link stays, and its target is replaced.
    let target = fs::canonicalize(file).unwrap_or_else(|_| file.to_owned());
    let folder = target.parent().unwrap_or(Path::new("/"));
    let Ok(owner) = fs::metadata(folder).map(|facts| facts.uid()) else {
        return Ok(());
    };
    if access(folder, Access::WRITE_OK | Access::EXEC_OK) != Err(Errno::ACCESS) {
        return Ok(());
    }
    Err(WrongUser {
        what: format!("{} belongs to another user", folder.display()),
        right: Account::of(owner),
    })
}

/// The kinds of network file systems, as statfs(2) numbers them. Their locks do not reach the other
/// hosts, or do not hold.
const NETWORK: [(u32, &str); 7] = [
    (0x6969, "NFS"),
    (0x517b, "SMB"),
    (0xff53_4d42, "CIFS"),
    (0xfe53_4d42, "SMB2"),
    (0x0102_1997, "9P"),
    (0x5346_414f, "AFS"),
    (0x00c3_6400, "Ceph"),
];

/// Refuses a store on a network file system, where neither SQLite nor locks are safe.
pub fn refuse_network(store: &Path) -> anyhow::Result<()> {
    let existing = store
        .ancestors()
        .find(|place| place.exists())
        .unwrap_or(Path::new("/"));
    let statfs =
        rustix::fs::statfs(existing).with_context(|| format!("the file system of {}", existing.display()))?;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the width and the sign of the number differ between architectures, its 32 bits do not"
    )]
    let kind = statfs.f_type as u32;
    if let Some((_, name)) = NETWORK.iter().find(|(number, _)| *number == kind) {
        bail!(
            "{} lies on a network file system ({name}), where a store can be damaged: set state_directory to a local disk",
            store.display()
        );
    }
    Ok(())
}
