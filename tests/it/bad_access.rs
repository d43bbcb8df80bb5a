//! Good files and a tenant that does not let us in: exit code 1, a recorded run, and words that say
//! what to do.

use onelogin_sandbox::{Credential, Scope, Tenant};
use onelogin_steward::config::Environment;

use crate::support::runs::TOKEN;
use crate::support::staff::staff;
use crate::support::world::World;

fn with_scope(scope: Scope) -> Tenant {
    let mut tenant = staff(2);
    tenant.credentials = vec![Credential {
        client_id: "sandbox-client".to_owned(),
        client_secret: "sandbox-secret".to_owned(),
        scope,
    }];
    tenant
}

#[tokio::test]
async fn wrong_credentials_are_told_and_not_tried_again() {
    let variables = [
        ("ONELOGIN_STEWARD__ONELOGIN__CLIENT_ID", "somebody-else"),
        ("ONELOGIN_STEWARD__ONELOGIN__CLIENT_SECRET", "wrong-secret"),
    ];
    for (variable, value) in variables {
        let world = World::new(staff(2)).await;
        if variable.ends_with("SECRET") {
            world.home.write("client-secret", value);
        }
        let environment = Environment::from_pairs([(variable, value)]);
        let run = world.run_expiry_in(&[], environment).await;
        run.assert_idle("failed", 1);
        run.assert_tells(&[
            "401 on the token request",
            "onelogin.client_id",
            "API Credentials",
        ]);
        assert!(!format!("{run:?}").contains("wrong-secret"), "{run:?}");
        assert_eq!(world.calls_of(TOKEN).len(), 1, "{variable}");
    }
}

#[tokio::test]
async fn a_credential_whose_maker_is_gone_is_told_as_such() {
    let mut tenant = staff(2);
    tenant
        .knobs
        .orphaned_credentials
        .insert("sandbox-client".to_owned());
    let world = World::new(tenant).await;
    let run = world.run_expiry(&[]).await;
    run.assert_idle("failed", 1);
    run.assert_tells(&["500 again and again", "deleted", "make a new credential"]);
    assert_eq!(world.calls_of(TOKEN).len(), 5);
}

#[tokio::test]
async fn a_scope_that_is_too_small_is_named() {
    let world = World::new(with_scope(Scope::AuthenticationOnly)).await;
    let run = world.run_expiry(&[]).await;
    run.assert_idle("failed", 1);
    run.assert_tells(&["does not allow GET /api/2/users", "Read Users"]);

    // Enough for the users, and not for the policies.
    let world = World::new(with_scope(Scope::ReadUsers)).await;
    let run = world.run_expiry(&[]).await;
    run.assert_idle("failed", 1);
    run.assert_tells(&["does not allow GET /api/2/policies", "Read All"]);
}

#[tokio::test]
async fn e20_a_host_that_nobody_answers_at_is_named() {
    let world = World::new(staff(2)).await;
    // No program takes port 1, and none is given to a program that asks for any free one.
    let url = "http://127.0.0.1:1";
    let environment = Environment::from_pairs([("ONELOGIN_STEWARD__ONELOGIN__URL", url)]);
    let checked = world
        .steward_in(&["check", "--online"], environment.clone())
        .await;
    assert_eq!(checked.code, 1, "{checked:?}");
    for words in ["127.0.0.1:1", "onelogin.url"] {
        assert!(checked.stdout.contains(words), "no {words:?} in {checked:?}");
    }
    let run = world.run_expiry_in(&[], environment).await;
    run.assert_idle("failed", 1);
    run.assert_tells(&["no answer from 127.0.0.1:1 ", "onelogin.url", "the network"]);
    assert_eq!(world.control.requests(), []);
}

#[tokio::test]
async fn a_url_in_the_environment_that_is_not_loopback_must_be_https() {
    let world = World::new(staff(2)).await;
    let variable = "ONELOGIN_STEWARD__ONELOGIN__URL";
    let environment = Environment::from_pairs([(variable, "http://acme.onelogin.com")]);
    let output = world.steward_in(&["check"], environment).await;
    assert_eq!(output.code, 78);
    for part in [variable, "onelogin.url", "http is for loopback only"] {
        assert!(output.stderr.contains(part), "no {part:?} in {}", output.stderr);
    }
}

/// What the built program does with a tenant that refuses it, its own log included.
#[tokio::test(flavor = "multi_thread")]
async fn the_built_program_tells_a_refused_credential_once_and_keeps_the_secret() {
    let world = World::new(staff(2)).await;
    world.control.follow_system_clock();
    world.home.write("client-secret", "wrong-secret\n");
    let config = std::fs::read_to_string(world.home.path("config.toml")).unwrap();
    world
        .home
        .config(&config.replace("level = \"off\"", "level = \"trace\""));
    let output = world.home.steward(&["run", "password-expiry"]);
    assert_eq!(output.code, 1, "{output:?}");
    assert!(output.stdout.contains("run 1 failed"), "{output:?}");
    assert!(output.stdout.contains("refuses the API credential"), "{output:?}");
    let all = format!("{}{}", output.stdout, output.stderr);
    assert!(all.contains("run started"), "the log is on: {all}");
    for never in ["panicked", "wrong-secret", "Basic "] {
        assert!(!all.contains(never), "{never:?} in {all}");
    }

    // The right secret at the loudest level: neither it nor the token is told.
    world.home.write("client-secret", "sandbox-secret\n");
    let output = world.home.steward(&["run", "password-expiry", "--plan"]);
    assert_eq!(output.code, 0, "{output:?}");
    let all = format!("{}{}", output.stdout, output.stderr).to_lowercase();
    for never in ["sandbox-secret", "bearer ", "c2fuzgjvec1jbgllbnq6"] {
        assert!(!all.contains(never), "{never:?} in {all}");
    }
}
