//! Tells people that their temporary access ends.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;

use super::file::FileInForce;
use super::load::{RoleReading, terms_of};
use super::{Memory, Tools};
use crate::config::settings::RoleSyncMode;
use crate::domain::due::Book;
use crate::domain::notice::{NoticeKey, Threshold};
use crate::domain::role::until::{AccessEnd, AccessPlan, plan_access_ends};
use crate::domain::run::{Job, RunId, Tally};
use crate::domain::user::{User, UserId};
use crate::jobs::delivery::{self, Notices, Outbox, Owed, Truth};
use crate::mail::{AccessNotice, Content};
use crate::store::{FileLock, LockName};

/// What came of the notices of a run.
#[derive(Debug)]
pub(super) struct Told {
    pub(super) plan: AccessPlan,
    /// `None`: somebody else sends mail, and the next run sends these.
    pub(super) tally: Option<Tally>,
    rehearsal: bool,
}

/// Stages every notice that is due and sends it, where no other process sends mail. Nobody is told
/// anything in `report` mode, in which nobody is removed. Whatever fails here changes nothing about
/// the roles, and what is owed is sent by the next run.
pub(super) async fn tell(
    tools: &Tools<'_>,
    run: RunId,
    now: Timestamp,
    file: &FileInForce,
    reading: &RoleReading,
    memory: &Memory,
) -> anyhow::Result<Option<Told>> {
    let settings = tools.settings;
    if settings.role_sync.mode == RoleSyncMode::Report || tools.stop.is_cancelled() {
        return Ok(None);
    }
    let rehearsal = settings.mail.is_rehearsal();
    let ledger = tools.store.load_ledger(Job::RoleSync).await?;
    let book = Book {
        ledger: &ledger,
        rehearsal,
    };
    let plan = plan_access_ends(
        &file.state,
        &reading.facts(),
        &terms_of(settings),
        &memory.roles,
        &settings.role_sync.until_notice_days,
        book,
        now,
    );
    let people = people(tools, reading, &plan).await;
    let outbox = Outbox {
        settings,
        clock: tools.clock,
        store: tools.store,
        mailer: tools.mailer,
        patience: tools.bounds.mail,
        stop: tools.stop,
    };
    let account = |end: &AccessEnd| people.get(&end.key.user_id).map(User::account_name);
    let owed = plan.due.iter().map(|end| (end, account(end).unwrap_or_default()));
    delivery::stage(outbox, run, now, reading.account_id, owed, &plan.obsolete).await?;
    let mut tally = Some(Tally::default());
    if !plan.due.is_empty() {
        let holder = format!("run {run} of {}", Job::RoleSync);
        let lock = FileLock::acquire(&settings.store_path, LockName::Mail, &holder, Duration::ZERO).await?;
        tally = match &lock {
            Ok(_held) => {
                let notices = Accesses { tools, file, people };
                Some(Box::pin(delivery::deliver(outbox, run, now, &notices, &plan.due)).await)
            }
            Err(_holder) => None,
        };
    }
    Ok(Some(Told {
        plan,
        tally,
        rehearsal,
    }))
}

/// The people about to be told, with names and languages. Where the list does not tell these, the
/// people are asked for one by one; both only decorate, so the first failure, or the first answer
/// that does not tell them either, ends the asking.
async fn people(tools: &Tools<'_>, reading: &RoleReading, plan: &AccessPlan) -> BTreeMap<UserId, User> {
    let ids = plan.due.iter().map(|end| end.key.user_id);
    let mut people: BTreeMap<UserId, User> = ids
        .filter_map(|id| Some((id, reading.users.get(&id)?.clone())))
        .collect();
    if !reading.lacks_decoration() {
        return people;
    }
    for (id, user) in &mut people {
        match tools.client.read_user(*id).await {
            Ok(person) => {
                let whole = person.user;
                user.firstname = whole.firstname.or_else(|| user.firstname.take());
                user.lastname = whole.lastname.or_else(|| user.lastname.take());
                let locale = whole.preferred_locale_code;
                user.preferred_locale_code = locale.or_else(|| user.preferred_locale_code.take());
                if DECORATION
                    .iter()
                    .all(|field| person.unknown_fields.contains(*field))
                {
                    break;
                }
            }
            Err(error) => {
                tracing::warn!("names or languages are not known, mails do without them: {error}");
                break;
            }
        }
    }
    people
}

/// Fields that a mail is decorated with.
pub(super) const DECORATION: [&str; 3] = ["firstname", "lastname", "preferred_locale_code"];

impl Told {
    /// Whether any mail left.
    pub(super) fn has_mailed(&self) -> bool {
        self.tally.as_ref().is_some_and(|tally| tally.delivered > 0)
    }

    /// For the summary of the run; empty where there was nothing to tell.
    pub(super) fn in_words(&self) -> String {
        let mut parts = Vec::new();
        let mut count = |number: u64, what: &str| {
            if number > 0 {
                parts.push(format!("{number} {what}"));
            }
        };
        match &self.tally {
            Some(tally) => {
                let sent = if self.rehearsal {
                    "written or redirected"
                } else {
                    "sent"
                };
                count(tally.delivered, sent);
                count(tally.retry + tally.left, "left to the next run");
                count(tally.failed, "refused for good");
                count(tally.cancelled, "no longer true meanwhile");
            }
            None => count(
                self.plan.due.len() as u64,
                "left to the next run, since another process sends mail",
            ),
        }
        count(self.plan.obsolete.len() as u64, "of earlier runs no longer true");
        count(self.plan.without_address, "without a usable address");
        count(self.plan.out_of_standing, "out of good standing");
        if parts.is_empty() {
            return String::new();
        }
        let trouble = self.tally.as_ref().and_then(|tally| tally.trouble.as_ref());
        let trouble = trouble.map_or(String::new(), |words| format!(": {words}"));
        format!("; notices of ending access: {}{trouble}", parts.join(", "))
    }
}

impl Owed for AccessEnd {
    fn key(&self) -> &NoticeKey {
        &self.key
    }

    fn address(&self) -> &str {
        &self.address
    }

    fn supersedes(&self) -> &[Threshold] {
        &self.supersedes
    }
}

struct Accesses<'a> {
    tools: &'a Tools<'a>,
    file: &'a FileInForce,
    people: BTreeMap<UserId, User>,
}

impl Notices for Accesses<'_> {
    type Owed = AccessEnd;

    /// What a notice says follows from the file: one that was edited since is for the next run. A file
    /// that cannot be used says nothing new.
    async fn refresh(&self) -> Result<(), String> {
        let path = &self.tools.settings.role_sync.desired_state;
        match FileInForce::load(path).await {
            Ok(now) if now.text != self.file.text => {
                Err("the desired state has changed meanwhile, the next run decides anew".to_owned())
            }
            Ok(_) | Err(_) => Ok(()),
        }
    }

    /// The last day counts as a whole, and no mail leaves on another day than the run's.
    fn look(&self, _end: &AccessEnd, _now: Timestamp) -> Truth {
        Truth::Stands
    }

    fn content(&self, end: &AccessEnd) -> Result<Content, String> {
        let user = self.people.get(&end.key.user_id);
        let user = user.ok_or_else(|| "the person is gone".to_owned())?;
        self.tools
            .templates
            .render_access_end(&AccessNotice::new(user, end), self.tools.mailer.letterhead())
            .map_err(|problem| format!("a template fails: {problem}"))
    }
}
