//! onelogin-steward.
