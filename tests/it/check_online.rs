//! `check --online`: it asks everybody, changes nothing, and says of each thing how it stands.

use onelogin_sandbox::{Credential, Fault, FaultKind, ListFields, Role, Scope, Tenant};
use onelogin_steward::clock::Clock as _;

use jiff::SignedDuration;

use crate::support::home::Output;
use crate::support::smtp::{SmtpServer, Step};
use crate::support::staff::staff;
use crate::support::world::World;

const CHECKS: [&str; 8] = [
    "token", "tenant", "clock", "users", "scope", "policies", "quota", "mail",
];
const ROLE_RULE: &str =
    "[[password_expiry.rule]]\nname = \"admins\"\nmatch = { role = [\"Admins\"] }\nmax_age_days = 30\n";
const DEFAULT_AGE: &str = "[password_expiry]\ndefault_max_age_days = 85\n";

fn scoped(scope: Scope) -> Tenant {
    let mut tenant = staff(3);
    tenant.add_role(Role::new(5, "Admins").with_members([1]));
    tenant.credentials = vec![Credential {
        client_id: "sandbox-client".to_owned(),
        client_secret: "sandbox-secret".to_owned(),
        scope,
    }];
    tenant
}

fn login_server() -> SmtpServer {
    SmtpServer::builder()
        .starttls()
        .auth("steward", "se cret")
        .start()
}

/// Runs it, and checks what holds for every report.
async fn check(world: &World) -> Output {
    let files = |world: &World| {
        let entries = std::fs::read_dir(world.home.path("")).unwrap();
        let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name()).collect();
        names.sort();
        names
    };
    let before = files(world);
    let output = world.steward(&["check", "--online"]).await;
    assert_eq!(files(world), before);
    assert_eq!(world.control.mutations(), []);
    for secret in ["sandbox-secret", "se cret"] {
        assert!(!format!("{output:?}").contains(secret), "{output:?}");
    }
    let failed = output.stdout.lines().any(|line| line.starts_with("FAIL"));
    assert_eq!(output.code, i32::from(failed), "{output:?}");
    output
}

/// The line of a check.
#[track_caller]
fn line<'a>(output: &'a Output, check: &str) -> &'a str {
    let named = |line: &&str| line.split_whitespace().nth(1) == Some(check);
    let line = output.stdout.lines().find(named);
    line.unwrap_or_else(|| panic!("no {check:?} in {output:?}"))
}

/// Only this check failed, and its line tells all of this.
#[track_caller]
fn assert_fails(output: &Output, check: &str, words: &[&str]) {
    let failed: Vec<&str> = output
        .stdout
        .lines()
        .filter(|line| line.starts_with("FAIL"))
        .collect();
    assert_eq!(failed, [line(output, check)], "{output:?}");
    for word in words {
        assert!(failed[0].contains(word), "no {word:?} in {:?}", failed[0]);
    }
}

#[tokio::test]
async fn where_all_is_good_each_check_has_its_line_and_no_mail_leaves() {
    let server = login_server();
    let world = World::new(staff(3)).await;
    world.mail_safely_to(&server, "starttls", "localhost");
    let output = check(&world).await;
    assert_eq!(output.code, 0, "{output:?}");
    for check in CHECKS.iter().chain(&["store"]) {
        assert!(line(&output, check).starts_with("ok "), "{output:?}");
    }
    assert_eq!(output.stdout.lines().count(), 9, "{output:?}");
    assert!(line(&output, "token").contains("189185"));
    assert!(line(&output, "users").contains("3; every needed field"));
    assert!(line(&output, "mail").contains("login accepted"));
    assert!(line(&output, "store").contains("will be made by the first run"));
    assert_eq!((server.count(Step::Auth), server.count(Step::Mail)), (1, 0));
    assert!(world.control.requests().iter().all(|request| {
        request.method == "GET" || (request.method == "POST" && request.path.starts_with("/auth/"))
    }));
}

#[tokio::test]
async fn the_report_for_programs_has_the_same_lines() {
    let world = World::new(staff(3)).await;
    let report = world.json(&["check", "--online"]).await;
    let names: Vec<&str> = report
        .as_array()
        .unwrap()
        .iter()
        .map(|finding| {
            assert_eq!(finding["ok"], true, "{finding}");
            assert!(!finding["text"].as_str().unwrap().is_empty());
            finding["check"].as_str().unwrap()
        })
        .collect();
    assert_eq!(names, [&CHECKS[..], &["store"]].concat());
}

