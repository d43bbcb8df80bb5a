//! `/api/1/events`: what happened, and what can happen.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use crate::errors;
use crate::reply::Reply;
use crate::request::Request;
use crate::tenant::{Event, Tenant};
use crate::v1::keyset;
use crate::wire;
use crate::world::World;

/// Fields that are always null here. Two of them have a hyphen in the specification, elsewhere an underscore.
const NULLS: [&str; 20] = [
    "actor_system",
    "adc_id",
    "app-name",
    "app_id",
    "assuming_acting_user_id",
    "certificate_id",
    "client_id",
    "custom_message",
    "directory_sync_run_id",
    "error_description",
    "group-name",
    "group_id",
    "ipaddr",
    "mapping_id",
    "object_id",
    "otp_device_id",
    "otp_device_name",
    "policy_id",
    "policy_name",
    "trusted_idp_id",
];

/// `GET /api/1/events/types`: needs no token (documented).
pub(crate) fn types(world: &World) -> Reply {
    let types = world.tenant.event_types.iter();
    let rows: Vec<Value> = types
        .map(|kind| json!({"id": kind.id, "name": kind.name, "description": kind.description}))
        .collect();
    Reply::envelope(rows)
}

/// `GET /api/1/events`: filtered, by ascending id (the order is a guess).
pub(crate) fn list(world: &World, request: &Request) -> Reply {
    let tenant = &world.tenant;
    for name in ["since", "until"] {
        if request
            .filter(name)
            .is_some_and(|at| at.parse::<Timestamp>().is_err())
        {
            return errors::envelope(400, format!("{name} is not a valid date"));
        }
    }
    let events = tenant.events.values();
    let rows: Vec<(i64, &Event)> = events
        .filter(|event| is_wanted(event, request))
        .map(|event| (event.id, event))
        .collect();
    keyset::reply(world, request, &rows, |event| render(tenant, event))
}

/// `GET /api/1/events/:id`: the event itself, as OneLogin's SDK reads it, or by a knob an array of one.
pub(crate) fn get(world: &World, id: i64) -> Reply {
    match world.tenant.events.get(&id) {
        Some(event) if world.tenant.knobs.v1_event_in_array => {
            Reply::envelope(vec![render(&world.tenant, event)])
        }
        Some(event) => Reply::envelope(render(&world.tenant, event)),
        None => errors::envelope(404, format!("Event for id {id} was not found")),
    }
}

fn is_wanted(event: &Event, request: &Request) -> bool {
    // A list in one value, or one value each (documented, and sent by an SDK).
    let types: Vec<&str> = request
        .query
        .iter()
        .filter(|(name, value)| name == "event_type_id" && !value.is_empty())
        .flat_map(|(_, value)| value.split(','))
        .collect();
    let is = |name: &str, value: Option<i64>| {
        request
            .filter(name)
            .is_none_or(|wanted| value.is_some_and(|value| value.to_string() == wanted))
    };
    let instant = |name: &str| request.filter(name).and_then(|at| at.parse::<Timestamp>().ok());
    (types.is_empty() || types.contains(&event.event_type_id.to_string().as_str()))
        && is("user_id", event.user_id)
        && is("id", Some(event.id))
        && is("client_id", None)
        && is("directory_id", None)
        && instant("created_at").is_none_or(|at| event.created_at == at)
        && instant("since").is_none_or(|since| event.created_at >= since)
        && instant("until").is_none_or(|until| event.created_at <= until)
}

fn render(tenant: &Tenant, event: &Event) -> Value {
    let mut object = Map::new();
    let fields = [
        ("id", json!(event.id)),
        ("created_at", json!(wire::date(event.created_at))),
        ("account_id", json!(tenant.account_id)),
        ("event_type_id", json!(event.event_type_id)),
        ("user_id", json!(event.user_id)),
        ("user_name", json!(event.user_name)),
        ("actor_user_id", json!(event.actor_user_id)),
        ("role_id", json!(event.role_id)),
        ("role_name", json!(event.role_name)),
        ("notes", json!(event.notes)),
    ];
    let nulls = NULLS.into_iter().map(|name| (name, Value::Null));
    for (name, value) in fields.into_iter().chain(nulls) {
        object.insert(name.to_owned(), value);
    }
    Value::Object(object)
}
