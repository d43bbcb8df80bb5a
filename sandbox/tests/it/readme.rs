//! The README names everything that can be set.

use onelogin_sandbox::{parse_faults, parse_knobs};

const README: &str = include_str!("../../README.md");

/// The names that a refusal of an unknown one lists.
fn names(refusal: &str) -> Vec<&str> {
    let (_, listed) = refusal.split_once("expected one of ").unwrap_or_default();
    listed.split('`').skip(1).step_by(2).collect()
}

#[test]
fn every_knob_is_in_the_readme() {
    let refusal = parse_knobs(r#"{"?": 1}"#).unwrap_err().to_string();
    let knobs = names(&refusal);
    assert!(knobs.len() > 40, "{refusal}");
    // Named as "its neighbours" there, or in the list of kinds.
    let together = [
        "roles_pages",
        "role_users_pages",
        "policies_pages",
        "groups_pages",
    ];
    for knob in knobs {
        let is_named = README.contains(&format!("`{knob}`"));
        assert!(
            is_named || together.contains(&knob),
            "{knob} is not in the README"
        );
    }
}

#[test]
fn every_kind_of_fault_is_in_the_readme() {
    let refusal = parse_faults(r#"[{"route": "/", "kind": "?"}]"#)
        .unwrap_err()
        .to_string();
    let kinds = names(&refusal);
    assert!(kinds.len() > 20, "{refusal}");
    for kind in kinds {
        assert!(
            README.contains(&format!("`{kind}`")),
            "{kind} is not in the README"
        );
    }
}
