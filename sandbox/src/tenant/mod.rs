//! The data behind the API: plain values that a test may set to anything.

mod device;
mod event;
mod group;
mod guess;
mod knobs;
mod lock;
mod mapping;
mod policy;
mod role;
mod user;
mod variant;

use std::collections::{BTreeMap, BTreeSet};

pub use device::{Device, Factor};
pub use event::{Event, EventType};
pub(crate) use event::{
    OTP_DEVICE_REMOVED, PASSWORD_UPDATED_BY_API, USER_ASSIGNED_ROLE, USER_LOCKED_BY_API, USER_UNLOCKED,
    USER_UPDATED,
};
pub use group::Group;
pub use guess::{
    AwaitingReset, Exhausted, ExpiryFlip, LeastScope, MappedRefusal, MappedRemoval, Redundant, RoleOverlap,
    ShortLock, StatusAfterPassword, TokenThrottle, UnknownMember,
};
pub use knobs::{Knobs, ListFields, OverLimit, PageLimits, ScopeRefusal, parse_knobs};
pub use lock::LockKind;
pub use mapping::{Mapping, MappingAction, MappingCondition};
pub use policy::{Policy, PolicyKind};
pub use role::{Actor, Membership, Role};
pub use user::User;
pub use variant::FieldVariant;

use jiff::Timestamp;

use crate::scope::Scope;

/// One OneLogin account: everything the API can show, and the knobs for what is not known about it.
#[derive(Debug, Clone, PartialEq)]
pub struct Tenant {
    /// The account's number, sent with every token (observed in recorded traffic).
    pub account_id: i64,
    /// The account's subdomain, named in uniqueness errors (documented).
    pub subdomain: String,
    /// Who may ask for tokens.
    pub credentials: Vec<Credential>,
    /// The user whom the API refuses to update or lock (reported by clients).
    pub account_owner_id: Option<i64>,
    /// Users by id.
    pub users: BTreeMap<i64, User>,
    /// Groups by id.
    pub groups: BTreeMap<i64, Group>,
    /// Password and app policies by id.
    pub policies: BTreeMap<i64, Policy>,
    /// Roles by id; memberships are kept here and nowhere else.
    pub roles: BTreeMap<i64, Role>,
    /// Mappings by id.
    pub mappings: BTreeMap<i64, Mapping>,
    /// Second factors by user id.
    pub devices: BTreeMap<i64, Vec<Device>>,
    /// Second factors that people may enrol.
    pub factors: Vec<Factor>,
    /// What happened, by id; writes through the API add to it.
    pub events: BTreeMap<i64, Event>,
    /// The kinds of events that the account tells about.
    pub event_types: Vec<EventType>,
    /// Short names of the custom attributes that the tenant defines; every user shows all of them (documented).
    pub custom_attributes: BTreeSet<String>,
    /// What to do where OneLogin's behaviour is not known for certain.
    pub knobs: Knobs,
}

/// A client id with its secret and what it may do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credential {
    /// The client id.
    pub client_id: String,
    /// The client secret.
    pub client_secret: String,
    /// What the tokens of this credential may do.
    pub scope: Scope,
}

impl Tenant {
    /// An account with one credential (`sandbox-client`, `sandbox-secret`, Manage All) and nothing else.
    pub fn empty() -> Self {
        Self {
            account_id: 189_185,
            subdomain: "acme".to_owned(),
            credentials: vec![Credential {
                client_id: "sandbox-client".to_owned(),
                client_secret: "sandbox-secret".to_owned(),
                scope: Scope::ManageAll,
            }],
            account_owner_id: None,
            users: BTreeMap::new(),
            groups: BTreeMap::new(),
            policies: BTreeMap::new(),
            roles: BTreeMap::new(),
            mappings: BTreeMap::new(),
            devices: BTreeMap::new(),
            factors: vec![
                Factor::new(3098, "OneLogin SMS", "SMS"),
                Factor::new(3099, "OneLogin Protect", "OneLogin"),
            ],
            events: BTreeMap::new(),
            event_types: event::known_types(),
            custom_attributes: BTreeSet::new(),
            knobs: Knobs::default(),
        }
    }

    /// Puts a user in, in the place of one with the same id.
    pub fn add_user(&mut self, user: User) {
        self.users.insert(user.id, user);
    }

    /// Puts a group in, in the place of one with the same id.
    pub fn add_group(&mut self, group: Group) {
        self.groups.insert(group.id, group);
    }

    /// Puts a policy in, in the place of one with the same id.
    pub fn add_policy(&mut self, policy: Policy) {
        self.policies.insert(policy.id, policy);
    }

    /// Puts a role in, in the place of one with the same id.
    pub fn add_role(&mut self, role: Role) {
        self.roles.insert(role.id, role);
    }

    /// Puts a mapping in, in the place of one with the same id; nothing runs yet (documented).
    pub fn add_mapping(&mut self, mapping: Mapping) {
        self.mappings.insert(mapping.id, mapping);
    }

    /// Enrols one more second factor.
    pub fn add_device(&mut self, user_id: i64, device: Device) {
        self.devices.entry(user_id).or_default().push(device);
    }

    /// Takes a second factor away; false if the API knows of none by this id.
    pub(crate) fn remove_device(&mut self, user_id: i64, device_id: &str) -> bool {
        let Some(devices) = self.devices.get_mut(&user_id) else {
            return false;
        };
        let before = devices.len();
        devices.retain(|device| device.is_hidden || device.device_id != device_id);
        devices.len() < before
    }

    /// Puts an event in, in the place of one with the same id.
    pub fn add_event(&mut self, event: Event) {
        self.events.insert(event.id, event);
    }

    /// Writes down what has just happened to a user.
    pub(crate) fn record_event(&mut self, event_type_id: i64, user_id: i64, at: Timestamp) -> &mut Event {
        let id = self.events.last_key_value().map_or(1, |(id, _)| id + 1);
        let mut event = Event::new(id, event_type_id, at);
        event.user_id = Some(user_id);
        event.user_name = self.users.get(&user_id).map(User::full_name);
        self.events.entry(id).or_insert(event)
    }

    /// The policy a user is under: the group's, else the account's default.
    pub fn policy_of(&self, user: &User) -> Option<&Policy> {
        let of_group = user
            .group_id
            .and_then(|group_id| self.groups.get(&group_id))
            .and_then(|group| group.policy_id)
            .filter(|policy_id| *policy_id != 0);
        match of_group {
            Some(policy_id) => self.policies.get(&policy_id),
            None => self.policies.values().find(|policy| policy.is_default),
        }
    }

    /// The roles a user is a member of, in ascending order.
    pub fn role_ids_of(&self, user_id: i64) -> Vec<i64> {
        self.roles
            .values()
            .filter(|role| role.members.contains_key(&user_id))
            .map(|role| role.id)
            .collect()
    }
}

impl Default for Tenant {
    fn default() -> Self {
        Self::empty()
    }
}
