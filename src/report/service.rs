//! The line in which the daemon tells systemd how it stands.

use std::collections::BTreeSet;
use std::fmt;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::time;
use crate::domain::run::{Job, RunStatus};

/// How the daemon stands, for `systemctl status`.
#[derive(Debug)]
pub struct ServiceReport<'a> {
    /// Other settings were read and found bad.
    pub reload_was_rejected: bool,
    /// What is going on.
    pub running: &'a BTreeSet<Job>,
    /// When each job comes next, the first one first.
    pub next: &'a [(Timestamp, Job)],
    /// The last run of this process, and how it ended.
    pub last: Option<(Job, RunStatus)>,
    /// The zone of its dates.
    pub zone: &'a TimeZone,
}

impl fmt::Display for ServiceReport<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut parts = Vec::new();
        if self.reload_was_rejected {
            parts.push("RELOAD REJECTED, old settings in force".to_owned());
        }
        if !self.running.is_empty() {
            let jobs: Vec<&str> = self.running.iter().map(|job| job.as_str()).collect();
            parts.push(format!("running: {}", jobs.join(", ")));
        }
        let next = self
            .next
            .iter()
            .map(|(at, job)| format!("{job} {}", time::minute(*at, self.zone)));
        let next: Vec<String> = next.collect();
        parts.push(if next.is_empty() {
            "no job is enabled".to_owned()
        } else {
            format!("next: {}", next.join(", "))
        });
        if let Some((job, status)) = self.last {
            parts.push(format!("last: {job} {status}"));
        }
        f.write_str(&parts.join("; "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_needs_a_person_comes_first_and_what_comes_next_is_always_told() {
        let zone = TimeZone::get("Europe/Berlin").unwrap();
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let idle = ServiceReport {
            reload_was_rejected: false,
            running: &BTreeSet::new(),
            next: &[
                (at("2026-11-24T13:30:00Z"), Job::RoleSync),
                (at("2026-11-25T07:00:00Z"), Job::PasswordExpiry),
            ],
            last: None,
            zone: &zone,
        };
        let next = "next: role-sync 2026-11-24 14:30, password-expiry 2026-11-25 08:00";
        assert_eq!(idle.to_string(), next);
        let busy = ServiceReport {
            reload_was_rejected: true,
            running: &[Job::RoleSync].into(),
            last: Some((Job::PasswordExpiry, RunStatus::Partial)),
            ..idle
        };
        assert_eq!(
            busy.to_string(),
            format!(
                "RELOAD REJECTED, old settings in force; running: role-sync; {next}; last: password-expiry partial"
            )
        );
    }
}
