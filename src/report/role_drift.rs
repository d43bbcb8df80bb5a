//! What differs between file and roles, for the mail to the admins.

use super::escape::plain;
use super::role_plan::{RolePlanReport, fate_in_words};
use crate::domain::role::step::Fate;

impl RolePlanReport<'_> {
    /// What differs between file and roles, for a mail: no colour, no id of a plan. Empty where nothing
    /// does; whom the file does not name in an additive role is no difference.
    pub fn drift_text(self) -> String {
        let mut text = String::new();
        for contested in &self.plan.contested {
            text.push_str(&format!(
                "Contested: {}\n",
                plain(&self.contested_in_words(contested))
            ));
        }
        for role in &self.plan.roles {
            let drift = || role.drift.iter().filter(|drift| drift.fate != Fate::Additive);
            if role.add.is_empty() && drift().next().is_none() {
                continue;
            }
            text.push_str(&format!("\n{} (id {})\n", plain(&role.name), role.id));
            for step in &role.add {
                text.push_str(&format!(
                    "  missing: {} ({})\n",
                    self.name(step.user),
                    plain(&step.cause.to_string())
                ));
            }
            for drift in drift() {
                text.push_str(&format!(
                    "  not in the file: {}{}; {}\n",
                    self.name(drift.user),
                    self.origin(&drift.origin),
                    fate_in_words(drift.fate)
                ));
            }
        }
        text
    }
}
