//! `check --online`: what only the tenant, the mail server and the disk can tell.

mod roles;

use std::path::Path;

use serde::Serialize;

use crate::app::App;
use crate::cli::exit::Failure;
use crate::config::settings::RoleSyncMode;
use crate::domain::field::FieldNeeds;
use crate::domain::guard::hold_on_clock;
use crate::domain::rule::needs_of;
use crate::onelogin::{Client, Door, Quota, UserSample};
use crate::report::escape::plain;

/// One line of the report.
#[derive(Debug, Serialize)]
pub(super) struct Finding {
    check: &'static str,
    ok: bool,
    text: String,
}

impl Finding {
    fn good(check: &'static str, text: impl Into<String>) -> Self {
        Self {
            check,
            ok: true,
            text: text.into(),
        }
    }

    fn bad(check: &'static str, text: impl Into<String>) -> Self {
        Self {
            check,
            ok: false,
            text: text.into(),
        }
    }

    fn of(check: &'static str, result: Result<String, String>) -> Self {
        match result {
            Ok(text) => Self::good(check, text),
            Err(text) => Self::bad(check, text),
        }
    }

    pub(super) fn is_good(&self) -> bool {
        self.ok
    }

    /// For a terminal, green or red where that is wanted.
    pub(super) fn to_line(&self, colour: bool) -> String {
        let Self { check, ok, text } = self;
        let (mark, paint) = if *ok {
            ("ok  ", "\x1b[32m")
        } else {
            ("FAIL", "\x1b[31m")
        };
        let text = plain(text);
        if colour {
            format!("{paint}{mark}\x1b[0m  {check:<9} {text}\n")
        } else {
            format!("{mark}  {check:<9} {text}\n")
        }
    }
}

/// Asks everybody. Reads only, and leaves nothing behind.
pub(super) async fn findings(app: &App) -> Result<Vec<Finding>, Failure> {
    let mut findings = onelogin(app).await?;
    findings.push(mail(app).await);
    findings.push(store(&app.settings.store_path));
    Ok(findings)
}

async fn onelogin(app: &App) -> anyhow::Result<Vec<Finding>> {
    let client = app.client()?;
    let account = match client.account_id().await {
        Ok(account) => account,
        // Without a token there is nothing else to ask.
        Err(error) => return Ok(vec![Finding::bad("token", error.to_string())]),
    };
    let mut findings = vec![
        Finding::good("token", format!("for account {account}")),
        tenant(app, account).await,
        clock(&client),
    ];
    let fields = FieldNeeds::of(&app.settings.password_expiry.terms);
    match client.sample_users(&fields.all()).await {
        Ok(sample) => {
            findings.push(users(&client, &fields, &sample).await);
            findings.push(scope(app, &client, &sample).await);
        }
        Err(error) => findings.push(Finding::bad("users", error.to_string())),
    }
    findings.push(policies(app, &client).await);
    if app.settings.role_sync.enabled {
        findings.push(roles::finding(app, &client, account).await);
    }
    findings.push(quota(&client).await);
    Ok(findings)
}

async fn tenant(app: &App, account: i64) -> Finding {
    let known = match app.existing_store() {
        Ok(Some(store)) => store.account_id().await.map_err(anyhow::Error::from),
        Ok(None) => Ok(None),
        Err(error) => Err(error),
    };
    Finding::of(
        "tenant",
        match known {
            Ok(Some(known)) if known != account => Err(format!(
                "the store belongs to account {known}: check onelogin.url and client_id"
            )),
            Ok(Some(_)) => Ok("the one that the store belongs to".to_owned()),
            Ok(None) => Ok("no run yet, so the first one decides".to_owned()),
            Err(error) => Err(format!("{error:#}")),
        },
    )
}

fn clock(client: &Client) -> Finding {
    let Some(reading) = client.clock_reading() else {
        return Finding::bad(
            "clock",
            "OneLogin's answers carry no date, so the clock cannot be checked",
        );
    };
    let apart = reading.ours.duration_since(reading.onelogins).abs().as_secs();
    Finding::of(
        "clock",
        match hold_on_clock(reading.ours, reading.onelogins) {
            Some(hold) => Err(hold.text()),
            None => Ok(format!("{apart} s from OneLogin's")),
        },
    )
}

async fn users(client: &Client, fields: &FieldNeeds, sample: &UserSample) -> Finding {
    let Some(total) = sample.total else {
        let unproven =
            "the list sends no Total-Count, so it cannot be proven complete and no run would use it";
        return Finding::bad("users", unproven);
    };
    let unknown: Vec<&str> = sample.unknown_fields.iter().map(String::as_str).collect();
    if unknown.is_empty() {
        return Finding::good(
            "users",
            format!("{total}; every needed field is in the list of API v2"),
        );
    }
    let lacks = format!("{total}; the list of API v2 lacks {}", unknown.join(", "));
    match client.may_read(Door::UsersV1).await {
        Ok(true) => Finding::good("users", format!("{lacks}, so runs read the list of API v1")),
        Ok(false) if sample.unknown_fields.is_disjoint(&fields.deciding) => {
            Finding::good("users", format!("{lacks}, and runs do without"))
        }
        Ok(false) => Finding::bad(
            "users",
            format!("{lacks}, and API v1 is not offered: every run would be refused"),
        ),
        Err(error) => Finding::bad("users", format!("{lacks}, and API v1 does not answer: {error}")),
    }
}

