//! What every job reads of the tenant first: whose it is, what time it is there, and who is in it.

use anyhow::Context as _;

use super::Stop;
use crate::domain::alert::Kind;
use crate::domain::budget::calls_needed;
use crate::domain::field::FieldNeeds;
use crate::domain::guard::hold_on_clock;
use crate::domain::user::UserSource;
use crate::onelogin::{Client, UserList};
use crate::store::Learned;

/// What a job wants to know of everybody, and what earlier runs of it know.
#[derive(Debug)]
pub(super) struct Asked<'a> {
    /// The fields.
    pub(super) fields: FieldNeeds,
    /// Where they were found the last time.
    pub(super) learned: Option<&'a Learned>,
    /// How many users there were then.
    pub(super) users: Option<u64>,
    /// What an incomplete list would lead to, for the error.
    pub(super) purpose: &'static str,
}

/// The account of the credential, which must be the one that the store belongs to.
pub(super) async fn account_of(client: &Client, known: Option<i64>) -> Result<i64, Stop> {
    let account_id = client.account_id().await.context("the access token")?;
    match known.filter(|known| *known != account_id) {
        None => Ok(account_id),
        Some(known) => {
            let why = format!(
                "the store belongs to the OneLogin account {known}, and this credential to {account_id}: check \
                 onelogin.url and client_id, or give this tenant a state_directory of its own"
            );
            Err(Stop::Refused(Kind::Account, why))
        }
    }
}

/// Refuses a clock that is too far from OneLogin's.
pub(super) fn check_clock(client: &Client) -> Result<(), Stop> {
    let Some(reading) = client.clock_reading() else {
        tracing::warn!("OneLogin's answers carry no date, so the clock cannot be checked");
        return Ok(());
    };
    hold_on_clock(reading.ours, reading.onelogins).map_or(Ok(()), |hold| Err(Stop::Held(hold)))
}

/// Reads the proven user list, from where it is best read. What decides is known for everybody.
pub(super) async fn read_users(client: &Client, asked: Asked<'_>) -> Result<(UserList, Learned), Stop> {
    let mut fields = asked.fields;
    let needed = fields.all();
    // What was learned for other fields says nothing about these.
    let learned = asked.learned.filter(|learned| learned.needed == needed);
    let source = learned.map_or(UserSource::V2, |learned| learned.source);
    if let Some(learned) = learned {
        fields.welcome.retain(|field| !learned.nowhere.contains(field));
    }
    check_quota(
        client,
        asked.users,
        source,
        learned.and_then(|learned| learned.page),
    )
    .await?;
    let list = client
        .list_users(&fields, source)
        .await
        .with_context(|| format!("the user list; {}", asked.purpose))?;
    if list.users.is_empty() {
        return Err(Stop::Refused(
            Kind::Users,
            "OneLogin lists no users at all, and every tenant has an owner".to_owned(),
        ));
    }
    // Named as the configuration names them.
    let missing: Vec<String> = fields
        .deciding
        .intersection(&list.unknown_fields)
        .map(|field| field.replacen("custom_attributes.", "custom.", 1))
        .collect();
    if !missing.is_empty() {
        let why = format!(
            "OneLogin does not tell {missing:?} for everybody, and what is done depends on it. An unknown field is \
             never taken for an empty one. Run it again later, or take the field out of the rules"
        );
        return Err(Stop::Refused(Kind::Users, why));
    }
    let mut nowhere = learned.map(|learned| learned.nowhere.clone()).unwrap_or_default();
    if list.is_last_word {
        nowhere.extend(fields.welcome.intersection(&list.unknown_fields).cloned());
    }
    let learned = Learned {
        needed,
        source: list.source,
        nowhere,
        page: list.page,
    };
    Ok((list, learned))
}

/// Says how many calls the run will make, and puts it off where the quota is too small for them.
async fn check_quota(
    client: &Client,
    users: Option<u64>,
    source: UserSource,
    page: Option<u64>,
) -> Result<(), Stop> {
    let Some(users) = users else { return Ok(()) };
    let calls = calls_needed(users, source, page);
    tracing::info!(calls = calls.all, "about this many calls to OneLogin are needed");
    if calls.v1 == 0 {
        return Ok(());
    }
    let quota = match client.read_quota().await {
        Ok(quota) => quota,
        // The question is a courtesy: OneLogin itself stops whoever asks too much.
        Err(error) => {
            tracing::warn!("the quota left is not known: {error}");
            return Ok(());
        }
    };
    if quota.remaining >= calls.v1 {
        return Ok(());
    }
    Err(Stop::Later(format!(
        "the run needs about {} calls that count, and {} of the account's {} an hour are left; they are renewed in {} minutes",
        calls.v1,
        quota.remaining,
        quota.limit,
        quota.renewed_in().as_secs().div_ceil(60)
    )))
}