#[tokio::test]
async fn without_a_token_mail_and_store_are_told_all_the_same() {
    let server = login_server();
    let world = World::new(staff(3)).await;
    world.mail_safely_to(&server, "starttls", "localhost");
    world.home.write("client-secret", "guessed");
    let output = check(&world).await;
    assert_fails(&output, "token", &["onelogin.client_id", "API Credentials"]);
    assert!(!output.stdout.contains("guessed"), "{output:?}");
    assert_eq!(output.stdout.lines().count(), 3, "{output:?}");
    assert!(line(&output, "mail").starts_with("ok ") && line(&output, "store").starts_with("ok "));
}

#[tokio::test]
async fn a_rule_on_a_role_needs_a_scope_that_reads_roles() {
    for (scope, may) in [(Scope::ReadUsers, true), (Scope::ManageUsers, false)] {
        let world = World::new(scoped(scope)).await;
        world.configure(&format!("{DEFAULT_AGE}{ROLE_RULE}"));
        let output = check(&world).await;
        if may {
            assert!(line(&output, "scope").contains("users, roles"), "{output:?}");
            assert_eq!(output.code, 0, "{output:?}");
        } else {
            assert_fails(&output, "scope", &["roles", "a rule asks", "Read Users"]);
        }
        assert!(line(&output, "policies").contains("only the configured ages"));
    }
}

#[tokio::test]
async fn without_policies_and_without_an_age_it_says_what_to_do() {
    let world = World::new(scoped(Scope::ReadUsers)).await;
    let output = check(&world).await;
    let todo = ["Read All", "password_expiry.default_max_age_days"];
    assert_fails(&output, "policies", &todo);
}

#[tokio::test]
async fn a_rule_on_a_policy_needs_the_policies_whatever_the_ages_come_from() {
    let rule = "[[password_expiry.rule]]\nname = \"d\"\nmatch = { onelogin_policy = [\"Default\"] }\nmax_age_days = 30\n";
    for age_source in ["onelogin", "config"] {
        let settings = format!("[password_expiry]\nage_source = \"{age_source}\"\n{rule}");
        let world = World::new(scoped(Scope::ReadUsers)).await;
        world.configure(&settings);
        world.run_expiry(&[]).await.assert_idle("refused", 4);
        let output = check(&world).await;
        assert_fails(&output, "policies", &["onelogin_policy", "Read All"]);

        let world = World::new(scoped(Scope::ReadAll)).await;
        world.configure(&settings);
        assert!(line(&check(&world).await, "policies").contains("readable"));
    }
}

#[tokio::test]
async fn each_way_in_which_mail_cannot_leave_is_told() {
    let down = SmtpServer::builder().starttls().start();
    let world = World::new(staff(3)).await;
    world.mail_safely_to(&down, "starttls", "localhost");
    let port = down.port().to_string();
    drop(down);
    assert_fails(&check(&world).await, "mail", &["localhost", &port, "mail.host"]);

    let wrong_name = SmtpServer::builder().starttls().wrong_name().start();
    world.mail_safely_to(&wrong_name, "starttls", "localhost");
    assert_fails(&check(&world).await, "mail", &["another name", "mail.host"]);

    let strict = SmtpServer::builder()
        .starttls()
        .auth("steward", "another")
        .start();
    world.mail_safely_to(&strict, "starttls", "localhost");
    assert_fails(
        &check(&world).await,
        "mail",
        &["535", "mail.username", "the password"],
    );
}

#[tokio::test]
async fn a_file_in_the_way_of_mails_or_store_is_told() {
    let world = World::new(staff(3)).await;
    world.home.write("in-the-way", "");
    world.configure_mail("directory = \"in-the-way/outbox\"", "");
    assert_fails(&check(&world).await, "mail", &["in-the-way", "mail.directory"]);
    world.configure("[store]\npath = \"in-the-way/steward.db\"\n");
    let output = check(&world).await;
    let store = line(&output, "store");
    assert!(
        store.starts_with("FAIL") && store.contains("in-the-way"),
        "{output:?}"
    );
}

#[tokio::test]
async fn a_trust_root_that_is_none_hides_nothing_else() {
    let server = login_server();
    let world = World::new(staff(3)).await;
    world.mail_safely_to(&server, "starttls", "localhost");
    world.home.write("ca.pem", "not a certificate\n");
    let output = check(&world).await;
    assert_fails(&output, "mail", &["mail.ca_file", "ca.pem"]);
    assert_eq!(output.stdout.lines().count(), 9, "{output:?}");
}

#[tokio::test]
async fn clocks_apart_are_told_with_what_to_do() {
    let world = World::new(staff(3)).await;
    let ahead = world.clock.now() + SignedDuration::from_mins(11);
    world.control.set_now(ahead);
    assert_fails(
        &check(&world).await,
        "clock",
        &["10 minutes apart", "timedatectl"],
    );
}

