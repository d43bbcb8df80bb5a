//! `expiry`: the coming notices, one person's dates, and the very mail. Sends nothing.

use std::path::Path;

use anyhow::Context as _;
use jiff::Timestamp;
use serde_json::json;

use super::args::Expiry;
use super::exit::{Exit, Failure};
use super::session::Session;
use crate::app::App;
use crate::domain::due::Book;
use crate::domain::expiry::Terms;
use crate::domain::explain::{Explanation, explain};
use crate::domain::forecast::forecast;
use crate::domain::notice::Ledger;
use crate::domain::selector::Selector;
use crate::domain::user::User;
use crate::jobs::password_expiry::{Memory, Reading, read_tenant};
use crate::mail::{Content, PasswordNotice};
use crate::report;
use crate::report::escape::plain;

/// The tenant as it is now, and what was sent so far.
struct View {
    app: App,
    now: Timestamp,
    reading: Reading,
    ledger: Ledger,
}

impl View {
    async fn open(session: &mut Session<'_>) -> Result<Self, Failure> {
        let app = session.app()?;
        let store = app.existing_store()?;
        let memory = Memory::load_existing(store.as_ref()).await?;
        let client = Session::client(&app)?;
        let now = app.clock.now();
        let reading = read_tenant(&client, &app.settings.password_expiry, &memory, now).await?;
        Ok(Self {
            app,
            now,
            reading,
            ledger: memory.ledger,
        })
    }

    fn terms(&self) -> &Terms {
        &self.app.settings.password_expiry.terms
    }

    fn zone(&self) -> &jiff::tz::TimeZone {
        &self.terms().calendar.time_zone
    }

    fn book(&self) -> Book<'_> {
        Book {
            ledger: &self.ledger,
            rehearsal: self.app.settings.mail.is_rehearsal(),
        }
    }

    fn find(&self, user: &str) -> anyhow::Result<&User> {
        let user = Selector::parse(user).and_then(|selector| selector.find(&self.reading.facts.users));
        Ok(user?)
    }

    fn explain<'a>(&'a self, user: &'a User) -> Explanation<'a> {
        explain(user, &self.reading.facts, self.terms(), self.now, self.book())
    }
}

pub(super) async fn run(session: &mut Session<'_>, arguments: Expiry) -> Result<Exit, Failure> {
    match arguments {
        Expiry::Forecast { days, csv, json } => {
            let view = View::open(session).await?;
            let (facts, zone) = (&view.reading.facts, view.zone());
            let forecast = forecast(facts, view.terms(), view.now, days, view.book());
            if json.json {
                session.print_json(&report::forecast::to_json(&forecast, facts, zone))?;
            } else if csv {
                session.print(&report::forecast::to_csv(&forecast, facts, zone))?;
            } else {
                session.print(&report::forecast::to_text(&forecast, facts, zone))?;
            }
        }
        Expiry::Explain { user, json } => {
            let view = View::open(session).await?;
            let explanation = view.explain(view.find(&user)?);
            if json.json {
                session.print_json(&report::explain::to_json(&explanation, view.zone()))?;
            } else {
                session.print(&report::explain::to_text(
                    &explanation,
                    view.zone(),
                    view.book().rehearsal,
                ))?;
            }
        }
        Expiry::Preview { user, html, json } => {
            let mut view = View::open(session).await?;
            let person = view.find(&user)?.id;
            let client = Session::client(&view.app)?;
            view.reading.complete_names(&client, [person]).await;
            preview(session, &view, &user, html.as_deref(), json.json)?;
        }
    }
    Ok(Exit::Done)
}

fn preview(
    session: &mut Session<'_>,
    view: &View,
    user: &str,
    html: Option<&Path>,
    as_json: bool,
) -> Result<(), Failure> {
    let (templates, mailer) = Session::mail(&view.app)?;
    let user = view.find(user)?;
    let explanation = view.explain(user);
    let due = explanation.verdict.as_ref().map_err(|skip| {
        let why = report::explain::skip_in_words(*skip);
        anyhow::anyhow!("no mail now: {why}; `expiry explain` tells when the next one comes")
    })?;
    let notice = PasswordNotice::new(user, due, view.zone());
    let content = templates
        .render_notice(&notice, mailer.letterhead())
        .map_err(|problem| Failure::Templates(vec![problem]))?;
    if let Some(path) = html {
        std::fs::write(path, &content.html)
            .with_context(|| format!("{} cannot be written", path.display()))?;
        session.say(&format!("the HTML part is in {}\n", path.display()))?;
    }
    let Content { subject, text, html } = content;
    let to = &due.recipient.address;
    if as_json {
        session.print_json(&json!({ "to": to, "subject": subject, "text": text, "html": html }))?;
    } else {
        session.print(&format!("To: {}\nSubject: {subject}\n\n{text}", plain(to)))?;
    }
    Ok(())
}
