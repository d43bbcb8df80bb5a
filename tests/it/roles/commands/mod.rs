//! The commands of role sync, from their arguments to what the tenant, the store and the file are
//! like after them.

mod approve;
mod edit;
mod explain;
mod pause;
mod plan;
mod round_trip;
mod saved;
mod undo;

use std::collections::BTreeSet;
use std::fs;

use onelogin_sandbox::Role;
use serde_json::Value;

use crate::support::home::Output;
use crate::support::staff::staff;
use crate::support::world::World;

/// Removals from a role that never was in line are not what these tests are about.
pub(super) const FREE: &str = "[role_sync.limits]\nfirst_removals = \"allow\"\n";

/// So many people, numbered from 1, and roles of these numbers with members: `Role 10` and so on.
pub(super) async fn world(count: i64, roles: &[(i64, &[i64])]) -> World {
    let mut tenant = staff(count);
    for (id, members) in roles {
        let role = Role::new(*id, format!("Role {id}"));
        tenant.add_role(role.with_members(members.iter().copied()));
    }
    let world = World::new(tenant).await;
    world.configure(FREE);
    world
}

impl World {
    /// Writes roles.toml: each role by its name, with these people by their emails.
    pub(super) fn wants(&self, roles: &[(i64, &[i64])]) {
        let entry = |(role, people): &(i64, &[i64])| {
            let people: Vec<String> = people
                .iter()
                .map(|id| format!("  \"p{id}@acme.example\",\n"))
                .collect();
            format!(
                "[[role]]\nname = \"Role {role}\"\nallow_empty = true\nmembers = [\n{}]\n\n",
                people.concat()
            )
        };
        let text: String = roles.iter().map(entry).collect();
        self.home.write("roles.toml", &text);
    }

    /// The text of roles.toml.
    pub(super) fn file(&self) -> String {
        fs::read_to_string(self.home.path("roles.toml")).unwrap()
    }

    /// Who is in the role.
    pub(super) fn members(&self, role: i64) -> BTreeSet<i64> {
        self.control
            .with_tenant(|tenant| tenant.roles[&role].members.keys().copied().collect())
    }

    /// Runs a command below `roles`, and checks the exit code.
    #[track_caller]
    pub(super) fn roles(&self, arguments: &[&str], code: i32) -> impl Future<Output = Output> {
        let all: Vec<String> = ["roles"]
            .iter()
            .chain(arguments)
            .map(ToString::to_string)
            .collect();
        async move {
            let all: Vec<&str> = all.iter().map(String::as_str).collect();
            let output = self.steward(&all).await;
            assert_eq!(output.code, code, "{all:?}\n{}{}", output.stdout, output.stderr);
            assert!(!output.stderr.contains("panicked"), "{output:?}");
            output
        }
    }

    /// `roles plan --json`
    pub(super) async fn plan(&self) -> Value {
        let output = self.steward(&["roles", "plan", "--json"]).await;
        serde_json::from_str(&output.stdout).unwrap_or_else(|_| panic!("{output:?}"))
    }

    /// The number of the newest run.
    pub(super) async fn newest_run(&self) -> String {
        self.json(&["history", "--limit", "1"]).await[0]["run_id"].to_string()
    }

    /// The writes that the tenant saw.
    pub(super) fn writes(&self) -> usize {
        let writes = self.control.mutations();
        writes.iter().filter(|call| call.path.ends_with("/users")).count()
    }
}

/// Who the plan puts in and takes out, as `+10:3` and `-10:3`; held steps with `held` after it.
pub(super) fn steps(plan: &Value) -> Vec<String> {
    let mut steps = Vec::new();
    for role in plan["roles"].as_array().unwrap() {
        for (sign, list) in [("+", "add"), ("-", "remove")] {
            for step in role[list].as_array().unwrap() {
                let held = if step["held"] == true { " held" } else { "" };
                steps.push(format!("{sign}{}:{}{held}", role["role_id"], step["user_id"]));
            }
        }
    }
    steps
}

/// The output tells all of this, wherever its lines break.
#[track_caller]
pub(super) fn says(output: &Output, words: &[&str]) {
    let text = format!("{} {}", output.stdout, output.stderr);
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    for word in words {
        assert!(
            text.contains(word),
            "no {word:?} in\n{}{}",
            output.stdout,
            output.stderr
        );
    }
}
