//! API v2: bare JSON, paging in the headers.

pub(crate) mod groups;
pub(crate) mod policies;
pub(crate) mod role_users;
pub(crate) mod roles;
pub(crate) mod user_update;
pub(crate) mod users;
