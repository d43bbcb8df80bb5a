//! One page with every mail of the demo.

use anyhow::Context as _;
use minijinja::value::Serde;
use minijinja::{Environment, Value, context};
use serde::Serialize;

use crate::app::App;
use crate::cli::exit::Failure;
use crate::cli::session::Session;
use crate::domain::recipient::reader_of;
use crate::jobs::password_expiry::Decision;
use crate::mail::PasswordNotice;
use crate::report::time;

#[derive(Serialize)]
struct Entry {
    account: String,
    address: String,
    notice: String,
    expires: Option<String>,
    subject: String,
    html: String,
}

/// The page.
pub(super) fn render(app: &App, decision: &Decision) -> Result<String, Failure> {
    let (templates, mailer) = Session::mail(app)?;
    let zone = &app.settings.password_expiry.terms.calendar.time_zone;
    let mut mails = Vec::new();
    for due in &decision.plan.due {
        let users = &decision.reading.facts.users;
        let user = users.get(&due.key.user_id).context("the person is gone")?;
        let reader = reader_of(user, due.recipient.audience, users);
        let notice = PasswordNotice::new(user, due, reader, zone);
        let content = templates
            .render_notice(&notice, mailer.letterhead())
            .map_err(|problem| Failure::Templates(vec![problem]))?;
        mails.push(Entry {
            account: notice.account,
            address: due.recipient.address.clone(),
            notice: due.key.threshold.to_string(),
            expires: due.expires_at.map(|at| time::minute(at, zone)),
            subject: content.subject,
            html: content.html,
        });
    }
    let mut environment = Environment::new();
    environment
        .add_template("index.html", include_str!("index.html.j2"))
        .context("the page of the demo")?;
    let page = environment
        .get_template("index.html")
        .and_then(|page| page.render(context! { mails => Value::from(Serde(mails)) }));
    Ok(page.context("the page of the demo")?)
}
