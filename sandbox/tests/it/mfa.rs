use onelogin_sandbox::{Device, LeastScope, Scope, Tenant};
use serde_json::{Value, json};

use crate::support::{stage, tenant_of};

const DEVICES: &str = "/api/2/mfa/users/1/devices";

fn tenant() -> Tenant {
    let mut tenant = tenant_of(1);
    tenant.add_device(1, Device::new("3920360", "OneLogin").as_default());
    tenant.add_device(1, Device::new("3920361", "SMS"));
    tenant.add_device(1, Device::new("3920362", "WebAuthn").hidden());
    tenant
}

#[tokio::test]
async fn devices_are_listed_and_removed_but_for_the_hidden() {
    let stage = stage(tenant()).await;
    let list = stage.get(DEVICES).await.body;
    assert_eq!(list.as_array().unwrap().len(), 2);
    assert_eq!(list[0]["device_id"], "3920360");
    assert_eq!(list[0]["default"], true);
    let remove = |id: &str| format!("{DEVICES}/{id}");
    assert_eq!(stage.delete(&remove("3920360"), &Value::Null).await.status, 204);
    assert_eq!(stage.delete(&remove("3920360"), &Value::Null).await.status, 404);
    assert_eq!(stage.delete(&remove("3920362"), &Value::Null).await.status, 404);
    stage.control.with_tenant(|tenant| {
        let left: Vec<&str> = tenant.devices[&1]
            .iter()
            .map(|one| one.device_id.as_str())
            .collect();
        assert_eq!(left, ["3920361", "3920362"]);
    });
    assert_eq!(stage.get("/api/2/mfa/users/9/devices").await.status, 404);
}

#[tokio::test]
async fn v1_devices_have_numbers_and_an_envelope_turned_round() {
    let stage = stage(tenant()).await;
    let list = stage.get("/api/1/users/1/otp_devices").await.body;
    let keys: Vec<&String> = list.as_object().unwrap().keys().collect();
    assert_eq!(keys, ["data", "status"]);
    assert_eq!(list["data"]["otp_devices"][1]["id"], 3_920_361);
    let gone = stage
        .delete("/api/1/users/1/otp_devices/3920361", &Value::Null)
        .await;
    assert_eq!((gone.status, gone.body), (200, json!({})));
    let again = stage
        .delete("/api/1/users/1/otp_devices/3920361", &Value::Null)
        .await;
    assert_eq!(again.status, 400);
    assert_eq!(again.body["status"]["message"], "Factor could not be found");
}

#[tokio::test]
async fn temporary_token_shows_as_a_device_unless_the_knob_says_no() {
    let stage = stage(tenant()).await;
    let path = "/api/2/mfa/users/1/mfa_token";
    let made = stage
        .post(path, &json!({"expires_in": 600, "reusable": true}))
        .await;
    assert_eq!(made.status, 201);
    assert_eq!(made.body["reusable"], true);
    assert_eq!(made.body["mfa_token"].as_str().unwrap().len(), 8);
    assert_eq!(made.body["device_id"], "user_temp_otp_1");
    assert_eq!(stage.get(DEVICES).await.body[2]["device_id"], "user_temp_otp_1");
    for seconds in [119, 259_201] {
        let refused = stage.post(path, &json!({"expires_in": seconds})).await;
        assert_eq!(refused.status, 422);
    }
    stage.control.with_tenant(|tenant| {
        tenant.knobs.temporary_token_is_device = false;
        tenant.devices.clear();
    });
    assert_eq!(stage.post(path, &json!({})).await.status, 201);
    assert_eq!(stage.get(DEVICES).await.body, json!([]));
    let factors = stage.get("/api/2/mfa/users/1/factors").await.body;
    assert_eq!(factors[0]["factor_id"], 3098);
}

#[tokio::test]
async fn scope_of_reading_devices_is_a_knob() {
    let mut tenant = tenant();
    tenant.credentials[0].scope = Scope::ReadUsers;
    let stage = stage(tenant).await;
    assert_eq!(stage.get(DEVICES).await.status, 401);
    stage
        .control
        .with_tenant(|tenant| tenant.knobs.devices_scope = LeastScope::ReadUsers);
    assert_eq!(stage.get(DEVICES).await.status, 200);
}
