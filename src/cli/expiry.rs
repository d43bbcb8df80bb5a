//! `expiry`: the coming notices, one person's dates, and the very mail. Sends nothing.

use std::path::Path;
use std::sync::Arc;

use anyhow::Context as _;
use jiff::Timestamp;
use serde_json::json;

use super::args::Expiry;
use super::exit::{Exit, Failure};
use super::session::Session;
use crate::app::App;
use crate::domain::due::{Book, Due};
use crate::domain::expiry::Terms;
use crate::domain::explain::{Explanation, explain};
use crate::domain::forecast::forecast;
use crate::domain::language::LanguageChoice;
use crate::domain::notice::{Ledger, Threshold};
use crate::domain::recipient::reader_of;
use crate::domain::selector::Selector;
use crate::domain::user::User;
use crate::jobs::password_expiry::{Memory, Reading, read_tenant};
use crate::mail::{Content, PasswordNotice, Templates};
use crate::report;
use crate::report::escape::plain;

/// The tenant as it is now, and what was sent so far.
struct View {
    app: Arc<App>,
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

    /// With what a mail about this person is decorated with, where the lists lack it.
    async fn completed_for(mut self, user: &str) -> Result<Self, Failure> {
        let person = self.find(user)?;
        let id = person.id;
        if let Ok(recipient) = self.explain(person).assessment.recipient {
            let client = Session::client(&self.app)?;
            self.reading.complete_mails(&client, [(id, &recipient)]).await;
        }
        Ok(self)
    }

    /// The language of the mail to the recipient, if there is one.
    fn language(&self, templates: &Templates, explanation: &Explanation<'_>) -> Option<LanguageChoice> {
        let Explanation {
            user,
            assessment,
            verdict,
            ..
        } = explanation;
        let audience = assessment.recipient.as_ref().ok()?.audience;
        let is_after = |due: &Due| due.key.threshold == Threshold::AFTER_EXPIRY;
        let reader = reader_of(user, audience, &self.reading.facts.users);
        Some(templates.language_for(
            audience,
            verdict.as_ref().is_ok_and(is_after),
            reader.and_then(|reader| reader.preferred_locale_code.as_deref()),
            &self.app.settings.mail.language,
        ))
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
            let view = View::open(session).await?.completed_for(&user).await?;
            let templates = view.app.templates().map_err(Failure::Templates)?;
            let explanation = view.explain(view.find(&user)?);
            let language = view.language(&templates, &explanation);
            if json.json {
                let told = report::explain::to_json(&explanation, language.as_ref(), view.zone());
                session.print_json(&told)?;
            } else {
                let rehearsal = view.book().rehearsal;
                let told = report::explain::to_text(&explanation, language.as_ref(), view.zone(), rehearsal);
                session.print(&told)?;
            }
        }
        Expiry::Preview { user, html, json } => {
            let view = View::open(session).await?.completed_for(&user).await?;
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
    let reader = reader_of(user, due.recipient.audience, &view.reading.facts.users);
    let notice = PasswordNotice::new(user, due, reader, view.zone());
    let content = templates
        .render_notice(&notice, mailer.letterhead())
        .map_err(|problem| Failure::Templates(vec![problem]))?;
    if let Some(path) = html {
        std::fs::write(path, &content.html)
            .with_context(|| format!("{} cannot be written", path.display()))?;
        session.say(&format!("the HTML part is in {}\n", path.display()))?;
    }
    let language = view.language(&templates, &explanation);
    let Content {
        subject, text, html, ..
    } = content;
    let to = &due.recipient.address;
    if as_json {
        session.print_json(&json!({
            "to": to,
            "language": language.as_ref().map(|choice| &choice.tag),
            "language_reason": language.as_ref().map(|choice| choice.reason),
            "subject": subject,
            "text": text,
            "html": html,
        }))?;
    } else {
        session.print(&format!("To: {}\nSubject: {subject}\n\n{text}", plain(to)))?;
    }
    Ok(())
}
