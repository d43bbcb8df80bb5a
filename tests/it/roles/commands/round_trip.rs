//! From what a tenant has to a file, to a plan, to a run, and back.

use std::collections::{BTreeMap, BTreeSet};

use onelogin_sandbox::{BodyShape, Fault, FaultKind, Synthetic, Tenant};

use super::{FREE, says, steps};
use crate::support::world::{MONDAY, World};

/// Who is in each role.
fn memberships(world: &World) -> BTreeMap<i64, BTreeSet<i64>> {
    world.control.with_tenant(|tenant| {
        let roles = tenant.roles.iter();
        roles
            .map(|(id, role)| (*id, role.members.keys().copied().collect()))
            .collect()
    })
}

async fn synthetic(users: usize, roles: usize) -> World {
    let world = World::new(Tenant::synthetic(&Synthetic {
        users,
        roles,
        seed: 7,
        now: MONDAY.parse().unwrap(),
    }))
    .await;
    world.configure(FREE);
    world
}

/// The export, as roles.toml.
async fn export(world: &World) -> String {
    let told = world.roles(&["export"], 0).await;
    world.home.write("roles.toml", &told.stdout);
    told.stdout
}

#[tokio::test]
async fn an_export_plans_nothing_ten_edits_plan_ten_steps_and_an_undoing_brings_the_old_state() {
    let world = synthetic(1000, 60).await;
    let text = export(&world).await;
    let plan = world.plan().await;
    assert_eq!(steps(&plan), [""; 0]);
    assert_eq!(plan["unmanaged"], 0);
    assert!(!world.home.path("steward.db").exists());
    let before = memberships(&world);

    // Five people out, the first of five roles; five in, people whom the file calls by their address
    // and who are not in the role.
    let (removed, added, edited) = ten_edits(&world, &text);
    world.home.write("roles.toml", &edited);
    let mut expected: Vec<String> = removed
        .iter()
        .map(|(role, user)| format!("-{role}:{user}"))
        .collect();
    expected.extend(added.iter().map(|(role, user)| format!("+{role}:{user}")));
    expected.sort();
    let mut planned = steps(&world.plan().await);
    planned.sort();
    assert_eq!(planned, expected);

    world.roles(&["apply", "--yes"], 0).await;
    let mut wanted = before.clone();
    for (role, user) in removed {
        wanted.get_mut(&role).unwrap().remove(&user);
    }
    for (role, user) in added {
        wanted.get_mut(&role).unwrap().insert(user);
    }
    assert_eq!(memberships(&world), wanted);
    assert_eq!(steps(&world.plan().await), [""; 0]);

    let run = world.newest_run().await;
    world.roles(&["undo", &run, "--apply", "--yes"], 0).await;
    assert_eq!(memberships(&world), before);
    world.home.write("roles.toml", &text);
    assert_eq!(steps(&world.plan().await), [""; 0]);
}

type Pairs = Vec<(i64, i64)>;

fn ten_edits(world: &World, text: &str) -> (Pairs, Pairs, String) {
    let mut edited: Vec<String> = text.lines().map(str::to_owned).collect();
    let (mut removed, mut added) = (Pairs::new(), Pairs::new());
    world.control.with_tenant(|tenant| {
        let listed = |address: &str| edited_has(text, address);
        let people: Vec<(i64, String)> = tenant
            .users
            .values()
            .filter(|user| user.state == 1 && [1, 3, 4].contains(&user.status))
            .filter_map(|user| Some((user.id, user.email.clone()?)))
            .filter(|(_, email)| listed(email))
            .collect();
        for role in tenant
            .roles
            .values()
            .filter(|role| role.members.len() > 40)
            .skip(1)
            .take(5)
        {
            let start = edited
                .iter()
                .position(|line| *line == format!("name = \"{}\"", role.name));
            let start = start.unwrap();
            let (out, address) = people
                .iter()
                .find(|(id, _)| role.members.contains_key(id))
                .unwrap();
            let line = format!("  \"{address}\",");
            let at = (start..edited.len()).find(|at| edited[*at] == line).unwrap();
            edited.remove(at);
            removed.push((role.id, *out));
            let (new, address) = people
                .iter()
                .find(|(id, _)| !role.members.contains_key(id))
                .unwrap();
            edited.insert(start + 2, format!("  \"{address}\","));
            added.push((role.id, *new));
        }
    });
    assert_eq!((removed.len(), added.len()), (5, 5));
    (removed, added, edited.join("\n") + "\n")
}

fn edited_has(text: &str, address: &str) -> bool {
    text.contains(&format!("  \"{address}\",\n"))
}

#[tokio::test]
async fn a_role_that_cannot_be_read_is_left_out_and_named_and_stdout_is_toml() {
    let world = synthetic(40, 5).await;
    let role = *memberships(&world).keys().nth(2).unwrap();
    let name = world
        .control
        .with_tenant(|tenant| tenant.roles[&role].name.clone());
    let broken = FaultKind::Status {
        code: 500,
        body: BodyShape::Html,
        headers: BTreeMap::new(),
    };
    world
        .control
        .add_fault(Fault::on(format!("/api/2/roles/{role}/users"), broken));
    let told = world.roles(&["export"], 3).await;
    assert!(told.stderr.contains(&format!("left out: {name}: ")), "{told:?}");
    assert!(!told.stdout.contains(&format!("name = \"{name}\"")), "{told:?}");
    world.control.clear_faults();
    // What is there plans nothing, and leaves the role alone.
    world.home.write("roles.toml", &told.stdout);
    let plan = world.plan().await;
    assert_eq!((steps(&plan).len(), &plan["unmanaged"]), (0, &1.into()));
    says(
        &world.roles(&["plan"], 0).await,
        &["1 roles of OneLogin are not in the file"],
    );
}

#[tokio::test]
async fn an_incomplete_user_list_gives_no_file() {
    let world = synthetic(40, 5).await;
    let broken = FaultKind::Status {
        code: 500,
        body: BodyShape::Html,
        headers: BTreeMap::new(),
    };
    world.control.add_fault(Fault::on("/api/2/users", broken));
    let told = world.roles(&["export"], 1).await;
    assert_eq!(told.stdout, "");
}
