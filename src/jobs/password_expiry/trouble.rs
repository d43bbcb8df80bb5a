//! What a run met that admins must know.

use crate::domain::alert::{Advice, Kind, Reach, Trouble};
use crate::domain::notice::{NoticeKey, NoticeState};
use crate::domain::run::{Halt, RunId, Tally};
use crate::jobs::record::Seen;
use crate::store::Store;

/// So many refused recipients are named in a mail.
const NAMED: usize = 5;

/// Notes how the sending went.
pub(super) async fn note_sending(
    seen: &mut Seen,
    tally: &Tally,
    earlier: &[NoticeKey],
    run: RunId,
    store: &Store,
) {
    if tally.interrupted {
        return;
    }
    seen.reach = Reach::Delivered;
    let owed = tally.retry + tally.left;
    // One who is put off for a quarter of an hour is everyday life with mail.
    if tally.halted == Some(Halt::Other) {
        seen.troubles.push(unfinished(owed, tally));
    } else if tally.halted == Some(Halt::MailServer) || tally.retry > tally.delivered {
        seen.troubles.push(mail_server(owed, tally));
    }
    if tally.failed > 0 || !earlier.is_empty() {
        let mut people = refused(run, store).await;
        people.extend(
            earlier
                .iter()
                .map(|key| format!("{} (in an earlier run)", key.recipient)),
        );
        seen.troubles.push(recipients(&people));
    }
}

fn mail_server(owed: u64, tally: &Tally) -> Trouble {
    let words = tally.trouble.as_deref().unwrap_or("the server said nothing");
    Trouble {
        kind: Kind::MailServer,
        about: String::new(),
        what: format!("{}. The first words of trouble: {words}", left_over(owed, tally)),
        advice: vec![
            Advice::command("Whether mail leaves at all", "onelogin-steward mail test ADDRESS"),
            Advice::command(
                "Once it is put right, try all of them at once",
                "onelogin-steward run password-expiry",
            ),
        ],
    }
}

fn unfinished(owed: u64, tally: &Tally) -> Trouble {
    let why = tally.trouble.as_deref().unwrap_or("nobody said why");
    Trouble {
        kind: Kind::Unfinished,
        about: String::new(),
        what: format!("{}. Why: {why}", left_over(owed, tally)),
        advice: vec![
            Advice::command("What works and what does not", "onelogin-steward check --online"),
            Advice::command(
                "Once it is put right, try all of them at once",
                "onelogin-steward run password-expiry",
            ),
        ],
    }
}

fn left_over(owed: u64, tally: &Tally) -> String {
    format!(
        "{} left, and {} did not: owed still, and tried again",
        notices(tally.delivered),
        notices(owed)
    )
}

fn notices(count: u64) -> String {
    if count == 1 {
        "1 notice".to_owned()
    } else {
        format!("{count} notices")
    }
}

fn recipients(refused: &[String]) -> Trouble {
    let named = refused.iter().take(NAMED).cloned().collect::<Vec<_>>().join("; ");
    let more = refused.len().saturating_sub(NAMED);
    let more = if more > 0 {
        format!("; and {more} more")
    } else {
        String::new()
    };
    Trouble {
        kind: Kind::Recipients,
        about: String::new(),
        what: format!(
            "{} refused for good and not tried again, so these people are not warned: {named}{more}",
            notices(refused.len() as u64)
        ),
        advice: vec![Advice::words(
            "Correct the addresses in OneLogin: a notice to another address is a new one, and the next run sends it",
        )],
    }
}

/// Whom the server refused, with its words.
async fn refused(run: RunId, store: &Store) -> Vec<String> {
    let notices = store.list_notices_of(run).await.unwrap_or_default();
    notices
        .into_iter()
        .filter(|notice| notice.state == NoticeState::Failed)
        .map(|notice| format!("{} ({})", notice.address, notice.server_reply.unwrap_or_default()))
        .collect()
}
