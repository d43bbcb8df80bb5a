//! One notice of the ledger, sent once more because a person asks for it.

use jiff::Timestamp;

use super::{Memory, Tools, owed, read_tenant, stopped_early};
use crate::domain::due::Book;
use crate::domain::notice::NoticeKey;
use crate::domain::plan::NoticePlan;
use crate::domain::resend::{Untrue, resend as once_more};
use crate::domain::run::{RunId, RunStatus};
use crate::domain::warned::Warned;
use crate::jobs::{Outcome, Stop};
use crate::report;
use crate::store::NoticeId;

/// Reads the tenant afresh, and sends the notice under a Message-ID of its own if it is still true.
/// Teaches later runs nothing: the guards measure against runs that decided about everybody.
pub(super) async fn resend(
    tools: &Tools<'_>,
    run: RunId,
    now: Timestamp,
    id: NoticeId,
    key: &NoticeKey,
) -> Result<Outcome, Stop> {
    let Tools {
        settings,
        client,
        store,
        stop,
        ..
    } = tools;
    let expiry = &settings.password_expiry;
    let memory = Memory::load(store).await?;
    let reading = tokio::select! {
        () = stop.cancelled() => return Ok(stopped_early()),
        reading = read_tenant(client, expiry, &memory, now) => reading,
    };
    let mut reading = reading?;
    let rehearsal = settings.mail.is_rehearsal();
    let book = Book {
        ledger: &memory.ledger,
        rehearsal,
    };
    let due = match once_more(key, &reading.facts, &expiry.terms, now, book) {
        Ok(due) => due,
        // An answer to the person who asked, and no trouble for the admins to hear of.
        Err(why) => {
            let why = match why {
                Untrue::Skipped(skip) => report::explain::skip_in_words(skip),
                Untrue::Because(why) => why,
            };
            return Ok(Outcome {
                status: RunStatus::Failed,
                summary: format!("notice {id} is not sent once more: {why}"),
                has_effect: false,
                is_held: false,
            });
        }
    };
    let plan = NoticePlan {
        due: vec![due.clone()],
        ..NoticePlan::default()
    };
    tokio::select! {
        () = stop.cancelled() => return Ok(stopped_early()),
        () = reading.complete_mails(client, [(key.user_id, &due.recipient)]) => {}
    }
    let tally = owed::send(tools, run, now, &reading, &plan).await?;
    let summary = report::summary::of_notices(&plan, &tally, Warned::default(), rehearsal, &reading.notes);
    Ok(Outcome {
        status: tally.status(),
        summary: format!("notice {id} once more: {summary}"),
        has_effect: tally.has_effect(),
        is_held: false,
    })
}
