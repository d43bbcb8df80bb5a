//! `/api/1/users/:id/otp_devices`: second factors under their old name.

use serde_json::{Value, json};

use crate::errors;
use crate::reply::Reply;
use crate::tenant::{Device, OTP_DEVICE_REMOVED};
use crate::world::World;

/// `GET`: `data` is an object and stands before `status` (observed).
pub(crate) fn list(world: &World, user_id: i64) -> Reply {
    if !world.tenant.users.contains_key(&user_id) {
        return errors::no_user(user_id);
    }
    let devices = world
        .tenant
        .devices
        .get(&user_id)
        .map(Vec::as_slice)
        .unwrap_or_default();
    let rows: Vec<Value> = devices.iter().filter_map(render).collect();
    let status = json!({"error": false, "code": 200, "type": "success", "message": "Success"});
    Reply::json(200, json!({"data": {"otp_devices": rows}, "status": status}))
}

/// `DELETE …/:device_id`: 200 with an empty object (documented).
pub(crate) fn remove(world: &mut World, user_id: i64, device_id: &str) -> Reply {
    let now = world.clock.now();
    if !world.tenant.users.contains_key(&user_id) {
        return errors::no_user(user_id);
    }
    if world.tenant.remove_device(user_id, device_id) {
        world.tenant.record_event(OTP_DEVICE_REMOVED, user_id, now);
        Reply::json(200, json!({}))
    } else {
        errors::envelope(400, "Factor could not be found")
    }
}

/// Here the id is a number (documented), so that a device without one does not show.
fn render(device: &Device) -> Option<Value> {
    let id: i64 = device.device_id.parse().ok().filter(|_| !device.is_hidden)?;
    Some(json!({
        "id": id,
        "active": true,
        "default": device.is_default,
        "auth_factor_name": device.auth_factor_name,
        "type_display_name": device.type_display_name,
        "user_display_name": device.user_display_name,
        "needs_trigger": false,
    }))
}
