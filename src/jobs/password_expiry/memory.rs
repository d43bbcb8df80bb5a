//! What earlier runs left for this one.

use jiff::Timestamp;

use crate::domain::notice::Ledger;
use crate::domain::policy::PolicyBook;
use crate::domain::run::Job;
use crate::store::{self, BookOf, Learned, Store};

/// What the store remembers of earlier runs. Empty where there is no store yet.
#[derive(Debug, Clone, Default)]
pub struct Memory {
    /// The account of the first run.
    pub account_id: Option<i64>,
    /// The size of the last proven user list.
    pub users: Option<u64>,
    /// The last policies and when they were read.
    pub policies: Option<(PolicyBook, Timestamp)>,
    /// The policies of the last run that was not held.
    pub accepted_policies: Option<PolicyBook>,
    /// Where the users are best read.
    pub learned: Option<Learned>,
    /// Every notice so far.
    pub ledger: Ledger,
}

impl Memory {
    /// Loads it.
    pub async fn load(store: &Store) -> Result<Self, store::Error> {
        Ok(Self {
            account_id: store.account_id().await?,
            users: store.previous_user_count(Job::PasswordExpiry).await?,
            policies: store.load_policies(BookOf::LastRead).await?,
            accepted_policies: store
                .load_policies(BookOf::LastAccepted)
                .await?
                .map(|(book, _)| book),
            learned: store.learned(Job::PasswordExpiry).await?,
            ledger: store.load_ledger(Job::PasswordExpiry).await?,
        })
    }

    /// Loads what there is; nothing where there is no store.
    pub async fn load_existing(store: Option<&Store>) -> Result<Self, store::Error> {
        match store {
            Some(store) => Self::load(store).await,
            None => Ok(Self::default()),
        }
    }
}
