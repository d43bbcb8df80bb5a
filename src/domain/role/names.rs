//! Which role of OneLogin each `[[role]]` means.

use std::collections::BTreeMap;

use super::RoleId;
use super::desired::{DesiredState, RoleName};
use super::plan::Problem;

/// The role of each `[[role]]`, in the order of the file, or what is wrong with it. A name means the
/// role that has it exactly.
pub fn name_roles(desired: &DesiredState, listed: &BTreeMap<RoleId, String>) -> Vec<Result<RoleId, Problem>> {
    let found: Vec<Result<RoleId, String>> = desired
        .roles
        .iter()
        .map(|role| find(&role.role, listed))
        .collect();
    let mut times: BTreeMap<RoleId, Vec<usize>> = BTreeMap::new();
    for (role, id) in desired.roles.iter().zip(&found) {
        if let Ok(id) = id {
            times.entry(*id).or_default().push(role.line);
        }
    }
    let checked = desired.roles.iter().zip(found).map(|(role, found)| {
        let problem = |text: String| Problem {
            role: role.role.clone(),
            line: role.line,
            text,
        };
        let id = found.map_err(problem)?;
        match times.get(&id) {
            Some(lines) if lines.len() > 1 => {
                let lines: Vec<String> = lines.iter().map(ToString::to_string).collect();
                Err(problem(format!(
                    "the tables at lines {} mean the same role {id}: make one of them",
                    lines.join(" and ")
                )))
            }
            _ => Ok(id),
        }
    });
    checked.collect()
}

/// The role that is called so, or why there is none.
pub fn find(called: &RoleName, listed: &BTreeMap<RoleId, String>) -> Result<RoleId, String> {
    let name = match called {
        RoleName::Id(id) if listed.contains_key(id) => return Ok(*id),
        RoleName::Id(id) => return Err(format!("OneLogin has no role {id}; roles are never created")),
        RoleName::Name(name) => name,
    };
    let ids: Vec<RoleId> = listed
        .iter()
        .filter(|(_, text)| *text == name)
        .map(|(id, _)| *id)
        .collect();
    match ids.as_slice() {
        [id] => Ok(*id),
        [] => Err(nobody(name, listed)),
        several => {
            let several: Vec<String> = several.iter().map(|id| format!("id = {id}")).collect();
            Err(format!(
                "several roles of OneLogin have this name: write one of {}",
                several.join(", ")
            ))
        }
    }
}

fn nobody(name: &str, listed: &BTreeMap<RoleId, String>) -> String {
    let like = listed
        .iter()
        .find(|(_, text)| text.trim().to_lowercase() == name.trim().to_lowercase());
    match like {
        Some((id, text)) => format!(
            "OneLogin has no role of exactly this name; {text:?} (id = {id}) is written in another way"
        ),
        None => "OneLogin has no role of this name; roles are never created".to_owned(),
    }
}
