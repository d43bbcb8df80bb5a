//! Groups: the way a password policy reaches people.

/// A group; its members are the users whose `group_id` names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// The group's id.
    pub id: i64,
    /// The name shown in OneLogin.
    pub name: String,
    /// Always null in recorded traffic: accepted by the API, neither stored nor returned.
    pub reference: Option<String>,
    /// Null when a policy was never assigned, 0 when it was cleared (observed in a client); both mean none.
    pub policy_id: Option<i64>,
}

impl Group {
    /// A group to which no policy was ever assigned.
    pub fn new(id: i64, name: impl Into<String>) -> Self {
        Self {
            id,
            name: name.into(),
            reference: None,
            policy_id: None,
        }
    }

    /// The same group under a policy.
    #[must_use]
    pub fn with_policy(mut self, policy_id: i64) -> Self {
        self.policy_id = Some(policy_id);
        self
    }
}
