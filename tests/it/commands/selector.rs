//! USER on the command line: who is meant, and nobody else.

use onelogin_sandbox::User;

use crate::support::company::{company, expiring};
use crate::support::world::World;

fn people() -> Vec<User> {
    let mut ana = expiring(1, "Ana@acme.example", 7);
    ana.external_id = Some("HR-7".to_owned());
    ana.username = Some("ana.novak".to_owned());
    let mut first = expiring(2, "shared@acme.example", 7);
    first.username = Some("first\u{1b}[31m".to_owned());
    let mut second = expiring(3, "SHARED@acme.example", 7);
    second.username = Some("second".to_owned());
    vec![ana, first, second]
}

#[tokio::test]
async fn a_person_is_found_by_email_username_id_and_external_id() {
    let world = World::new(company(people())).await;
    for selector in [
        "ana@ACME.example",
        "ANA.NOVAK",
        "id:1",
        "external:HR-7",
        " ana.novak ",
    ] {
        let told = world.json(&["expiry", "explain", selector]).await;
        assert_eq!(told["user_id"], 1, "{selector}");
    }
}

#[tokio::test]
async fn an_ambiguous_name_lists_the_candidates_harmlessly() {
    let world = World::new(company(people())).await;
    for command in ["explain", "preview"] {
        let ended = world.steward(&["expiry", command, "shared@acme.example"]).await;
        assert_eq!(ended.code, 1, "{}", ended.stderr);
        assert_eq!(ended.stdout, "");
        for candidate in ["id:2", "id:3", "second"] {
            assert!(ended.stderr.contains(candidate), "{}", ended.stderr);
        }
        assert!(!ended.stderr.contains('\u{1b}'), "{}", ended.stderr);
    }
}

#[tokio::test]
async fn nobody_is_an_error_that_says_so() {
    let world = World::new(company(people())).await;
    for selector in [
        "zoe@acme.example",
        "id:99",
        "external:hr-7",
        "id:x",
        "external:",
        "  ",
    ] {
        for command in ["explain", "preview"] {
            let ended = world.steward(&["expiry", command, selector]).await;
            assert_eq!(ended.code, 1, "{selector:?} {}", ended.stderr);
            assert_eq!(ended.stdout, "", "{selector:?}");
            assert!(ended.stderr.starts_with("error: "), "{}", ended.stderr);
        }
    }
}
