//! roles.toml, the desired state: read while it stands still, checked whole, edited in place, and
//! written out from what OneLogin has.
//!
//! A file is good as a whole or not at all: every mistake is told at once with its line and column,
//! and nothing of a file with a mistake is used. A file that is missing, empty or all comments is a
//! mistake, never a wish for empty roles.

mod edit;
mod export;
mod file;
mod include;
mod list;
mod matching;
mod notes;
mod parse;
mod role;
#[cfg(test)]
mod tests;
mod text;
mod write;

use std::path::Path;

pub use edit::{Edit, EditError, RoleArgument, grant, revoke};
pub use export::{Export, export};
pub use file::read_stable;
pub use parse::parse;
pub use write::write;

use crate::domain::role::desired::DesiredState;
use crate::problem::Problems;

/// Reads the file and checks it.
pub async fn load(path: &Path) -> Result<DesiredState, Problems> {
    parse(&read_stable(path).await?, path)
}
