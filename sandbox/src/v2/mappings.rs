//! `/api/2/mappings`: reading the rules that put people into roles.

use serde_json::{Value, json};

use crate::errors;
use crate::reply::Reply;
use crate::request::Request;
use crate::tenant::Mapping;
use crate::world::World;

/// `GET /api/2/mappings`: the enabled ones in their order, or with `enabled=false` the others (documented).
///
/// That the list has no pages is a guess: no client walks it.
pub(crate) fn list(world: &World, request: &Request) -> Reply {
    let enabled = request.flag("enabled").unwrap_or(true);
    let all = world.tenant.mappings.values();
    let mut rows: Vec<&Mapping> = all.filter(|mapping| mapping.is_enabled == enabled).collect();
    rows.sort_by_key(|mapping| (mapping.position, mapping.id));
    Reply::json(200, rows.into_iter().map(render).collect())
}

/// `GET /api/2/mappings/:id`
pub(crate) fn get(world: &World, id: i64) -> Reply {
    match world.tenant.mappings.get(&id) {
        Some(mapping) => Reply::json(200, render(mapping)),
        None => errors::not_found(),
    }
}

fn render(mapping: &Mapping) -> Value {
    let conditions = mapping.conditions.iter().map(|condition| {
        json!({"source": condition.source, "operator": condition.operator, "value": condition.value})
    });
    let actions = mapping
        .actions
        .iter()
        .map(|action| json!({"action": action.action, "value": action.value}));
    json!({
        "id": mapping.id,
        "name": mapping.name,
        "match": if mapping.matches_any { "any" } else { "all" },
        "enabled": mapping.is_enabled,
        "position": mapping.position,
        "conditions": conditions.collect::<Vec<_>>(),
        "actions": actions.collect::<Vec<_>>(),
    })
}
