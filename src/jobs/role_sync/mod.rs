//! The job `role-sync`: brings memberships in line with the desired state.

mod apply;
mod batch;
mod queue;
mod report;
mod resume;
mod steps;
mod verify;

pub use apply::{Bounds, Rereads, Tools, apply};
pub use report::{Fate, Halt, Report, StepReport};
pub use resume::{Resumed, resume};
pub use steps::{RoleSteps, Step};
