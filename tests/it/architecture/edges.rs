//! Uses between the top-level modules of the crate.

use std::collections::{BTreeMap, BTreeSet};

use super::paths::{Named, named_in};
use super::source::Source;

/// What a module may use.
#[derive(Debug, Clone, Copy)]
pub(super) enum Uses {
    /// These modules, and itself.
    Only(&'static [&'static str]),
    /// All of them.
    Anything,
}

/// A use of another top-level module.
#[derive(Debug, Clone)]
struct Edge {
    from: String,
    to: String,
    /// `file:line`
    place: String,
}

/// The edges that the table does not allow, and the modules that it does not know.
pub(super) fn not_in_table(sources: &[Source], table: &[(&str, Uses)], roots: &[&str]) -> Vec<String> {
    let row_of = |module: &str| {
        table
            .iter()
            .find(|(name, _)| *name == module)
            .map(|(_, uses)| *uses)
    };
    let known: BTreeSet<&str> = sources.iter().map(Source::top).collect();
    let without_row = known
        .iter()
        .filter(|module| row_of(module).is_none())
        .map(|module| format!("`{module}` has no row in the table of tests/it/architecture/mod.rs"));
    let forbidden = edges(sources, roots)
        .into_iter()
        .filter_map(|edge| match row_of(&edge.from) {
            Some(Uses::Only(allowed)) if !allowed.contains(&edge.to.as_str()) => Some(format!(
                "{}: `{}` may not use `{}`",
                edge.place, edge.from, edge.to
            )),
            _ => None,
        });
    without_row.chain(forbidden).collect()
}

/// Every circle of uses, told once, with a place for each of its edges.
pub(super) fn circles(sources: &[Source], roots: &[&str]) -> Vec<String> {
    let mut graph: BTreeMap<String, BTreeMap<String, String>> = BTreeMap::new();
    for edge in edges(sources, roots) {
        // Where several places make the same edge, the first one is told.
        graph
            .entry(edge.from)
            .or_default()
            .entry(edge.to)
            .or_insert(edge.place);
    }
    let mut found = Vec::new();
    for start in graph.keys() {
        walk(&graph, &mut vec![start.clone()], &mut found);
    }
    found
}

/// Follows the uses from the end of `path`. A circle is told from its smallest name only.
fn walk(graph: &BTreeMap<String, BTreeMap<String, String>>, path: &mut Vec<String>, found: &mut Vec<String>) {
    let (start, here) = (path[0].clone(), path[path.len() - 1].clone());
    for next in graph.get(&here).into_iter().flat_map(BTreeMap::keys) {
        if *next == start {
            let mut stations = path.clone();
            stations.push(start.clone());
            let legs = stations
                .windows(2)
                .map(|leg| format!("  {}: {} uses {}", graph[&leg[0]][&leg[1]], leg[0], leg[1]));
            let legs: Vec<_> = legs.collect();
            found.push(format!("circle {}\n{}", stations.join(" -> "), legs.join("\n")));
        } else if *next > start && !path.contains(next) {
            path.push(next.clone());
            walk(graph, path, found);
            path.pop();
        }
    }
}

fn edges(sources: &[Source], roots: &[&str]) -> Vec<Edge> {
    let mut found = Vec::new();
    for source in sources {
        for named in named_in(source) {
            if let Some(to) = target(source, &named, roots).filter(|to| to != source.top()) {
                let place = format!("{}:{}", source.path, named.line);
                found.push(Edge {
                    from: source.top().to_owned(),
                    to,
                    place,
                });
            }
        }
    }
    found
}

/// The top-level module that a path leads to; `None` where it does not begin at the crate.
fn target(source: &Source, named: &Named, roots: &[&str]) -> Option<String> {
    let mut base: Vec<&str> = source.module();
    if roots.contains(&source.top()) {
        base.clear();
    }
    let mut parts = named.parts.iter().map(String::as_str).peekable();
    match parts.next()? {
        // The program reaches its own library by the library's name.
        "crate" | "onelogin_steward" => base.clear(),
        "super" => {
            base.pop();
        }
        _ => return None,
    }
    while parts.next_if_eq(&"super").is_some() {
        base.pop();
    }
    let reached = base
        .first()
        .copied()
        .or_else(|| parts.next().filter(|part| *part != "self"));
    reached.map(str::to_owned)
}
