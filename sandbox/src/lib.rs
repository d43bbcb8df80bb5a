//! A stateful fake of the OneLogin API, served over real HTTP on loopback.
//!
//! [`Sandbox::start`] serves a [`Tenant`]; the [`Control`] handle changes it while it runs, moves its
//! clock, breaks it on purpose with a [`Fault`] and tells what was asked of it. Both generations of
//! the API look at the same data: v1 wraps answers in an envelope, v2 sends bare JSON with its paging
//! in the headers.
//!
//! Where OneLogin's behaviour is documented or was seen in recorded traffic, the sandbox follows it.
//! Where it is a guess, a field of [`Knobs`] decides, so that a test can try each possibility.

mod auth;
mod clock;
mod control;
mod deliver;
mod errors;
mod exchange;
mod faults;
mod filter;
mod log;
mod mapping;
mod paging;
mod password;
mod quota;
mod random;
mod reply;
mod request;
mod route;
mod scope;
mod server;
mod sweep;
mod synthetic;
mod tenant;
mod token;
mod token_request;
mod v1;
mod v2;
mod wire;
mod world;

pub use control::Control;
pub use faults::{BodyShape, Fault, FaultId, FaultKind, RetryAfter, parse_faults};
pub use log::RecordedRequest;
pub use scope::Scope;
pub use server::Sandbox;
pub use synthetic::Synthetic;
pub use tenant::{
    Actor, AwaitingReset, Credential, Device, Event, EventType, Exhausted, ExpiryFlip, Factor, FieldVariant,
    Group, Knobs, LeastScope, ListFields, LockKind, MappedRefusal, MappedRemoval, Mapping, MappingAction,
    MappingCondition, Membership, OverLimit, PageLimits, Policy, PolicyKind, Redundant, Role, RoleOverlap,
    ScopeRefusal, ShortLock, StatusAfterPassword, Tenant, TokenThrottle, UnknownMember, User, parse_knobs,
};

/// The README's example, so that it keeps compiling.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
