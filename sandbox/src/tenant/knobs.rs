//! Switches for what is not known for certain about OneLogin.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use super::FieldVariant;
use super::guess::{
    AwaitingReset, Exhausted, ExpiryFlip, LeastScope, MappedRefusal, MappedRemoval, Redundant, RoleOverlap,
    ShortLock, StatusAfterPassword, TokenThrottle, UnknownMember,
};

/// How the sandbox behaves where OneLogin's behaviour is a guess or differs between accounts.
///
/// The defaults are the best-supported guesses. As JSON, `{"role_write_cap": 50}` leaves all others alone.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "independent switches, each set by name in a test"
)]
pub struct Knobs {
    /// Age in seconds of the first token of each credential: another process asked for it earlier (observed).
    pub first_token_age_seconds: i64,
    /// Client ids whose creating administrator is gone; their token requests answer 500 (documented).
    pub orphaned_credentials: BTreeSet<String>,
    /// How v2 refuses a token of too small a scope (guess).
    pub v2_scope_refusal: ScopeRefusal,
    /// v1 calls per hour and account; above it v1 answers 429 (number documented, answer guessed).
    pub v1_hourly_limit: u64,
    /// v2 calls per hour; above it v2 answers as the edge does. No limit is known (guess).
    pub v2_hourly_limit: Option<u64>,
    /// Rows per page of v1 lists (documented: 50).
    pub v1_page_size: usize,
    /// What `fields=` may ask for on the v2 user list (guess).
    pub list_fields: ListFields,
    /// Page sizes of `/api/2/users`.
    pub users_pages: PageLimits,
    /// Page sizes of `/api/2/roles`.
    pub roles_pages: PageLimits,
    /// Page sizes of `/api/2/roles/:id/users`.
    pub role_users_pages: PageLimits,
    /// Page sizes of `/api/2/policies`.
    pub policies_pages: PageLimits,
    /// Page sizes of `/api/2/groups`.
    pub groups_pages: PageLimits,
    /// Whether the account has the policies API, which is new.
    pub policies_offered: bool,
    /// Whether the policy list comes in pages with paging headers, or whole and without them (guess).
    pub policies_paged: bool,
    /// Whether the policy list sends `Total-Count` (guess).
    pub policies_total_count: bool,
    /// Whether the account has groups in v2, which are newer than those in v1.
    pub groups_v2_offered: bool,
    /// Whether the items of the v2 group list carry `policy_id` (guess).
    pub group_list_has_policy_id: bool,
    /// Whether rows of a role's members carry `email`, `added_by` and `added_at` (documented; live rows lacked them).
    pub role_member_details: bool,
    /// Whether ids before an unknown one take effect although the call answers 404 (guess: no).
    pub partial_role_writes: bool,
    /// How a membership write refuses an id that no user has (reported: 404; 422 is documented without its cause).
    pub unknown_member: UnknownMember,
    /// After how many more answers a membership write shows in reads (guess: at once).
    pub role_writes_show_after: u64,
    /// Most ids that one membership write takes; more answer 422 (no cap is documented).
    pub role_write_cap: Option<usize>,
    /// What adding somebody who is in already comes to, by `POST` of role users and admins (guess).
    pub add_present_member: Redundant,
    /// What removing somebody who is not in comes to, by `DELETE` of role users and admins (guess).
    pub remove_absent_member: Redundant,
    /// What removing a mapped member comes to in v2 (guess).
    pub mapped_removal: MappedRemoval,
    /// How v1 answers the removal of a mapped role (guess).
    pub v1_mapped_removal: MappedRefusal,
    /// When v1 role writes complain about roles that need no change (guess).
    pub v1_role_overlap: RoleOverlap,
    /// Whether the roles of `/api/1/users/:id/roles` stand in an array of their own inside `data` (guess).
    pub v1_user_roles_nested: bool,
    /// Whether a single event stands in an array of one, as groups do (documented there), and not alone in
    /// `data`, as OneLogin's SDK expects.
    pub v1_event_in_array: bool,
    /// Whether arrays in `PUT /api/2/roles/:id` count; clients contradict each other.
    pub role_put_replaces: bool,
    /// The scope of `add_roles`: newer pages say Manage Users, older ones Manage All.
    pub add_roles_scope: LeastScope,
    /// The scope of `unlock` (guess).
    pub unlock_scope: LeastScope,
    /// The scope of reading policies (guess).
    pub policies_scope: LeastScope,
    /// The scope of reading devices: Manage All, in early pages Read Users.
    pub devices_scope: LeastScope,
    /// How v1 says that the hour is used up (guess).
    pub v1_exhausted: Exhausted,
    /// The status after a password was set through the API (guess for v2).
    pub status_after_password: StatusAfterPassword,
    /// What comes of status 5 (guess).
    pub awaiting_reset: AwaitingReset,
    /// When status 1 turns into 4 (guess).
    pub expiry_flip: ExpiryFlip,
    /// Whether a lock that has run out is lifted by itself, rather than at the next login (guess).
    pub locks_run_out: bool,
    /// What `lock_user` does with too few minutes (guess).
    pub short_lock: ShortLock,
    /// Whether a temporary token shows among the devices as `user_temp_otp_…` (an example in the documentation).
    pub temporary_token_is_device: bool,
    /// Whether `GET /api/2/groups/:id` shows `users` (guess).
    pub group_shows_users: bool,
    /// When the edge answers token requests with 429; `None` never.
    pub token_throttle: Option<TokenThrottle>,
    /// Fields that go over the wire otherwise than documented, in every object of every answer.
    pub field_variants: BTreeMap<String, FieldVariant>,
}

