//! `grant` and `revoke`: what changes in the text, and that nothing else does.

use jiff::civil::date;
use proptest::prelude::*;

use super::*;
use crate::desired_file::{Edit, EditError, RoleArgument, grant, revoke};

const FILE: &str = r#"# The roles of Acme.
tenant = "acme"

[[role]]
name = "Sales" # the big one
members = [
  # the team
  "ana@acme.example",   # lead
  { user = "bo@acme.example", from = "2026-01-01", until = "2026-12-31", reason = "T-1" },
  # on leave
  "cy@acme.example"
]

[[role]]   # people of projects
name = "Projects"
membership = "additive"
members = ["ana@acme.example", "bo@acme.example", "cy@acme.example"]
exclude = [ "zoe@acme.example" ]

[[role]]
id = 7
include = ["Sales"]
match = { department = "Sales" }
exclude = [
    "zoe@acme.example",   # left
    "dan@acme.example",
]
# the end
"#;

fn sales() -> RoleArgument {
    RoleArgument::parse("Sales")
}

fn projects() -> RoleArgument {
    RoleArgument::parse("Projects")
}

fn seven() -> RoleArgument {
    RoleArgument::parse("id:7")
}

/// The lines that an edit takes out and puts in.
fn lines(edit: &Edit) -> Vec<String> {
    let diff = edit.diff("roles.toml");
    let is_heading = |line: &&str| line.starts_with("---") || line.starts_with("+++");
    let changed = diff
        .lines()
        .filter(|line| !is_heading(line) && line.starts_with(['-', '+']));
    changed.map(str::to_owned).collect()
}

#[track_caller]
fn granted(text: &str, person: &str, role: &RoleArgument) -> Edit {
    grant(text, person, role, None, "T-9").unwrap_or_else(|error| panic!("{error}"))
}

