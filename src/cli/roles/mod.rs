//! `roles`: the desired state, the plan, and what a person may do about it.

use super::args::Roles;
use super::exit::{Exit, Failure};
use super::session::Session;

pub(super) async fn run(session: &mut Session<'_>, arguments: Roles) -> Result<Exit, Failure> {
    let _ = (session, arguments);
    Err(Failure::Usage("not built".to_owned()))
}
