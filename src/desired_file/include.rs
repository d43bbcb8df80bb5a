//! `include`: from names to roles, without circles.

use std::collections::{BTreeMap, BTreeSet};

use super::notes::{Notes, Span, Wrong};
use super::role::ReadRole;
use crate::domain::role::desired::RoleName;
use crate::problem::nearest;

/// A role that another one names.
pub(super) struct Named {
    pub(super) name: String,
    pub(super) at: Span,
    pub(super) key: String,
}

/// Fills `include` of every role with places. What is wrong is noted and left out.
pub(super) fn resolve(notes: &Notes<'_>, roles: &mut [ReadRole]) {
    let mut places: BTreeMap<String, usize> = BTreeMap::new();
    for (index, read) in roles.iter().enumerate() {
        if let RoleName::Name(name) = &read.role.role {
            places.entry(name.clone()).or_insert(index);
        }
    }
    for (index, read) in roles.iter_mut().enumerate() {
        let mut seen = BTreeSet::new();
        for named in &read.include {
            let complain = |wrong| notes.wrong(&named.at, &named.key, wrong);
            match places.get(&named.name) {
                None => {
                    let near = nearest(&named.name, places.keys().map(String::as_str));
                    let help = match near {
                        Some(near) => format!("the nearest name in this file is {near:?}"),
                        None => {
                            "only a role with a [[role]] of its own and a name can be included".to_owned()
                        }
                    };
                    complain(Wrong::new(
                        format!("no [[role]] of this file has the name {:?}", named.name),
                        help,
                    ));
                }
                Some(place) if *place == index => {
                    complain(Wrong::new("the role includes itself", "take it out"));
                }
                Some(place) if !seen.insert(*place) => {
                    complain(Wrong::new(
                        format!("{:?} is included twice", named.name),
                        "take one of the two away",
                    ));
                }
                Some(place) => read.role.include.push(*place),
            }
        }
    }
    for circle in circles(roles) {
        let names: Vec<String> = circle
            .iter()
            .map(|index| roles[*index].role.role.to_string())
            .collect();
        let first = &roles[circle[0]];
        let closing = first
            .include
            .iter()
            .find(|named| places.get(&named.name) == circle.get(1));
        let (at, key) = closing.map_or((&first.name_at, &first.key), |named| (&named.at, &named.key));
        let message = format!("the roles include each other in a circle: {}", names.join(" -> "));
        notes.wrong(at, key, Wrong::new(message, "take one of these includes away"));
    }
}

/// Each circle that a walk along the includes comes upon, closed: its first role stands at its end
/// again. No recursion: a chain may be as long as the file.
fn circles(roles: &[ReadRole]) -> Vec<Vec<usize>> {
    let mut found = Vec::new();
    let mut done = vec![false; roles.len()];
    let mut depth: Vec<Option<usize>> = vec![None; roles.len()];
    for start in 0..roles.len() {
        // Each station of the way with the number of its next include.
        let mut way: Vec<(usize, usize)> = Vec::new();
        if !done[start] {
            depth[start] = Some(0);
            way.push((start, 0));
        }
        while let Some((here, next)) = way.last_mut() {
            let here = *here;
            let Some(target) = roles[here].role.include.get(*next).copied() else {
                way.pop();
                done[here] = true;
                depth[here] = None;
                continue;
            };
            *next += 1;
            if let Some(from) = depth[target] {
                let stations = way[from..].iter().map(|(station, _)| *station);
                found.push(stations.chain([target]).collect());
            } else if !done[target] {
                depth[target] = Some(way.len());
                way.push((target, 0));
            }
        }
    }
    found
}