#[track_caller]
fn revoked(text: &str, person: &str, role: &RoleArgument) -> Edit {
    revoke(text, person, role, "T-9").unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn a_grant_adds_one_entry_in_the_style_of_the_list() {
    let edit = grant(FILE, "eve@acme.example", &sales(), Some(date(2027, 1, 31)), "T-9").unwrap();
    assert_eq!(
        lines(&edit),
        [
            "-  \"cy@acme.example\"",
            "+  \"cy@acme.example\",",
            "+  { user = \"eve@acme.example\", until = \"2027-01-31\", reason = \"T-9\" }",
        ]
    );
    assert!(edit.notes.is_empty(), "{:?}", edit.notes);
    let edit = granted(FILE, "eve@acme.example", &projects());
    assert_eq!(
        lines(&edit)[1],
        "+members = [\"ana@acme.example\", \"bo@acme.example\", \"cy@acme.example\", { user = \"eve@acme.example\", reason = \"T-9\" }]"
    );
}

#[test]
fn a_grant_to_a_role_without_members_writes_the_list() {
    let edit = granted(FILE, "eve@acme.example", &seven());
    assert_eq!(
        lines(&edit),
        [
            "+members = [",
            "+  { user = \"eve@acme.example\", reason = \"T-9\" },",
            "+]"
        ]
    );
}

#[test]
fn a_grant_changes_the_entry_that_is_there() {
    let edit = grant(FILE, "BO@acme.example", &sales(), Some(date(2027, 6, 30)), "T-9").unwrap();
    assert_eq!(
        lines(&edit),
        [
            "-  { user = \"bo@acme.example\", from = \"2026-01-01\", until = \"2026-12-31\", reason = \"T-1\" },",
            "+  { user = \"bo@acme.example\", until = \"2027-06-30\", reason = \"T-9\" },",
        ]
    );
    assert!(edit.notes[0].contains("from now on"), "{:?}", edit.notes);
    let again = grant(
        &edit.after,
        "bo@acme.example",
        &sales(),
        Some(date(2027, 6, 30)),
        "T-9",
    )
    .unwrap();
    assert!(!again.changes() && again.diff("roles.toml").is_empty());
    let edit = granted(FILE, "ana@acme.example", &sales());
    assert_eq!(
        lines(&edit)[1],
        "+  { user = \"ana@acme.example\", reason = \"T-9\" },   # lead"
    );
}

#[test]
fn a_grant_takes_the_exclude_away_that_would_win() {
    let edit = granted(FILE, "zoe@acme.example", &projects());
    assert!(edit.after.contains("exclude = []"), "{}", edit.after);
    assert!(edit.notes[0].contains("exclude"), "{:?}", edit.notes);
    let edit = granted(FILE, "zoe@acme.example", &seven());
    assert!(
        lines(&edit).contains(&"-    \"zoe@acme.example\",   # left".to_owned()),
        "{:?}",
        lines(&edit)
    );
}

#[test]
fn a_revoke_takes_one_entry_and_its_comment_away() {
    let edit = revoked(FILE, "ana@acme.example", &sales());
    assert_eq!(lines(&edit), ["-  \"ana@acme.example\",   # lead"]);
    let edit = revoked(FILE, "bo@acme.example", &sales());
    assert_eq!(lines(&edit).len(), 1);
    assert!(
        edit.after
            .contains("\"ana@acme.example\",   # lead\n  # on leave\n  \"cy@acme.example\"\n]")
    );
    let edit = revoked(FILE, "cy@acme.example", &sales());
    assert!(
        edit.after.contains("reason = \"T-1\" }\n  # on leave\n]"),
        "{}",
        edit.after
    );
}

#[test]
fn a_revoke_excludes_whom_the_role_would_bring_back_or_keep() {
    let edit = revoked(FILE, "ana@acme.example", &seven());
    assert_eq!(lines(&edit), ["+    \"ana@acme.example\",   # T-9"]);
    assert!(edit.notes[0].contains("include or match"), "{:?}", edit.notes);
    let edit = revoked(FILE, "bo@acme.example", &projects());
    assert_eq!(
        lines(&edit),
        [
            "-members = [\"ana@acme.example\", \"bo@acme.example\", \"cy@acme.example\"]",
            "-exclude = [ \"zoe@acme.example\" ]",
            "+members = [\"ana@acme.example\", \"cy@acme.example\"]",
            "+exclude = [ \"zoe@acme.example\", \"bo@acme.example\" ]",
        ]
    );
    assert!(edit.notes[0].contains("additive"), "{:?}", edit.notes);
    assert!(!revoked(FILE, "dan@acme.example", &seven()).changes());
}

#[test]
fn a_new_exclude_carries_the_reason() {
    let text = role("include = [\"B\"]") + "[[role]]\nname = \"B\"\nmembers = [\"ana@acme.example\"]\n";
    let edit = revoke(&text, "ana@acme.example", &sales(), "left,\nT-9\u{1b}").unwrap();
    assert_eq!(
        lines(&edit),
        ["+exclude = [", "+  \"ana@acme.example\",   # left, T-9", "+]"]
    );
}

#[test]
fn what_cannot_be_done_is_told_and_nothing_is_changed() {
    let no = |result: Result<Edit, EditError>| result.unwrap_err().to_string();
    assert!(no(revoke(FILE, "eve@acme.example", &sales(), "T")).contains("not among the members"));
    let error = no(grant(
        FILE,
        "eve@acme.example",
        &RoleArgument::parse("Sale"),
        None,
        "T",
    ));
    assert!(error.contains("the nearest name is \"Sales\""), "{error}");
    assert!(
        no(grant(
            FILE,
            "eve@acme.example",
            &RoleArgument::parse("id:8"),
            None,
            "T"
        ))
        .contains("id = 8")
    );
    assert!(no(grant(FILE, "ID:8", &sales(), None, "T")).contains("is not a person"));
    let error = no(grant("[[roles]]\n", "eve@acme.example", &sales(), None, "T"));
    assert!(
        error.contains("while it has mistakes") && error.contains("roles.toml:1"),
        "{error}"
    );
    let last = role("members = [\"ana@acme.example\"]");
    let error = no(revoke(&last, "ana@acme.example", &sales(), "T"));
    assert!(error.contains("allow_empty = true"), "{error}");
}

#[test]
fn f6_a_byte_order_mark_and_windows_line_ends_are_kept() {
    let windows = format!("\u{feff}{}", FILE.replace('\n', "\r\n"));
    let edit = granted(&windows, "eve@acme.example", &seven());
    let plain = granted(FILE, "eve@acme.example", &seven());
    assert_eq!(
        edit.after,
        format!("\u{feff}{}", plain.after.replace('\n', "\r\n"))
    );
}

/// Lists in the styles that people write.
const LISTS: [&str; 12] = [
    "[\"ana@acme.example\"]",
    "[ \"ana@acme.example\" ]",
    "[\"ana@acme.example\",]",
    "[\"ana@acme.example\", \"bo@acme.example\"]",
    "[\n  \"ana@acme.example\",\n]",
    "[\n\t\"ana@acme.example\"\n]",
    "[\n  \"ana@acme.example\", # a\n  # between\n  \"bo@acme.example\", # b\n  # behind\n]",
    "[\n  \"ana@acme.example\", # a\n\n  \"bo@acme.example\" # b\n  # behind\n  ]",
    "[ # first\n  \"ana@acme.example\",\n  { user = \"bo@acme.example\" },\n]",
    "[\"ana@acme.example\",\n \"bo@acme.example\"]",
    "[ \"ana@acme.example\", # a\n  \"bo@acme.example\" ]",
    "[\n  \"ana@acme.example\", \"bo@acme.example\",\n  \"cy@acme.example\", \"dan@acme.example\",\n]",
];

#[test]
fn every_style_of_a_list_survives_every_edit() {
    for list in LISTS {
        let exclude = list.replace("{ user = \"bo@acme.example\" }", "\"bo@acme.example\"");
        let text = role(&format!(
            "members = {list}\nexclude = {exclude} # end\nmatch = {{ title = \"Rep\" }}"
        ));
        for person in [
            "ana@acme.example",
            "bo@acme.example",
            "cy@acme.example",
            "eve@acme.example",
        ] {
            let edit = revoked(&text, person, &sales());
            let edit = granted(&edit.after, person, &sales());
            revoked(&edit.after, person, &sales());
            for comment in ["# first", "# between", "# behind", "# end"] {
                assert_eq!(
                    edit.after.matches(comment).count(),
                    text.matches(comment).count(),
                    "{}",
                    edit.after
                );
            }
        }
    }
}

proptest! {
    #[test]
    fn a_grant_and_a_revoke_give_the_old_text_back(list in prop::sample::select(&LISTS[..]), reason in "\\PC{0,12}") {
        let text = role(&format!("members = {list}"));
        let granted = grant(&text, "eve@acme.example", &sales(), None, &reason).unwrap();
        prop_assert!(granted.changes());
        let revoked = revoke(&granted.after, "eve@acme.example", &sales(), &reason).unwrap();
        let compact = |text: &str| text.replace([' ', '\n', ','], "");
        prop_assert_eq!(compact(&revoked.after), compact(&text));
        let (old, new) = (good(&text), good(&revoked.after));
        prop_assert_eq!(&old.roles[0].members.len(), &new.roles[0].members.len());
    }

    #[test]
    fn no_person_and_no_reason_breaks_the_file(person in "\\PC{1,16}", reason in any::<String>()) {
        for role in [sales(), projects(), seven()] {
            if let Ok(edit) = grant(FILE, &person, &role, None, &reason) {
                good(&edit.after);
                good(&revoke(&edit.after, &person, &role, &reason).unwrap().after);
            }
        }
    }
}
