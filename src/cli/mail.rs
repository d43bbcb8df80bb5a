//! `mail test`: proof that mail leaves.

use anyhow::Context as _;

use super::args::Mail;
use super::exit::{Exit, Failure};
use super::session::Session;
use crate::mail::{Delivery, Message, TestMail};
use crate::report::escape::plain;

pub(super) async fn run(session: &mut Session<'_>, arguments: &Mail) -> Result<Exit, Failure> {
    let Mail::Test { address } = arguments;
    let app = session.app()?;
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
