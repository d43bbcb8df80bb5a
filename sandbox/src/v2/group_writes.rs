//! Making, changing and deleting groups. That they answer with the whole group is a guess, and so is 201.

use serde_json::{Map, Value};

use crate::errors;
use crate::reply::Reply;
use crate::request::Request;
use crate::tenant::{Group, Tenant};
use crate::v2::groups::render;
use crate::world::World;

/// `POST /api/2/groups`
pub(crate) fn create(world: &mut World, request: &Request) -> Reply {
    let id = world.tenant.groups.last_key_value().map_or(1, |(id, _)| id + 1);
    let wish = match read(request) {
        Ok(wish) => wish,
        Err(reply) => return reply,
    };
    if !wish.contains_key("name") {
        return errors::invalid("Name can't be blank");
    }
    put(world, Group::new(id, ""), &wish, 201)
}

/// `PUT /api/2/groups/:id`
pub(crate) fn update(world: &mut World, request: &Request, id: i64) -> Reply {
    let Some(group) = world.tenant.groups.get(&id).cloned() else {
        return errors::not_found();
    };
    match read(request) {
        Ok(wish) => put(world, group, &wish, 200),
        Err(reply) => reply,
    }
}

/// `DELETE /api/2/groups/:id`; its members keep no group (guess).
pub(crate) fn delete(world: &mut World, id: i64) -> Reply {
    if world.tenant.groups.remove(&id).is_none() {
        return errors::not_found();
    }
    for user in world.tenant.users.values_mut() {
        user.group_id = user.group_id.filter(|group_id| *group_id != id);
    }
    Reply::empty(204)
}

fn read(request: &Request) -> Result<Map<String, Value>, Reply> {
    match request.json() {
        Some(Value::Object(wish)) => Ok(wish),
        _ => Err(errors::named(400, "Input JSON is not valid")),
    }
}

fn put(world: &mut World, group: Group, wish: &Map<String, Value>, status: u16) -> Reply {
    match changed(&world.tenant, group, wish) {
        Ok(group) => {
            let row = render(&group);
            world.tenant.add_group(group);
            Reply::json(status, row)
        }
        Err(reply) => reply,
    }
}

/// `reference` is taken and forgotten; a policy that is taken away leaves 0 behind (both observed in a client).
fn changed(tenant: &Tenant, mut group: Group, wish: &Map<String, Value>) -> Result<Group, Reply> {
    for (name, value) in wish {
        match (name.as_str(), value) {
            ("name", Value::String(text)) if !text.is_empty() => group.name.clone_from(text),
            ("name", _) => return Err(errors::invalid("Name can't be blank")),
            ("policy_id", Value::Null) => group.policy_id = group.policy_id.map(|_| 0),
            ("policy_id", value) => {
                let known = value.as_i64().filter(|id| tenant.policies.contains_key(id));
                let Some(policy_id) = known else {
                    let what = format!("The associated Policy with ID {value} could not be found");
                    return Err(errors::invalid(&what));
                };
                group.policy_id = Some(policy_id);
            }
            ("id" | "reference", _) => {}
            (name, _) => return Err(errors::named(400, format!("unknown attribute: {name}"))),
        }
    }
    Ok(group)
}
