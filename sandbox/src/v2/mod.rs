//! API v2: bare JSON, paging in the headers.

pub(crate) mod group_writes;
pub(crate) mod groups;
pub(crate) mod mappings;
mod members;
pub(crate) mod mfa;
pub(crate) mod policies;
pub(crate) mod role_admins;
pub(crate) mod role_apps;
pub(crate) mod role_users;
pub(crate) mod role_writes;
pub(crate) mod roles;
pub(crate) mod unlock;
mod user_fields;
pub(crate) mod user_update;
pub(crate) mod users;
