//! Notices about passwords, as a batch stages and sends them.

use jiff::Timestamp;

use super::recheck::Recheck;
use super::{Reading, Tools};
use crate::domain::due::Due;
use crate::domain::notice::{NoticeKey, Threshold};
use crate::domain::plan::{NoticePlan, Revision, revise};
use crate::domain::recipient::reader_of;
use crate::domain::run::{RunId, Tally};
use crate::domain::user::User;
use crate::jobs::delivery::{self, Notices, Outbox, Owed, Truth};
use crate::mail::{Content, PasswordNotice};

/// Stages every notice of the plan and sends it.
pub(super) async fn send(
    tools: &Tools<'_>,
    run: RunId,
    now: Timestamp,
    reading: &Reading,
    plan: &NoticePlan,
) -> anyhow::Result<Tally> {
    let outbox = Outbox {
        settings: tools.settings,
        clock: tools.clock,
        store: tools.store,
        mailer: tools.mailer,
        patience: tools.mail_patience,
        stop: tools.stop,
    };
    let account = |due: &Due| {
        let user = reading.facts.users.get(&due.key.user_id);
        user.map(User::account_name).unwrap_or_default()
    };
    let owed = plan.due.iter().map(|due| (due, account(due)));
    delivery::stage(outbox, run, now, reading.account_id, owed, &plan.obsolete).await?;
    let notices = Passwords {
        tools,
        now,
        recheck: Recheck::new(tools, now, reading, plan),
    };
    Ok(Box::pin(delivery::deliver(outbox, run, now, &notices, &plan.due)).await)
}

impl Owed for Due {
    fn key(&self) -> &NoticeKey {
        &self.key
    }

    fn address(&self) -> &str {
        &self.recipient.address
    }

    fn supersedes(&self) -> &[Threshold] {
        &self.supersedes
    }
}

struct Passwords<'a> {
    tools: &'a Tools<'a>,
    now: Timestamp,
    recheck: Recheck<'a>,
}

impl Notices for Passwords<'_> {
    type Owed = Due;

    async fn refresh(&self) -> Result<(), String> {
        self.recheck.refresh().await.map_err(|error| {
            format!("OneLogin cannot be asked who changed their password meanwhile: {error}")
        })
    }

    fn look(&self, due: &Due, now: Timestamp) -> Truth {
        if due.expires_at.is_some_and(|at| at > self.now && at <= now) {
            return Truth::TooLate;
        }
        let terms = &self.tools.settings.password_expiry.terms;
        match revise(due, &self.recheck.facts(), terms, self.now) {
            Revision::Stands => Truth::Stands,
            Revision::Waits => Truth::Waits,
            Revision::Obsolete(why) => Truth::Obsolete(why),
        }
    }

    fn content(&self, due: &Due) -> Result<Content, String> {
        let Tools {
            templates,
            mailer,
            settings,
            ..
        } = self.tools;
        let facts = self.recheck.facts();
        let user = facts.users.get(&due.key.user_id);
        let user = user.ok_or_else(|| "the person is gone".to_owned())?;
        let reader = reader_of(user, due.recipient.audience, &facts.users);
        let zone = &settings.password_expiry.terms.calendar.time_zone;
        let notice = PasswordNotice::new(user, due, reader, zone);
        templates
            .render_notice(&notice, mailer.letterhead())
            .map_err(|problem| format!("a template fails: {problem}"))
    }
}