#[tokio::test]
async fn the_store_of_another_account_is_told() {
    let world = World::new(staff(3)).await;
    world.run_expiry(&[]).await.assert_succeeded(3);
    assert!(line(&check(&world).await, "store").contains("is writable"));
    world.control.with_tenant(|tenant| tenant.account_id = 42);
    let output = check(&world).await;
    assert_fails(&output, "tenant", &["189185", "onelogin.url"]);
}

#[tokio::test]
async fn where_the_fields_come_from_is_told() {
    let mut tenant = staff(3);
    tenant.knobs.list_fields = ListFields::DefaultsOnly;
    let world = World::new(tenant).await;
    let output = check(&world).await;
    assert_eq!(output.code, 0, "{output:?}");
    let users = line(&output, "users");
    assert!(
        users.contains("trusted_idp_id") && users.contains("API v1"),
        "{users}"
    );
}

#[tokio::test]
async fn a_user_list_without_a_count_is_no_proof() {
    let world = World::new(staff(3)).await;
    world
        .control
        .add_fault(Fault::on("GET /api/2/users", FaultKind::NoTotalCount));
    assert_fails(&check(&world).await, "users", &["Total-Count"]);
}

#[tokio::test]
async fn a_mistake_in_the_configuration_comes_first_and_nobody_is_asked() {
    let world = World::new(staff(3)).await;
    world.configure("[password_expiry]\nnotice_day = [7]\n");
    for arguments in [&["check", "--online"][..], &["check", "--online", "--json"]] {
        let output = world.steward(arguments).await;
        assert_eq!(output.code, 78, "{output:?}");
        assert!(format!("{output:?}").contains("notice_day"), "{output:?}");
    }
    assert_eq!(world.control.requests(), []);
}

/// A world in which role sync is enabled, with a file for the role "Admins".
async fn with_role_sync(scope: Scope, mode: &str, file: &str) -> World {
    let world = World::new(scoped(scope)).await;
    world.home.write("roles.toml", file);
    world.configure(&format!(
        "[role_sync]\nenabled = true\nmode = \"{mode}\"\nprotected = [\"id:1\"]\n{DEFAULT_AGE}"
    ));
    world
}

const ADMINS: &str = "[[role]]\nname = \"Admins\"\nmembers = [\"id:1\"]\n";

#[tokio::test]
async fn role_sync_that_writes_needs_a_credential_that_may() {
    let world = with_role_sync(Scope::ReadAll, "apply", ADMINS).await;
    assert_fails(
        &check(&world).await,
        "scope",
        &["only reads", "Manage All", "report"],
    );
    let world = with_role_sync(Scope::ReadAll, "report", ADMINS).await;
    let output = check(&world).await;
    assert!(line(&output, "scope").starts_with("ok "), "{output:?}");
    assert!(
        line(&output, "scope").contains("\"apply\" would need Manage All"),
        "{output:?}"
    );
    let world = with_role_sync(Scope::ManageAll, "apply", ADMINS).await;
    let output = check(&world).await;
    assert_eq!(output.code, 0, "{output:?}");
    assert!(
        line(&output, "scope").contains("which role sync needs"),
        "{output:?}"
    );
    let roles = line(&output, "roles");
    assert!(
        roles.contains("the 1 members of \"Admins\" are readable and proven complete"),
        "{roles}"
    );
}

#[tokio::test]
async fn role_sync_without_a_scope_that_reads_roles_is_told() {
    let world = with_role_sync(Scope::ManageUsers, "report", ADMINS).await;
    let output = check(&world).await;
    assert_eq!(output.code, 1, "{output:?}");
    let scope = line(&output, "scope");
    assert!(
        scope.starts_with("FAIL") && scope.contains("Read Users"),
        "{output:?}"
    );
    assert!(line(&output, "roles").starts_with("FAIL"), "{output:?}");
}

#[tokio::test]
async fn o9_a_pin_on_another_account_is_told_and_so_is_a_role_that_is_not_there() {
    let pinned = format!("tenant = 42\n{ADMINS}");
    let world = with_role_sync(Scope::ManageAll, "apply", &pinned).await;
    assert_fails(&check(&world).await, "roles", &["42", "189185"]);
    let misspelt = ADMINS.replace("Admins", "Admin");
    let world = with_role_sync(Scope::ManageAll, "apply", &misspelt).await;
    assert_fails(&check(&world).await, "roles", &["roles.toml: Admin (line 1)"]);
}

#[tokio::test]
async fn members_that_cannot_be_proven_complete_are_told() {
    let world = with_role_sync(Scope::ManageAll, "apply", ADMINS).await;
    let fault = Fault::on("GET /api/2/roles/:id/users", FaultKind::WrongTotalCount(3));
    world.control.add_fault(fault);
    assert_fails(
        &check(&world).await,
        "roles",
        &["Admins", "nobody would be removed"],
    );
}