/// How v2 answers a request outside the token's scope.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ScopeRefusal {
    /// 401 `Unauthorized`.
    #[default]
    Unauthorized,
    /// 403 `Forbidden`.
    Forbidden,
}

/// What `fields=` may ask for on the v2 user list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ListFields {
    /// Any field of the single read (documented in general terms; reported for `manager_user_id`).
    #[default]
    Any,
    /// Only the default fields; others are passed over in silence.
    DefaultsOnly,
}

/// Page sizes of one v2 list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PageLimits {
    /// Rows per page if the request names no `limit`.
    pub default: usize,
    /// Most rows per page.
    pub max: usize,
    /// What happens to a `limit` above the maximum (guess).
    #[serde(default)]
    pub over: OverLimit,
}

/// What happens to a `limit` above the maximum.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OverLimit {
    /// The page has the maximum size.
    #[default]
    Clamp,
    /// The request is refused with 400.
    Refuse,
}

impl PageLimits {
    /// Pages of `default` rows and at most `max`, with larger wishes clamped.
    pub const fn new(default: usize, max: usize) -> Self {
        Self {
            default,
            max,
            over: OverLimit::Clamp,
        }
    }
}

impl Default for Knobs {
    fn default() -> Self {
        Self {
            first_token_age_seconds: 0,
            orphaned_credentials: BTreeSet::new(),
            v2_scope_refusal: ScopeRefusal::default(),
            v1_hourly_limit: 5000,
            v2_hourly_limit: None,
            v1_page_size: 50,
            list_fields: ListFields::default(),
            users_pages: PageLimits::new(50, 100),
            roles_pages: PageLimits::new(50, 650),
            role_users_pages: PageLimits::new(50, 100),
            policies_pages: PageLimits::new(50, 100),
            groups_pages: PageLimits::new(50, 100),
            policies_offered: true,
            policies_paged: true,
            policies_total_count: true,
            groups_v2_offered: true,
            group_list_has_policy_id: true,
            role_member_details: true,
            partial_role_writes: false,
            unknown_member: UnknownMember::default(),
            role_writes_show_after: 0,
            role_write_cap: None,
            add_present_member: Redundant::default(),
            remove_absent_member: Redundant::default(),
            mapped_removal: MappedRemoval::default(),
            v1_mapped_removal: MappedRefusal::default(),
            v1_role_overlap: RoleOverlap::default(),
            v1_user_roles_nested: false,
            v1_event_in_array: false,
            role_put_replaces: true,
            add_roles_scope: LeastScope::ManageAll,
            unlock_scope: LeastScope::ManageUsers,
            policies_scope: LeastScope::ReadAll,
            devices_scope: LeastScope::ManageAll,
            v1_exhausted: Exhausted::default(),
            status_after_password: StatusAfterPassword::default(),
            awaiting_reset: AwaitingReset::default(),
            expiry_flip: ExpiryFlip::default(),
            locks_run_out: false,
            short_lock: ShortLock::default(),
            temporary_token_is_device: true,
            group_shows_users: false,
            token_throttle: Some(TokenThrottle {
                tries: 200,
                seconds: 5,
            }),
            field_variants: BTreeMap::new(),
        }
    }
}

/// Reads knobs from a JSON object, as `--knobs` takes it; those it does not name keep their defaults.
pub fn parse_knobs(text: &str) -> serde_json::Result<Knobs> {
    serde_json::from_str(text)
}
