//! `mail`: proof that mail leaves, the ledger of notices, and one of them once more.

use std::time::Duration;

use anyhow::Context as _;
use serde_json::json;

use super::args::{Mail, MailList};
use super::engine::run_now;
use super::exit::{Exit, Failure};
use super::history::{line, refuse_external};
use super::session::Session;
use crate::app::open_existing_store;
use crate::config::settings::Transport;
use crate::domain::role::until::AccessOccasion;
use crate::domain::run::Trigger;
use crate::jobs::password_expiry::{Order, Task};
use crate::mail::{Delivery, Message, TestMail};
use crate::report::escape::plain;
use crate::report::notices;
use crate::store::{NoticeFilter, NoticeId};

pub(super) async fn run(session: &mut Session<'_>, arguments: Mail) -> Result<Exit, Failure> {
    match arguments {
        Mail::Test { address } => test(session, &address).await,
        Mail::List(arguments) => list(session, arguments).await,
        Mail::Resend { notice, wait } => Box::pin(resend(session, NoticeId(notice), wait)).await,
    }
}

async fn test(session: &mut Session<'_>, address: &str) -> Result<Exit, Failure> {
    let app = session.app()?;
    if let Transport::Files { .. } = app.settings.mail.transport {
        // The outbox is the service's to write.
        app.refuse_strangers()?;
    }
    let (templates, mailer) = Session::mail(&app)?;
    let now = app.clock.now();
    let zone = &app.settings.password_expiry.terms.calendar.time_zone;
    let content = templates
        .render_test(&TestMail::new(now, zone), mailer.letterhead())
        .map_err(|problem| Failure::Templates(vec![problem]))?;
    // Not the id of a notice: each test is a mail of its own.
    let identity = format!("<test.{}@{}>", now.as_nanosecond(), mailer.letterhead().domain());
    let message = Message::new(content, address, mailer.letterhead(), identity, now)
        .map_err(|error| Failure::Usage(error.to_string()))?;
    let delivery = mailer.deliver(&message).await;
    mailer.hang_up().await;
    match &delivery {
        Delivery::Accepted { reply } => {
            session.print(&format!("accepted for {}: {}\n", message.to, plain(reply)))?;
        }
        Delivery::Written { path } => session.print(&format!("written to {}\n", path.display()))?,
        Delivery::RefusedRecipient { .. }
        | Delivery::RefusedSender { .. }
        | Delivery::TryAgain { .. }
        | Delivery::NotServed { .. } => {
            return Err(anyhow::anyhow!("{}", delivery.reply())).context("the test mail was not taken")?;
        }
    }
    Ok(Exit::Done)
}

async fn list(session: &mut Session<'_>, arguments: MailList) -> Result<Exit, Failure> {
    refuse_external(arguments.user.as_deref())?;
    let local = session.local()?;
    let filter = NoticeFilter {
        state: arguments.state,
        user: arguments.user,
        limit: arguments.limit,
    };
    let notices = match open_existing_store(&local.state_directory, &local.store_path)? {
        Some(store) => store.list_notices(filter).await?,
        None => Vec::new(),
    };
    if arguments.json.json {
        session.print_json(&json!(notices))?;
    } else {
        session.print(&notices::to_text(notices.iter().map(line), &local.time_zone))?;
    }
    Ok(Exit::Done)
}

async fn resend(session: &mut Session<'_>, id: NoticeId, wait: Duration) -> Result<Exit, Failure> {
    let app = session.app()?;
    let key = match app.existing_store()? {
        Some(store) => store.find_notice(id).await?,
        None => None,
    };
    let key = key.with_context(|| format!("there is no notice {id}; `mail list` has their numbers"))?;
    if AccessOccasion::parse(&key.occasion).is_some() {
        return Err(Failure::Usage(format!(
            "notice {id} tells of an access that ends, and only notices about passwords are sent once more; its last day \
             stands in the desired state"
        )));
    }
    let order = Order {
        trigger: Trigger::Manual,
        task: Task::Resend(id, key),
        reason: None,
    };
    let (run, outcome) = run_now(&app, Session::client(&app)?, order, wait).await?;
    let summary = plain(&outcome.summary);
    session.print(&format!("run {run} {}: {summary}\n", outcome.status))?;
    Ok(Exit::of_run(outcome.status, outcome.has_effect))
}