/// What the credential may do beyond reading users, and whether something that is enabled needs it.
async fn scope(app: &App, client: &Client, sample: &UserSample) -> Finding {
    let mut may = vec!["users"];
    let rules = needs_of(&app.settings.password_expiry.terms.rules);
    let needs_roles = !rules.roles.is_empty();
    let role_sync = &app.settings.role_sync;
    match client.may_read(Door::Roles).await {
        Ok(true) => may.push("roles"),
        Ok(false) if role_sync.enabled => {
            return Finding::bad(
                "scope",
                "roles cannot be read, and role_sync.enabled is true: reading them needs the scope Read Users",
            );
        }
        Ok(false) if needs_roles => {
            return Finding::bad(
                "scope",
                "roles cannot be read, and a rule asks for them: the scope Read Users is needed",
            );
        }
        Ok(false) => {}
        Err(error) => return Finding::bad("scope", error.to_string()),
    }
    let manages = match sample.first {
        Some(user) => client.may_read(Door::MfaDevices(user)).await.unwrap_or(false),
        None => false,
    };
    let more = match (role_sync.enabled, role_sync.mode, manages) {
        (true, RoleSyncMode::Apply, true) => "; may write as well (Manage All), which role sync needs",
        (true, RoleSyncMode::Apply, false) => {
            return Finding::bad(
                "scope",
                "the credential only reads, and role_sync.mode = \"apply\" writes memberships: give it the scope \
                 Manage All, or set role_sync.mode = \"report\"",
            );
        }
        (true, RoleSyncMode::Report, false) => {
            "; that is enough for what is enabled (role_sync.mode = \"apply\" would need Manage All)"
        }
        (_, _, true) => "; may write as well (Manage All), which nothing needs",
        (false, _, false) => "; that is enough for what is enabled",
    };
    Finding::good("scope", format!("may read {}{more}", may.join(", ")))
}

async fn policies(app: &App, client: &Client) -> Finding {
    let expiry = &app.settings.password_expiry;
    let in_a_rule = !needs_of(&expiry.terms.rules).policies.is_empty();
    if !expiry.terms.ages_from_onelogin && !in_a_rule {
        return Finding::good("policies", "not asked for (age_source = \"config\")");
    }
    let configured = !expiry.terms.names_no_age();
    for door in [Door::Policies, Door::Groups] {
        match client.may_read(door).await {
            Ok(true) => {}
            Ok(false) if in_a_rule => {
                return Finding::bad(
                    "policies",
                    "not offered to this credential, and a rule asks for onelogin_policy: give it the scope Read All",
                );
            }
            Ok(false) if configured => {
                return Finding::good(
                    "policies",
                    "not offered to this credential; only the configured ages count",
                );
            }
            Ok(false) => {
                return Finding::bad(
                    "policies",
                    "not offered to this credential, and no age is configured: give it the scope Read All, or set \
                     password_expiry.default_max_age_days",
                );
            }
            Err(error) => return Finding::bad("policies", error.to_string()),
        }
    }
    Finding::good("policies", "readable, with the groups that carry them")
}

async fn quota(client: &Client) -> Finding {
    Finding::of(
        "quota",
        match client.read_quota().await {
            Ok(quota) => Ok(left(quota)),
            // Not every host answers this, and no run depends on it unless it reads API v1.
            Err(error) if error.is_not_offered() => Ok("OneLogin does not tell".to_owned()),
            Err(error) => Err(error.to_string()),
        },
    )
}

fn left(quota: Quota) -> String {
    let minutes = quota.renewed_in().as_secs().div_ceil(60);
    format!(
        "{} of {} calls to API v1 left, renewed in {minutes} minutes",
        quota.remaining, quota.limit
    )
}

async fn mail(app: &App) -> Finding {
    match app.mailer() {
        Ok(mailer) => Finding::of("mail", mailer.try_out().await),
        Err(error) => Finding::bad("mail", format!("{error:#}")),
    }
}

fn store(path: &Path) -> Finding {
    let existing = path.ancestors().find(|place| place.exists()).unwrap_or(path);
    let writable = if existing == path || existing.is_dir() {
        rustix::fs::access(existing, rustix::fs::Access::WRITE_OK)
    } else {
        Err(rustix::io::Errno::NOTDIR)
    };
    Finding::of(
        "store",
        match writable {
            Ok(()) if existing == path => Ok(format!("{} is writable", path.display())),
            Ok(()) => Ok(format!("{} will be made by the first run", path.display())),
            Err(error) => Err(format!("{} cannot be written: {error}", existing.display())),
        },
    )
}
